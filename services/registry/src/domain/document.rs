//! The invitation as a document: all that a newcomer must know of the mesh, with the pins of its keys.

use std::fmt::Write as _;

use serde::Serialize;
use sluis_envelope::VerifyingKey;
use sluis_types::Timestamp;
use zeroize::Zeroizing;

use super::{InvitationCode, Profile};

/// The mesh's own keys that partners pin: whoever swaps one of them must change the invitation.
#[derive(Clone, Debug)]
pub struct MeshPins {
    /// Consent's key for grant tokens.
    pub grant_token: VerifyingKey,
    /// Referral's key for submission receipts.
    pub receipt: VerifyingKey,
    /// Consent's log key.
    pub consent_log: VerifyingKey,
    /// Referral's log key.
    pub referral_log: VerifyingKey,
    /// Consent's key for circle posts.
    pub circle: VerifyingKey,
    /// Matching's key for the head of the service directory.
    pub directory: VerifyingKey,
    /// Signalling's key for receipts of contact boxes.
    pub signalling_receipt: VerifyingKey,
    /// Signalling's key for match statements.
    pub match_statement: VerifyingKey,
    /// Matching's log key.
    pub matching_log: VerifyingKey,
    /// Signalling's log key.
    pub signalling_log: VerifyingKey,
}

/// What goes into an invitation. Version 1 of the document.
pub(crate) struct InvitationDocument<'a> {
    pub(crate) mesh_id: &'a str,
    pub(crate) gateway: &'a str,
    pub(crate) gateway_name: &'a str,
    pub(crate) ca_pem: &'a str,
    pub(crate) code: &'a InvitationCode,
    pub(crate) profile: &'a Profile,
    pub(crate) expires_at: Timestamp,
    pub(crate) pins: &'a MeshPins,
    pub(crate) registry_log: &'a VerifyingKey,
}

#[derive(Serialize)]
struct Layout<'a> {
    version: u8,
    mesh_id: &'a str,
    gateway: &'a str,
    gateway_name: &'a str,
    ca: &'a str,
    code: &'a str,
    oin: &'a str,
    display_name: &'a str,
    kind: &'a str,
    expires_at: String,
    keys: Keys,
}

#[derive(Serialize)]
struct Keys {
    grant_token: String,
    receipt: String,
    consent_log: String,
    referral_log: String,
    circle: String,
    directory: String,
    signalling_receipt: String,
    match_statement: String,
    matching_log: String,
    signalling_log: String,
    registry_log: String,
}

impl InvitationDocument<'_> {
    /// The document as JSON, with line ends, as it is handed over in a file.
    pub(crate) fn to_json(&self) -> Zeroizing<String> {
        let code = self.code.to_text();
        let layout = Layout {
            version: 1,
            mesh_id: self.mesh_id,
            gateway: self.gateway,
            gateway_name: self.gateway_name,
            ca: self.ca_pem,
            code: &code,
            oin: self.profile.oin.as_str(),
            display_name: &self.profile.display_name,
            kind: self.profile.kind.name(),
            expires_at: rfc3339(self.expires_at),
            keys: Keys {
                grant_token: hex(&self.pins.grant_token),
                receipt: hex(&self.pins.receipt),
                consent_log: hex(&self.pins.consent_log),
                referral_log: hex(&self.pins.referral_log),
                circle: hex(&self.pins.circle),
                directory: hex(&self.pins.directory),
                signalling_receipt: hex(&self.pins.signalling_receipt),
                match_statement: hex(&self.pins.match_statement),
                matching_log: hex(&self.pins.matching_log),
                signalling_log: hex(&self.pins.signalling_log),
                registry_log: hex(self.registry_log),
            },
        };
        Zeroizing::new(serde_json::to_string_pretty(&layout).expect("texts and numbers are JSON"))
    }
}

fn hex(key: &VerifyingKey) -> String {
    let mut text = String::with_capacity(64);
    for byte in key.as_bytes() {
        write!(text, "{byte:02x}").expect("a String takes all that is written");
    }
    text
}

fn rfc3339(at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.seconds()).map_or_else(|_| String::new(), |at| at.to_string())
}
