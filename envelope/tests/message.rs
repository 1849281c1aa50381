//! A message from one end to the other, and what must not open it.

use sluis_envelope::{
    Content, EnvelopeError, FormatError, GateError, GateKeyPair, Manifest, OpenedMessage, Opener,
    SealedEnvelope, Sealer, SealingKeyPair, SelfCopy, Suite, limits, operation_counts,
};
use sluis_types::{Handle, MessageId};

use crate::mesh::{Mesh, NOW, content, scope};

const SUITES: [Suite; 2] = [Suite::X25519, Suite::XWing];

fn opener(mesh: &Mesh, sealed: &SealedEnvelope) -> Result<Opener, EnvelopeError> {
    let manifest = Manifest::parse(&sealed.manifest.encode())?.verify(&mesh.sender.signing_key())?;
    Opener::new(
        manifest,
        &mesh.recipient.sealing,
        &sealed.sealed_r,
        &sealed.sealed_c,
    )
}

fn open(mesh: &Mesh, sealed: &SealedEnvelope, suite: Suite) -> OpenedMessage {
    let ask = mesh.ask(sealed.manifest.hash(), suite);
    let (request, pending) = opener(mesh, sealed)
        .unwrap()
        .request(ask, &mesh.recipient.signing, &mesh.randomness)
        .unwrap();
    let gate = mesh.verify(&request, 100).unwrap().open(&mesh.gate).unwrap();
    assert_eq!(*gate.scope(), scope());
    let handle = Handle::from_bytes([9; 16]);
    let reply = gate.reply(&handle, true, &[5; 32], &mesh.randomness).unwrap();
    assert!(request.len() <= limits::OPEN_REQUEST_BYTES_MAX && reply.len() <= limits::OPEN_REPLY_BYTES_MAX);
    pending.complete(&reply).unwrap()
}

#[test]
fn what_goes_in_comes_out_with_both_suites() {
    let mesh = Mesh::new(1);
    for suite in SUITES {
        let draft = mesh.draft();
        let plan: Vec<u8> = (0..200_000_u32).map(|index| index.to_be_bytes()[3]).collect();
        let (ciphertext, blob) = mesh.attachment(draft.message_id, &plan);
        assert_eq!(ciphertext.len(), blob.entry().ciphertext_length() as usize);
        let sealed = mesh.seal(draft, suite, content(b"ik wil, ik kan, ik heb nodig"), vec![blob]);
        let opened = open(&mesh, &sealed, suite);
        assert_eq!(*opened.scope(), scope());
        assert_eq!(opened.handle().expose(), Handle::from_bytes([9; 16]).expose());
        assert!(opened.assisted());
        assert_eq!(*opened.leaf_hash(), [5; 32]);
        let content = opened.content(&sealed.content).unwrap();
        assert_eq!(content.body.as_slice(), b"ik wil, ik kan, ik heb nodig");
        assert_eq!(content.attachments[0].name().as_str(), "plan.pdf");
        let mut out = Vec::new();
        let mut blob = opened.blob_opener(&content.attachments[0]).unwrap();
        for piece in ciphertext.chunks(7_777) {
            out.extend_from_slice(&blob.update(piece).unwrap());
        }
        blob.finish().unwrap();
        assert!(out == plan);
    }
}

#[test]
fn attachments_of_every_shape_come_back() {
    let mesh = Mesh::new(2);
    for length in [0, 1, 256, 65_535, 65_536, 65_537, 131_072, 1_000_000] {
        let draft = mesh.draft();
        let bytes = vec![7; length];
        let (ciphertext, blob) = mesh.attachment(draft.message_id, &bytes);
        let sealed = mesh.seal(draft, Suite::X25519, content(b"x"), vec![blob]);
        let opened = open(&mesh, &sealed, Suite::X25519);
        let content = opened.content(&sealed.content).unwrap();
        let mut blob = opened.blob_opener(&content.attachments[0]).unwrap();
        let out = blob.update(&ciphertext).unwrap();
        assert!(*out == bytes, "{length}");
        blob.finish().unwrap();
        // Short, long and changed ciphertexts are noticed.
        let opener = || opened.blob_opener(&content.attachments[0]).unwrap();
        let mut short = opener();
        short.update(&ciphertext[..ciphertext.len() - 1]).unwrap();
        assert_eq!(short.finish(), Err(EnvelopeError::CiphertextMismatch));
        let longer = [&ciphertext[..], &[0]].concat();
        assert_eq!(
            opener().update(&longer).unwrap_err(),
            EnvelopeError::CiphertextMismatch
        );
        let mut changed = ciphertext.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(opener().update(&changed).unwrap_err(), EnvelopeError::CannotOpen);
    }
}

