//! Organisations, grants and sealed messages, made as partners and consent make them.

use std::time::Duration;

use sluis_envelope::{
    AttachmentDraft, BlobSealer, ContentDraft, Draft, FileName, GateKeyPair, GrantToken, KeyEntry, KeyKind,
    KeyStatement, MediaType, OrganisationKey, PublicKey, ResidentTicket, Scope, SealedBlob, SealedEnvelope,
    Sealer, SealingKeyPair, Signed, SigningKey, TicketActions, Verified,
};
use sluis_proto::referral::v1::{SealedMessage, SubmitMessageRequest};
use sluis_serve::OrganisationEntry;
use sluis_types::{
    DataKind, GrantId, LifeDomain, MessageId, MessageKind, Oin, OrganisationKind, Priority, Purpose,
    Randomness, Service, ThreadId, Timestamp,
};
use zeroize::Zeroizing;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);
pub(crate) const HOUR: Duration = Duration::from_hours(1);
pub(crate) const DAY: Duration = Duration::from_hours(24);

pub(crate) fn oin(number: u8) -> Oin {
    format!("000000990000000020{number:02}").parse().unwrap()
}

/// The key that signs grant tokens; pinned by the service under test.
pub(crate) fn grant_token_key() -> SigningKey {
    SigningKey::from_seed(KeyKind::GrantToken, &[71; 32])
}

/// The key that signs resident tickets; pinned by the service under test.
pub(crate) fn ticket_key() -> SigningKey {
    SigningKey::from_seed(KeyKind::Ticket, &[72; 32])
}

/// A partner with its keys.
pub(crate) struct Organisation {
    pub(crate) oin: Oin,
    pub(crate) signing: SigningKey,
    pub(crate) sealing: SealingKeyPair,
    pub(crate) entry: OrganisationEntry,
}

impl Organisation {
    pub(crate) fn new(number: u8, kind: OrganisationKind, randomness: &dyn Randomness) -> Self {
        let identity = SigningKey::generate(KeyKind::Identity, randomness);
        let signing = SigningKey::generate(KeyKind::Signing, randomness);
        let sealing = SealingKeyPair::generate(randomness);
        let entry = |key| KeyEntry {
            key,
            not_before: NOW.minus(DAY),
            not_after: NOW.plus(30 * DAY),
            revoked_at: None,
        };
        let keys = vec![
            entry(PublicKey::Signing(signing.verifying_key().clone())),
            entry(PublicKey::Sealing(sealing.public().clone())),
        ];
        let oin = oin(number);
        let issued_at = NOW.minus(DAY);
        let statement = KeyStatement::first(oin, identity.verifying_key(), [0; 32], keys, issued_at);
        let chain = vec![Signed::sign(statement, &identity)];
        let entry = OrganisationEntry::new(kind, "A partner", chain, vec![], NOW).unwrap();
        Self {
            oin,
            signing,
            sealing,
            entry,
        }
    }

    pub(crate) fn sealing_key(&self) -> OrganisationKey<sluis_envelope::SealingPublicKey> {
        OrganisationKey {
            organisation: self.oin,
            key: self.sealing.public().clone(),
        }
    }
}

/// A grant version with its gate key.
pub(crate) struct Grant {
    pub(crate) id: GrantId,
    pub(crate) version: u32,
    pub(crate) from: Oin,
    pub(crate) to: Oin,
    gate: GateKeyPair,
}

impl Grant {
    pub(crate) fn new(from: Oin, to: Oin, randomness: &dyn Randomness) -> Self {
        let gate = GateKeyPair::generate(randomness);
        Self {
            id: GrantId::random(randomness),
            version: 1,
            from,
            to,
            gate,
        }
    }

    /// The next version, with a key of its own.
    pub(crate) fn next(&self, randomness: &dyn Randomness) -> Self {
        let gate = GateKeyPair::generate(randomness);
        Self {
            id: self.id,
            version: self.version + 1,
            from: self.from,
            to: self.to,
            gate,
        }
    }

    /// What `Authorize` answers at this time.
    pub(crate) fn token(&self, now: Timestamp) -> Verified<GrantToken> {
        let token = GrantToken {
            grant_id: self.id,
            grant_version: self.version,
            sender: self.from,
            recipient: self.to,
            gate_key: self.gate.public().clone(),
            issued_at: now,
            not_after: now.plus(Duration::from_mins(10)),
        };
        let key = grant_token_key();
        Signed::sign(token, &key)
            .verify(key.verifying_key(), now)
            .unwrap()
    }

