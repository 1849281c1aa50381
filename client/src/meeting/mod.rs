//! Meetings (signaleringsoverleg): an agenda of references, what is told sealed per item to each who is invited to it.
//!
//! The coordinator plans ([`Partner::plan_meeting`]), participants put items on ([`Partner::put_on_agenda`]) and open
//! those they are invited to ([`Partner::open_agenda_item`]); the chair opens the meeting, starts items and records what
//! was decided ([`Partner::record_decision`]). What a meeting shows is what this organisation may see of it.
//!
//! [`Partner::plan_meeting`]: crate::Partner::plan_meeting
//! [`Partner::put_on_agenda`]: crate::Partner::put_on_agenda
//! [`Partner::open_agenda_item`]: crate::Partner::open_agenda_item
//! [`Partner::record_decision`]: crate::Partner::record_decision

mod acts;
mod opened;
mod put;

pub use acts::{Finished, MeetingPlan, PlannedAction};
pub use opened::OpenedItem;
pub use put::{AgendaEntry, ItemTold};

use sluis_proto::options::v1 as options;
use sluis_proto::signalling::v1 as wire;
use sluis_types::{Oin, ProfessionalRole};

use crate::Error;

/// An organisation at a meeting or an item, with the roles of its professionals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Which organisation.
    pub organisation: Oin,
    /// Which of its professionals: care professionals, coordinators, housing officers.
    pub roles: Vec<ProfessionalRole>,
}

impl Seat {
    /// An organisation whose professionals and coordinators are invited.
    pub fn new(organisation: Oin) -> Self {
        Self {
            organisation,
            roles: vec![ProfessionalRole::Professional, ProfessionalRole::Coordinator],
        }
    }

    fn to_wire(&self) -> wire::Seat {
        let role = |role: &ProfessionalRole| i32::from(role.number());
        wire::Seat {
            organisation: self.organisation.to_string(),
            roles: self.roles.iter().map(role).collect(),
            answer: wire::InvitationAnswer::Unspecified.into(),
        }
    }
}

// The numbers of roles are those of the proto's enum.
const _: () =
    assert!(options::ProfessionalRole::HousingOfficer as i32 == ProfessionalRole::HousingOfficer as i32);

/// The meeting of a reply.
fn shown(meeting: Option<wire::Meeting>) -> Result<wire::Meeting, Error> {
    meeting.ok_or_else(|| Error::bad_answer("the meeting", "missing"))
}
