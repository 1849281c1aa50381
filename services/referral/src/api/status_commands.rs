//! AcceptReferral, WaitlistReferral, RejectReferral, StartReferral, CompleteReferral, CancelReferral, StopReferral.
//!
//! They differ in what they say, not in how: [`give`] does it, and the table in the domain decides.

use sluis_proto::referral::v1::{
    AcceptReferralRequest, AcceptReferralResponse, CancelReferralRequest, CancelReferralResponse,
    CompleteReferralRequest, CompleteReferralResponse, RejectReferralRequest, RejectReferralResponse,
    StartReferralRequest, StartReferralResponse, StopReferralRequest, StopReferralResponse,
    WaitlistReferralRequest, WaitlistReferralResponse,
};
use sluis_serve::Refusal;
use tonic::Request;

use super::command::{Fields, give};
use crate::context::Context;
use crate::domain::thread::Event;

/// Ten years.
const WEEKS_MAX: u16 = 520;

macro_rules! status_command {
    ($(#[$doc:meta])* $name:ident, $method:literal, $request:ident -> $response:ident, |$body:ident| $event:expr) => {
        $(#[$doc])*
        pub(super) async fn $name(
            context: &Context,
            request: &Request<$request>,
        ) -> Result<$response, Refusal> {
            const METHOD: &str = concat!("sluis.referral.v1.ReferralService/", $method);
            let $body = request.get_ref();
            let fields = Fields {
                request_id: &$body.request_id,
                thread_id: &$body.thread_id,
                expected_version: $body.expected_version,
            };
            let event: Event = $event;
            Ok($response { referral: give(context, request, METHOD, fields, event).await? })
        }
    };
}

status_command!(
    /// The recipient takes it on.
    accept, "AcceptReferral", AcceptReferralRequest -> AcceptReferralResponse, |body| Event::Accept);
status_command!(
/// The recipient puts it on the waiting list.
waitlist, "WaitlistReferral", WaitlistReferralRequest -> WaitlistReferralResponse, |body| {
    Event::Waitlist { expected_weeks: expected_weeks(body.expected_weeks)? }
});
status_command!(
/// The recipient declines.
reject, "RejectReferral", RejectReferralRequest -> RejectReferralResponse, |body| {
    Event::Reject { no_capacity: body.no_capacity }
});
status_command!(
    /// The recipient begins the help.
    start, "StartReferral", StartReferralRequest -> StartReferralResponse, |body| Event::Start);
status_command!(
    /// The recipient completes it.
    complete, "CompleteReferral", CompleteReferralRequest -> CompleteReferralResponse, |body| Event::Complete);
status_command!(
    /// The sender takes it back.
    cancel, "CancelReferral", CancelReferralRequest -> CancelReferralResponse, |body| Event::Cancel);
status_command!(
    /// Either side stops it.
    stop, "StopReferral", StopReferralRequest -> StopReferralResponse, |body| Event::Stop);

fn expected_weeks(weeks: u32) -> Result<u16, Refusal> {
    u16::try_from(weeks)
        .ok()
        .filter(|weeks| (1..=WEEKS_MAX).contains(weeks))
        .ok_or_else(|| Refusal::invalid_field("expected_weeks", "must be 1 to 520"))
}
