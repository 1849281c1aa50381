//! Opens a case step by step, with the public interface only.

use sluis_envelope::{
    AskToOpen, GateKeyPair, GrantToken, KeyKind, Manifest, OpenCheck, OpenRequest, OpenedMessage, Opener,
    OrganisationKey, SealingKeyPair, SelfCopy, Signed, SigningKey, Suite, VerifiedManifest, jwt_hash,
};
use sluis_types::{Oin, RequestId, Timestamp};

use super::case::MessageCase;
use super::{Fixed, error_name, hex, unhex, unhex_array};

/// Which step refused, and the name of its error.
pub(crate) type Refused = (&'static str, String);

fn at<E: std::fmt::Debug>(step: &'static str) -> impl Fn(E) -> Refused {
    move |error| (step, error_name(&error))
}

fn signing(kind: KeyKind, seed: &str) -> SigningKey {
    SigningKey::from_seed(kind, &unhex_array(seed))
}

fn organisation_key(oin: &str, seed: &str) -> OrganisationKey {
    OrganisationKey {
        organisation: oin.parse().unwrap(),
        key: signing(KeyKind::Signing, seed).verifying_key().clone(),
    }
}

/// Runs all steps: manifest, submit, share, request, gate, reply, content, blob, copy.
pub(crate) fn run(case: &MessageCase) -> Result<(), Refused> {
    run_without_copy(case)?;
    kept(case)
}

/// Opens a good case with both gates.
pub(crate) fn open_case(case: &MessageCase) -> OpenedMessage {
    let sender = organisation_key(&case.sender, &case.sender_signing_seed);
    let manifest = Manifest::parse(&unhex(&case.manifest)).unwrap();
    open(case, &sender, manifest.verify(&sender).unwrap()).unwrap()
}

/// Runs all steps but the last.
pub(crate) fn run_without_copy(case: &MessageCase) -> Result<(), Refused> {
    let sender = organisation_key(&case.sender, &case.sender_signing_seed);
    let manifest = Manifest::parse(&unhex(&case.manifest)).map_err(|_| ("manifest", "Format".to_owned()))?;
    let manifest = manifest.verify(&sender).map_err(at("manifest"))?;
    submit(case, &manifest)?;
    let opened = open(case, &sender, manifest)?;
    let content = opened.content(&unhex(&case.content)).map_err(at("content"))?;
    assert_eq!(*content.body, unhex(&case.body).repeat(case.body_times));
    assert_eq!(content.media_type.as_str(), case.media_type);
    assert_eq!(
        content.based_on.map_or([0; 16], |id| *id.as_bytes()),
        unhex_array(&case.based_on)
    );
    assert_eq!(content.attachments.len(), case.attachments.len());
    for (attachment, expected) in content.attachments.iter().zip(&case.attachments) {
        assert_eq!(attachment.name().as_str(), expected.name);
        let mut opener = opened.blob_opener(attachment).map_err(at("blob"))?;
        let mut bytes = Vec::new();
        for piece in unhex(&expected.ciphertext).chunks(5000) {
            bytes.extend_from_slice(&opener.update(piece).map_err(at("blob"))?);
        }
        opener.finish().map_err(at("blob"))?;
        assert_eq!(bytes, unhex(&expected.bytes));
    }
    Ok(())
}

fn submit(case: &MessageCase, manifest: &VerifiedManifest) -> Result<(), Refused> {
    let token = Signed::<GrantToken>::parse(&unhex(&case.grant_token))
        .map_err(|_| ("submit", "Format".to_owned()))?;
    let key = signing(KeyKind::GrantToken, &case.grant_token_seed);
    token
        .verify(key.verifying_key(), Timestamp::from_micros(case.submitted_at))
        .and_then(|token| token.permits(manifest))
        .map_err(at("submit"))
}

fn open(
    case: &MessageCase,
    sender: &OrganisationKey,
    manifest: VerifiedManifest,
) -> Result<OpenedMessage, Refused> {
    let sealing = SealingKeyPair::from_secret_bytes(&unhex(&case.recipient_sealing_secret)).unwrap();
    let manifest_hash = manifest.hash();
    let opener = Opener::new(manifest, &sealing, &unhex(&case.sealed_r), &unhex(&case.sealed_c))
        .map_err(at("share"))?;
    let request =
        OpenRequest::parse(&unhex(&case.open_request)).map_err(|_| ("request", "Format".to_owned()))?;
    let asked = (request.request_id(), request.asked_at(), request.hash());
    let recipient = organisation_key(&case.recipient, &case.recipient_signing_seed);
    let gate = request
        .verify(&OpenCheck {
            recipient: &recipient,
            sender,
            receipt: signing(KeyKind::Receipt, &case.receipt_seed).verifying_key(),
            matches: Some(signing(KeyKind::Match, &case.match_seed).verifying_key()),
            caller: case.caller.parse::<Oin>().unwrap(),
            jwt_hash: &jwt_hash(&case.jwt),
            now: Timestamp::from_micros(case.opened_at),
        })
        .map_err(at("gate"))?;
    let gate_key = GateKeyPair::from_secret_bytes(&unhex(&case.gate_secret)).unwrap();
    let released = gate.open(&gate_key).map_err(at("gate"))?;
    assert_eq!(released.scope().purposes().bits(), case.purposes);

    // The recipient makes its request again from the request key, and so has what opens the reply.
    let (request_id, at_time, request_hash) = asked;
    assert_eq!(request_id, RequestId::from_bytes(unhex_array(&case.request_id)));
    let ask = AskToOpen {
        request_id,
        at: at_time,
        jwt_hash: jwt_hash(&case.jwt),
        receipt: Signed::parse(&unhex(&case.receipt)).unwrap(),
        match_statement: case
            .match_statement
            .as_ref()
            .map(|statement| Signed::parse(&unhex(statement)).unwrap()),
        suite: Suite::from_number(case.request_suite).unwrap(),
    };
    assert_eq!(ask.receipt.unverified().manifest_hash, manifest_hash);
    let signer = signing(KeyKind::Signing, &case.recipient_signing_seed);
    let (again, pending) = opener
        .request(ask, &signer, &Fixed(unhex_array(&case.request_secret)))
        .unwrap();
    assert_eq!(hex(&again), case.open_request);
    assert_eq!(hex(&request_hash), case.request_hash);
    let opened = pending.complete(&unhex(&case.open_reply)).map_err(at("reply"))?;
    assert_eq!(hex(opened.leaf_hash()), case.leaf_hash);
    assert_eq!(opened.handle().as_bytes(), &unhex_array(&case.handle));
    assert_eq!(opened.assisted(), case.assisted);
    assert_eq!(opened.scope().life_domains().bits(), case.life_domains);
    assert_eq!(opened.scope().data_kinds().bits(), case.data_kinds);
    Ok(opened)
}

fn kept(case: &MessageCase) -> Result<(), Refused> {
    let own = SealingKeyPair::from_secret_bytes(&unhex(&case.sender_sealing_secret)).unwrap();
    let signer = signing(KeyKind::Signing, &case.sender_signing_seed);
    let kept = SelfCopy::open(&unhex(&case.self_copy), &own, signer.verifying_key()).map_err(at("copy"))?;
    assert_eq!(hex(&kept.header.encode()), case.header);
    assert_eq!(*kept.content.body, unhex(&case.body).repeat(case.body_times));
    Ok(())
}
