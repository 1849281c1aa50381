//! Matches: signals of two or more organisations that met, and what people do about it together.

use sluis_proto::signalling::v1 as wire;
use sluis_proto::signalling::v1::signalling_service_client::SignallingServiceClient;
use sluis_types::{MatchId, Oin, Timestamp};

use crate::Error;
use crate::connection::REPLY_BYTES_MAX;
use crate::consent::moment;
use crate::partner::Partner;

/// A match, as the mesh knows it: another organisation worries too, and no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Its id.
    pub match_id: MatchId,
    /// Where it is in its life, UPPER_SNAKE.
    pub state: &'static str,
    /// How it ended, UPPER_SNAKE; empty where it did not, or without an outcome.
    pub outcome: &'static str,
    /// Grows by one with every change.
    pub version: u32,
    /// When the signals met.
    pub matched_at: Timestamp,
    /// Until when each organisation should say that it has seen it.
    pub acknowledge_by: Timestamp,
    /// Who is in it.
    pub parties: Vec<Party>,
    /// Who has the lead.
    pub lead: Option<Oin>,
    /// Nobody acknowledged it in time: for a coordinator.
    pub overdue: bool,
}

/// One organisation in a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party {
    /// Which one.
    pub organisation: Oin,
    /// Whether it has seen the match.
    pub acknowledged: bool,
}

/// How a match that was followed up ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchOutcome {
    /// A referral followed, under a consent of its own.
    Referred,
    /// The worry is gone.
    Resolved,
    /// Nothing needs to be done.
    NoAction,
    /// There was nothing to worry about.
    Unfounded,
    /// The resident moved away.
    Moved,
}

impl MatchOutcome {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Referred,
        Self::Resolved,
        Self::NoAction,
        Self::Unfounded,
        Self::Moved,
    ];

    /// Its name, UPPER_SNAKE.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Referred => "REFERRED",
            Self::Resolved => "RESOLVED",
            Self::NoAction => "NO_ACTION",
            Self::Unfounded => "UNFOUNDED",
            Self::Moved => "MOVED",
        }
    }

    /// The outcome of that name.
    ///
    /// # Errors
    /// [`Error::Invalid`] when there is none.
    pub fn from_name(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|outcome| outcome.name() == name);
        found.ok_or_else(|| Error::invalid("outcome", "REFERRED, RESOLVED, NO_ACTION, UNFOUNDED or MOVED"))
    }

    fn to_wire(self) -> i32 {
        match self {
            Self::Referred => wire::Outcome::Referred,
            Self::Resolved => wire::Outcome::Resolved,
            Self::NoAction => wire::Outcome::NoAction,
            Self::Unfounded => wire::Outcome::Unfounded,
            Self::Moved => wire::Outcome::Moved,
        }
        .into()
    }
}

/// What a partner does about a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchCommand {
    /// This organisation has seen it.
    Acknowledge,
    /// This professional takes the lead.
    TakeLead,
    /// The lead spoke with the resident. The answer is the resident's.
    ContactResident,
    /// The lead, or a coordinator in its place, ends it.
    Close(MatchOutcome),
    /// A coordinator or privacy officer decides on the resident's objection.
    Settle {
        /// Whether the match stands; otherwise it is closed.
        stands: bool,
    },
}

impl Partner {
    /// The matches of this organisation.
    ///
    /// # Errors
    /// [`Error`] of the call.
    pub async fn matches(&self) -> Result<Vec<Match>, Error> {
        let mut all = Vec::new();
        let mut page_token = String::new();
        loop {
            let ask = wire::ListMatchesRequest {
                page_size: 200,
                page_token,
            };
            let page = self
                .connection
                .call(ask, |channel, request| async move {
                    SignallingServiceClient::new(channel).list_matches(request).await
                })
                .await?;
            for found in &page.matches {
                all.push(Match::from_wire(found)?);
            }
            if page.next_page_token.is_empty() {
                return Ok(all);
            }
            page_token = page.next_page_token;
        }
    }

