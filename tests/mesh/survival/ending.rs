//! kill -9 between any two steps of ending a grant, and the failure of each step.
//!
//! A mesh in which one step goes wrong ([`step`](super::step)) is killed there; the real `sluisd` then starts on what
//! it left. What was not acknowledged may have happened or not, but nothing in between; what was acknowledged is gone.

use sluis_client::types::Handle;
use sluis_proto::consent::v1::{Grant, GrantState, WithdrawGrantRequest};
use sluis_serve::Refusal;
use tonic::Status;

use super::hands::{Hands, Kept};
use super::letters::is_refused;
use super::step::{Mishap, REACHED, Step};
use super::town::Town;
use crate::fixture::{Backend, TestPartner, TestResident, request_id, text_to};

/// A resident with a live grant, and two letters that lie unopened under it.
struct Case {
    resident: TestResident,
    grant: Grant,
    first: Kept,
    second: Kept,
}

/// A town with one resident for each step, and one whose grant lies in the same bucket and stays.
struct Street {
    town: Town,
    welfare: TestPartner,
    ggz: TestPartner,
    hands: Hands,
    cases: Vec<Case>,
    neighbour: Handle,
}

impl Street {
    async fn build(backend: Backend) -> Self {
        let town = Town::build(backend).await;
        let (welfare, ggz) = town.welfare_and_ggz().await;
        let hands = Hands::of(&ggz);
        let resident = town.resident("neighbour").await;
        let neighbour = welfare.link(&resident).await;
        welfare.ask_both_ways(&neighbour, ggz.oin()).await;
        resident.grant_all().await;
        let mut cases = Vec::new();
        for step in Step::ALL {
            let resident = town.resident(step.name()).await;
            let handle = welfare.link(&resident).await;
            welfare.ask_both_ways(&handle, ggz.oin()).await;
            resident.grant_all().await;
            let grant = resident.grant_between(welfare.oin(), ggz.oin()).await;
            let mut kept = Vec::new();
            for text in ["first", "second"] {
                let sent = welfare.send(text_to(ggz.oin(), handle, text)).await;
                kept.push(
                    hands
                        .fetch(sent.message_id)
                        .await
                        .expect("fetched")
                        .expect("it is there"),
                );
            }
            let (second, first) = (kept.pop().expect("two"), kept.pop().expect("two"));
            cases.push(Case {
                resident,
                grant,
                first,
                second,
            });
        }
        assert_eq!(town.bucket_keys().len(), 1, "all grants lie in one bucket");
        Self {
            town,
            welfare,
            ggz,
            hands,
            cases,
            neighbour,
        }
    }

    /// After the mishap and before the withdrawal is repeated: all of it happened, or nothing.
    async fn is_whole(&self, step: Step, case: &Case) {
        let opened = self.ggz.partner.open(case.first.message).await;
        if is_committed(step) {
            let refused = opened.expect_err("its consent has ended");
            assert!(is_refused(&refused), "{step:?}: {refused:?}");
            self.stays_closed(step, &case.first).await;
        } else {
            let opened = opened.unwrap_or_else(|error| panic!("{step:?}: nothing has ended: {error:?}"));
            assert_eq!(opened.content.body.as_slice(), b"first");
        }
        self.neighbour_is_served(step).await;
    }

    /// After the withdrawal was acknowledged: nothing opens, no older key is there, and the neighbours live on.
    async fn is_over(
        &self,
        step: Step,
        case: &Case,
        keys_before: &std::collections::BTreeSet<std::path::PathBuf>,
    ) {
        for kept in [&case.first, &case.second] {
            assert!(
                self.ggz.partner.open(kept.message).await.is_err(),
                "{step:?}: its consent has ended"
            );
            self.stays_closed(step, kept).await;
        }
        let keys = self.town.bucket_keys();
        assert_eq!(keys.len(), 1, "{step:?}: one key of the one bucket: {keys:?}");
        assert!(
            keys.is_disjoint(keys_before),
            "{step:?}: the key from before is still there: {keys:?}"
        );
        self.neighbour_is_served(step).await;
    }

    /// Not even with all that was fetched in time, at the gate itself.
    async fn stays_closed(&self, step: Step, kept: &Kept) {
        let refused = self
            .hands
            .open_kept(kept, &self.welfare)
            .await
            .expect_err("its consent has ended");
        assert!(refused.is_not_available(), "{step:?}: {refused:?}");
    }

