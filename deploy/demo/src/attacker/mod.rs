//! An attacker with all that a recipient and an operator have together: tries to open a message.
//!
//! It holds the recipient's private keys, all databases as raw files with free pages and write-ahead log, as they are
//! now and as a backup kept them, all key files as they are now, all traffic of the recipient, and every random byte
//! that the recipient's software drew. It also asks the live gate. What it knows of the formats it wrote from their
//! description ([`formats`]).
//!
//! That it is no straw man is shown on a message under a grant that is live: there the same code finds the bucket key
//! in its file and opens the message without asking anybody.

mod formats;
mod gate;
mod loot;
mod operator;
#[cfg(test)]
mod tests;
mod week;
mod window;

use std::collections::BTreeSet;
use std::fmt;

use sluis_envelope::Manifest;
use sluis_proto::consent::v1 as consent;
use sluis_proto::referral::v1 as referral;
use sluis_types::MessageId;

pub use gate::LiveGate;
pub use loot::{DrawnRandomness, Loot};
pub use operator::try_as_operator;
pub use week::{Tried, WeekLoot};

use crate::tap::Recording;
use formats::{HYBRID_SECRET_BYTES, open_content, open_reply, open_share};
use window::Hunt;

/// Method of the referral service that gives messages.
const GET_MESSAGE: &str = "/sluis.referral.v1.ReferralService/GetMessage";
/// Method of the consent service that opens.
const OPEN_GATE: &str = "/sluis.consent.v1.ConsentService/OpenGate";

/// A sealed message as the recipient's software got it.
#[derive(Clone)]
pub struct Target {
    pub(crate) manifest: Manifest,
    pub(crate) manifest_bytes: Vec<u8>,
    pub(crate) sealed_r: Vec<u8>,
    pub(crate) sealed_c: Vec<u8>,
    pub(crate) content: Vec<u8>,
    pub(crate) receipt: Vec<u8>,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({})", self.manifest.header().message_id())
    }
}

impl Target {
    /// Finds a message in recorded traffic.
    pub fn recorded(recording: &Recording, message: MessageId) -> Option<Self> {
        let replies = recording.calls_of(GET_MESSAGE);
        replies
            .iter()
            .flat_map(crate::tap::Call::replies::<referral::GetMessageResponse>)
            .find_map(|reply| {
                let sealed = reply.message?;
                let manifest = Manifest::parse(&sealed.manifest).ok()?;
                (manifest.header().message_id() == message).then(|| Self {
                    manifest,
                    manifest_bytes: sealed.manifest.to_vec(),
                    sealed_r: sealed.sealed_r.to_vec(),
                    sealed_c: sealed.sealed_c.to_vec(),
                    content: sealed.content.to_vec(),
                    receipt: reply.receipt.to_vec(),
                })
            })
    }

    fn header_hash(&self) -> [u8; 32] {
        self.manifest.header().hash()
    }

    /// Opens the gate's share with the seeds of a gate key.
    fn open_c(&self, gate_secret: &[u8]) -> Option<Vec<u8>> {
        let suite = self.manifest.header().suite_c();
        open_share(
            gate_secret,
            suite,
            "sluis/v1/share-c",
            &self.header_hash(),
            &self.sealed_c,
        )
    }
}

/// What an attack came to.
#[derive(Clone, Debug, Default)]
pub struct Attempt {
    /// The content's bytes, when it was opened.
    pub opened: Option<Vec<u8>>,
    /// By what it was opened.
    pub by: &'static str,
    /// Whether the recipient's own half opened, as it must: without it nothing was tried.
    pub own_half: bool,
    /// Windows of 32 bytes that were tried as bucket keys.
    pub bucket_keys: u64,
    /// Wrapped gate keys of the message's grant that were found.
    pub wrapped: usize,
    /// Windows that were tried as gate keys or as the share itself.
    pub shares: u64,
    /// Halves C of other messages that were tried.
    pub earlier: usize,
    /// Requests to the live gate.
    pub asked: usize,
    /// Replies of the past that were held against a fresh request.
    pub replayed: usize,
}