#[test]
fn an_attachment_of_another_length_than_announced_is_not_sealed() {
    use sluis_envelope::{AttachmentDraft, BlobSealer, FileName, MediaType};
    let mesh = Mesh::new(3);
    let sealer = |length| {
        let draft = AttachmentDraft {
            name: FileName::new("a").unwrap(),
            media_type: MediaType::new("text/plain").unwrap(),
            data_kind: sluis_types::DataKind::Plan,
            length,
        };
        BlobSealer::new(mesh.draft().message_id, draft, &mesh.randomness)
    };
    let field = EnvelopeError::Draft { field: "attachment" };
    assert_eq!(sealer(limits::BLOB_BYTES_MAX + 1).err(), Some(field));
    let mut one = sealer(1).unwrap();
    assert_eq!(one.update(b"ab").unwrap_err(), field);
    assert_eq!(sealer(1).unwrap().finish().unwrap_err(), field);
}

#[test]
fn the_largest_message_fits_and_a_larger_one_is_refused() {
    let mesh = Mesh::new(4);
    let body = vec![1; limits::BODY_BYTES_MAX as usize];
    let sealed = mesh.seal(mesh.draft(), Suite::XWing, content(&body), vec![]);
    assert!(sealed.content.len() <= limits::CONTENT_CIPHERTEXT_MAX as usize);
    assert!(
        *open(&mesh, &sealed, Suite::XWing)
            .content(&sealed.content)
            .unwrap()
            .body
            == body
    );
    let (token, key) = (mesh.token(), mesh.recipient.sealing_key());
    let sealer = Sealer::new(mesh.draft(), &token, &key, &mesh.sender.signing).unwrap();
    let larger = content(&vec![1; body.len() + 1]);
    assert_eq!(
        sealer.seal(larger, &mesh.randomness).unwrap_err(),
        EnvelopeError::Draft { field: "body" }
    );
}

#[test]
fn a_sealer_refuses_what_a_reader_would() {
    let mesh = Mesh::new(5);
    let (token, key, stranger) = (
        mesh.token(),
        mesh.recipient.sealing_key(),
        mesh.stranger.sealing_key(),
    );
    let seal = |change: &dyn Fn(&mut sluis_envelope::Draft)| {
        let mut draft = mesh.draft();
        change(&mut draft);
        let sealer = Sealer::new(draft, &token, &key, &mesh.sender.signing).unwrap();
        sealer
            .seal(content(b"x"), &mesh.randomness)
            .map(|_| ())
            .unwrap_err()
    };
    for (name, error) in [
        ("expires", seal(&|draft| draft.expires = NOW)),
        (
            "expires",
            seal(&|draft| draft.expires = NOW.plus(std::time::Duration::from_hours(367 * 24))),
        ),
        ("respond by", seal(&|draft| draft.respond_by = Some(NOW))),
        (
            "message id",
            seal(&|draft| draft.message_id = MessageId::from_bytes([0xff; 16])),
        ),
        ("replaces", seal(&|draft| draft.replaces = Some(draft.message_id))),
    ] {
        assert_eq!(error, sluis_envelope::FormatError::Invalid { field: name }.into());
    }
    assert_eq!(
        Sealer::new(mesh.draft(), &token, &stranger, &mesh.sender.signing).err(),
        Some(EnvelopeError::WrongOrganisation)
    );
    assert_eq!(
        Sealer::new(mesh.draft(), &token, &key, &mesh.tokens).err(),
        Some(EnvelopeError::WrongKey)
    );
    // An attachment that was sealed for another message.
    let (_, blob) = mesh.attachment(mesh.draft().message_id, b"x");
    let sealer = Sealer::new(mesh.draft(), &token, &key, &mesh.sender.signing).unwrap();
    assert_eq!(
        sealer
            .attach(blob)
            .seal(content(b"x"), &mesh.randomness)
            .unwrap_err(),
        EnvelopeError::Draft { field: "attachments" }
    );
}

