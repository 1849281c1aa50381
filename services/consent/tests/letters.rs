//! Organisations and sealed messages, made as partners make them.

use std::time::Duration;

use sluis_envelope::{
    AskToOpen, ContentDraft, Draft, GrantToken, KeyEntry, KeyKind, KeyStatement, MediaType, OpenedMessage,
    Opener, OrganisationKey, PendingOpen, PublicKey, Scope, SealedEnvelope, Sealer, SealingKeyPair, Signed,
    SigningKey, SubmissionReceipt, Suite, Verified,
};
use sluis_serve::OrganisationEntry;
use sluis_types::{
    CodeSet, DataKind, LifeDomain, MessageId, MessageKind, Oin, OrganisationKind, Priority, Purpose,
    Randomness, RequestId, ThreadId, Timestamp,
};
use zeroize::Zeroizing;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);
pub(crate) const DAY: Duration = Duration::from_hours(24);
pub(crate) const JWT_HASH: [u8; 32] = [2; 32];

/// The key that signs submission receipts; pinned by the service under test.
pub(crate) fn receipt_key() -> SigningKey {
    SigningKey::from_seed(KeyKind::Receipt, &[73; 32])
}

/// What a message is for, with these kinds of data.
pub(crate) fn scope(kinds: &[DataKind]) -> Scope {
    Scope::new(
        CodeSet::EMPTY.with(Purpose::Referral),
        CodeSet::EMPTY.with(LifeDomain::FittingSupport),
        kinds.iter().copied().collect(),
    )
    .unwrap()
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
            not_after: NOW.plus(380 * DAY),
            revoked_at: None,
        };
        let keys = vec![
            entry(PublicKey::Signing(signing.verifying_key().clone())),
            entry(PublicKey::Sealing(sealing.public().clone())),
        ];
        let oin: Oin = format!("000000990000000020{number:02}").parse().unwrap();
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

    /// Seals a referral to `recipient` under a token.
    pub(crate) fn seal(
        &self,
        recipient: &Self,
        token: &Verified<GrantToken>,
        scope: Scope,
        randomness: &dyn Randomness,
    ) -> SealedEnvelope {
        self.seal_as(MessageKind::Referral, recipient, token, scope, randomness)
    }

    /// Seals a message of this kind to `recipient` under a token.
    pub(crate) fn seal_as(
        &self,
        kind: MessageKind,
        recipient: &Self,
        token: &Verified<GrantToken>,
        scope: Scope,
        randomness: &dyn Randomness,
    ) -> SealedEnvelope {
        let now = token.issued_at;
        let draft = Draft {
            message_id: MessageId::fresh(now, randomness),
            thread_id: ThreadId::random(randomness),
            kind,
            priority: Priority::Routine,
            replaces: None,
            respond_by: Some(now.plus(10 * DAY)),
            created: now,
            expires: now.plus(300 * DAY),
            extensions: vec![],
        };
        let to = OrganisationKey {
            organisation: recipient.oin,
            key: recipient.sealing.public().clone(),
        };
        let content = ContentDraft {
            media_type: MediaType::new("text/plain").unwrap(),
            based_on: None,
            scope,
            body: Zeroizing::new(b"Ik wil weer zelf koken.".to_vec()),
        };
        Sealer::new(draft, token, &to, &self.signing)
            .unwrap()
            .seal(content, randomness)
            .unwrap()
    }

    /// Asks to open a message that referral received at `received_at`.
    pub(crate) fn ask(
        &self,
        envelope: &SealedEnvelope,
        request_id: RequestId,
        received_at: Timestamp,
        at: Timestamp,
        randomness: &dyn Randomness,
    ) -> (Vec<u8>, PendingOpen) {
        self.ask_on(
            &receipt_key(),
            envelope,
            (request_id, received_at, at),
            randomness,
        )
    }

    /// Asks to open a message on the receipt of whoever has this key.
    pub(crate) fn ask_on(
        &self,
        taken_by: &SigningKey,
        envelope: &SealedEnvelope,
        (request_id, received_at, at): (RequestId, Timestamp, Timestamp),
        randomness: &dyn Randomness,
    ) -> (Vec<u8>, PendingOpen) {
        let receipt = SubmissionReceipt {
            manifest_hash: envelope.manifest.hash(),
            received_at,
        };
        let opener = Opener::new(
            envelope.manifest.clone(),
            &self.sealing,
            &envelope.sealed_r,
            &envelope.sealed_c,
        );
        let ask = AskToOpen {
            request_id,
            at,
            jwt_hash: JWT_HASH,
            receipt: Signed::sign(receipt, taken_by),
            match_statement: None,
            suite: Suite::XWing,
        };
        opener.unwrap().request(ask, &self.signing, randomness).unwrap()
    }
}

/// That what was opened is what was sealed.
pub(crate) fn assert_reads(opened: &OpenedMessage, envelope: &SealedEnvelope) {
    let content = opened.content(&envelope.content).unwrap();
    assert_eq!(content.body.as_slice(), b"Ik wil weer zelf koken.");
}
