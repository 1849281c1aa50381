//! `seal`: keys, a grant token and a message, opened once.

use std::time::Duration;

use serde_json::{Value, json};
use sluis_envelope::{
    AskToOpen, AttachmentDraft, BlobSealer, ContentDraft, Draft, FileName, GateKeyPair, GrantToken, KeyKind,
    MediaType, SealedBlob, SealedEnvelope, SealedHandle, Sealer, Signed, SigningKey, SubmissionReceipt,
    Verified, jwt_hash,
};
use sluis_types::{
    DataKind, GrantId, Handle, MessageId, MessageKind, OsRandomness, Priority, Randomness, RequestId,
    ThreadId, Timestamp,
};
use zeroize::Zeroizing;

use crate::Failure;
use crate::fields::{Fields, hex};
use crate::parties::{Fixed, LEAF_HASH, Organisation, Parties, Release};

const JWT: &str = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJwcm9mZXNzaW9uYWwifQ.c2lnbmF0dXJl";

fn attach(message_id: MessageId, file: &Fields) -> Result<(SealedBlob, Value), Failure> {
    let bytes = file.bytes("bytes")?;
    let draft = AttachmentDraft {
        name: FileName::new(file.text("name")?)?,
        media_type: MediaType::new(file.text("media_type")?)?,
        data_kind: DataKind::from_number(u8::try_from(file.number("data_kind")?)?)?,
        length: u32::try_from(bytes.len())?,
    };
    let mut sealer = BlobSealer::new(message_id, draft, &OsRandomness)?;
    let mut ciphertext = Vec::new();
    for piece in bytes.chunks(10_000) {
        ciphertext.extend(sealer.update(piece)?);
    }
    let (last, sealed) = sealer.finish()?;
    ciphertext.extend(last);
    let ciphertext = hex(ciphertext);
    Ok((sealed, json!({ "ciphertext": ciphertext })))
}

pub(crate) fn seal(plan: &Fields) -> Result<Value, Failure> {
    let (now, suite) = (plan.time("now")?, plan.suite("suite")?);
    let x25519_only = plan.get("x25519_only")? == &Value::Bool(true);
    let gate = GateKeyPair::generate(&OsRandomness);
    let parties = Parties {
        sender: Organisation::new(plan.oin("sender")?, x25519_only),
        recipient: Organisation::new(plan.oin("recipient")?, x25519_only),
        gate: if x25519_only {
            gate.into_x25519_only()
        } else {
            gate
        },
        tokens: SigningKey::generate(KeyKind::GrantToken, &OsRandomness),
        receipts: SigningKey::generate(KeyKind::Receipt, &OsRandomness),
    };
    let token = grant_token(&parties, now)?;
    let draft = Draft {
        message_id: MessageId::fresh(now, &OsRandomness),
        thread_id: ThreadId::random(&OsRandomness),
        kind: MessageKind::Referral,
        priority: Priority::Urgent,
        replaces: None,
        respond_by: Some(now.plus(Duration::from_hours(72))),
        created: now,
        expires: now.plus(Duration::from_hours(24 * 30)),
        extensions: Vec::new(),
    };
    let content = ContentDraft {
        media_type: MediaType::new(plan.text("media_type")?)?,
        based_on: None,
        scope: plan.scope()?,
        body: Zeroizing::new(plan.bytes("body")?),
    };
    let attached = plan
        .list("attachments")?
        .iter()
        .map(|file| attach(draft.message_id, file))
        .collect::<Result<Vec<_>, _>>()?;
    let (blobs, attachments): (Vec<_>, Vec<_>) = attached.into_iter().unzip();
    let to = parties.recipient.key(parties.recipient.sealing.public());
    let sealer = Sealer::new(draft, &token, &to, &parties.sender.signing)?
        .suites(suite, suite)
        .keep_copy(parties.sender.sealing.public());
    let sealed = blobs
        .into_iter()
        .fold(sealer, Sealer::attach)
        .seal(content, &OsRandomness)?;

    let mut answer = submitted(&token, &sealed, &attachments)?;
    answer.extend(told(&parties)?);
    answer.extend(opened_once(&parties, &sealed, now)?);
    Ok(answer.into())
}

