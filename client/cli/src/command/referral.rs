//! A referral on the screen, and moving one: what several commands share.

use serde::Serialize;
use sluis_client::{Command, Partner, Referral};
use sluis_types::{Oin, ThreadId, Timestamp};

use crate::codes::words;
use crate::dates::{self, Dates};
use crate::failure::Failure;
use crate::names::Names;
use crate::screen::{Report, plain};

/// A referral as one side sees it.
#[derive(Serialize)]
pub(super) struct ReferralView {
    pub(super) thread_id: String,
    sender: String,
    recipient: String,
    /// Whether this organisation referred.
    sent_by_us: bool,
    pub(super) state: &'static str,
    cause: &'static str,
    version: u32,
    #[serde(serialize_with = "dates::serialize")]
    changed_at: Timestamp,
    #[serde(serialize_with = "dates::serialize_optional")]
    respond_by: Option<Timestamp>,
    expected_weeks: u32,
    /// The label of the resident here.
    resident: Option<String>,
    #[serde(skip)]
    counterpart: String,
}

impl ReferralView {
    /// As `partner` sees it. Labels come from the profile; the mesh has none.
    pub(super) fn of(referral: &Referral, partner: &Partner, names: &Names) -> Result<Self, Failure> {
        let resident = match partner.conversation(referral.thread_id) {
            Ok(conversation) => partner.profile().label_of(&conversation.resident)?,
            Err(sluis_client::Error::Unknown { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Self::new(referral, partner.profile().oin(), names, resident))
    }

    pub(super) fn new(referral: &Referral, us: Oin, names: &Names, resident: Option<String>) -> Self {
        let sent_by_us = referral.sender == us;
        let counterpart = names.of(if sent_by_us {
            referral.recipient
        } else {
            referral.sender
        });
        Self {
            thread_id: referral.thread_id.to_string(),
            sender: referral.sender.to_string(),
            recipient: referral.recipient.to_string(),
            sent_by_us,
            state: referral.state,
            cause: referral.cause,
            version: referral.version,
            changed_at: referral.changed_at,
            respond_by: referral.respond_by,
            expected_weeks: referral.expected_weeks,
            resident,
            counterpart,
        }
    }

    /// Where it is: `waitlisted, about 6 weeks`, `on hold: consent paused`.
    pub(super) fn standing(&self) -> String {
        let mut text = words(self.state);
        if !self.cause.is_empty() {
            text = format!("{text}: {}", words(self.cause));
        }
        if self.expected_weeks > 0 {
            text = format!("{text}, about {} weeks", self.expected_weeks);
        }
        text
    }

    /// With whom and about whom: `to MET ggz about J.`.
    pub(super) fn parties(&self) -> String {
        let way = if self.sent_by_us { "to" } else { "from" };
        match &self.resident {
            Some(label) => format!("{way} {} about {}", self.counterpart, plain(label)),
            None => format!("{way} {}", self.counterpart),
        }
    }

    /// Until when an answer is due, while one is.
    pub(super) fn due(&self, dates: &Dates) -> Option<String> {
        let is_undecided = matches!(self.state, "SUBMITTED" | "DELIVERED" | "IN_REVIEW");
        let respond_by = self.respond_by.filter(|_| is_undecided)?;
        Some(format!("answer by {}", dates.day(respond_by)))
    }
}

impl Report for ReferralView {
    fn human(&self, dates: &Dates) -> String {
        let mut lines = vec![
            format!("Referral {}", self.parties()),
            format!("  {} since {}", self.standing(), dates.moment(self.changed_at)),
        ];
        lines.extend(self.due(dates).map(|due| format!("  {due}")));
        lines.push(format!("  thread {}", self.thread_id));
        lines.push(String::new());
        lines.join("\n")
    }
}

/// Moves a referral from where it is now.
pub(super) async fn advance(
    partner: &Partner,
    thread: ThreadId,
    command: Command,
) -> Result<Referral, Failure> {
    let version = partner.referral(thread).await?.version;
    Ok(partner.command(thread, version, command).await?)
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    pub(in crate::command) fn us() -> Oin {
        "00000099000000001000".parse().expect("an OIN")
    }

    pub(in crate::command) fn them() -> Oin {
        "00000099000000002000".parse().expect("an OIN")
    }

    pub(in crate::command) fn names() -> Names {
        Names::of_pairs([(us(), "Welzijn".to_owned()), (them(), "MET ggz".to_owned())])
    }

    pub(in crate::command) fn referral(state: &'static str, cause: &'static str) -> Referral {
        Referral {
            thread_id: ThreadId::from_bytes([7; 16]),
            sender: us(),
            recipient: them(),
            state,
            cause,
            version: 3,
            changed_at: Timestamp::from_seconds(1_795_446_600),
            respond_by: Some(Timestamp::from_seconds(1_796_446_600)),
            expected_weeks: if state == "WAITLISTED" { 6 } else { 0 },
        }
    }

    fn view(state: &'static str, cause: &'static str, label: Option<&str>) -> ReferralView {
        ReferralView::new(&referral(state, cause), us(), &names(), label.map(str::to_owned))
    }

    #[test]
    fn a_referral_is_told_in_a_few_lines() {
        assert_eq!(
            view("IN_REVIEW", "", Some("J.")).human(&Dates(TimeZone::UTC)),
            "Referral to MET ggz about J.\n  in review since Mon 23 Nov 2026, 15:10\n  answer by Sat 5 Dec 2026\n  \
             thread 07070707-0707-0707-0707-070707070707\n"
        );
        let theirs = ReferralView::new(&referral("WAITLISTED", ""), them(), &names(), None);
        assert_eq!(theirs.parties(), "from Welzijn");
        assert_eq!(theirs.standing(), "waitlisted, about 6 weeks");
        assert_eq!(theirs.due(&Dates(TimeZone::UTC)), None, "answered already");
        assert_eq!(
            view("ON_HOLD", "CONSENT_PAUSED", None).standing(),
            "on hold: consent paused"
        );
    }

    #[test]
    fn programs_get_codes_and_utc() {
        let json = serde_json::to_value(view("REJECTED", "NO_CAPACITY", None)).expect("JSON");
        assert_eq!(
            json,
            serde_json::json!({
                "thread_id": "07070707-0707-0707-0707-070707070707",
                "sender": "00000099000000001000",
                "recipient": "00000099000000002000",
                "sent_by_us": true,
                "state": "REJECTED",
                "cause": "NO_CAPACITY",
                "version": 3,
                "changed_at": "2026-11-23T15:10:00Z",
                "respond_by": "2026-12-05T04:56:40Z",
                "expected_weeks": 0,
                "resident": null
            })
        );
    }
}
