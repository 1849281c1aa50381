//! What every call of the resident side has in common: its method's rate and deadline, and refusals only.

use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, Hash, MethodRules, MethodTable, Rate, RateLimiter, Refusal, ResidentCaller, Side};
use sluis_types::Clock;
use tonic::{Request, Response, Status};

/// Sessions and sources, by method, whose rates are remembered, about 100 bytes each.
const RATES_MAX: usize = 100_000;

/// Prepares calls and reads their outcome.
pub(super) struct Calls {
    table: MethodTable,
    limiter: RateLimiter,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Calls({:?})", self.table)
    }
}

/// A method that a side calls but the proto files do not give it: a fault in this build.
#[derive(Debug, thiserror::Error)]
#[error("method {0} is not for the side that called it")]
struct WrongSide(&'static str);

impl Calls {
    pub(super) fn new(table: MethodTable, clock: Arc<dyn Clock>) -> Self {
        Self {
            table,
            limiter: RateLimiter::new(RATES_MAX),
            clock,
        }
    }

    /// A request of this method by this caller, if the caller did not call too often.
    pub(super) fn prepare<M>(
        &self,
        method: &'static str,
        caller: &Caller,
        message: M,
    ) -> Result<Request<M>, Status> {
        self.prepare_about(method, caller, &caller.rate_key(), message)
    }

    /// As [`Calls::prepare`], but counted by whom the call is about: where the gateway calls for everybody, nobody can
    /// use up what the others need.
    pub(super) fn prepare_about<M>(
        &self,
        method: &'static str,
        caller: &Caller,
        about: &Hash,
        message: M,
    ) -> Result<Request<M>, Status> {
        let rules = self.rules(method, caller.side())?;
        self.limiter
            .take(&rules.path, about, rules.rate, self.clock.now())
            .map_err(|delay| Refusal::new(ErrorReason::RateLimited).retry_after(delay))?;
        let mut request = Request::new(message);
        request.set_timeout(rules.deadline);
        Ok(request)
    }

    /// Takes one of a share that is kept besides the rates of methods.
    pub(super) fn take_of_share(&self, name: &str, caller: &Caller, share: Rate) -> Result<(), Status> {
        let taken = self
            .limiter
            .take(name, &caller.rate_key(), share, self.clock.now());
        taken.map_err(|delay| Refusal::new(ErrorReason::RateLimited).retry_after(delay))?;
        Ok(())
    }

    fn rules(&self, method: &'static str, side: Side) -> Result<&MethodRules, Status> {
        match self.table.get(method) {
            Some(rules) if rules.sides.contains(side) => Ok(rules),
            Some(_) | None => Err(Refusal::internal(&WrongSide(method)).into()),
        }
    }

    /// The reply, or a refusal with a reason: what a service answered, or that it could not be reached in time.
    pub(super) fn outcome<M>(answer: Result<Response<M>, Status>) -> Result<M, Status> {
        match answer {
            Ok(response) => Ok(response.into_inner()),
            Err(status) if Refusal::reason_of(&status).is_some() => Err(status),
            Err(status) => Err(Refusal::closed(&status).into()),
        }
    }
}

/// What a resident is outside consent: the bearer of a ticket, in this session. Not the login, and nothing made
/// from it.
pub(super) fn bearer_of(session: &Hash) -> ResidentCaller {
    let mut subject = String::with_capacity(2 * session.len());
    for byte in session {
        write!(subject, "{byte:02x}").expect("writing to a String does not fail");
    }
    ResidentCaller {
        issuer: String::new(),
        subject,
        represents: None,
        session: *session,
    }
}
