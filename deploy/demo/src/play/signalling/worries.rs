//! Housing and welfare both worry about Dora, in a circle that she allowed; nobody else worries about Eef.

use std::time::Duration;

use futures_util::StreamExt as _;
use sluis_client::{
    Checklist, CircleQuestion, Match, MatchCommand, MatchEvent, MatchOutcome, ResidentTold, Severity, Worry,
};
use sluis_gateway::Session;
use sluis_proto::consent::v1 as wire;
use sluis_types::{
    Clock as _, GrantId, Handle, MatchClass, MatchId, OsRandomness, RequestId, SignalId, SignalType,
};
use zeroize::Zeroizing;

use crate::DemoError;
use crate::play::house::{House, oin};
use crate::play::people::{DORA, EEF, Who, question};
use crate::play::resident::Resident;
use crate::play::stage::Stage;
use crate::play::story::Secrets;
use crate::play::verdict::{Expectation, Verdict};
use crate::play::way::Letter;

/// What may meet in the circles of the play.
const CLASSES: [MatchClass; 1] = [MatchClass::HomeAtRisk];
/// What housing saw, and what welfare did. It stays with each.
const ARREARS: &str = "Drie maanden geen huur, en de incasso liep op niets uit.";
const SILENCE: &str = "Bij drie bezoeken deed niemand de verzonnen deur open.";
/// How long one waits for something that must happen.
const PATIENCE: Duration = Duration::from_secs(15);
/// So long passes until the worry that nobody shares is over: it lives 60 days after it was seen, and was seen 29 days
/// before it was written down.
const SEEN_BEFORE: Duration = Duration::from_hours(29 * 24);
const UNTIL_OVER: Duration = Duration::from_hours(32 * 24);

/// The act, while it goes on.
pub(super) struct Act<'a> {
    house: &'a House,
    pub(super) stage: &'a mut Stage,
    pub(super) verdict: &'a mut Verdict,
    secrets: &'a mut Secrets,
}

impl<'a> Act<'a> {
    pub(super) fn new(
        house: &'a House,
        stage: &'a mut Stage,
        verdict: &'a mut Verdict,
        secrets: &'a mut Secrets,
    ) -> Self {
        Self {
            house,
            stage,
            verdict,
            secrets,
        }
    }

    /// Two worries meet and are followed up; a third meets nobody. Gives the third.
    pub(super) async fn meet_and_follow_up(&mut self) -> Result<SignalId, DemoError> {
        let (mut dora, at_welfare, circle) = self.circle(DORA).await?;
        let at_housing = self.fetch().await?;
        self.stage
            .step("Dora allows a circle: her housing association and the welfare organisation may find out that both worry.")
            .await?;
        let arrears = (SignalType::RentArrears, Severity::Attention, ARREARS);
        self.worry(Who::Housing, at_housing, arrears, Duration::ZERO)
            .await?;
        let silent =
            self.matches(Who::Housing).await?.is_empty() && self.matches(Who::Welfare).await?.is_empty();
        self.verdict.expect(silent, Expectation::OneWorryTellsNobody, || {
            "somebody was told of a worry that met no other".to_owned()
        });
        self.stage
            .step("The housing association has a worry and posts it. Nobody is told anything.")
            .await?;
        let silence = (SignalType::NoContact, Severity::Worry, SILENCE);
        self.worry(Who::Welfare, at_welfare, silence, Duration::ZERO)
            .await?;
        let found = self.both_are_told().await?;
        self.stage
            .step("The welfare organisation worries too. Both are told: another organisation worries too, and no more.")
            .await?;
        self.call(&found, (at_welfare, at_housing)).await?;
        let led = self.take_the_lead(&found).await?;
        self.dora_agrees(&dora, circle, led).await?;
        self.refer(&mut dora, at_welfare, led).await?;
        self.nobody_else_worries().await
    }