#[test]
fn a_key_without_x_wing_gets_x25519() {
    let mut mesh = Mesh::new(6);
    mesh.recipient.sealing = SealingKeyPair::generate(&mesh.randomness).into_x25519_only();
    let (token, key) = (mesh.token(), mesh.recipient.sealing_key());
    let sealer = Sealer::new(mesh.draft(), &token, &key, &mesh.sender.signing).unwrap();
    let sealed = sealer.seal(content(b"x"), &mesh.randomness).unwrap();
    assert_eq!(sealed.manifest.header().suite_r(), Suite::X25519);
    assert_eq!(sealed.manifest.header().suite_c(), Suite::XWing);
    assert!(
        open(&mesh, &sealed, Suite::XWing)
            .content(&sealed.content)
            .is_ok()
    );
    let sealer = Sealer::new(mesh.draft(), &token, &key, &mesh.sender.signing).unwrap();
    let forced = sealer
        .suites(Suite::XWing, Suite::XWing)
        .seal(content(b"x"), &mesh.randomness);
    assert_eq!(forced.unwrap_err(), EnvelopeError::Suite);
}

#[test]
fn a_sender_reads_its_own_copy_and_nobody_elses() {
    let mesh = Mesh::new(7);
    let draft = mesh.draft();
    let (ciphertext, blob) = mesh.attachment(draft.message_id, b"the plan");
    let sealed = mesh.seal(draft, Suite::XWing, content(b"body"), vec![blob]);
    let copy = sealed.self_copy.clone().unwrap();
    let own = mesh.sender.signing.verifying_key();
    let kept = SelfCopy::open(&copy, &mesh.sender.sealing, own).unwrap();
    assert_eq!(kept.header, *sealed.manifest.header());
    assert_eq!(kept.content.body.as_slice(), b"body");
    let mut blob = kept
        .blob_opener(&kept.content.attachments[0], &sealed.blobs[0])
        .unwrap();
    assert_eq!(blob.update(&ciphertext).unwrap().as_slice(), b"the plan");
    blob.finish().unwrap();
    assert_eq!(
        SelfCopy::open(&copy, &mesh.recipient.sealing, own).unwrap_err(),
        EnvelopeError::WrongKey
    );
    let other = mesh.recipient.signing.verifying_key();
    assert_eq!(
        SelfCopy::open(&copy, &mesh.sender.sealing, other).unwrap_err(),
        EnvelopeError::WrongKey
    );
    for at in [0, 40, 60, 100, copy.len() - 70, copy.len() - 1] {
        let mut changed = copy.clone();
        changed[at] ^= 1;
        assert!(
            SelfCopy::open(&changed, &mesh.sender.sealing, own).is_err(),
            "{at}"
        );
    }
}

#[test]
fn message_ids_that_are_no_message_ids_are_refused_inside_too() {
    let mesh = Mesh::new(7);
    let sealed = mesh.seal(mesh.draft(), Suite::X25519, content(b"body"), vec![]);
    let copy = sealed.self_copy.unwrap();
    let own = mesh.sender.signing.verifying_key();
    let kept = SelfCopy::open(&copy, &mesh.sender.sealing, own).unwrap();
    let mut inner = kept.content.encode();
    assert!(Content::parse(&inner).is_ok());
    let based_on = 4 + 1 + kept.content.media_type.as_str().len();
    inner[based_on..based_on + 16].fill(0x33);
    assert_eq!(
        Content::parse(&inner).unwrap_err(),
        FormatError::Invalid { field: "based on" }
    );
    let mut changed = copy;
    changed[34 + 6] ^= 0x30;
    assert!(matches!(
        SelfCopy::open(&changed, &mesh.sender.sealing, own),
        Err(EnvelopeError::Format(_))
    ));

    let (token, key) = (mesh.token(), mesh.recipient.sealing_key());
    let sealer = Sealer::new(mesh.draft(), &token, &key, &mesh.sender.signing).unwrap();
    let mut draft = content(b"body");
    draft.based_on = Some(MessageId::from_bytes([0x33; 16]));
    assert_eq!(
        sealer.seal(draft, &mesh.randomness).unwrap_err(),
        EnvelopeError::Draft { field: "based on" }
    );
}

