//! PostSignal: a live signal is posted where the posts of its circle meet.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use sluis_envelope::SigningKey;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{PostSignalRequest, PostSignalResponse};
use sluis_serve::{FirstMessage, Refusal};
use sluis_store::{Command, LogEvent, Outcome, Subject, Tx};
use sluis_types::{CIRCLE_MEMBERS_MAX, Oin, Randomness, SignalId, Timestamp};
use tonic::Request;

use super::posting::Posting;
use crate::context::Context;
use crate::domain::cell::{Cell, Entry};
use crate::domain::life::Illegal;
use crate::domain::signal::Signal;
use crate::error::{Denial, of_write};
use crate::event::outbox_row;
use crate::log::{self, Logged, Who};
use crate::meet::Meet;
use crate::store::ended_key::Standing;
use crate::store::vault::{Fault, Vault};

const METHOD: &str = "sluis.signalling.v1.SignallingService/PostSignal";

/// How long a post's answer is held, from when it came: longer than the work takes, whatever the post meets. The tick
/// alone would not do: who does more work crosses a tick more often.
const HELD: Duration = Duration::from_millis(100);

pub(super) async fn handle(
    context: &Context,
    request: &Request<PostSignalRequest>,
) -> Result<PostSignalResponse, Refusal> {
    let timer = &context.pace.timer;
    let until = timer.now() + HELD;
    let answer = answer(context, request).await;
    timer.sleep_until(until).await;
    answer
}

async fn answer(
    context: &Context,
    request: &Request<PostSignalRequest>,
) -> Result<PostSignalResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let id = sluis_serve::request_id(&body.request_id)?;
    let signal: SignalId = sluis_serve::id("signal_id", &body.signal_id)?;
    let posting = Posting::verify(context, &partner, &body.post, &body.contact_boxes).await?;
    let remembered = partner.request(METHOD, id, FirstMessage::hash_of(request)?);
    let post = Post {
        vault: context.vault.clone(),
        match_key: Arc::clone(&context.match_key),
        randomness: Arc::clone(&context.randomness),
        organisation: partner.organisation(),
        signal,
        is_strong: body.strong,
        posting,
        now: partner.now,
    };
    let written = context.store.write(remembered, post).await.map_err(of_write)?;
    let leaf_promise = context.ledger.promise(written.leaf()).encode().into();
    written.answer?;
    Ok(PostSignalResponse { leaf_promise })
}

struct Post {
    vault: Vault,
    match_key: Arc<SigningKey>,
    randomness: Arc<dyn Randomness>,
    organisation: Oin,
    signal: SignalId,
    is_strong: bool,
    posting: Option<Posting>,
    now: Timestamp,
}

impl Command for Post {
    type Reply = ();
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), Denial>, Fault> {
        let own = Signal::of(&self.vault, tx, self.signal, self.organisation).await?;
        if let Err(denial) = self.check(own.as_ref()) {
            return Ok(self.refused(denial));
        }
        let Some(posting) = &self.posting else {
            return Ok(self.refused(Denial::of(ErrorReason::PostRefused)));
        };
        if Standing::load(&self.vault, tx, posting.gate_key).await? != Standing::Live {
            return Ok(self.refused(Denial::of(ErrorReason::PostRefused)));
        }
        let mut cell = Cell::lock_or_begin(&posting.at, tx, &*self.randomness).await?;
        let entry = Entry {
            organisation: self.organisation,
            signal: self.signal,
            is_strong: self.is_strong,
            grant: posting.grant,
        };
        if cell.post(entry).is_err() {
            return Ok(self.refused(Denial::of(ErrorReason::PostRefused)));
        }
        for (recipient, taken) in &posting.boxes {
            let pair = (self.organisation, *recipient);
            taken.save(&posting.at, tx, pair, &*self.randomness).await?;
        }
        let signals = self.signals(tx, &cell).await?;
        let counts = |id| {
            signals
                .get(&id)
                .is_some_and(|signal: &Signal| signal.counts(self.now))
        };
        let met = match cell.meeting(counts) {
            Some(entries) => self.meet(posting).meet(tx, &mut cell, &entries, signals).await?,
            None => None,
        };
        cell.save(&posting.at, tx, &*self.randomness).await?;
        let mut outcome = Outcome::done((), self.log());
        if let Some(encounter) = met {
            for grant in encounter.grants() {
                let about = (grant, encounter.id);
                let who = Who::default();
                outcome = outcome.with_log(log::of_match(Logged::Matched, who, self.now, METHOD, about));
            }
            outcome = outcome.with_events(outbox_row(&[encounter]));
        }
        Ok(outcome)
    }
}

impl Post {
    /// Whether the signal is the caller's, is alive, and is as strong as it says.
    fn check(&self, own: Option<&Signal>) -> Result<(), Denial> {
        let signal = own.ok_or_else(|| Denial::of(ErrorReason::NotAvailable))?;
        if !signal.is_posted(self.now) {
            return Err(Denial::from(Illegal {
                state: signal.stage_at(self.now).state(),
                allowed: Vec::new(),
            }));
        }
        if signal.observation.severity.is_strong() == self.is_strong {
            Ok(())
        } else {
            Err(Denial::field("strong"))
        }
    }

    /// The signals behind the posts of a cell. As many are looked up as a circle can have, whatever there is.
    async fn signals(&self, tx: &mut Tx<'_>, cell: &Cell) -> Result<BTreeMap<SignalId, Signal>, Fault> {
        // By id, as everyone locks them.
        let ids: BTreeSet<SignalId> = cell.entries().iter().map(|entry| entry.signal).collect();
        // Nobody has these: they are looked up in the place of those that are not there.
        let nobody = std::iter::repeat_with(|| SignalId::random(&*self.randomness));
        let nobody = nobody.take(CIRCLE_MEMBERS_MAX - ids.len());
        let mut signals = BTreeMap::new();
        for id in nobody.chain(ids.iter().copied()) {
            if let Some(signal) = Signal::lock(&self.vault, tx, id).await? {
                signals.insert(id, signal);
            }
        }
        Ok(signals)
    }

    fn meet<'a>(&'a self, posting: &'a Posting) -> Meet<'a> {
        Meet {
            vault: &self.vault,
            at: &posting.at,
            match_key: &self.match_key,
            randomness: &*self.randomness,
            gate_key: posting.gate_key,
            now: self.now,
        }
    }

    /// The organisation, and nothing that would join this post with another one.
    fn log(&self) -> LogEvent {
        let who = Who {
            organisation: Some(self.organisation),
            professional: None,
        };
        log::event(Logged::Posted, who, self.now, METHOD, Subject::None)
    }

    fn refused(&self, denial: Denial) -> Outcome<(), Denial> {
        let reason = denial.reason();
        Outcome::refused(denial, log::refused(self.log(), reason))
    }
}