    /// A resident who allows a circle of housing and welfare; welfare's handle, and the circle.
    async fn circle(&mut self, name: &str) -> Result<(Resident, Handle, GrantId), DemoError> {
        let house = self.house;
        let mut resident = house.log_in(name).await?;
        let code = resident.link_code(Who::Welfare).await?;
        let handle = house.redeem(Who::Welfare, &code).await?;
        let question = CircleQuestion {
            members: vec![oin(Who::Welfare), oin(Who::Housing)],
            match_classes: CLASSES.into_iter().collect(),
            valid_days: 180,
            replaces: None,
        };
        let asked = house
            .partner(Who::Welfare)
            .propose_circle(&handle, &question)
            .await;
        asked.map_err(DemoError::partner("asking for a circle"))?;
        let circle = allow(&house.session(&resident).await?).await?;
        self.secrets.names.push(name.to_owned());
        self.secrets.subjects.push(resident.subject().to_owned());
        self.secrets.handles.push(handle);
        self.secrets.grants.push(circle);
        Ok((resident, handle, circle))
    }

    /// Both members fetch their bundles; housing's own handle of the resident.
    async fn fetch(&mut self) -> Result<Handle, DemoError> {
        let mut handles = Vec::new();
        for who in [Who::Welfare, Who::Housing] {
            let fetched = self.house.partner(who).fetch_circles().await;
            handles.extend(
                fetched
                    .map_err(DemoError::partner("fetching a bundle"))?
                    .iter()
                    .map(|circle| circle.resident),
            );
        }
        let [_, at_housing] = handles.as_slice() else {
            return Err(DemoError::unexpected("there is not one bundle for each member"));
        };
        self.secrets.handles.push(*at_housing);
        Ok(*at_housing)
    }

    /// Writes a worry down, weighs it, and posts it without waiting for the moment that chance would choose.
    async fn worry(
        &mut self,
        who: Who,
        resident: Handle,
        (kind, severity, fact): (SignalType, Severity, &str),
        before: Duration,
    ) -> Result<SignalId, DemoError> {
        let partner = self.house.partner(who);
        let observed_at = self.house.calendar.now().minus(before);
        let worry = Worry {
            kind,
            resident,
            severity,
            observed_at,
            fact: Zeroizing::new(fact.to_owned()),
            interpretation: None,
            function: "aandachtsfunctionaris".to_owned(),
            callback: "0412-000000, werkdagen".to_owned(),
            area: None,
        };
        let failed = DemoError::partner("writing a worry down");
        let draft = partner.draft_signal(&worry).await.map_err(failed)?;
        let checklist = Checklist {
            first_hand: true,
            consent_tried: true,
            least_intrusive: true,
            danger: false,
            told: ResidentTold::At(observed_at),
        };
        let weighed = partner
            .weigh_signal(draft.signal_id, draft.version, &checklist)
            .await
            .map_err(DemoError::partner("weighing a worry"))?;
        let posted = partner.post_signal(weighed.signal_id).await;
        let posted = posted.map_err(DemoError::partner("posting a worry"))?;
        self.verdict
            .expect(posted.len() == 1, Expectation::EveryStepSucceeds, || {
                format!("posted {} times", posted.len())
            });
        self.secrets.contents.push(fact.to_owned());
        Ok(weighed.signal_id)
    }

    async fn matches(&self, who: Who) -> Result<Vec<Match>, DemoError> {
        let listed = self.house.partner(who).matches().await;
        listed.map_err(DemoError::partner("listing matches"))
    }

    /// Both watches tell of one match between the two.
    async fn both_are_told(&mut self) -> Result<Match, DemoError> {
        let mut told = Vec::new();
        for who in [Who::Housing, Who::Welfare] {
            let found = tokio::time::timeout(PATIENCE, self.told(who)).await;
            told.push(found.map_err(|_| DemoError::unexpected("a watch was silent"))??);
        }
        let (first, second) = (told.remove(0), told.remove(0));
        let mut parties: Vec<_> = first.parties.iter().map(|party| party.organisation).collect();
        parties.sort_unstable();
        let same = first.match_id == second.match_id && parties == [oin(Who::Welfare), oin(Who::Housing)];
        self.verdict.expect(same, Expectation::BothSidesAreTold, || {
            format!("told of {first:?} and {second:?}")
        });
        Ok(first)
    }