    /// One match of this organisation.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when there is none, or it is not this organisation's.
    pub async fn found_match(&self, id: MatchId) -> Result<Match, Error> {
        Ok(self.match_with_boxes(id).await?.0)
    }

    /// A match with the contact boxes that are for this organisation, as they came: nothing of them is checked.
    pub(crate) async fn match_with_boxes(
        &self,
        id: MatchId,
    ) -> Result<(Match, Vec<wire::MatchedBox>), Error> {
        let ask = wire::GetMatchRequest {
            match_id: id.to_string(),
        };
        let reply = self
            .connection
            .call(ask, |channel, request| async move {
                SignallingServiceClient::new(channel)
                    .max_decoding_message_size(REPLY_BYTES_MAX)
                    .get_match(request)
                    .await
            })
            .await?;
        let found = Match::from_wire(&reply.r#match.unwrap_or_default())?;
        if found.match_id != id {
            return Err(Error::bad_answer("a match", "another one"));
        }
        Ok((found, reply.boxes))
    }

    /// Does something about a match, if nobody did since `expected_version`.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `VERSION_CONFLICT`, `ILLEGAL_TRANSITION` or `ROLE_REFUSED`.
    pub async fn match_command(
        &self,
        id: MatchId,
        expected_version: u32,
        command: MatchCommand,
    ) -> Result<Match, Error> {
        let request_id = self.connection.request_id().to_string();
        let match_id = id.to_string();
        macro_rules! call {
            ($method:ident, $request:ident $(, $field:ident: $value:expr)?) => {
                self.connection
                    .call(
                        wire::$request { request_id, match_id, expected_version $(, $field: $value)? },
                        |channel, request| async move { SignallingServiceClient::new(channel).$method(request).await },
                    )
                    .await?
                    .r#match
            };
        }
        let changed = match command {
            MatchCommand::Acknowledge => call!(acknowledge_match, AcknowledgeMatchRequest),
            MatchCommand::TakeLead => call!(take_lead, TakeLeadRequest),
            MatchCommand::ContactResident => call!(contact_resident, ContactResidentRequest),
            MatchCommand::Close(outcome) => {
                call!(close_match, CloseMatchRequest, outcome: outcome.to_wire())
            }
            MatchCommand::Settle { stands } => {
                call!(settle_objection, SettleObjectionRequest, stands: stands)
            }
        };
        Match::from_wire(&changed.unwrap_or_default())
    }
}

impl Match {
    /// Whether nothing can become of it any more.
    pub fn has_ended(&self) -> bool {
        matches!(self.state, "CLOSED" | "EXPIRED")
    }

    pub(crate) fn from_wire(found: &wire::Match) -> Result<Self, Error> {
        let malformed = |error: &dyn std::fmt::Display| Error::bad_answer("a match", error);
        let organisation = |text: &str| text.parse::<Oin>().map_err(|error| malformed(&error));
        let mut parties = Vec::with_capacity(found.parties.len());
        for party in &found.parties {
            parties.push(Party {
                organisation: organisation(&party.organisation)?,
                acknowledged: party.acknowledged,
            });
        }
        Ok(Self {
            match_id: found.match_id.parse().map_err(|error| malformed(&error))?,
            state: state_name(found.state),
            outcome: outcome_name(found.outcome),
            version: found.version,
            matched_at: moment(found.matched_at.as_ref()),
            acknowledge_by: moment(found.acknowledge_by.as_ref()),
            parties,
            lead: (!found.lead.is_empty())
                .then(|| organisation(&found.lead))
                .transpose()?,
            overdue: found.overdue,
        })
    }
}

/// The name of a signal's or match's state.
pub(crate) fn state_name(number: i32) -> &'static str {
    let state = wire::SignalState::try_from(number).unwrap_or_default();
    state.as_str_name().trim_start_matches("SIGNAL_STATE_")
}

/// The name of an outcome; empty where there is none.
pub(crate) fn outcome_name(number: i32) -> &'static str {
    match wire::Outcome::try_from(number).unwrap_or_default() {
        wire::Outcome::Unspecified => "",
        outcome => outcome.as_str_name().trim_start_matches("OUTCOME_"),
    }
}
