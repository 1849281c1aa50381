//! Act three: Mia finds something that fits, and somebody to go with.

mod introductions;
mod kaart;
mod place;

use std::sync::Arc;

use sluis_client::{Ask, Environment, Partner, Professional, Profile, Provision};
use sluis_types::{CodeSet, DataKind, Handle, LifeDomain, ProfessionalRole, Purpose};

use super::house::{House, oin};
use super::people::Who;
use super::stage::Stage;
use super::story::Secrets;
use super::verdict::Verdict;
use crate::DemoError;

/// Who looks with Mia for what fits.
const WORKER: Who = Who::Ggz;
/// Who offers the place that is held, and has the volunteers.
const CENTRE: Who = Who::SelfDirection;
/// Who puts people before each other, and offers a walk.
const COORDINATOR: Who = Who::Welfare;
/// How long the act asks consent for, in days.
const CONSENT_DAYS: u32 = 90;

/// What the act is played with.
struct Act<'a> {
    house: &'a House,
    stage: &'a mut Stage,
    verdict: &'a mut Verdict,
    secrets: &'a mut Secrets,
}

/// Plays the act.
///
/// # Errors
/// [`DemoError`] when a step cannot be taken.
pub(super) async fn play(
    house: &House,
    stage: &mut Stage,
    verdict: &mut Verdict,
    secrets: &mut Secrets,
) -> Result<(), DemoError> {
    let mut act = Act {
        house,
        stage,
        verdict,
        secrets,
    };
    act.stage
        .say("\nMia looks for something to do in her neighbourhood, and for somebody to go with.");
    let (offer, mia) = act.look().await?;
    let mia = act.hold_and_refer(mia, offer).await?;
    act.introduce(mia).await
}

impl Act<'_> {
    /// A partner's coordinator: another person with another role, over the organisation's own certificate.
    fn coordinator(&self, who: Who) -> Result<Partner, DemoError> {
        let profile =
            Profile::open(&self.house.profile(who)).map_err(DemoError::partner("opening a profile"))?;
        let professional = Professional {
            id: "coordinator-1".to_owned(),
            role: ProfessionalRole::Coordinator,
        };
        Partner::connect(profile, professional, Environment::system())
            .map_err(DemoError::partner("connecting"))
    }

    fn worker(&self) -> &Arc<Partner> {
        self.house.partner(WORKER)
    }

    /// Asks consent, in one direction, for somebody to be introduced.
    async fn ask_to_introduce(&self, from: Who, handle: &Handle) -> Result<(), DemoError> {
        let ask = Ask {
            discloser: oin(from),
            recipient: oin(COORDINATOR),
            provisions: vec![Provision {
                purpose: Purpose::MatchingPeer,
                life_domains: CodeSet::EMPTY.with(LifeDomain::Surroundings),
                data_kinds: CodeSet::EMPTY.with(DataKind::Plan),
                objection: false,
            }],
            valid_days: CONSENT_DAYS,
        };
        let asked = self.house.partner(from).ask_consent(handle, &[ask]).await;
        asked.map(drop).map_err(DemoError::partner("asking consent"))
    }
}
