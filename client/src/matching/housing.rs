//! The way from sheltered living to a home of one's own: what a landlord is told is typed, and these fields are all of it.

use sluis_envelope::Scope;
use sluis_proto::matching::v1 as wire;
use sluis_proto::matching::v1::housing_service_client::HousingServiceClient;
use sluis_ranking::Area;
use sluis_types::{
    CodeSet, DataKind, Handle, HomeAccess, HousingId, HousingMove, HousingState, LeaseKind, LifeDomain, Oin,
    Purpose, SizeBand, SupportBand, Timestamp,
};

use super::wire::{optional, parsed, required};
use crate::Error;
use crate::consent::moment;
use crate::partner::Partner;

/// What home is needed: all that a landlord learns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeNeed {
    /// How large; none where not stated.
    pub size: Option<SizeBand>,
    /// Highest rent, in euros a month, at most 5,000.
    pub rent_max_euros: u32,
    /// Where, at most 16.
    pub areas: Vec<Area>,
    /// Whether it must be quiet.
    pub low_stimulus: bool,
    /// What it must have.
    pub access: CodeSet<HomeAccess>,
    /// How much support comes along; none for none.
    pub support: Option<SupportBand>,
    /// Which lease is wished; none where not stated.
    pub lease: Option<LeaseKind>,
}

/// A way to a home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Housing {
    /// Which one.
    pub housing_id: HousingId,
    /// Where it is.
    pub state: HousingState,
    /// Grows by one with every step: what a step expects.
    pub version: u32,
    /// What is needed.
    pub need: HomeNeed,
    /// Which lease was signed.
    pub lease: Option<LeaseKind>,
    /// When the next contact is due, while it is settling.
    pub contact_due: Option<Timestamp>,
    /// How many of the three contacts took place.
    pub contacts: u32,
    /// Since when the landlord asks for support; none where it does not, or a contact followed.
    pub support_asked: Option<Timestamp>,
    /// Every state so far, oldest first; for the landlord from the nomination on.
    pub steps: Vec<HousingStep>,
    /// The landlord; for who began it only.
    pub landlord: Option<Oin>,
}

/// A state and since when it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HousingStep {
    /// The state.
    pub state: HousingState,
    /// Since when.
    pub since: Timestamp,
}

/// How many came how far: counts, never a percentage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HousingCounts {
    /// All that were nominated.
    pub nominated: u32,
    /// Of these, with a lease of their own.
    pub own_lease: u32,
    /// Of these, with a lease in between.
    pub intermediary_lease: u32,
    /// Of these, settled.
    pub settled: u32,
    /// Of these, returned.
    pub returned: u32,
}

impl Partner {
    /// Begins a way to a home for a resident, with a landlord. The resident's grant from this organisation to that one
    /// must allow `HOUSING` with `HOUSING` data on `LIVING_SAFE_HOME`. The landlord sees it once it is nominated.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` where no consent is live; [`Error::OutsideGrant`] where it is
    /// narrower.
    pub async fn open_housing(
        &self,
        resident: &Handle,
        landlord: Oin,
        need: &HomeNeed,
    ) -> Result<Housing, Error> {
        let (_, token) = self.authorize(resident, landlord, &scope()).await?;
        let message = wire::OpenHousingRequest {
            request_id: self.connection.request_id().to_string(),
            grant_token: token.into(),
            need: Some(need.to_wire()),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                HousingServiceClient::new(channel).open_housing(request).await
            })
            .await?;
        Housing::read(&reply.housing.unwrap_or_default())
    }

    /// Takes the next step, if nobody took one since `expected_version`. `lease` goes with `SIGN_LEASE`, and only there.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `VERSION_CONFLICT`, or `ILLEGAL_TRANSITION` when it is not this organisation's step
    /// now.
    pub async fn move_housing(
        &self,
        housing: HousingId,
        expected_version: u32,
        step: HousingMove,
        lease: Option<LeaseKind>,
    ) -> Result<Housing, Error> {
        let message = wire::MoveHousingRequest {
            request_id: self.connection.request_id().to_string(),
            housing_id: housing.to_string(),
            expected_version,
            r#move: i32::from(step.number()),
            lease: lease.map_or(0, |lease| i32::from(lease.number())),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                HousingServiceClient::new(channel).move_housing(request).await
            })
            .await?;
        Housing::of(housing, reply.housing)
    }

    /// One way to a home that this organisation began, or for which it is the landlord.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when there is none, or the landlord's consent is not live.
    pub async fn housing(&self, housing: HousingId) -> Result<Housing, Error> {
        let message = wire::GetHousingRequest {
            housing_id: housing.to_string(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                HousingServiceClient::new(channel).get_housing(request).await
            })
            .await?;
        Housing::of(housing, reply.housing)
    }

    /// The ways to a home that this organisation began, or for which it is the landlord; oldest first, at most 250.
    ///
    /// # Errors
    /// [`Error`] of the call.
    pub async fn housings(&self) -> Result<Vec<Housing>, Error> {
        let reply = self
            .connection
            .call(wire::ListHousingRequest {}, |channel, request| async move {
                HousingServiceClient::new(channel).list_housing(request).await
            })
            .await?;
        reply.housings.iter().map(Housing::read).collect()
    }

    /// How many came how far: of this organisation, and of the whole mesh where no count above zero is below 10.
    ///
    /// # Errors
    /// [`Error`] of the call.
    pub async fn count_housing(&self) -> Result<(HousingCounts, Option<HousingCounts>), Error> {
        let reply = self
            .connection
            .call(wire::CountHousingRequest {}, |channel, request| async move {
                HousingServiceClient::new(channel).count_housing(request).await
            })
            .await?;
        let own = reply
            .own
            .ok_or_else(|| Error::bad_answer("the counts", "this organisation's are missing"))?;
        Ok(((&own).into(), reply.mesh.as_ref().map(HousingCounts::from)))
    }
}

