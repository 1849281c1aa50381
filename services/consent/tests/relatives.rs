//! Relatives who were not appointed: on a professional's declaration, after everybody who goes before, and for a short
//! time. And mandates that nobody makes theirs.

use std::time::Duration;

use sluis_proto::consent::v1::{
    self as proto, DataKind, LifeDomain, MandateAssessor, MandateKind, MandateRelation, MandateState,
    MandateVerification,
};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Refusal, to_proto_timestamp};
use sluis_types::Handle;

use crate::acts::{Resident, provision_of};
use crate::letters::DAY;
use crate::representatives::{ONE, OTHER, everything};
use crate::world::{World, refusal};

impl World {
    fn declared(&self, handle: &Handle, relation: MandateRelation) -> proto::RecordMandateRequest {
        let assessed_at = self.now().minus(DAY);
        proto::RecordMandateRequest {
            verification: MandateVerification::Declaration.into(),
            valid_days: 92,
            declaration: Some(proto::MandateDeclaration {
                relation: relation.into(),
                assessed_by: MandateAssessor::Physician.into(),
                assessed_at: Some(to_proto_timestamp(assessed_at)),
                life_domains: vec![1, 3, 4, 5],
                data_kinds: vec![1, 2, 3, 4, 5, 7, 8, 9, 10],
                nobody_before: true,
            }),
            ..self.record(handle, MandateKind::Relative)
        }
    }

    async fn recorded_relative(
        &self,
        handle: &Handle,
        relation: MandateRelation,
    ) -> proto::RecordMandateResponse {
        let request = self.declared(handle, relation);
        self.worker(ONE)
            .record_mandate(request)
            .await
            .unwrap()
            .into_inner()
    }

    async fn confirmed(&self, mandate_id: &str) -> Result<(), tonic::Status> {
        let confirming = self.confirm(mandate_id);
        self.worker(OTHER).confirm_mandate(confirming).await.map(drop)
    }

    /// A relative who speaks for Anna.
    async fn relative(&self, subject: &str, handle: &Handle, relation: MandateRelation) -> Resident {
        let recorded = self.recorded_relative(handle, relation).await;
        self.confirmed(&recorded.mandate_id).await.unwrap();
        self.redeemed(subject, "anna", &recorded.code).await
    }

    async fn states(&self, who: &Resident) -> Vec<(MandateKind, MandateState)> {
        let mandates = self.mandates(who).await;
        mandates.iter().map(|it| (it.kind(), it.state())).collect()
    }
}

#[tokio::test]
async fn a_relative_decides_about_care_and_never_about_money() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let carla = world
        .relative("carla", &granted.handle, MandateRelation::Partner)
        .await;
    assert_eq!(world.grants(&carla).await.len(), 1);
    let shown = world.mandates(&granted.resident).await.remove(0);
    assert_eq!(
        (shown.kind(), shown.relation(), shown.assessed_by(), shown.state()),
        (
            MandateKind::Relative,
            MandateRelation::Partner,
            MandateAssessor::Physician,
            MandateState::Active
        )
    );
    assert!(shown.assessed_at.is_some() && shown.recorded_by == world.welfare.oin.to_string());
    let money = proto::Provision {
        life_domains: vec![LifeDomain::Finances.into()],
        ..provision_of(proto::Purpose::Referral, &[DataKind::Financial])
    };
    world
        .ask(&granted.resident, &granted.handle, world.question(vec![money]))
        .await;
    assert!(world.waiting(&carla).await.is_empty());
}

#[tokio::test]
async fn a_relative_reaches_only_the_matters_that_were_declared() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let mut request = world.declared(&granted.handle, MandateRelation::Child);
    let declaration = request.declaration.as_mut().unwrap();
    declaration.life_domains = vec![LifeDomain::Surroundings.into()];
    let recorded = world
        .worker(ONE)
        .record_mandate(request)
        .await
        .unwrap()
        .into_inner();
    world.confirmed(&recorded.mandate_id).await.unwrap();
    let carla = world.redeemed("carla", "anna", &recorded.code).await;
    assert!(
        world.grants(&carla).await.is_empty(),
        "the grant is about something else"
    );
}

