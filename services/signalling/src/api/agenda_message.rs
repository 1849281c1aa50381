//! An item's messages on their way in: read and verified as a referral's are, and not yet believed to be live.

use sluis_envelope::{GrantToken, Manifest, Signed, SubmissionReceipt};
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1 as proto;
use sluis_serve::Refusal;
use sluis_types::{MessageKind, Oin};

use crate::context::{Context, Partner, verify_by};
use crate::domain::meeting::{Consent, INVITED_MAX};
use crate::error::{malformed, of_envelope, of_key};
use crate::store::agenda::{AgendaMessage, MESSAGE_BYTES_MAX};

/// How far ahead of ours the sender's clock may be.
const SKEW: std::time::Duration = std::time::Duration::from_mins(1);
/// Longest content, padded and sealed.
const CONTENT_BYTES_MAX: usize = 6 * 1024;

/// A message that the caller signed, for a recipient whose grant consent's token names.
pub(super) struct Told {
    pub(super) message: AgendaMessage,
    /// None where consent signed no token that is valid now and lets this message through.
    pub(super) consent: Option<Consent>,
}

/// Verifies everything about the messages that needs no database.
pub(super) fn verify(
    context: &Context,
    partner: &Partner,
    messages: &[proto::SealedAgendaMessage],
) -> Result<Vec<Told>, Refusal> {
    if messages.len() > INVITED_MAX {
        return Err(Refusal::invalid_field("messages", "are too many"));
    }
    messages
        .iter()
        .map(|message| verify_one(context, partner, message))
        .collect()
}

fn verify_one(
    context: &Context,
    partner: &Partner,
    message: &proto::SealedAgendaMessage,
) -> Result<Told, Refusal> {
    let wrong = |fault| Refusal::invalid_field("messages", fault);
    let (now, sender) = (partner.now, partner.organisation());
    if message.content.len() > CONTENT_BYTES_MAX {
        return Err(wrong("must be 6 KiB at most"));
    }
    let manifest = Manifest::parse(&message.manifest).map_err(malformed)?;
    // Sender, caller and signer are one: the key is looked up under the caller.
    let keys = context.directory.organisation(&sender)?;
    let keys = keys.ok_or_else(|| Refusal::new(ErrorReason::KeyRefused))?;
    if manifest.header().sender() != sender {
        return Err(Refusal::new(ErrorReason::BadSignature));
    }
    let signing_key = manifest.header().signing_key_id();
    let key = keys.keys.signing_key(&signing_key, now).map_err(of_key)?;
    let manifest = manifest.verify(&key).map_err(of_envelope)?;
    manifest.check_sealed_r(&message.sealed_r).map_err(of_envelope)?;
    manifest.check_sealed_c(&message.sealed_c).map_err(of_envelope)?;
    manifest.check_content(&message.content).map_err(of_envelope)?;
    let header = manifest.header();
    if header.kind() != MessageKind::AgendaItem || header.replaces().is_some() {
        return Err(wrong("must be agenda items"));
    }
    if !manifest.blobs().is_empty() {
        return Err(wrong("must have no attachments"));
    }
    if header.created() > now.plus(SKEW) {
        return Err(Refusal::new(ErrorReason::ClockSkew));
    }
    if header.expires() <= now {
        return Err(wrong("must not have expired"));
    }
    check_recipient(context, header.recipient(), &header.sealing_key_id())?;
    // Decided in the transaction: an item that was put on before is answered though its token is over.
    let token = Signed::<GrantToken>::parse(&message.grant_token).map_err(malformed)?;
    let token = verify_by(token, &context.consent_keys.grant_token, now).ok();
    let permits = token.is_some_and(|token| token.permits(&manifest).is_ok());
    let receipt = SubmissionReceipt {
        manifest_hash: manifest.hash(),
        received_at: now,
    };
    let told = Told {
        consent: permits.then(|| Consent {
            grant: header.grant_id(),
            version: header.grant_version(),
        }),
        message: AgendaMessage {
            recipient: header.recipient(),
            manifest: message.manifest.to_vec(),
            sealed_r: message.sealed_r.to_vec(),
            sealed_c: message.sealed_c.to_vec(),
            content: message.content.to_vec(),
            receipt: Signed::sign(receipt, &context.receipt_key).encode(),
        },
    };
    if told.message.len() > MESSAGE_BYTES_MAX {
        return Err(wrong("are too long"));
    }
    Ok(told)
}

/// The recipient is in the mesh, and the message is sealed to a key of theirs that they have not revoked.
fn check_recipient(
    context: &Context,
    recipient: Oin,
    sealing_key: &sluis_types::KeyId,
) -> Result<(), Refusal> {
    let recipient = context.directory.organisation(&recipient)?;
    let recipient = recipient.ok_or_else(Refusal::not_available)?;
    let mut entries = recipient.keys.entries().iter();
    let entry = entries.find(|entry| entry.id() == *sealing_key);
    let is_good = entry.is_some_and(|entry| entry.revoked_at.is_none())
        && recipient.keys.sealing_key(sealing_key).is_some();
    if is_good {
        Ok(())
    } else {
        Err(Refusal::new(ErrorReason::KeyRefused))
    }
}