    /// The first match that a watch tells of.
    async fn told(&self, who: Who) -> Result<Match, DemoError> {
        let mut watch = std::pin::pin!(self.house.partner(who).watch_matches());
        while let Some(event) = watch.next().await {
            if let MatchEvent::Match(found) = event.map_err(DemoError::partner("watching matches"))? {
                return Ok(found);
            }
        }
        Err(DemoError::unexpected("a watch ended"))
    }

    /// Each opens at the gate whom to call, and learns no more.
    async fn call(
        &mut self,
        found: &Match,
        (at_welfare, at_housing): (Handle, Handle),
    ) -> Result<(), DemoError> {
        for (who, other, own, theirs) in [
            (Who::Welfare, Who::Housing, at_welfare, ARREARS),
            (Who::Housing, Who::Welfare, at_housing, SILENCE),
        ] {
            let opened = self.house.partner(who).open_contacts(found.match_id).await;
            let (about, contacts) = opened.map_err(DemoError::partner("opening whom to call"))?;
            let called = about == own && contacts.len() == 1 && contacts[0].organisation == oin(other);
            self.verdict.expect(called, Expectation::BothSidesAreTold, || {
                "whom to call did not come out".to_owned()
            });
            let text = format!("{contacts:?}");
            let is_more =
                text.contains(theirs) || SignalType::ALL.iter().any(|kind| text.contains(kind.name()));
            self.verdict
                .expect(!is_more, Expectation::MatchTellsNoMore, || text.clone());
        }
        self.stage
            .step("Each opens, at the circle's gate, whom to call at the other: a function and a number, not what it worries about.")
            .await
    }

    /// Both have seen it; welfare leads and speaks with Dora.
    async fn take_the_lead(&mut self, found: &Match) -> Result<MatchId, DemoError> {
        let failed = || DemoError::partner("following a match up");
        let mut version = found.version;
        for (who, command) in [
            (Who::Housing, MatchCommand::Acknowledge),
            (Who::Welfare, MatchCommand::Acknowledge),
            (Who::Welfare, MatchCommand::TakeLead),
            (Who::Welfare, MatchCommand::ContactResident),
        ] {
            let partner = self.house.partner(who);
            let changed = partner.match_command(found.match_id, version, command).await;
            version = changed.map_err(failed())?.version;
        }
        self.stage
            .step("Both have seen it; they telephone. The welfare organisation takes the lead and speaks with Dora.")
            .await?;
        Ok(found.match_id)
    }

    /// Dora sees the match, with both names, and agrees.
    async fn dora_agrees(&mut self, dora: &Resident, circle: GrantId, id: MatchId) -> Result<(), DemoError> {
        let session = self.house.session(dora).await?;
        let shown = session
            .list_matches(circle)
            .await
            .map_err(DemoError::refused("looking at matches"))?
            .matches;
        let both = shown.len() == 1 && shown[0].parties.len() == 2;
        self.verdict.expect(both, Expectation::BothSidesAreTold, || {
            format!("Dora sees {shown:?}")
        });
        let answered = session
            .answer_match(RequestId::random(&OsRandomness), circle, id, true)
            .await;
        answered.map_err(DemoError::refused("answering"))?;
        self.stage
            .step("Dora sees that the two met, and between whom; she agrees to help.")
            .await
    }