#[tokio::test]
async fn a_declaration_that_is_not_whole_or_not_of_now_is_refused() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let good = world.declared(&granted.handle, MandateRelation::Sibling);
    let with = |change: &dyn Fn(&mut proto::MandateDeclaration)| {
        let mut request = good.clone();
        change(request.declaration.as_mut().unwrap());
        request
    };
    let now = world.now();
    let mut bad = vec![
        with(&|it| it.relation = 0),
        with(&|it| it.assessed_by = 9),
        with(&|it| it.assessed_at = None),
        with(&|it| it.assessed_at = Some(to_proto_timestamp(now.plus(DAY)))),
        with(&|it| it.assessed_at = Some(to_proto_timestamp(now.minus(31 * DAY)))),
        with(&|it| it.life_domains.clear()),
        with(&|it| it.life_domains.push(LifeDomain::Finances.into())),
        with(&|it| it.data_kinds.push(DataKind::Financial.into())),
        with(&|it| it.data_kinds.clear()),
        with(&|it| it.nobody_before = false),
    ];
    bad.push(proto::RecordMandateRequest {
        declaration: None,
        ..good.clone()
    });
    bad.push(proto::RecordMandateRequest {
        verification: MandateVerification::Register.into(),
        ..good.clone()
    });
    bad.push(proto::RecordMandateRequest {
        valid_days: 93,
        ..good.clone()
    });
    bad.push(proto::RecordMandateRequest {
        declaration: good.declaration.clone(),
        ..world.record(&granted.handle, MandateKind::Mentor)
    });
    for (number, request) in bad.into_iter().enumerate() {
        let refused = world.worker(ONE).record_mandate(request).await;
        assert_eq!(refusal(refused), ErrorReason::InvalidField, "number {number}");
    }
    world.worker(ONE).record_mandate(good).await.unwrap();
}

#[tokio::test]
async fn a_relative_gives_way_to_who_was_appointed_before() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    world
        .appointed("dora", "anna", &granted.handle, MandateKind::Mentor)
        .await;
    let recorded = world
        .recorded_relative(&granted.handle, MandateRelation::Partner)
        .await;
    let refused = world
        .confirmed(&recorded.mandate_id)
        .await
        .expect_err("a mentor goes before");
    assert_eq!(Refusal::reason_of(&refused), Some(ErrorReason::IllegalTransition));
    let expected = [
        (MandateKind::Relative, MandateState::Suspended),
        (MandateKind::Mentor, MandateState::Active),
    ];
    let mut states = world.states(&granted.resident).await;
    states.sort_by_key(|(kind, _)| std::cmp::Reverse(*kind as i32));
    assert_eq!(states, expected);
    let carla = world.log_in_for("carla", "anna").await;
    let redeeming = world
        .representation(&carla)
        .redeem_mandate_code(world.redeem(&recorded.code))
        .await;
    assert_eq!(refusal(redeeming), ErrorReason::CodeRefused);
}

#[tokio::test]
async fn an_administrator_of_money_goes_before_no_relative() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    world
        .appointed("dora", "anna", &granted.handle, MandateKind::Administrator)
        .await;
    let carla = world
        .relative("carla", &granted.handle, MandateRelation::Parent)
        .await;
    assert_eq!(world.grants(&carla).await.len(), 1);
}

#[tokio::test]
async fn whoever_is_appointed_later_suspends_a_relative_at_once() {
    for kind in [MandateKind::Guardian, MandateKind::Mentor] {
        let world = World::start().await;
        let granted = world.granted("anna").await;
        let carla = world
            .relative("carla", &granted.handle, MandateRelation::Partner)
            .await;
        let recording = world.record(&granted.handle, kind);
        let recorded = world
            .worker(ONE)
            .record_mandate(recording)
            .await
            .unwrap()
            .into_inner();
        assert_eq!(
            world.grants(&carla).await.len(),
            1,
            "one worker alone suspends nobody"
        );
        world.confirmed(&recorded.mandate_id).await.unwrap();
        let listed = carla
            .client
            .clone()
            .list_grants(proto::ListGrantsRequest {})
            .await;
        assert_eq!(refusal(listed), ErrorReason::NotAvailable, "{kind:?}");
        let states = world.states(&granted.resident).await;
        assert!(states.contains(&(MandateKind::Relative, MandateState::Suspended)));
    }
}

#[tokio::test]
async fn whom_the_resident_authorises_goes_before_every_relative() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let carla = world
        .relative("carla", &granted.handle, MandateRelation::Partner)
        .await;
    let anna = world.log_in("anna").await;
    world
        .representation(&anna)
        .create_proxy(everything(&world))
        .await
        .unwrap();
    let listed = carla
        .client
        .clone()
        .list_grants(proto::ListGrantsRequest {})
        .await;
    assert_eq!(refusal(listed), ErrorReason::NotAvailable);
}

#[tokio::test]
async fn a_partner_goes_before_other_relatives_and_they_beside_each_other() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let child = world
        .relative("carla", &granted.handle, MandateRelation::Child)
        .await;
    let sibling = world
        .relative("dora", &granted.handle, MandateRelation::Sibling)
        .await;
    for who in [&child, &sibling] {
        assert_eq!(world.grants(who).await.len(), 1);
    }
    let partner = world
        .relative("eva", &granted.handle, MandateRelation::Partner)
        .await;
    assert_eq!(world.grants(&partner).await.len(), 1);
    for who in [&child, &sibling] {
        let listed = who.client.clone().list_grants(proto::ListGrantsRequest {}).await;
        assert_eq!(refusal(listed), ErrorReason::NotAvailable);
    }
    let another = world
        .recorded_relative(&granted.handle, MandateRelation::Parent)
        .await;
    assert!(world.confirmed(&another.mandate_id).await.is_err());
}

