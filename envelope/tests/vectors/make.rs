//! Makes the vector files. Fixed seeds: making them again gives the same bytes.

use hkdf::Hkdf;
use serde::Serialize;
use sha2::Sha256;
use sluis_envelope::{
    ContentDraft, Extension, Hasher, Manifest, MatchStatement, MediaType, OpenRequest, Opener, Signed, Suite,
    hash, jwt_hash, padded_length,
};
use sluis_types::{Handle, MessageId, MessageKind, Timestamp};
use zeroize::Zeroizing;

use super::case::{AttachmentCase, MessageCase};
use super::{Recorder, circle, directory, hex, negative, statement};
use crate::mesh::{JWT, Mesh, NOW, match_key, scope};

/// Each file's name and text.
pub(crate) fn files() -> Vec<(&'static str, String)> {
    vec![
        ("hash.json", json(&hashes())),
        ("message.json", json(&messages())),
        ("negative.json", json(&negative::all())),
        ("statement.json", json(&statement::all())),
        ("circle.json", json(&circle::all())),
        ("key_statement.json", json(&statement::chain())),
        ("directory.json", json(&directory::directory())),
    ]
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap() + "\n"
}

#[derive(Serialize)]
struct HashCase {
    tag: &'static str,
    parts: Vec<String>,
    list: Option<Vec<String>>,
    hash: String,
}

#[derive(Serialize)]
struct PaddingCase {
    length: u32,
    padded: u32,
    ciphertext: u32,
}

#[derive(Serialize)]
struct Hashes {
    hash: Vec<HashCase>,
    padding: Vec<PaddingCase>,
}

fn hashes() -> Hashes {
    let case = |tag, parts: &[&[u8]]| HashCase {
        tag,
        parts: parts.iter().map(|part| hex(part)).collect(),
        list: None,
        hash: hex(&hash(tag, parts)),
    };
    let listed = |tag, list: &[&[u8]]| HashCase {
        tag,
        parts: Vec::new(),
        list: Some(list.iter().map(|part| hex(part)).collect()),
        hash: hex(&Hasher::new(tag).list(list).finish()),
    };
    Hashes {
        hash: vec![
            case("sluis/v1/test", &[]),
            case("sluis/v1/test", &[b""]),
            case("sluis/v1/test", &[b"ab", b"c"]),
            case("sluis/v1/test", &[b"a", b"bc"]),
            listed("sluis/v1/test", &[]),
            listed("sluis/v1/test", &[b"ab", b"c"]),
        ],
        padding: [
            0, 1, 256, 257, 4096, 4097, 5000, 65_536, 65_537, 1_000_000, 26_214_400,
        ]
        .map(|length| PaddingCase {
            length,
            padded: padded_length(length),
            ciphertext: sluis_envelope::ciphertext_length(padded_length(length)),
        })
        .into(),
    }
}

/// What differs between the messages.
pub(crate) struct Plan {
    name: &'static str,
    seed: u64,
    suite: Suite,
    body: &'static [u8],
    body_times: usize,
    based_on: Option<MessageId>,
    attached: Option<&'static [u8]>,
    extensions: Vec<Extension>,
    kind: MessageKind,
}

pub(crate) fn messages() -> Vec<MessageCase> {
    let plain = |name, seed, suite, body| Plan {
        name,
        seed,
        suite,
        body,
        body_times: 1,
        based_on: None,
        attached: None,
        extensions: Vec::new(),
        kind: MessageKind::Referral,
    };
    let form = b"{\"ik_wil\":\"een eigen huis\",\"ik_kan\":\"koken\",\"ik_heb_nodig\":\"een praatje\"}";
    vec![
        message(Plan {
            attached: Some(b"%PDF-1.7 not really"),
            ..plain("x25519", 101, Suite::X25519, form)
        }),
        message(Plan {
            based_on: Some(MessageId::fresh(NOW, &Recorder::new(1))),
            ..plain("x-wing", 102, Suite::XWing, form)
        }),
        message(Plan {
            body_times: 5_600,
            ..plain("two-chunks", 103, Suite::X25519, b"twaalf bytes")
        }),
        message(Plan {
            extensions: vec![Extension {
                number: 0x0102,
                value: b"later".to_vec(),
            }],
            ..plain("ignorable-extension", 104, Suite::X25519, b"")
        }),
        message(Plan {
            kind: MessageKind::ContactBox,
            ..plain("contact-box", 105, Suite::X25519, b"bel tussen 9 en 12")
        }),
    ]
}