type Object = serde_json::Map<String, Value>;

/// The members of a `json!` object.
fn object(value: Value) -> Result<Object, Failure> {
    Ok(serde_json::from_value(value)?)
}

/// The parties' keys, and a handle for the recipient.
fn told(parties: &Parties) -> Result<Object, Failure> {
    let handle = Handle::random(&OsRandomness);
    let to = parties.recipient.key(parties.recipient.sealing.public());
    object(json!({
        "sender": parties.sender.oin.to_string(),
        "recipient": parties.recipient.oin.to_string(),
        "caller": parties.recipient.oin.to_string(),
        "sender_signing_seed": hex(parties.sender.signing.seed().as_slice()),
        "sender_sealing_secret": hex(parties.sender.sealing.to_secret_bytes()),
        "recipient_signing_seed": hex(parties.recipient.signing.seed().as_slice()),
        "recipient_sealing_secret": hex(parties.recipient.sealing.to_secret_bytes()),
        "gate_secret": hex(parties.gate.to_secret_bytes()),
        "grant_token_seed": hex(parties.tokens.seed().as_slice()),
        "receipt_seed": hex(parties.receipts.seed().as_slice()),
        "sealed_handle": hex(SealedHandle::seal(&handle, &to, &OsRandomness)?),
        "handle_inside": hex(handle.as_bytes()),
    }))
}

fn submitted(
    token: &Verified<GrantToken>,
    sealed: &SealedEnvelope,
    attachments: &[Value],
) -> Result<Object, Failure> {
    object(json!({
        "grant_token": hex(token.encode()),
        "manifest": hex(sealed.manifest.encode()),
        "sealed_r": hex(&sealed.sealed_r),
        "sealed_c": hex(&sealed.sealed_c),
        "content": hex(&sealed.content),
        "attachments": attachments,
        "self_copy": hex(sealed.self_copy.as_ref().ok_or("no self copy")?),
    }))
}

fn grant_token(parties: &Parties, now: Timestamp) -> Result<Verified<GrantToken>, Failure> {
    let token = GrantToken {
        grant_id: GrantId::random(&OsRandomness),
        grant_version: 7,
        sender: parties.sender.oin,
        recipient: parties.recipient.oin,
        gate_key: parties.gate.public().clone(),
        issued_at: now,
        not_after: now.plus(Duration::from_mins(10)),
    };
    Ok(Signed::sign(token, &parties.tokens).verify(parties.tokens.verifying_key(), now)?)
}

/// Receipt, open request and open reply for a message that was just sealed.
fn opened_once(parties: &Parties, sealed: &SealedEnvelope, now: Timestamp) -> Result<Object, Failure> {
    let manifest = &sealed.manifest;
    let receipt = SubmissionReceipt {
        manifest_hash: manifest.hash(),
        received_at: now,
    };
    let receipt = Signed::sign(receipt, &parties.receipts);
    let encoded = receipt.encode();
    let suite = manifest.header().suite_r();
    let ask = AskToOpen {
        request_id: RequestId::random(&OsRandomness),
        at: now,
        jwt_hash: jwt_hash(JWT),
        receipt,
        match_statement: None,
        suite,
    };
    let mut secret = [0; 32];
    OsRandomness.fill(&mut secret);
    let opener = parties.opener(&manifest.encode(), &sealed.sealed_r, &sealed.sealed_c)?;
    let (request, _) = opener.request(ask, &parties.recipient.signing, &Fixed(secret))?;
    let release = Release {
        handle: Handle::random(&OsRandomness),
        assisted: true,
    };
    let reply = parties.reply(&request, JWT, now, &release)?;
    object(json!({
        "submitted_at": now.micros(),
        "opened_at": now.micros(),
        "receipt": hex(encoded),
        "jwt": JWT,
        "request_suite": suite.number(),
        "request_secret": hex(secret),
        "open_request": hex(request),
        "leaf_hash": hex(LEAF_HASH),
        "handle": hex(release.handle.as_bytes()),
        "assisted": release.assisted,
        "open_reply": hex(reply),
    }))
}