impl Attempt {
    /// The attack in one line.
    pub fn line(&self) -> String {
        format!(
            "{} windows as bucket key on {} gate keys of its grant and on all others, {} windows as gate key or share, \
             {} halves of other messages, {} requests to the live gate and {} replies of the past: {}",
            self.bucket_keys,
            self.wrapped,
            self.shares,
            self.earlier,
            self.asked,
            self.replayed,
            if self.opened.is_some() {
                self.by
            } else {
                "nothing opens it"
            },
        )
    }

    fn won(mut self, by: &'static str, content: Vec<u8>) -> Self {
        self.opened = Some(content);
        self.by = by;
        self
    }
}

/// Tries to open a message without the mesh.
///
/// The own half R must open: a recipient has it. Where it does not, nothing else is tried, and the attempt says so.
pub fn attack(target: &Target, loot: &Loot) -> Attempt {
    let mut attempt = Attempt::default();
    let Some(r) = own_half(target, loot) else {
        return attempt;
    };
    attempt.own_half = true;
    let header_hash = target.header_hash();
    let content_with = |share: &[u8]| open_content(&r, share.get(..32)?, &header_hash, &target.content);

    // The gate key: wrapped in the databases, the bucket key perhaps somewhere in the files.
    let (wrapped, own) = loot.wrapped_gate_keys(&target.manifest);
    attempt.wrapped = own;
    let hunt = Hunt::over(loot.everything());
    let (secrets, tried) = hunt.bucket_keys(&wrapped);
    attempt.bucket_keys = tried;
    for secret in &secrets {
        if let Some(content) = target.open_c(secret).and_then(|share| content_with(&share)) {
            return attempt.won("the bucket key was in a file", content);
        }
    }
    // The gate key or its share, forgotten somewhere in clear.
    let public = loot.public_gate_key(&target.manifest);
    let (secrets, tried) = hunt.gate_keys(public.as_deref());
    attempt.shares += tried;
    for secret in &secrets {
        if let Some(content) = target.open_c(secret).and_then(|share| content_with(&share)) {
            return attempt.won("the gate key stood somewhere in clear", content);
        }
    }
    let (shares, tried) = hunt.gate_shares(&target.manifest_bytes, &header_hash);
    attempt.shares += tried;
    for share in &shares {
        if let Some(content) = content_with(share) {
            return attempt.won("the gate's share stood somewhere in clear", content);
        }
    }
    // The halves that the gate gave for other messages, and none at all.
    let mut halves = earlier_halves(loot);
    halves.extend((0..=u8::MAX).map(|byte| vec![byte; 32]));
    attempt.earlier = halves.len();
    for half in &halves {
        if let Some(content) = content_with(half) {
            return attempt.won("another message's half opens it", content);
        }
    }
    attempt
}

/// R: the recipient's half, by its own sealing key.
fn own_half(target: &Target, loot: &Loot) -> Option<Vec<u8>> {
    let suite = target.manifest.header().suite_r();
    loot.sealing_secrets()
        .iter()
        .filter(|secret| secret.len() == HYBRID_SECRET_BYTES)
        .find_map(|secret| {
            open_share(
                secret,
                suite,
                "sluis/v1/share-r",
                &target.header_hash(),
                &target.sealed_r,
            )
        })
}

/// C of every message that the gate opened for this recipient: its replies are in the traffic, and the request keys
/// are among the random bytes that were drawn.
fn earlier_halves(loot: &Loot) -> Vec<Vec<u8>> {
    let mut halves = BTreeSet::new();
    for call in loot.recording.calls_of(OPEN_GATE) {
        let requests = call.requests::<consent::OpenGateRequest>();
        for (request, reply) in requests.iter().zip(call.replies::<consent::OpenGateResponse>()) {
            let Ok(request) = sluis_envelope::OpenRequest::parse(&request.open_request) else {
                continue;
            };
            let (header_hash, hash) = (request.header().hash(), request.hash());
            for seed in loot.drawn.draws_of(32) {
                for suite in [sluis_envelope::Suite::XWing, sluis_envelope::Suite::X25519] {
                    let opened = open_reply(&seed, suite, &header_hash, &hash, &reply.open_reply);
                    halves.extend(opened.and_then(|plain| plain.get(..32).map(<[u8]>::to_vec)));
                }
            }
        }
    }
    halves.into_iter().collect()
}