#[expect(clippy::too_many_lines, reason = "one line per field of a case")]
fn message(plan: Plan) -> MessageCase {
    let mesh = Mesh::new(plan.seed);
    let mut draft = mesh.draft();
    draft.extensions = plan.extensions;
    draft.kind = plan.kind;
    let blob_randomness = Recorder::new(plan.seed + 3000);
    let sealed_blob = plan.attached.map(|bytes| {
        (
            bytes,
            Mesh::attachment_with(&blob_randomness, draft.message_id, bytes),
        )
    });
    let attachments = sealed_blob
        .iter()
        .map(|(bytes, (ciphertext, blob))| AttachmentCase {
            blob_id: hex(blob.entry().id.as_bytes()),
            key: hex(&blob_randomness.given(1)), // after the blob id
            name: "plan.pdf".into(),
            media_type: "application/pdf".into(),
            data_kind: 3,
            bytes: hex(bytes),
            ciphertext: hex(ciphertext),
        });
    let attachments: Vec<_> = attachments.collect();
    let body = plan.body.repeat(plan.body_times);
    let content = ContentDraft {
        media_type: MediaType::new("application/fhir+json").unwrap(),
        based_on: plan.based_on,
        scope: scope(),
        body: Zeroizing::new(body),
    };
    let blobs = sealed_blob.into_iter().map(|(_, (_, blob))| blob).collect();
    let recorder = Recorder::new(plan.seed + 1000);
    let sealed = mesh.seal_with(&recorder, draft, plan.suite, content, blobs);
    let [r, c, salt] = [0, 1, 2].map(|draw| recorder.given(draw));

    let expand = Hkdf::<Sha256>::extract(Some(b"sluis/v1/dek"), &[r.clone(), c.clone()].concat());
    let hh = *sealed.manifest.header_hash();
    let derived = |label: &str, length| {
        let mut out = vec![0; length];
        let info = [label.as_bytes(), &[0], &hh].concat();
        expand.1.expand(&info, &mut out).unwrap();
        hex(&out)
    };
    let opener = Opener::new(
        Manifest::parse(&sealed.manifest.encode())
            .unwrap()
            .verify(&mesh.sender.signing_key())
            .unwrap(),
        &mesh.recipient.sealing,
        &sealed.sealed_r,
        &sealed.sealed_c,
    )
    .unwrap();
    let mut ask = mesh.ask(sealed.manifest.hash(), plan.suite);
    if plan.kind == MessageKind::ContactBox {
        let body = MatchStatement {
            manifest_hash: sealed.manifest.hash(),
            matched_at: ask.at,
        };
        ask.match_statement = Some(Signed::sign(body, &match_key()));
    }
    let match_statement = ask
        .match_statement
        .as_ref()
        .map(|statement| hex(&statement.encode()));
    let (request_id, receipt) = (ask.request_id, ask.receipt.encode());
    let request_randomness = Recorder::new(plan.seed + 2000);
    let (request, pending) = opener
        .request(ask, &mesh.recipient.signing, &request_randomness)
        .unwrap();
    let handle = Handle::from_bytes([0x66; 16]);
    let leaf_hash = hash("sluis/v1/test", &[b"leaf"]);
    let gate = mesh.verify(&request, 100).unwrap();
    let reply = gate
        .open(&mesh.gate)
        .unwrap()
        .reply(&handle, true, &leaf_hash, &mesh.randomness)
        .unwrap();
    let content = pending
        .complete(&reply)
        .unwrap()
        .content(&sealed.content)
        .unwrap();
    assert_eq!(content.attachments.len(), attachments.len());
    MessageCase {
        name: plan.name.into(),
        sender: mesh.sender.oin.to_string(),
        sender_signing_seed: hex(mesh.sender.signing.seed().as_slice()),
        sender_sealing_secret: hex(&mesh.sender.sealing.to_secret_bytes()),
        recipient: mesh.recipient.oin.to_string(),
        recipient_signing_seed: hex(mesh.recipient.signing.seed().as_slice()),
        recipient_sealing_secret: hex(&mesh.recipient.sealing.to_secret_bytes()),
        gate_secret: hex(&mesh.gate.to_secret_bytes()),
        grant_token_seed: hex(mesh.tokens.seed().as_slice()),
        receipt_seed: hex(mesh.receipts.seed().as_slice()),
        media_type: "application/fhir+json".into(),
        based_on: hex(&plan.based_on.map_or([0; 16], |id| *id.as_bytes())),
        purposes: scope().purposes().bits(),
        life_domains: scope().life_domains().bits(),
        data_kinds: scope().data_kinds().bits(),
        body: hex(plan.body),
        body_times: plan.body_times,
        attachments,
        r: hex(&r),
        c: hex(&c),
        salt: hex(&salt),
        header: hex(&sealed.manifest.header().encode()),
        header_hash: hex(&hh),
        prk: hex(&expand.0),
        chunk_key: derived("sluis/v1/chunk-key", 32),
        chunk_nonce_prefix: derived("sluis/v1/chunk-nonce", 7),
        grant_token: hex(&mesh.token().encode()),
        manifest: hex(&sealed.manifest.encode()),
        manifest_hash: hex(&sealed.manifest.hash()),
        sealed_r: hex(&sealed.sealed_r),
        sealed_c: hex(&sealed.sealed_c),
        content: hex(&sealed.content),
        submitted_at: NOW.micros(),
        receipt: hex(&receipt),
        match_statement,
        match_seed: hex(match_key().seed().as_slice()),
        opened_at: Timestamp::from_seconds(NOW.seconds() + 100).micros(),
        caller: mesh.recipient.oin.to_string(),
        jwt: JWT.into(),
        jwt_hash: hex(&jwt_hash(JWT)),
        request_id: hex(request_id.as_bytes()),
        request_suite: plan.suite.number(),
        request_secret: hex(&request_randomness.given(0)),
        request_hash: hex(&OpenRequest::parse(&request).unwrap().hash()),
        open_request: hex(&request),
        leaf_hash: hex(&leaf_hash),
        handle: hex(handle.as_bytes()),
        assisted: true,
        open_reply: hex(&reply),
        self_copy: hex(&sealed.self_copy.unwrap()),
    }
}