#[test]
fn a_refusal_costs_what_an_opening_costs() {
    let mesh = Mesh::new(9);
    let sealed = mesh.seal(mesh.draft(), Suite::XWing, content(b"x"), vec![]);
    let ask = mesh.ask(sealed.manifest.hash(), Suite::XWing);
    let (request, _) = opener(&mesh, &sealed)
        .unwrap()
        .request(ask, &mesh.recipient.signing, &mesh.randomness)
        .unwrap();
    let gate = mesh.verify(&request, 100).unwrap();
    let decoy = GateKeyPair::generate(&mesh.randomness);
    let start = operation_counts();
    let opened = gate.open(&mesh.gate).unwrap();
    opened
        .reply(&Handle::from_bytes([1; 16]), false, &[0; 32], &mesh.randomness)
        .unwrap();
    let after_opening = operation_counts();
    gate.spend(&decoy, &mesh.randomness);
    let after_refusal = operation_counts();
    // Other tests of this process may count too when they are run as threads: then at least as much.
    assert!(after_opening.hpke_open > start.hpke_open && after_opening.hpke_seal > start.hpke_seal);
    assert!(after_refusal.hpke_open > after_opening.hpke_open);
    assert!(after_refusal.hpke_seal > after_opening.hpke_seal);
}

#[test]
fn one_reply_opens_one_request_only() {
    let mesh = Mesh::new(10);
    let sealed = mesh.seal(mesh.draft(), Suite::X25519, content(b"x"), vec![]);
    let ask = || mesh.ask(sealed.manifest.hash(), Suite::X25519);
    let request = |opener: Opener| {
        opener
            .request(ask(), &mesh.recipient.signing, &mesh.randomness)
            .unwrap()
    };
    let (first, pending) = request(opener(&mesh, &sealed).unwrap());
    let reply = mesh
        .verify(&first, 100)
        .unwrap()
        .open(&mesh.gate)
        .unwrap()
        .reply(&Handle::from_bytes([1; 16]), false, &[2; 32], &mesh.randomness)
        .unwrap();
    assert!(pending.complete(&reply).is_ok());
    for at in [2, 33, 34, 70, reply.len() - 1] {
        let mut changed = reply.clone();
        changed[at] ^= 1;
        assert_eq!(
            pending.complete(&changed).unwrap_err(),
            EnvelopeError::CannotOpen,
            "{at}"
        );
    }
    let (_, again) = request(pending.into_opener());
    assert_eq!(again.complete(&reply).unwrap_err(), EnvelopeError::CannotOpen);
}

#[test]
fn a_gate_checks_caller_moment_and_expiry() {
    let mesh = Mesh::new(11);
    let sealed = mesh.seal(mesh.draft(), Suite::X25519, content(b"x"), vec![]);
    let (request, _) = opener(&mesh, &sealed)
        .unwrap()
        .request(
            mesh.ask(sealed.manifest.hash(), Suite::X25519),
            &mesh.recipient.signing,
            &mesh.randomness,
        )
        .unwrap();
    assert!(mesh.verify(&request, 40).is_ok() && mesh.verify(&request, 160).is_ok());
    assert_eq!(mesh.verify(&request, 39).unwrap_err(), GateError::Stale);
    assert_eq!(mesh.verify(&request, 161).unwrap_err(), GateError::Stale);
    let mut draft = mesh.draft();
    draft.expires = NOW.plus(std::time::Duration::from_mins(2));
    draft.respond_by = None;
    let short = mesh.seal(draft, Suite::X25519, content(b"x"), vec![]);
    let ask = mesh.ask(short.manifest.hash(), Suite::X25519);
    let (request, _) = opener(&mesh, &short)
        .unwrap()
        .request(ask, &mesh.recipient.signing, &mesh.randomness)
        .unwrap();
    assert!(mesh.verify(&request, 119).is_ok());
    assert_eq!(mesh.verify(&request, 120).unwrap_err(), GateError::Expired);
}

#[test]
fn nothing_secret_prints() {
    let mesh = Mesh::new(12);
    let draft = mesh.draft();
    let (_, blob) = mesh.attachment(draft.message_id, b"attached secret");
    let sealed = mesh.seal(draft, Suite::X25519, content(b"body secret"), vec![blob]);
    let opened = open(&mesh, &sealed, Suite::X25519);
    let content = opened.content(&sealed.content).unwrap();
    let printed = format!("{opened:?} {content:?} {:?} {:?}", content.attachments, mesh.gate);
    for secret in ["body", "secret", "plan.pdf", "98, 111", "0909"] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
}
