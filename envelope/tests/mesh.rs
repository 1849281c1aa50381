//! Two organisations, a consent service and a referral service, with keys from a seed.

use std::time::Duration;

use sluis_envelope::{
    AskToOpen, AttachmentDraft, BlobSealer, ContentDraft, Draft, FileName, GateKeyPair, GrantToken, KeyKind,
    MediaType, OpenRequest, OrganisationKey, Scope, SealedBlob, SealedEnvelope, Sealer, SealingKeyPair,
    SealingPublicKey, Signed, SigningKey, SubmissionReceipt, Suite, Verified, jwt_hash,
};
use sluis_types::{
    DataKind, GrantId, LifeDomain, MessageId, MessageKind, Oin, Priority, Purpose, Randomness, RequestId,
    SeededRandomness, ThreadId, Timestamp,
};
use zeroize::Zeroizing;

/// When everything happens: 2026-11-23T12:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_795_435_200);
pub(crate) const JWT: &str = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJwcm9mZXNzaW9uYWwifQ.c2lnbmF0dXJl";

/// Signalling's key for match statements.
pub(crate) fn match_key() -> SigningKey {
    SigningKey::from_seed(KeyKind::Match, &[KeyKind::Match.number(); 32])
}

pub(crate) struct Organisation {
    pub(crate) oin: Oin,
    pub(crate) signing: SigningKey,
    pub(crate) sealing: SealingKeyPair,
}

impl Organisation {
    fn new(oin: &str, randomness: &dyn Randomness) -> Self {
        Self {
            oin: oin.parse().unwrap(),
            signing: SigningKey::generate(KeyKind::Signing, randomness),
            sealing: SealingKeyPair::generate(randomness),
        }
    }

    pub(crate) fn signing_key(&self) -> OrganisationKey {
        OrganisationKey {
            organisation: self.oin,
            key: self.signing.verifying_key().clone(),
        }
    }

    pub(crate) fn sealing_key(&self) -> OrganisationKey<SealingPublicKey> {
        OrganisationKey {
            organisation: self.oin,
            key: self.sealing.public().clone(),
        }
    }
}

pub(crate) struct Mesh {
    pub(crate) randomness: SeededRandomness,
    pub(crate) sender: Organisation,
    pub(crate) recipient: Organisation,
    pub(crate) stranger: Organisation,
    pub(crate) gate: GateKeyPair,
    pub(crate) tokens: SigningKey,
    pub(crate) receipts: SigningKey,
    pub(crate) grant_id: GrantId,
}

impl Mesh {
    pub(crate) fn new(seed: u64) -> Self {
        let randomness = SeededRandomness::new(seed);
        Self {
            sender: Organisation::new("00000099000000001000", &randomness),
            recipient: Organisation::new("00000099000000002000", &randomness),
            stranger: Organisation::new("00000099000000003000", &randomness),
            gate: GateKeyPair::generate(&randomness),
            tokens: SigningKey::generate(KeyKind::GrantToken, &randomness),
            receipts: SigningKey::generate(KeyKind::Receipt, &randomness),
            grant_id: GrantId::random(&randomness),
            randomness,
        }
    }

    pub(crate) fn grant_token(&self) -> GrantToken {
        GrantToken {
            grant_id: self.grant_id,
            grant_version: 3,
            sender: self.sender.oin,
            recipient: self.recipient.oin,
            gate_key: self.gate.public().clone(),
            issued_at: NOW,
            not_after: NOW.plus(Duration::from_mins(10)),
        }
    }

    pub(crate) fn token(&self) -> Verified<GrantToken> {
        Signed::sign(self.grant_token(), &self.tokens)
            .verify(self.tokens.verifying_key(), NOW)
            .unwrap()
    }

    pub(crate) fn draft(&self) -> Draft {
        Draft {
            message_id: MessageId::fresh(NOW, &self.randomness),
            thread_id: ThreadId::random(&self.randomness),
            kind: MessageKind::Referral,
            priority: Priority::Soon,
            replaces: None,
            respond_by: Some(NOW.plus(Duration::from_hours(72))),
            created: NOW,
            expires: NOW.plus(Duration::from_hours(24 * 30)),
            extensions: Vec::new(),
        }
    }

