//! The invitation that an operator hands to an organisation, out of band.

use serde::{Deserialize, Serialize};
use sluis_envelope::{KeyKind, VerifyingKey};
use sluis_types::Oin;

use crate::Error;

/// Longest invitation that is read, in bytes.
const INVITATION_BYTES_MAX: usize = 64 * 1024;

/// An invitation: where the mesh is, which keys it has, and the code that is good for one enrolment.
///
/// It is the pin of the mesh itself, so it comes by a way that the mesh does not control: paper, or a meeting.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    /// Version of this form: 1.
    pub version: u32,
    /// Name of the mesh: the audience of tokens.
    pub mesh_id: String,
    /// Address of the gateway, `host:port`.
    pub gateway: String,
    /// Name in the gateway's certificate.
    pub gateway_name: String,
    /// Certificate of the mesh's CA, in PEM.
    pub ca: String,
    /// Single-use code.
    pub code: String,
    /// OIN of the invited organisation, 20 digits.
    pub oin: String,
    /// Its name as people know it.
    pub display_name: String,
    /// What it is to the mesh, such as `WELFARE`.
    pub kind: String,
    /// When the invitation ends, RFC 3339.
    pub expires_at: String,
    /// Public keys of the mesh.
    pub keys: MeshKeys,
}

/// Public keys of the mesh, 32 bytes each, in hexadecimal.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MeshKeys {
    /// Signs grant tokens.
    pub grant_token: String,
    /// Signs submission receipts.
    pub receipt: String,
    /// Signs consent's log.
    pub consent_log: String,
    /// Signs referral's log.
    pub referral_log: String,
    /// Signs circle posts.
    pub circle: String,
    /// Signs the head of the service directory.
    pub directory: String,
    /// Signs receipts of contact boxes.
    pub signalling_receipt: String,
    /// Signs match statements.
    pub match_statement: String,
    /// Signs matching's log.
    pub matching_log: String,
    /// Signs signalling's log.
    pub signalling_log: String,
    /// Signs the registry's log.
    pub registry_log: String,
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invitation")
            .field("mesh_id", &self.mesh_id)
            .field("oin", &self.oin)
            .finish_non_exhaustive()
    }
}

impl Invitation {
    /// Reads an invitation.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is too long, no JSON, of another version, or has a key or OIN that is none.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        let malformed = |why: &dyn std::fmt::Display| Error::malformed("the invitation", why);
        if json.len() > INVITATION_BYTES_MAX {
            return Err(malformed(&"too long"));
        }
        let invitation: Self = serde_json::from_slice(json).map_err(|error| malformed(&error))?;
        if invitation.version != 1 {
            return Err(malformed(&"unknown version"));
        }
        invitation.oin()?;
        PinnedMesh::new(&invitation.keys)?;
        Ok(invitation)
    }

    /// The invited organisation.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything but an OIN.
    pub fn oin(&self) -> Result<Oin, Error> {
        self.oin
            .parse()
            .map_err(|error| Error::malformed("the invitation's OIN", error))
    }
}

/// The mesh's public keys, ready to verify with.
#[derive(Clone, Debug)]
pub(crate) struct PinnedMesh {
    pub(crate) grant_token: VerifyingKey,
    pub(crate) receipt: VerifyingKey,
    pub(crate) consent_log: VerifyingKey,
    pub(crate) referral_log: VerifyingKey,
    pub(crate) directory: VerifyingKey,
    pub(crate) circle: VerifyingKey,
    pub(crate) signalling_receipt: VerifyingKey,
    pub(crate) match_statement: VerifyingKey,
    pub(crate) signalling_log: VerifyingKey,
}

impl PinnedMesh {
    pub(crate) fn new(keys: &MeshKeys) -> Result<Self, Error> {
        let key = |kind, text: &str| {
            let bytes = unhex32(text)
                .ok_or_else(|| Error::malformed("a key of the mesh", "not 64 hexadecimal digits"))?;
            Ok::<_, Error>(VerifyingKey::from_bytes(kind, &bytes)?)
        };
        for (kind, text) in [
            (KeyKind::Log, &keys.registry_log),
            (KeyKind::Log, &keys.matching_log),
        ] {
            key(kind, text)?;
        }
        Ok(Self {
            grant_token: key(KeyKind::GrantToken, &keys.grant_token)?,
            receipt: key(KeyKind::Receipt, &keys.receipt)?,
            consent_log: key(KeyKind::Log, &keys.consent_log)?,
            referral_log: key(KeyKind::Log, &keys.referral_log)?,
            directory: key(KeyKind::Directory, &keys.directory)?,
            circle: key(KeyKind::Circle, &keys.circle)?,
            signalling_receipt: key(KeyKind::Receipt, &keys.signalling_receipt)?,
            match_statement: key(KeyKind::Match, &keys.match_statement)?,
            signalling_log: key(KeyKind::Log, &keys.signalling_log)?,
        })
    }
}

fn unhex32(text: &str) -> Option<[u8; 32]> {
    // A key id has the same text form: 64 lower-case hexadecimal digits.
    text.parse::<sluis_types::KeyId>()
        .ok()
        .map(|bytes| *bytes.as_bytes())
}