    pub(crate) fn ticket(&self, actions: TicketActions, session: [u8; 32], now: Timestamp) -> ResidentTicket {
        ResidentTicket {
            grant_id: self.id,
            actions,
            audience: Service::Referral,
            session_hash: session,
            issued_at: now,
            not_after: now.plus(Duration::from_mins(5)),
        }
    }
}

/// What a message is to be.
pub(crate) struct Letter {
    pub(crate) draft: Draft,
    pub(crate) body: Vec<u8>,
    pub(crate) blobs: Vec<SealedBlob>,
}

impl Letter {
    /// A message of this kind in this thread, to be answered in ten days and opened in thirty.
    pub(crate) fn new(
        kind: MessageKind,
        thread: ThreadId,
        now: Timestamp,
        randomness: &dyn Randomness,
    ) -> Self {
        Self {
            draft: Draft {
                message_id: MessageId::fresh(now, randomness),
                thread_id: thread,
                kind,
                priority: Priority::Routine,
                replaces: None,
                respond_by: (kind == MessageKind::Referral).then(|| now.plus(10 * DAY)),
                created: now,
                expires: now.plus(30 * DAY),
                extensions: vec![],
            },
            body: b"Ik wil weer zelf koken.".to_vec(),
            blobs: vec![],
        }
    }

    pub(crate) fn id(&self) -> MessageId {
        self.draft.message_id
    }

    pub(crate) fn replacing(mut self, original: MessageId) -> Self {
        self.draft.replaces = Some(original);
        self
    }

    pub(crate) fn with_blob(mut self, blob: SealedBlob) -> Self {
        self.blobs.push(blob);
        self
    }

    /// Seals it under a grant.
    pub(crate) fn seal(
        self,
        sender: &Organisation,
        recipient: &Organisation,
        token: &Verified<GrantToken>,
        randomness: &dyn Randomness,
    ) -> SealedEnvelope {
        let key = recipient.sealing_key();
        let mut sealer = Sealer::new(self.draft, token, &key, &sender.signing).unwrap();
        for blob in self.blobs {
            sealer = sealer.attach(blob);
        }
        let scope = Scope::new(
            [Purpose::Referral].into_iter().collect(),
            [LifeDomain::MeaningfulDay].into_iter().collect(),
            [DataKind::Situation].into_iter().collect(),
        );
        let content = ContentDraft {
            media_type: MediaType::new("text/plain").unwrap(),
            based_on: None,
            scope: scope.unwrap(),
            body: Zeroizing::new(self.body),
        };
        sealer.seal(content, randomness).unwrap()
    }
}

/// The request that submits a sealed message.
pub(crate) fn submission(envelope: &SealedEnvelope, token: &Verified<GrantToken>) -> SubmitMessageRequest {
    SubmitMessageRequest {
        request_id: envelope.manifest.header().message_id().to_string(),
        message: Some(SealedMessage {
            manifest: envelope.manifest.encode().into(),
            sealed_r: envelope.sealed_r.clone().into(),
            sealed_c: envelope.sealed_c.clone().into(),
            content: envelope.content.clone().into(),
        }),
        grant_token: token.encode().into(),
    }
}

/// An attachment of this message: what the manifest says of it, and its ciphertext in chunks.
pub(crate) fn attachment(
    message: MessageId,
    bytes: &[u8],
    randomness: &dyn Randomness,
) -> (SealedBlob, Vec<Vec<u8>>) {
    let draft = AttachmentDraft {
        name: FileName::new("plan.pdf").unwrap(),
        media_type: MediaType::new("application/pdf").unwrap(),
        data_kind: DataKind::Situation,
        length: u32::try_from(bytes.len()).unwrap(),
    };
    let mut sealer = BlobSealer::new(message, draft, randomness).unwrap();
    let mut chunks = Vec::new();
    for piece in bytes.chunks(65_536) {
        chunks.push(sealer.update(piece).unwrap());
    }
    let (last, blob) = sealer.finish().unwrap();
    chunks.push(last);
    let whole: Vec<u8> = chunks.concat();
    (blob, whole.chunks(65_552).map(<[u8]>::to_vec).collect())
}