    async fn neighbour_is_served(&self, step: Step) {
        let text = format!("{} does not concern them", step.name());
        let sent = self
            .welfare
            .send(text_to(self.ggz.oin(), self.neighbour, &text))
            .await;
        let opened = self
            .ggz
            .partner
            .open(sent.message_id)
            .await
            .expect("their consent lives");
        assert_eq!(opened.content.body.as_slice(), text.as_bytes());
    }
}

/// Whether the ending is in the database by this step.
const fn is_committed(step: Step) -> bool {
    matches!(
        step,
        Step::BeforeDestruction | Step::HalfDestroyed | Step::BeforeAnswer
    )
}

async fn withdraw(resident: &TestResident, message: WithdrawGrantRequest) -> Result<Grant, Status> {
    Ok(resident
        .session
        .withdraw_grant(message)
        .await?
        .grant
        .expect("a grant"))
}

fn withdrawal_of(case: &Case) -> WithdrawGrantRequest {
    WithdrawGrantRequest {
        request_id: request_id(),
        grant_id: case.grant.grant_id.clone(),
    }
}

async fn p2_killed_between_two_steps_of_an_ending_nothing_half_ended_opens(backend: Backend) {
    let mut street = Box::pin(Street::build(backend)).await;
    street.town.kill();
    for (step, case) in Step::ALL.into_iter().zip(std::mem::take(&mut street.cases)) {
        street.town.start_halting(step, Mishap::StandStill).await;
        let keys_before = street.town.bucket_keys();
        let message = withdrawal_of(&case);
        let mut asked = Box::pin(withdraw(&case.resident, message.clone()));
        tokio::select! {
            answer = &mut asked => panic!("{step:?}: answered before it was done: {answer:?}"),
            () = street.town.said(REACHED) => {}
        }
        street.town.kill();
        let unanswered = asked.await.expect_err("nobody was left to answer");
        assert!(
            Refusal::reason_of(&unanswered).is_some(),
            "{step:?}: {unanswered:?}"
        );

        street.town.start().await;
        street.is_whole(step, &case).await;
        let ended = withdraw(&case.resident, message.clone())
            .await
            .expect("withdrawn");
        assert_eq!(ended.state(), GrantState::Withdrawn, "{step:?}");
        assert_eq!(
            withdraw(&case.resident, message).await.expect("again"),
            ended,
            "{step:?}"
        );
        street.is_over(step, &case, &keys_before).await;
        street.town.kill();
    }
}

async fn p2_when_a_step_of_an_ending_fails_it_is_not_acknowledged_and_can_be_repeated(backend: Backend) {
    let mut street = Box::pin(Street::build(backend)).await;
    for (step, case) in Step::ALL.into_iter().zip(std::mem::take(&mut street.cases)) {
        street.town.kill();
        street.town.start_halting(step, Mishap::FailOnce).await;
        let keys_before = street.town.bucket_keys();
        let message = withdrawal_of(&case);
        let answer = withdraw(&case.resident, message.clone()).await;
        let not_done = answer.expect_err("it failed, so it is not acknowledged");
        assert!(Refusal::reason_of(&not_done).is_some(), "{step:?}: {not_done:?}");

        street.is_whole(step, &case).await;
        let ended = withdraw(&case.resident, message).await.expect("withdrawn");
        assert_eq!(ended.state(), GrantState::Withdrawn, "{step:?}");
        street.is_over(step, &case, &keys_before).await;
    }
    street.town.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn p2_killed_between_two_steps_of_an_ending_nothing_half_ended_opens_on_sqlite() {
    Box::pin(p2_killed_between_two_steps_of_an_ending_nothing_half_ended_opens(
        Backend::Sqlite,
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p2_killed_between_two_steps_of_an_ending_nothing_half_ended_opens_on_postgres() {
    Box::pin(p2_killed_between_two_steps_of_an_ending_nothing_half_ended_opens(
        Backend::Postgres,
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p2_when_a_step_of_an_ending_fails_it_is_not_acknowledged_and_can_be_repeated_on_sqlite() {
    Box::pin(p2_when_a_step_of_an_ending_fails_it_is_not_acknowledged_and_can_be_repeated(Backend::Sqlite))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p2_when_a_step_of_an_ending_fails_it_is_not_acknowledged_and_can_be_repeated_on_postgres() {
    Box::pin(p2_when_a_step_of_an_ending_fails_it_is_not_acknowledged_and_can_be_repeated(Backend::Postgres))
        .await;
}
