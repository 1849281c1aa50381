//! Who takes part in a message, and with which keys.

use sluis_envelope::{
    GateKeyPair, KeyKind, Manifest, OpenCheck, OpenRequest, Opener, OrganisationKey, SealingKeyPair,
    SigningKey, VerifiedManifest, jwt_hash,
};
use sluis_types::{Handle, Oin, OsRandomness, Randomness, Timestamp};

use crate::Failure;
use crate::fields::Fields;

pub(crate) const LEAF_HASH: [u8; 32] = [0x1e; 32];

/// Gives the same bytes at every draw: makes a request key again from its secret.
#[derive(Debug)]
pub(crate) struct Fixed(pub(crate) [u8; 32]);

impl Randomness for Fixed {
    fn fill(&self, destination: &mut [u8]) {
        destination.copy_from_slice(&self.0);
    }
}

pub(crate) struct Organisation {
    pub(crate) oin: Oin,
    pub(crate) signing: SigningKey,
    pub(crate) sealing: SealingKeyPair,
}

impl Organisation {
    pub(crate) fn new(oin: Oin, x25519_only: bool) -> Self {
        let sealing = SealingKeyPair::generate(&OsRandomness);
        Self {
            oin,
            signing: SigningKey::generate(KeyKind::Signing, &OsRandomness),
            sealing: if x25519_only {
                sealing.into_x25519_only()
            } else {
                sealing
            },
        }
    }

    pub(crate) fn read(case: &Fields, whose: &str) -> Result<Self, Failure> {
        Ok(Self {
            oin: case.oin(whose)?,
            signing: case.signing_key(&format!("{whose}_signing_seed"), KeyKind::Signing)?,
            sealing: SealingKeyPair::from_secret_bytes(&case.bytes(&format!("{whose}_sealing_secret"))?)?,
        })
    }

    pub(crate) fn key<K>(&self, key: &K) -> OrganisationKey<K>
    where
        K: Clone,
    {
        OrganisationKey {
            organisation: self.oin,
            key: key.clone(),
        }
    }
}

pub(crate) struct Parties {
    pub(crate) sender: Organisation,
    pub(crate) recipient: Organisation,
    pub(crate) gate: GateKeyPair,
    pub(crate) tokens: SigningKey,
    pub(crate) receipts: SigningKey,
}

impl Parties {
    pub(crate) fn manifest(&self, bytes: &[u8]) -> Result<VerifiedManifest, Failure> {
        let sender = self.sender.key(self.sender.signing.verifying_key());
        Ok(Manifest::parse(bytes)?.verify(&sender)?)
    }

    pub(crate) fn opener(
        &self,
        manifest: &[u8],
        sealed_r: &[u8],
        sealed_c: &[u8],
    ) -> Result<Opener, Failure> {
        let manifest = self.manifest(manifest)?;
        Ok(Opener::new(
            manifest,
            &self.recipient.sealing,
            sealed_r,
            sealed_c,
        )?)
    }

    /// The gate's answer to an open request.
    pub(crate) fn reply(
        &self,
        request: &[u8],
        jwt: &str,
        now: Timestamp,
        release: &Release,
    ) -> Result<Vec<u8>, Failure> {
        let check = OpenCheck {
            recipient: &self.recipient.key(self.recipient.signing.verifying_key()),
            sender: &self.sender.key(self.sender.signing.verifying_key()),
            receipt: self.receipts.verifying_key(),
            matches: None,
            caller: self.recipient.oin,
            jwt_hash: &jwt_hash(jwt),
            now,
        };
        let opened = OpenRequest::parse(request)?.verify(&check)?.open(&self.gate)?;
        let Release { handle, assisted } = release;
        Ok(opened.reply(handle, *assisted, &LEAF_HASH, &OsRandomness)?)
    }
}

pub(crate) struct Release {
    pub(crate) handle: Handle,
    pub(crate) assisted: bool,
}