    /// A referral, under a consent of its own; then the match is closed.
    async fn refer(&mut self, dora: &mut Resident, handle: Handle, id: MatchId) -> Result<(), DemoError> {
        let house = self.house;
        house.ask(Who::Welfare, Who::Ggz, &handle).await?;
        dora.say_yes(Who::Welfare, Who::Ggz).await?;
        let grant = house.grant_between(dora, Who::Welfare, Who::Ggz).await?;
        let body = question(DORA, 0);
        let sent = house
            .send(Letter::text(Who::Welfare, Who::Ggz, handle, &body))
            .await?;
        let opened = house.open(Who::Ggz, sent.message_id).await?;
        let same = opened.content.body.as_slice() == body.as_bytes();
        self.verdict
            .expect(same, Expectation::ContentComesOutAsItWentIn, || {
                "the referral differs".to_owned()
            });
        self.secrets.grants.push(grant);
        self.secrets.threads.push(sent.thread_id);
        self.secrets.handles.push(opened.handle());
        self.secrets.contents.push(body);
        let welfare = house.partner(Who::Welfare);
        let now = welfare.found_match(id).await;
        let now = now.map_err(DemoError::partner("looking at the match"))?;
        let close = MatchCommand::Close(MatchOutcome::Referred);
        let closed = welfare.match_command(id, now.version, close).await;
        let closed = closed.map_err(DemoError::partner("closing the match"))?;
        self.verdict.expect(
            closed.outcome == "REFERRED",
            Expectation::EveryStepSucceeds,
            || format!("the match is {}", closed.state),
        );
        self.stage
            .step("Dora allows a referral to the GGZ; it is sent, and the match is closed as referred.")
            .await
    }

    /// Housing worries about Eef, and nobody else does.
    async fn nobody_else_worries(&mut self) -> Result<SignalId, DemoError> {
        let (_eef, _, _) = self.circle(EEF).await?;
        let at_housing = self.fetch().await?;
        let eviction = (
            SignalType::EvictionRisk,
            Severity::Attention,
            "Er ligt een verzonnen dagvaarding.",
        );
        let signal = self
            .worry(Who::Housing, at_housing, eviction, SEEN_BEFORE)
            .await?;
        self.stage
            .step("A third worry, about Eef, lies in her circle. Nobody else worries about her.")
            .await?;
        Ok(signal)
    }

    /// A month passes: the third worry is over, and nobody ever heard of it.
    pub(super) async fn expire_untouched(&mut self, signal: &SignalId) -> Result<(), DemoError> {
        let before = self.matches(Who::Welfare).await?.len();
        self.house.calendar.pass(UNTIL_OVER);
        let over = self.house.partner(Who::Housing).signal(*signal).await;
        let heard = self.matches(Who::Welfare).await;
        self.house.calendar.come_back();
        let over = over.map_err(DemoError::partner("looking at the third worry"))?;
        let untouched = over.state == "EXPIRED" && over.matches.is_empty() && heard?.len() == before;
        self.verdict
            .expect(untouched, Expectation::UnsharedWorryEnds, || {
                format!("the third worry is {}", over.state)
            });
        self.stage
            .step("A month passes. The third worry is over by itself; nobody ever heard of it.")
            .await
    }
}

/// The resident allows the circle that is asked for.
async fn allow(session: &Session) -> Result<GrantId, DemoError> {
    let failed = || DemoError::refused("allowing a circle");
    let list = wire::ListCircleProposalsRequest {};
    let pending = session.list_circle_proposals(list).await.map_err(failed())?;
    let pending = pending
        .proposals
        .first()
        .ok_or_else(|| DemoError::unexpected("no circle is asked for"))?;
    let grant = wire::GrantCircleRequest {
        request_id: RequestId::random(&OsRandomness).to_string(),
        proposal_id: pending.proposal_id.clone(),
        terms: pending.terms.clone(),
        valid_days: 0,
        notice: Some(wire::Notice {
            notice_id: "share-circle".to_owned(),
            version: 1,
            language: "nl".to_owned(),
            sha256: vec![7; 32].into(),
        }),
    };
    let granted = session.grant_circle(grant).await.map_err(failed())?;
    let grant = granted.circle.and_then(|circle| circle.grant);
    grant
        .and_then(|grant| grant.grant_id.parse().ok())
        .ok_or_else(|| DemoError::unexpected("the circle has no id"))
}