    pub(crate) fn attachment(&self, message_id: MessageId, bytes: &[u8]) -> (Vec<u8>, SealedBlob) {
        Self::attachment_with(&self.randomness, message_id, bytes)
    }

    pub(crate) fn attachment_with(
        randomness: &dyn Randomness,
        message_id: MessageId,
        bytes: &[u8],
    ) -> (Vec<u8>, SealedBlob) {
        let draft = AttachmentDraft {
            name: FileName::new("plan.pdf").unwrap(),
            media_type: MediaType::new("application/pdf").unwrap(),
            data_kind: DataKind::Plan,
            length: u32::try_from(bytes.len()).unwrap(),
        };
        let mut sealer = BlobSealer::new(message_id, draft, randomness).unwrap();
        let mut ciphertext = Vec::new();
        for piece in bytes.chunks(10_000) {
            ciphertext.extend(sealer.update(piece).unwrap());
        }
        let (last, sealed) = sealer.finish().unwrap();
        ciphertext.extend(last);
        (ciphertext, sealed)
    }

    pub(crate) fn seal(
        &self,
        draft: Draft,
        suite: Suite,
        content: ContentDraft,
        blobs: Vec<SealedBlob>,
    ) -> SealedEnvelope {
        self.seal_with(&self.randomness, draft, suite, content, blobs)
    }

    pub(crate) fn seal_with(
        &self,
        randomness: &dyn Randomness,
        draft: Draft,
        suite: Suite,
        content: ContentDraft,
        blobs: Vec<SealedBlob>,
    ) -> SealedEnvelope {
        let (token, recipient) = (self.token(), self.recipient.sealing_key());
        let sealer = Sealer::new(draft, &token, &recipient, &self.sender.signing)
            .unwrap()
            .suites(suite, suite)
            .keep_copy(self.sender.sealing.public());
        blobs
            .into_iter()
            .fold(sealer, Sealer::attach)
            .seal(content, randomness)
            .unwrap()
    }

    pub(crate) fn receipt(&self, manifest_hash: [u8; 32]) -> Signed<SubmissionReceipt> {
        let receipt = SubmissionReceipt {
            manifest_hash,
            received_at: NOW.plus(Duration::from_secs(1)),
        };
        Signed::sign(receipt, &self.receipts)
    }

    pub(crate) fn ask(&self, manifest_hash: [u8; 32], suite: Suite) -> AskToOpen {
        AskToOpen {
            request_id: RequestId::random(&self.randomness),
            at: NOW.plus(Duration::from_secs(100)),
            jwt_hash: jwt_hash(JWT),
            receipt: self.receipt(manifest_hash),
            match_statement: None,
            suite,
        }
    }

    /// Verifies a request as the gate does, `seconds` after [`NOW`].
    pub(crate) fn verify(
        &self,
        request: &[u8],
        seconds: u64,
    ) -> Result<sluis_envelope::GateOpener, sluis_envelope::GateError> {
        OpenRequest::parse(request)?.verify(&sluis_envelope::OpenCheck {
            recipient: &self.recipient.signing_key(),
            sender: &self.sender.signing_key(),
            receipt: self.receipts.verifying_key(),
            matches: Some(match_key().verifying_key()),
            caller: self.recipient.oin,
            jwt_hash: &jwt_hash(JWT),
            now: NOW.plus(Duration::from_secs(seconds)),
        })
    }
}

pub(crate) fn scope() -> Scope {
    Scope::new(
        [Purpose::Referral].into_iter().collect(),
        [LifeDomain::LivingSafeHome, LifeDomain::MeaningfulDay]
            .into_iter()
            .collect(),
        [DataKind::Contact, DataKind::Situation, DataKind::Plan]
            .into_iter()
            .collect(),
    )
    .unwrap()
}

pub(crate) fn content(body: &[u8]) -> ContentDraft {
    ContentDraft {
        media_type: MediaType::new("application/fhir+json").unwrap(),
        based_on: None,
        scope: scope(),
        body: Zeroizing::new(body.to_vec()),
    }
}
