//! Messages to measure with: the size counts, not the words.

use std::time::Duration;

use sluis_envelope::{
    ContentDraft, Draft, GrantToken, MediaType, OrganisationKey, Scope, SealedEnvelope, Sealer,
    SealingPublicKey, SigningKey, Verified,
};
use sluis_proto::referral::v1::{SealedMessage, SubmitMessageRequest};
use sluis_types::{
    CodeSet, DataKind, LifeDomain, MessageId, MessageKind, Priority, Purpose, Randomness, ThreadId, Timestamp,
};
use zeroize::Zeroizing;

use crate::error::{BenchError, failed};

const DAY: Duration = Duration::from_hours(24);

/// Under which grant and with which keys a message is sealed.
pub(crate) struct Addresses<'a> {
    pub(crate) token: &'a Verified<GrantToken>,
    pub(crate) recipient: &'a OrganisationKey<SealingPublicKey>,
    pub(crate) signing: &'a SigningKey,
}

/// What every message is about: within the grants that [`crate::mesh`] has given.
pub(crate) fn scope() -> Scope {
    Scope::new(
        CodeSet::EMPTY.with(Purpose::Referral),
        CodeSet::EMPTY.with(LifeDomain::MeaningfulDay),
        CodeSet::EMPTY.with(DataKind::Situation),
    )
    .expect("none is empty")
}

/// Plain text of this many bytes.
pub(crate) fn body(bytes: usize) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(vec![b'a'; bytes])
}

/// A referral in a fresh thread, X-Wing throughout.
pub(crate) fn seal(
    addresses: &Addresses<'_>,
    body_bytes: usize,
    now: Timestamp,
    randomness: &dyn Randomness,
) -> Result<SealedEnvelope, BenchError> {
    let draft = Draft {
        message_id: MessageId::fresh(now, randomness),
        thread_id: ThreadId::random(randomness),
        kind: MessageKind::Referral,
        priority: Priority::Routine,
        replaces: None,
        respond_by: Some(now.plus(10 * DAY)),
        created: now,
        expires: now.plus(20 * DAY),
        extensions: Vec::new(),
    };
    let content = ContentDraft {
        media_type: MediaType::new("text/plain").map_err(failed("a media type"))?,
        based_on: None,
        scope: scope(),
        body: body(body_bytes),
    };
    Sealer::new(draft, addresses.token, addresses.recipient, addresses.signing)
        .and_then(|sealer| sealer.seal(content, randomness))
        .map_err(failed("sealing"))
}

/// The request that submits it.
pub(crate) fn submission(sealed: SealedEnvelope, grant_token: &[u8]) -> SubmitMessageRequest {
    SubmitMessageRequest {
        request_id: sealed.manifest.header().message_id().to_string(),
        message: Some(SealedMessage {
            manifest: sealed.manifest.encode().into(),
            sealed_r: sealed.sealed_r.into(),
            sealed_c: sealed.sealed_c.into(),
            content: sealed.content.into(),
        }),
        grant_token: grant_token.to_vec().into(),
    }
}
