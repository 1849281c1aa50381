//! `open`: a message that another program sealed.

use serde_json::{Value, json};
use sluis_envelope::{
    AskToOpen, Content, GateKeyPair, GrantToken, KeyKind, OpenRequest, OpenedMessage, SealedHandle, SelfCopy,
    Signed, jwt_hash,
};
use sluis_types::{Handle, OsRandomness, RequestId};

use crate::Failure;
use crate::fields::{Fields, hex};
use crate::parties::{Fixed, LEAF_HASH, Organisation, Parties, Release};

pub(crate) fn open(case: &Fields) -> Result<Value, Failure> {
    let parties = Parties {
        sender: Organisation::read(case, "sender")?,
        recipient: Organisation::read(case, "recipient")?,
        gate: GateKeyPair::from_secret_bytes(&case.bytes("gate_secret")?)?,
        tokens: case.signing_key("grant_token_seed", KeyKind::GrantToken)?,
        receipts: case.signing_key("receipt_seed", KeyKind::Receipt)?,
    };
    let (manifest, ciphertext) = (case.bytes("manifest")?, case.bytes("content")?);
    let (sealed_r, sealed_c) = (case.bytes("sealed_r")?, case.bytes("sealed_c")?);
    Signed::<GrantToken>::parse(&case.bytes("grant_token")?)?
        .verify(parties.tokens.verifying_key(), case.time("submitted_at")?)?
        .permits(&parties.manifest(&manifest)?)?;
    let (now, jwt) = (case.time("opened_at")?, case.text("jwt")?);
    let release = Release {
        handle: Handle::from_bytes(case.array("handle")?),
        assisted: case.get("assisted")? == &Value::Bool(true),
    };
    let ask = |request_id, suite| -> Result<AskToOpen, Failure> {
        Ok(AskToOpen {
            request_id,
            at: now,
            jwt_hash: jwt_hash(jwt),
            receipt: Signed::parse(&case.bytes("receipt")?)?,
            match_statement: None,
            suite,
        })
    };
    let signer = &parties.recipient.signing;

    // The reply of the gate at hand to the request of the recipient at hand.
    let own = ask(RequestId::random(&OsRandomness), case.suite("request_suite")?)?;
    let (request, pending) =
        parties
            .opener(&manifest, &sealed_r, &sealed_c)?
            .request(own, signer, &OsRandomness)?;
    let opened = pending.complete(&parties.reply(&request, jwt, now, &release)?)?;

    // The other program's reply to the other program's request.
    let theirs = OpenRequest::parse(&case.bytes("open_request")?)?;
    let again = ask(theirs.request_id(), case.suite("request_suite")?)?;
    let (request, pending) = parties.opener(&manifest, &sealed_r, &sealed_c)?.request(
        again,
        signer,
        &Fixed(case.array("request_secret")?),
    )?;
    if request != theirs.encode() {
        return Err("the open request made again is another".into());
    }
    let opened_by_theirs = pending.complete(&case.bytes("open_reply")?)?;

    let copy = SelfCopy::open(
        &case.bytes("self_copy")?,
        &parties.sender.sealing,
        parties.sender.signing.verifying_key(),
    )?;
    let handle = SealedHandle::parse(&case.bytes("sealed_handle")?)?
        .open(parties.recipient.oin, &parties.recipient.sealing)?;
    Ok(json!({
        "opened": told(case, &opened, &ciphertext)?,
        "opened_by_their_gate": told(case, &opened_by_theirs, &ciphertext)?,
        "copied_header": hex(copy.header.encode()),
        "copied_body": hex(&copy.content.body),
        "handle_inside": hex(handle.as_bytes()),
        // The reply of the gate at hand to the other program's request.
        "open_reply": hex(parties.reply(&request, jwt, now, &release)?),
        "leaf_hash": hex(LEAF_HASH),
    }))
}

/// All that a recipient learns.
fn told(case: &Fields, opened: &OpenedMessage, ciphertext: &[u8]) -> Result<Value, Failure> {
    let content = opened.content(ciphertext)?;
    Ok(json!({
        "media_type": content.media_type.as_str(),
        "based_on": content.based_on.map(|id| hex(id.as_bytes())),
        "purposes": content.scope.purposes().bits(),
        "life_domains": content.scope.life_domains().bits(),
        "data_kinds": content.scope.data_kinds().bits(),
        "body": hex(&content.body),
        "handle": hex(opened.handle().as_bytes()),
        "assisted": opened.assisted(),
        "attachments": files(case, opened, &content)?,
    }))
}

fn files(case: &Fields, opened: &OpenedMessage, content: &Content) -> Result<Vec<Value>, Failure> {
    let mut files = Vec::new();
    for (attachment, given) in content.attachments.iter().zip(case.list("attachments")?) {
        let mut opener = opened.blob_opener(attachment)?;
        let mut bytes = Vec::new();
        for piece in given.bytes("ciphertext")?.chunks(10_000) {
            bytes.extend_from_slice(&opener.update(piece)?);
        }
        opener.finish()?;
        files.push(json!({
            "name": attachment.name().as_str(),
            "media_type": attachment.media_type().as_str(),
            "data_kind": attachment.data_kind().number(),
            "bytes": hex(bytes),
        }));
    }
    Ok(files)
}