/// What a way to a home is about, for consent's closed question.
fn scope() -> Scope {
    Scope::new(
        CodeSet::EMPTY.with(Purpose::Housing),
        CodeSet::EMPTY.with(LifeDomain::LivingSafeHome),
        CodeSet::EMPTY.with(DataKind::Housing),
    )
    .expect("none of the three is empty")
}

impl HomeNeed {
    fn to_wire(&self) -> wire::HousingNeed {
        wire::HousingNeed {
            size: self.size.map_or(0, |size| i32::from(size.number())),
            rent_max_euros: self.rent_max_euros,
            areas: self.areas.iter().map(ToString::to_string).collect(),
            low_stimulus: self.low_stimulus,
            access: self
                .access
                .iter()
                .map(|access| i32::from(access.number()))
                .collect(),
            support: self.support.map_or(0, |support| i32::from(support.number())),
            lease: self.lease.map_or(0, |lease| i32::from(lease.number())),
        }
    }

    fn read(shown: &wire::HousingNeed) -> Result<Self, Error> {
        Ok(Self {
            size: optional("the home", shown.size, SizeBand::from_number)?,
            rent_max_euros: shown.rent_max_euros,
            areas: shown
                .areas
                .iter()
                .map(|area| Area::parse(area).map_err(|error| Error::bad_answer("the home", error)))
                .collect::<Result<_, _>>()?,
            low_stimulus: shown.low_stimulus,
            access: shown
                .access
                .iter()
                .map(|access| required("the home", *access, HomeAccess::from_number))
                .collect::<Result<_, _>>()?,
            support: optional("the home", shown.support, SupportBand::from_number)?,
            lease: optional("the home", shown.lease, LeaseKind::from_number)?,
        })
    }
}

impl Housing {
    fn of(id: HousingId, shown: Option<wire::Housing>) -> Result<Self, Error> {
        let housing = Self::read(&shown.unwrap_or_default())?;
        if housing.housing_id != id {
            return Err(Error::bad_answer("the home", "another one than was asked for"));
        }
        Ok(housing)
    }

    fn read(shown: &wire::Housing) -> Result<Self, Error> {
        let later = |at: &Option<prost_types::Timestamp>| at.as_ref().map(|at| moment(Some(at)));
        let state = |number| required("the home", number, HousingState::from_number);
        let step = |step: &wire::HousingStep| {
            Ok::<_, Error>(HousingStep {
                state: state(step.state)?,
                since: moment(step.since.as_ref()),
            })
        };
        let landlord = shown.landlord.as_str();
        Ok(Self {
            housing_id: parsed("the home", &shown.housing_id)?,
            state: state(shown.state)?,
            version: shown.version,
            need: HomeNeed::read(&shown.need.clone().unwrap_or_default())?,
            lease: optional("the home", shown.lease, LeaseKind::from_number)?,
            contact_due: later(&shown.contact_due),
            contacts: shown.contacts,
            support_asked: later(&shown.support_asked),
            steps: shown.steps.iter().map(step).collect::<Result<_, _>>()?,
            landlord: (!landlord.is_empty())
                .then(|| parsed("the home", landlord))
                .transpose()?,
        })
    }
}

impl From<&wire::HousingCounts> for HousingCounts {
    fn from(shown: &wire::HousingCounts) -> Self {
        Self {
            nominated: shown.nominated,
            own_lease: shown.own_lease,
            intermediary_lease: shown.intermediary_lease,
            settled: shown.settled,
            returned: shown.returned,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_is_read_as_it_was_written() {
        let need = HomeNeed {
            size: Some(SizeBand::TwoRooms),
            rent_max_euros: 700,
            areas: vec![Area::parse("GM0828").expect("a gemeente")],
            low_stimulus: true,
            access: CodeSet::EMPTY.with(HomeAccess::StepFree),
            support: None,
            lease: Some(LeaseKind::Intermediary),
        };
        let id = HousingId::from_bytes([6; 16]);
        let shown = wire::Housing {
            housing_id: id.to_string(),
            state: wire::HousingState::Nominated.into(),
            version: 3,
            need: Some(need.to_wire()),
            ..wire::Housing::default()
        };
        let read = Housing::of(id, Some(shown.clone())).expect("a home");
        assert_eq!(
            (read.state, read.need, read.landlord),
            (HousingState::Nominated, need, None)
        );
        for bad in [
            Housing::of(HousingId::from_bytes([7; 16]), Some(shown.clone())),
            Housing::of(
                id,
                Some(wire::Housing {
                    state: 99,
                    ..shown.clone()
                }),
            ),
            Housing::of(
                id,
                Some(wire::Housing {
                    landlord: "nobody".to_owned(),
                    ..shown
                }),
            ),
        ] {
            assert!(matches!(bad, Err(Error::BadAnswer { .. })), "{bad:?}");
        }
    }
}
