// One function per parser of bytes from outside. Each says whether it took the bytes, and panics when it took
// something that is not the one encoding of what it read. Included by the fuzz targets and by the tests.

use std::sync::OnceLock;

use sluis_envelope::{
    AskToOpen, Checkpoint, CircleBundle, CirclePost, ContactBox, Content, DirectoryHead, GateKeyPair,
    GrantToken, Header, KeyStatement, LeafPromise, Manifest, MatchStatement, OpenRequest, Opener,
    OrganisationKey, PendingOpen, ResidentTicket, SealedBundle, SealingKeyPair, SealingPublicKey, SelfCopy,
    Signed, SigningKey, Statement, SubmissionReceipt, Suite, jwt_hash,
};
use sluis_types::Randomness;

pub(crate) type Parser = fn(&[u8]) -> bool;

pub(crate) const PARSERS: [(&str, Parser); 21] = [
    ("checkpoint", checkpoint),
    ("circle_bundle", circle_bundle),
    ("circle_post", signed::<CirclePost>),
    ("contact_box", contact_box),
    ("content", content),
    ("directory_head", signed::<DirectoryHead>),
    ("gate_secret", gate_secret),
    ("grant_token", signed::<GrantToken>),
    ("header", header),
    ("key_statement", signed::<KeyStatement>),
    ("leaf_promise", signed::<LeafPromise>),
    ("manifest", manifest),
    ("match_statement", signed::<MatchStatement>),
    ("open_reply", open_reply),
    ("open_request", open_request),
    ("resident_ticket", signed::<ResidentTicket>),
    ("sealed_bundle", sealed_bundle),
    ("sealing_public_key", sealing_public_key),
    ("self_copy", signed::<SelfCopy>),
    ("signing_secret", signing_secret),
    ("submission_receipt", signed::<SubmissionReceipt>),
];

/// Runs the parser of this name.
pub(crate) fn parse(name: &str, bytes: &[u8]) -> bool {
    let (_, parser) = PARSERS
        .iter()
        .find(|(known, _)| *known == name)
        .expect("a parser of this name");
    parser(bytes)
}

fn same(encoded: impl AsRef<[u8]>, bytes: &[u8]) -> bool {
    assert!(encoded.as_ref() == bytes, "two encodings of one value");
    true
}

fn signed<B: Statement>(bytes: &[u8]) -> bool {
    Signed::<B>::parse(bytes).is_ok_and(|signed| same(signed.encode(), bytes))
}

fn header(bytes: &[u8]) -> bool {
    Header::parse(bytes).is_ok_and(|header| same(header.encode(), bytes))
}

fn manifest(bytes: &[u8]) -> bool {
    Manifest::parse(bytes).is_ok_and(|manifest| same(manifest.encode(), bytes))
}

fn open_request(bytes: &[u8]) -> bool {
    OpenRequest::parse(bytes).is_ok_and(|request| same(request.encode(), bytes))
}

fn content(bytes: &[u8]) -> bool {
    Content::parse(bytes).is_ok_and(|content| same(content.encode().as_slice(), bytes))
}

fn circle_bundle(bytes: &[u8]) -> bool {
    CircleBundle::parse(bytes).is_ok_and(|bundle| same(bundle.encode().as_slice(), bytes))
}

fn sealed_bundle(bytes: &[u8]) -> bool {
    SealedBundle::parse(bytes).is_ok_and(|sealed| same(sealed.encode(), bytes))
}

fn contact_box(bytes: &[u8]) -> bool {
    ContactBox::parse(bytes).is_ok_and(|contact| same(contact.encode(), bytes))
}

fn sealing_public_key(bytes: &[u8]) -> bool {
    SealingPublicKey::parse(bytes).is_ok_and(|key| same(key.encode(), bytes))
}

fn gate_secret(bytes: &[u8]) -> bool {
    GateKeyPair::from_secret_bytes(bytes).is_ok_and(|key| same(key.to_secret_bytes().as_slice(), bytes))
}

fn signing_secret(bytes: &[u8]) -> bool {
    SigningKey::from_secret_bytes(bytes).is_ok_and(|key| same(key.to_secret_bytes().as_slice(), bytes))
}

fn checkpoint(bytes: &[u8]) -> bool {
    let Ok(note) = std::str::from_utf8(bytes) else {
        return false;
    };
    Checkpoint::parse_unverified(note).is_ok_and(|checkpoint| {
        let text = checkpoint.text();
        same(&bytes[..text.len()], text.as_bytes())
    })
}

/// A reply to the request of the first message vector.
fn open_reply(bytes: &[u8]) -> bool {
    static PENDING: OnceLock<PendingOpen> = OnceLock::new();
    PENDING.get_or_init(pending).complete(bytes).is_ok()
}

#[derive(Debug)]
struct Fixed([u8; 32]);

impl Randomness for Fixed {
    fn fill(&self, destination: &mut [u8]) {
        destination.copy_from_slice(&self.0);
    }
}

fn pending() -> PendingOpen {
    let cases: serde_json::Value =
        serde_json::from_str(include_str!("../vectors/message.json")).expect("the vectors are JSON");
    let case = &cases[0];
    let text = |field: &str| case[field].as_str().expect("the vectors have this field");
    let bytes = |field: &str| -> Vec<u8> {
        let digits = text(field);
        (0..digits.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal"))
            .collect()
    };
    let seed = |field: &str| -> [u8; 32] { bytes(field).try_into().expect("32 bytes") };
    let signing = |field| SigningKey::from_seed(sluis_envelope::KeyKind::Signing, &seed(field));
    let sender = OrganisationKey {
        organisation: text("sender").parse().expect("an OIN"),
        key: signing("sender_signing_seed").verifying_key().clone(),
    };
    let manifest = Manifest::parse(&bytes("manifest")).expect("a manifest");
    let manifest = manifest.verify(&sender).expect("the sender's");
    let sealing = SealingKeyPair::from_secret_bytes(&bytes("recipient_sealing_secret")).expect("a key");
    let request = OpenRequest::parse(&bytes("open_request")).expect("a request");
    let opener = Opener::new(manifest, &sealing, &bytes("sealed_r"), &bytes("sealed_c"));
    let ask = AskToOpen {
        request_id: request.request_id(),
        at: request.asked_at(),
        jwt_hash: jwt_hash(text("jwt")),
        receipt: request.receipt().clone(),
        match_statement: request.match_statement().cloned(),
        suite: Suite::X25519,
    };
    let (_, pending) = opener
        .expect("the recipient's share")
        .request(
            ask,
            &signing("recipient_signing_seed"),
            &Fixed(seed("request_secret")),
        )
        .expect("a request");
    pending
}