#[tokio::test]
async fn the_resident_can_dispute_a_relative_in_every_state() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let carla = world
        .relative("carla", &granted.handle, MandateRelation::Child)
        .await;
    world
        .recorded_relative(&granted.handle, MandateRelation::Sibling)
        .await;
    world
        .relative("eva", &granted.handle, MandateRelation::Partner)
        .await;
    let anna = world.log_in("anna").await;
    for mandate in world.mandates(&anna).await {
        let disputing = proto::DisputeMandateRequest {
            request_id: world.request_id(),
            mandate_id: mandate.mandate_id,
        };
        let disputed = world
            .representation(&anna)
            .dispute_mandate(disputing)
            .await
            .unwrap();
        assert_eq!(
            disputed.into_inner().mandate.unwrap().state(),
            MandateState::Disputed
        );
    }
    assert_eq!(world.states(&anna).await.len(), 3);
    let listed = carla
        .client
        .clone()
        .list_grants(proto::ListGrantsRequest {})
        .await;
    assert_eq!(refusal(listed), ErrorReason::NotAvailable);
}

#[tokio::test]
async fn a_relative_speaks_for_three_months_and_no_longer() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    world
        .relative("carla", &granted.handle, MandateRelation::Partner)
        .await;
    world.clock.advance(93 * DAY);
    let carla = world.log_in_for("carla", "anna").await;
    let listed = carla
        .client
        .clone()
        .list_grants(proto::ListGrantsRequest {})
        .await;
    assert_eq!(refusal(listed), ErrorReason::NotAvailable);
    // Assessed anew, recorded anew, confirmed anew.
    let again = world
        .relative("carla", &granted.handle, MandateRelation::Partner)
        .await;
    assert_eq!(world.grants(&again).await.len(), 1);
}

#[tokio::test]
async fn a_mandate_whose_code_nobody_redeems_goes_with_it() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let nobody = Handle::from_bytes([7; 16]);
    let mut ids = Vec::new();
    for handle in [&granted.handle, &nobody] {
        for _ in 0..2 {
            let recording = world.record(handle, MandateKind::Mentor);
            let recorded = world.worker(ONE).record_mandate(recording).await.unwrap();
            ids.push(recorded.into_inner().mandate_id);
        }
    }
    world.confirmed(&ids[0]).await.unwrap();
    world.confirmed(&ids[2]).await.unwrap();
    let anna = world.log_in("anna").await;
    world.proxy(&anna).await;
    assert_eq!(world.mandates(&anna).await.len(), 3);
    world.clock.advance(Duration::from_hours(7 * 24));
    world.consent.expire().await.unwrap();
    let anna = world.log_in("anna").await;
    assert_eq!(world.mandates(&anna).await.len(), 3, "their hour is not over");
    world.clock.advance(Duration::from_hours(1));
    world.consent.expire().await.unwrap();
    let anna = world.log_in("anna").await;
    assert!(world.mandates(&anna).await.is_empty());
    for id in &ids {
        let confirmed = world.confirmed(id).await;
        assert_eq!(
            refusal(confirmed),
            ErrorReason::NotAvailable,
            "for nobody as for somebody"
        );
    }
    // What comes after takes a place of its own.
    world.proxy(&anna).await;
    assert_eq!(world.mandates(&anna).await.len(), 1);
}

#[tokio::test]
async fn a_mandate_that_was_redeemed_or_disputed_stays() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let dora = world
        .appointed("dora", "anna", &granted.handle, MandateKind::Mentor)
        .await;
    let recording = world.record(&granted.handle, MandateKind::Guardian);
    let recorded = world
        .worker(ONE)
        .record_mandate(recording)
        .await
        .unwrap()
        .into_inner();
    let disputing = proto::DisputeMandateRequest {
        request_id: world.request_id(),
        mandate_id: recorded.mandate_id,
    };
    let anna = &granted.resident;
    world
        .representation(anna)
        .dispute_mandate(disputing)
        .await
        .unwrap();
    world.clock.advance(8 * DAY);
    world.consent.expire().await.unwrap();
    assert_eq!(world.mandates(&world.log_in("anna").await).await.len(), 2);
    drop(dora);
    let dora = world.log_in_for("dora", "anna").await;
    assert_eq!(world.grants(&dora).await.len(), 1);
}
