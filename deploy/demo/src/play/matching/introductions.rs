//! Two introductions: in one somebody says no, and nobody learns it; the other works.

use sluis_client::ranking::{Area, Language, Tag};
use sluis_client::{Card, Introduction, Partner, WeekParts};
use sluis_proto::matching::v1 as wire;
use sluis_types::{
    CardId, CardRole, DistanceBand, GrantId, Handle, IntroductionId, IntroductionState, RequestId,
};

use super::super::house::oin;
use super::super::people::Who;
use super::super::resident::Resident;
use super::super::verdict::Expectation;
use super::place::Linked;
use super::{Act, CENTRE, COORDINATOR, WORKER};
use crate::DemoError;

/// Who says no.
const OTTO: &str = "Otto Verzonnenplein";
/// Who says yes.
const PIEN: &str = "Pien Verzonnenkade";

/// Somebody with a card.
struct Party {
    resident: Resident,
    grant: GrantId,
    card: CardId,
}

/// What everybody but the one who answered may see of an introduction.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    mia: i32,
    her_organisation: IntroductionState,
    coordinator: IntroductionState,
    is_anything_told: bool,
}

impl Act<'_> {
    pub(super) async fn introduce(&mut self, mut mia: Linked) -> Result<(), DemoError> {
        let coordinator = self.coordinator(COORDINATOR)?;
        let (grant, card) = self.card_of_mia(&mut mia).await?;
        let mia = Party {
            resident: mia.resident,
            grant,
            card,
        };
        let otto = self.volunteer(OTTO).await?;
        let pien = self.volunteer(PIEN).await?;
        self.stage
            .step(
                "Two volunteers allow the self-direction centre to introduce them too; the welfare organisation has \
                 three cards.",
            )
            .await?;
        let refused = propose(&coordinator, [mia.card, otto.card]).await?;
        self.answer(&otto, refused, wire::IntroductionAnswer::No).await?;
        self.answer(&mia, refused, wire::IntroductionAnswer::Yes).await?;
        let after_a_no = self.seen(&coordinator, &mia, refused).await?;
        let silent = propose(&coordinator, [mia.card, pien.card]).await?;
        self.answer(&mia, silent, wire::IntroductionAnswer::Yes).await?;
        let after_silence = self.seen(&coordinator, &mia, silent).await?;
        let alike = after_a_no == after_silence
            && after_a_no.coordinator == IntroductionState::Offered
            && !after_a_no.is_anything_told;
        self.verdict.expect(alike, Expectation::ANoLooksLikeSilence, || {
            format!("after a no {after_a_no:?}, after silence {after_silence:?}")
        });
        self.stage
            .step(
                "Otto says no, Pien says nothing yet, and Mia said yes to both: of both she, the GGZ and the coordinator \
                 see the same.",
            )
            .await?;
        self.answer(&pien, silent, wire::IntroductionAnswer::Yes).await?;
        let trial = self.worker().introduction(silent).await;
        let trial = trial.map_err(DemoError::partner("looking at the introduction"))?;
        let told = trial.state == IntroductionState::Trial && trial.other_organisation == Some(oin(CENTRE));
        self.verdict.expect(told, Expectation::BothSidesAreTold, || {
            format!("after two yeses it is {}", trial.state.name())
        });
        self.stage
            .step("Pien says yes: both sides are told, and exchange contact by a sealed message. Of Otto nobody hears.")
            .await
    }

    async fn card_of_mia(&mut self, mia: &mut Linked) -> Result<(GrantId, CardId), DemoError> {
        let (grant, card) = self
            .put_down(&mut mia.resident, &mia.handle, WORKER, CardRole::Seeks)
            .await?;
        self.stage
            .step(
                "Mia would like company, and allows the GGZ to put her card down with the welfare organisation: no name, \
                 no text.",
            )
            .await?;
        Ok((grant, card))
    }

    /// Somebody who offers to go along: linked with the centre, with a card under their own consent.
    async fn volunteer(&mut self, name: &str) -> Result<Party, DemoError> {
        let mut resident = self.house.log_in(name).await?;
        let code = resident.link_code(CENTRE).await?;
        let handle = self.house.redeem(CENTRE, &code).await?;
        let (grant, card) = self
            .put_down(&mut resident, &handle, CENTRE, CardRole::Offers)
            .await?;
        self.secrets.names.push(name.to_owned());
        self.secrets.subjects.push(resident.subject().to_owned());
        self.secrets.handles.push(handle);
        Ok(Party {
            resident,
            grant,
            card,
        })
    }

    /// Asks for consent, gets it, and puts the card down.
    async fn put_down(
        &mut self,
        resident: &mut Resident,
        handle: &Handle,
        at: Who,
        role: CardRole,
    ) -> Result<(GrantId, CardId), DemoError> {
        self.ask_to_introduce(at, handle).await?;
        resident.say_yes(at, COORDINATOR).await?;
        let grant = self.house.grant_between(resident, at, COORDINATOR).await?;
        self.secrets.grants.push(grant);
        let card = self
            .house
            .partner(at)
            .enrol_card(handle, oin(COORDINATOR), &card(role)?)
            .await;
        Ok((grant, card.map_err(DemoError::partner("putting down a card"))?))
    }

    /// Somebody answers for themselves.
    async fn answer(
        &self,
        party: &Party,
        introduction: IntroductionId,
        answer: wire::IntroductionAnswer,
    ) -> Result<(), DemoError> {
        let session = self.house.session(&party.resident).await?;
        let attempt = RequestId::random(&*self.house.mesh.ambient().randomness);
        let answered = session
            .answer_introduction(attempt, party.grant, introduction, answer, false)
            .await;
        answered
            .map(drop)
            .map_err(DemoError::refused("answering an introduction"))
    }

    async fn seen(
        &self,
        coordinator: &Partner,
        mia: &Party,
        introduction: IntroductionId,
    ) -> Result<Seen, DemoError> {
        let session = self.house.session(&mia.resident).await?;
        let listed = session.list_introductions(mia.grant).await;
        let listed = listed
            .map_err(DemoError::refused("looking at the introductions"))?
            .introductions;
        let id = introduction.to_string();
        let hers = listed
            .iter()
            .find(|one| one.introduction_id == id)
            .ok_or_else(|| DemoError::unexpected("Mia does not see her introduction"))?;
        let organisation = look(self.worker(), introduction).await?;
        let of_coordinator = look(coordinator, introduction).await?;
        let tells = |one: &Introduction| one.other_organisation.is_some() || one.trial_until.is_some();
        Ok(Seen {
            mia: hers.state,
            her_organisation: organisation.state,
            coordinator: of_coordinator.state,
            is_anything_told: tells(&organisation)
                || tells(&of_coordinator)
                || !hers.other_organisation.is_empty()
                || hers.trial_until.is_some(),
        })
    }
}

async fn propose(coordinator: &Partner, cards: [CardId; 2]) -> Result<IntroductionId, DemoError> {
    let proposed = coordinator.propose_introduction(cards).await;
    let proposed = proposed.map_err(DemoError::partner("proposing an introduction"))?;
    Ok(proposed.introduction_id)
}

async fn look(partner: &Partner, introduction: IntroductionId) -> Result<Introduction, DemoError> {
    let seen = partner.introduction(introduction).await;
    seen.map_err(DemoError::partner("looking at an introduction"))
}

/// A card of the play.
fn card(role: CardRole) -> Result<Card, DemoError> {
    let week_parts = WeekParts::default()
        .with("TUE_AFTERNOON")
        .map_err(DemoError::partner("filling in a card"))?;
    Ok(Card {
        role,
        week_parts,
        hours_max: 2,
        distance: Some(DistanceBand::Cycle),
        area: Area::parse("GM0828").expect("a gemeente"),
        languages: vec![Language::DUTCH],
        gender: None,
        gender_wished: None,
        smoke_is_fine: false,
        animals_are_fine: true,
        tags: vec![Tag::parse("wandelen").expect("a tag")],
        conduct_was_verified: role == CardRole::Offers,
    })
}
