//! Organisations and circles, made as partners and consent make them.

use std::time::Duration;

use sluis_envelope::{
    CirclePost, CircleSecret, ContactBox, ContentDraft, Draft, GateKeyPair, GrantToken, KeyEntry, KeyKind,
    KeyStatement, MediaType, OrganisationKey, PublicKey, ResidentTicket, Scope, Sealer, SealingKeyPair,
    Signed, SigningKey, TicketActions,
};
use sluis_serve::OrganisationEntry;
use sluis_types::{
    DataKind, Epoch, GrantId, KeyId, LifeDomain, MatchClass, MessageId, MessageKind, Oin, OrganisationKind,
    Priority, Purpose, Randomness, Service, ThreadId, Timestamp,
};
use zeroize::Zeroizing;

/// A Monday, in the middle of an epoch.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_789_996_800);
pub(crate) const HOUR: Duration = Duration::from_hours(1);
pub(crate) const DAY: Duration = Duration::from_hours(24);

pub(crate) fn oin(number: u8) -> Oin {
    format!("000000990000000030{number:02}").parse().unwrap()
}

/// Consent's key that signs posts; pinned by the service under test.
pub(crate) fn circle_key() -> SigningKey {
    SigningKey::from_seed(KeyKind::Circle, &[73; 32])
}

/// Consent's key that signs grant tokens; pinned by the service under test.
pub(crate) fn grant_token_key() -> SigningKey {
    SigningKey::from_seed(KeyKind::GrantToken, &[71; 32])
}

/// Consent's key that signs resident tickets; pinned by the service under test.
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
            not_after: NOW.plus(300 * DAY),
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

/// A circle version: its secret, its gate key, its members.
pub(crate) struct Circle {
    pub(crate) grant: GrantId,
    version: u32,
    secret: CircleSecret,
    gate: GateKeyPair,
    members: Vec<Oin>,
}

impl Circle {
    pub(crate) fn new(members: Vec<Oin>, randomness: &dyn Randomness) -> Self {
        Self {
            grant: GrantId::random(randomness),
            version: 1,
            secret: CircleSecret::fresh(randomness),
            gate: GateKeyPair::generate(randomness),
            members,
        }
    }

    /// The next version: another secret, another gate key.
    pub(crate) fn next(&self, randomness: &dyn Randomness) -> Self {
        Self {
            grant: self.grant,
            version: self.version + 1,
            ..Self::new(self.members.clone(), randomness)
        }
    }

    pub(crate) fn gate_key(&self) -> KeyId {
        self.gate.public().id()
    }

    pub(crate) fn others(&self, sender: Oin) -> Vec<Oin> {
        self.members
            .iter()
            .copied()
            .filter(|member| *member != sender)
            .collect()
    }

    /// A member's post for a class in the epoch of a moment, as its bundle holds it.
    pub(crate) fn post(&self, organisation: Oin, at: Timestamp, class: MatchClass) -> Vec<u8> {
        self.post_by(&circle_key(), organisation, Epoch::of(at), class)
    }

    pub(crate) fn post_by(
        &self,
        key: &SigningKey,
        organisation: Oin,
        epoch: Epoch,
        class: MatchClass,
    ) -> Vec<u8> {
        let post = CirclePost {
            tag: self.secret.tag(epoch, class),
            organisation,
            epoch,
            gate_key_id: self.gate_key(),
        };
        Signed::sign(post, key).encode()
    }

    /// A tag, for looking whether it stands somewhere.
    pub(crate) fn tag(&self, at: Timestamp, class: MatchClass) -> Vec<u8> {
        self.secret.tag(Epoch::of(at), class).expose().to_vec()
    }

    /// How to reach the sender, sealed to another member and the circle's gate.
    pub(crate) fn contact_box(
        &self,
        sender: &Organisation,
        recipient: &Organisation,
        now: Timestamp,
        randomness: &dyn Randomness,
    ) -> Vec<u8> {
        let token = GrantToken {
            grant_id: self.grant,
            grant_version: self.version,
            sender: sender.oin,
            recipient: recipient.oin,
            gate_key: self.gate.public().clone(),
            issued_at: now,
            not_after: now.plus(Duration::from_mins(10)),
        };
        let key = grant_token_key();
        let token = Signed::sign(token, &key)
            .verify(key.verifying_key(), now)
            .unwrap();
        let draft = Draft {
            message_id: MessageId::fresh(now, randomness),
            thread_id: ThreadId::random(randomness),
            kind: MessageKind::ContactBox,
            priority: Priority::Routine,
            replaces: None,
            respond_by: None,
            created: now,
            expires: now.plus(60 * DAY),
            extensions: vec![],
        };
        let scope = Scope::new(
            [Purpose::SignalCombine].into_iter().collect(),
            [LifeDomain::LivingSafeHome].into_iter().collect(),
            [DataKind::Contact].into_iter().collect(),
        );
        let content = ContentDraft {
            media_type: MediaType::new("text/plain").unwrap(),
            based_on: None,
            scope: scope.unwrap(),
            body: Zeroizing::new(b"Wijkconsulent, 0800-0000".to_vec()),
        };
        let key = recipient.sealing_key();
        let sealer = Sealer::new(draft, &token, &key, &sender.signing).unwrap();
        let sealed = sealer.seal(content, randomness).unwrap();
        let manifest = sealed.manifest.manifest().clone();
        ContactBox::new(manifest, sealed.sealed_r, sealed.sealed_c, sealed.content)
            .unwrap()
            .encode()
    }

    /// A resident's ticket for this circle.
    pub(crate) fn ticket(&self, actions: TicketActions, session: [u8; 32], now: Timestamp) -> Vec<u8> {
        let ticket = ResidentTicket {
            grant_id: self.grant,
            actions,
            audience: Service::Signalling,
            session_hash: session,
            issued_at: now,
            not_after: now.plus(Duration::from_mins(5)),
        };
        Signed::sign(ticket, &ticket_key()).encode()
    }
}
