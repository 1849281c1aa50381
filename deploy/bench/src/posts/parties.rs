//! Organisations, circles and what they send, made as partners and consent make them.

use std::time::Duration;

use sluis_envelope::{
    CirclePost, CircleSecret, ContactBox, ContentDraft, Draft, GateKeyPair, GrantToken, KeyEntry, KeyKind,
    KeyStatement, MediaType, OrganisationKey, PublicKey, Scope, Sealer, SealingKeyPair, Signed, SigningKey,
};
use sluis_proto::signalling::v1::PostSignalRequest;
use sluis_serve::OrganisationEntry;
use sluis_types::{
    Clock as _, CodeSet, DataKind, Epoch, GrantId, LifeDomain, MatchClass, MessageId, MessageKind, Oin,
    OrganisationKind, OsRandomness, Priority, Purpose, RequestId, SystemClock, ThreadId,
};
use zeroize::Zeroizing;

use crate::error::{BenchError, failed};

const DAY: Duration = Duration::from_hours(24);

/// Consent's keys; pinned by the service that is measured.
pub(super) fn key(kind: KeyKind) -> SigningKey {
    SigningKey::from_seed(kind, &[kind as u8; 32])
}

/// A partner with its keys.
pub(super) struct Organisation {
    pub(super) oin: Oin,
    pub(super) entry: OrganisationEntry,
    signing: SigningKey,
    sealing: SealingKeyPair,
}

impl Organisation {
    pub(super) fn new(number: usize, kind: OrganisationKind) -> Result<Self, BenchError> {
        let (now, random) = (SystemClock.now(), &OsRandomness);
        let oin: Oin = format!("0000009900000{number:03}0000")
            .parse()
            .map_err(failed("an OIN"))?;
        let identity = SigningKey::generate(KeyKind::Identity, random);
        let signing = SigningKey::generate(KeyKind::Signing, random);
        let sealing = SealingKeyPair::generate(random);
        let entry = |key| KeyEntry {
            key,
            not_before: now.minus(DAY),
            not_after: now.plus(300 * DAY),
            revoked_at: None,
        };
        let keys = vec![
            entry(PublicKey::Signing(signing.verifying_key().clone())),
            entry(PublicKey::Sealing(sealing.public().clone())),
        ];
        let statement = KeyStatement::first(oin, identity.verifying_key(), [0; 32], keys, now.minus(DAY));
        let chain = vec![Signed::sign(statement, &identity)];
        let entry = OrganisationEntry::new(kind, "A partner", chain, vec![], now)
            .map_err(failed("an organisation's keys"))?;
        Ok(Self {
            oin,
            entry,
            signing,
            sealing,
        })
    }
}

/// A circle of two.
pub(super) struct Circle {
    grant: GrantId,
    secret: CircleSecret,
    gate: GateKeyPair,
}

impl Circle {
    pub(super) fn new() -> Self {
        let random = &OsRandomness;
        Self {
            grant: GrantId::random(random),
            secret: CircleSecret::fresh(random),
            gate: GateKeyPair::generate(random),
        }
    }

    /// The request that posts a signal of `from`, with how `to` reaches it.
    pub(super) fn posting(
        &self,
        (from, to): (&Organisation, &Organisation),
        (signal_id, strong): (&str, bool),
    ) -> Result<PostSignalRequest, BenchError> {
        let epoch = Epoch::of(SystemClock.now());
        let post = CirclePost {
            tag: self.secret.tag(epoch, MatchClass::OutOfSight),
            organisation: from.oin,
            epoch,
            gate_key_id: self.gate.public().id(),
        };
        Ok(PostSignalRequest {
            request_id: RequestId::random(&OsRandomness).to_string(),
            signal_id: signal_id.to_owned(),
            post: Signed::sign(post, &key(KeyKind::Circle)).encode().into(),
            strong,
            contact_boxes: vec![self.contact_box(from, to)?.into()],
        })
    }

    fn contact_box(&self, from: &Organisation, to: &Organisation) -> Result<Vec<u8>, BenchError> {
        let (now, random) = (SystemClock.now(), &OsRandomness);
        let token = GrantToken {
            grant_id: self.grant,
            grant_version: 1,
            sender: from.oin,
            recipient: to.oin,
            gate_key: self.gate.public().clone(),
            issued_at: now,
            not_after: now.plus(Duration::from_mins(10)),
        };
        let issuer = key(KeyKind::GrantToken);
        let token = Signed::sign(token, &issuer)
            .verify(issuer.verifying_key(), now)
            .map_err(failed("a token"))?;
        let draft = Draft {
            message_id: MessageId::fresh(now, random),
            thread_id: ThreadId::random(random),
            kind: MessageKind::ContactBox,
            priority: Priority::Routine,
            replaces: None,
            respond_by: None,
            created: now,
            expires: now.plus(60 * DAY),
            extensions: vec![],
        };
        let scope = Scope::new(
            CodeSet::EMPTY.with(Purpose::SignalCombine),
            CodeSet::EMPTY.with(LifeDomain::LivingSafeHome),
            CodeSet::EMPTY.with(DataKind::Contact),
        );
        let content = ContentDraft {
            media_type: MediaType::new("text/plain").map_err(failed("a media type"))?,
            based_on: None,
            scope: scope.map_err(failed("a scope"))?,
            body: Zeroizing::new(b"Wijkconsulent, 0800-0000".to_vec()),
        };
        let to = OrganisationKey {
            organisation: to.oin,
            key: to.sealing.public().clone(),
        };
        let sealed = Sealer::new(draft, &token, &to, &from.signing)
            .and_then(|sealer| sealer.seal(content, random))
            .map_err(failed("sealing a contact box"))?;
        let manifest = sealed.manifest.manifest().clone();
        let contact_box = ContactBox::new(manifest, sealed.sealed_r, sealed.sealed_c, sealed.content);
        Ok(contact_box.map_err(failed("a contact box"))?.encode())
    }
}
