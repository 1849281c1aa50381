//! Referrals: where each is, and the commands that move it.

use sluis_proto::referral::v1 as wire;
use sluis_proto::referral::v1::referral_service_client::ReferralServiceClient;
use sluis_types::{Oin, ThreadId, Timestamp};

use crate::Error;
use crate::consent::moment;
use crate::inbox::cause_name;
use crate::partner::Partner;
use crate::profile::Conversation;

/// A referral as both sides see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referral {
    /// Its thread.
    pub thread_id: ThreadId,
    /// Who refers.
    pub sender: Oin,
    /// Who is asked.
    pub recipient: Oin,
    /// Where it is in its life, UPPER_SNAKE.
    pub state: &'static str,
    /// Why, UPPER_SNAKE; empty where the state says it all.
    pub cause: &'static str,
    /// Grows by one with every change.
    pub version: u32,
    /// When it came to this state.
    pub changed_at: Timestamp,
    /// Until when the recipient should answer.
    pub respond_by: Option<Timestamp>,
    /// Expected wait in weeks, while waitlisted.
    pub expected_weeks: u32,
}

/// What a partner does with a referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// The recipient takes it on.
    Accept,
    /// The recipient puts it on its waiting list.
    Waitlist {
        /// Expected wait, 1 to 520 weeks.
        expected_weeks: u32,
    },
    /// The recipient declines. The reason goes to the sender sealed, as feedback.
    Reject {
        /// Whether it is for want of capacity.
        no_capacity: bool,
    },
    /// The recipient begins the help.
    Start,
    /// The recipient completes it.
    Complete,
    /// The sender takes it back.
    Cancel,
    /// Either side stops it after it was accepted.
    Stop,
}

impl Partner {
    /// One referral of which this organisation is sender or recipient.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when there is none, or it is not this organisation's.
    pub async fn referral(&self, thread: ThreadId) -> Result<Referral, Error> {
        let ask = wire::GetReferralRequest {
            thread_id: thread.to_string(),
        };
        let reply = self
            .connection
            .call(ask, |channel, request| async move {
                ReferralServiceClient::new(channel).get_referral(request).await
            })
            .await?;
        Referral::from_wire(&reply.referral.unwrap_or_default())
    }

    /// All referrals of which this organisation is sender or recipient, newest first.
    ///
    /// # Errors
    /// [`Error`] of the call.
    pub async fn referrals(&self) -> Result<Vec<Referral>, Error> {
        let mut all = Vec::new();
        let mut page_token = String::new();
        loop {
            let ask = wire::ListReferralsRequest {
                page_size: 200,
                page_token,
            };
            let page = self
                .connection
                .call(ask, |channel, request| async move {
                    ReferralServiceClient::new(channel).list_referrals(request).await
                })
                .await?;
            for referral in &page.referrals {
                all.push(Referral::from_wire(referral)?);
            }
            if page.next_page_token.is_empty() {
                return Ok(all);
            }
            page_token = page.next_page_token;
        }
    }

    /// Moves a referral, if nobody moved it since `expected_version`.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `VERSION_CONFLICT` or `ILLEGAL_TRANSITION`.
    pub async fn command(
        &self,
        thread: ThreadId,
        expected_version: u32,
        command: Command,
    ) -> Result<Referral, Error> {
        let request_id = self.connection.request_id().to_string();
        let thread_id = thread.to_string();
        macro_rules! call {
            ($method:ident, $request:ident $(, $field:ident)?) => {
                self.connection
                    .call(
                        wire::$request { request_id, thread_id, expected_version $(, $field)? },
                        |channel, request| async move { ReferralServiceClient::new(channel).$method(request).await },
                    )
                    .await?
                    .referral
            };
        }
        let referral = match command {
            Command::Accept => call!(accept_referral, AcceptReferralRequest),
            Command::Waitlist { expected_weeks } => {
                call!(waitlist_referral, WaitlistReferralRequest, expected_weeks)
            }
            Command::Reject { no_capacity } => call!(reject_referral, RejectReferralRequest, no_capacity),
            Command::Start => call!(start_referral, StartReferralRequest),
            Command::Complete => call!(complete_referral, CompleteReferralRequest),
            Command::Cancel => call!(cancel_referral, CancelReferralRequest),
            Command::Stop => call!(stop_referral, StopReferralRequest),
        };
        Referral::from_wire(&referral.unwrap_or_default())
    }

    /// Whom a thread is with, about whom, and its newest message here: for an answer in the same thread.
    ///
    /// # Errors
    /// [`Error::Unknown`] when this organisation neither sent nor opened a message of it.
    pub fn conversation(&self, thread: ThreadId) -> Result<Conversation, Error> {
        Conversation::load(self.profile.directory(), thread)
    }
}

impl Referral {
    pub(crate) fn from_wire(referral: &wire::Referral) -> Result<Self, Error> {
        let malformed = |error: &dyn std::fmt::Display| Error::bad_answer("a referral", error);
        let state = wire::ReferralState::try_from(referral.state).unwrap_or_default();
        Ok(Self {
            thread_id: referral.thread_id.parse().map_err(|error| malformed(&error))?,
            sender: referral.sender.parse().map_err(|error| malformed(&error))?,
            recipient: referral.recipient.parse().map_err(|error| malformed(&error))?,
            state: state.as_str_name().trim_start_matches("REFERRAL_STATE_"),
            cause: cause_name(referral.cause),
            version: referral.version,
            changed_at: moment(referral.changed_at.as_ref()),
            respond_by: referral.respond_by.as_ref().map(|at| moment(Some(at))),
            expected_weeks: referral.expected_weeks,
        })
    }
}
