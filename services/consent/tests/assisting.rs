//! StartAssisted, RecordConsent, ConfirmConsent.

use std::time::Duration;

use sluis_proto::consent::v1::assisted_service_client::AssistedServiceClient;
use sluis_proto::consent::v1::{self as proto, AccessKind, EvidenceMethod, GrantState, WitnessRole};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, MeshClient, PartnerCaller};
use sluis_types::{Handle, Oin, ProfessionalRole};

use crate::acts::{notice, provision};
use crate::changing::NO_GRANT;
use crate::letters::JWT_HASH;
use crate::representatives::{ONE, OTHER};
use crate::world::{World, refusal};

pub(crate) type Assisted = AssistedServiceClient<MeshClient>;

/// Who makes letters.
const MAKER: [u8; 32] = [3; 32];

/// A resident without a login whom welfare helps, and the code in their letter.
pub(crate) struct Helped {
    pub(crate) handle: Handle,
    pub(crate) letter: String,
    pub(crate) picture: String,
}

impl World {
    pub(crate) fn helper(
        &self,
        organisation: Oin,
        professional: [u8; 32],
        role: ProfessionalRole,
    ) -> Assisted {
        let caller = Caller::Partner(PartnerCaller {
            organisation,
            professional,
            role,
            jwt_hash: JWT_HASH,
        });
        Assisted::new(self.mesh_client(caller))
    }

    /// A worker of welfare.
    pub(crate) fn helping(&self, professional: [u8; 32]) -> Assisted {
        self.helper(self.welfare.oin, professional, ProfessionalRole::Professional)
    }

    fn starting(&self) -> proto::StartAssistedRequest {
        proto::StartAssistedRequest {
            request_id: self.request_id(),
        }
    }

    pub(crate) async fn helped(&self) -> Helped {
        let started = self.helping(MAKER).start_assisted(self.starting()).await;
        let started = started.unwrap().into_inner();
        Helped {
            handle: Self::open_handle(&self.welfare, &started.sealed_handle),
            letter: started.letter_code,
            picture: started.letter_qr_code,
        }
    }

    pub(crate) fn recording_consent(&self, handle: &Handle) -> proto::RecordConsentRequest {
        proto::RecordConsentRequest {
            request_id: self.request_id(),
            handle: handle.expose(),
            consent: Some(self.question(vec![provision()])),
            notice: Some(notice()),
            evidence: Some(proto::Evidence {
                method: EvidenceMethod::OralWitnessed.into(),
                document_sha256: vec![6; 32].into(),
                witness: WitnessRole::Relative.into(),
            }),
        }
    }

    pub(crate) fn confirming(&self, record_id: &str, letter: &str) -> proto::ConfirmConsentRequest {
        proto::ConfirmConsentRequest {
            request_id: self.request_id(),
            record_id: record_id.into(),
            letter_code: letter.into(),
        }
    }

    pub(crate) async fn recorded(&self, handle: &Handle) -> String {
        let request = self.recording_consent(handle);
        let reply = self.helping(ONE).record_consent(request).await;
        reply.unwrap().into_inner().record_id
    }

    /// A helped resident with a live grant from welfare to GGZ.
    pub(crate) async fn helped_with_grant(&self) -> Helped {
        let helped = self.helped().await;
        let record = self.recorded(&helped.handle).await;
        let confirm = self.confirming(&record, "");
        self.helping(OTHER).confirm_consent(confirm).await.unwrap();
        helped
    }
}

#[tokio::test]
async fn start_assisted_works() {
    let world = World::start().await;
    let (one, other) = (world.helped().await, world.helped().await);
    assert_eq!((one.letter.len(), one.picture.len()), (11, 26));
    assert_ne!(one.handle, other.handle);
    assert_eq!(
        refusal(world.authorize(&one.handle).await),
        ErrorReason::NotAvailable
    );
}

#[tokio::test]
async fn start_assisted_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let request = world.starting();
    let mut worker = world.helping(ONE);
    let first = worker.start_assisted(request.clone()).await.unwrap().into_inner();
    world.clock.advance(Duration::from_secs(20));
    assert_eq!(worker.start_assisted(request).await.unwrap().into_inner(), first);
}

#[tokio::test]
async fn start_assisted_refuses_the_wrong_caller() {
    let world = World::start().await;
    let mut volunteer = world.helper(world.welfare.oin, ONE, ProfessionalRole::Volunteer);
    assert_eq!(
        refusal(volunteer.start_assisted(world.starting()).await),
        ErrorReason::RoleRefused
    );
}

/// There is no id to be unknown.
#[tokio::test]
async fn start_assisted_answers_an_unknown_id() {
    let world = World::start().await;
    let malformed = proto::StartAssistedRequest {
        request_id: "x".into(),
    };
    assert_eq!(
        refusal(world.helping(ONE).start_assisted(malformed).await),
        ErrorReason::InvalidField
    );
}

#[tokio::test]
async fn record_consent_works() {
    let world = World::start().await;
    let helped = world.helped().await;
    world.recorded(&helped.handle).await;
    // It counts for nothing before it is confirmed.
    assert_eq!(
        refusal(world.authorize(&helped.handle).await),
        ErrorReason::NotAvailable
    );
    let anna = world.taken_over("anna", &helped.letter).await;
    let waiting = world.waiting(&anna).await;
    assert!(waiting[0].recorded, "whoever takes over sees that it waits");
    assert_eq!(waiting[0].proposal.as_ref().unwrap().valid_days, 92);
}

#[tokio::test]
async fn record_consent_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let helped = world.helped().await;
    let request = world.recording_consent(&helped.handle);
    let mut worker = world.helping(ONE);
    let first = worker.record_consent(request.clone()).await.unwrap().into_inner();
    assert_eq!(
        worker.record_consent(request.clone()).await.unwrap().into_inner(),
        first
    );
    let other = proto::RecordConsentRequest {
        handle: world.helped().await.handle.expose(),
        ..request
    };
    assert_eq!(
        refusal(worker.record_consent(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn record_consent_refuses_the_wrong_caller() {
    let world = World::start().await;
    let helped = world.helped().await;
    let request = world.recording_consent(&helped.handle);
    let mut recipient = world.helper(world.ggz.oin, ONE, ProfessionalRole::Professional);
    let by_recipient = recipient.record_consent(request.clone()).await;
    assert_eq!(
        refusal(by_recipient),
        ErrorReason::InvalidField,
        "never a worker of the recipient"
    );
    let mut volunteer = world.helper(world.welfare.oin, ONE, ProfessionalRole::Volunteer);
    assert_eq!(
        refusal(volunteer.record_consent(request.clone()).await),
        ErrorReason::RoleRefused
    );
    let evidence = |method: EvidenceMethod, witness: WitnessRole, hash: usize| proto::RecordConsentRequest {
        evidence: Some(proto::Evidence {
            method: method.into(),
            document_sha256: vec![6; hash].into(),
            witness: witness.into(),
        }),
        ..request.clone()
    };
    for bad in [
        evidence(EvidenceMethod::OralWitnessed, WitnessRole::Unspecified, 32),
        evidence(EvidenceMethod::Unspecified, WitnessRole::Relative, 32),
        evidence(EvidenceMethod::PaperSigned, WitnessRole::Unspecified, 31),
        proto::RecordConsentRequest {
            evidence: None,
            ..request.clone()
        },
        proto::RecordConsentRequest {
            notice: None,
            ..request.clone()
        },
        proto::RecordConsentRequest {
            consent: None,
            ..request.clone()
        },
        proto::RecordConsentRequest {
            consent: Some(proto::Proposal {
                valid_days: 184,
                ..world.question(vec![provision()])
            }),
            ..request.clone()
        },
    ] {
        let refused = world.helping(ONE).record_consent(bad).await;
        assert_eq!(refusal(refused), ErrorReason::InvalidField);
    }
}

#[tokio::test]
async fn record_consent_answers_an_unknown_id() {
    let world = World::start().await;
    let nobody = Handle::random(world.randomness.as_ref());
    let record = world.recorded(&nobody).await;
    let confirm = world.confirming(&record, "");
    world.helping(OTHER).confirm_consent(confirm).await.unwrap();
    assert_eq!(refusal(world.authorize(&nobody).await), ErrorReason::NotAvailable);
}

#[tokio::test]
async fn confirm_consent_works() {
    let world = World::start().await;
    let helped = world.helped_with_grant().await;
    let sent = world.send(&helped.handle).await;
    let opened = world.open(&sent).await.unwrap();
    assert!(opened.assisted(), "the gate says on whose word");
    let anna = world.taken_over("anna", &helped.letter).await;
    let grant = world.grants(&anna).await.remove(0);
    assert_eq!((grant.assisted, grant.state()), (true, GrantState::Active));
    let ends = grant.valid_until.unwrap().seconds - world.now().seconds();
    assert!((92 * 86400..=93 * 86400).contains(&ends), "three months");
    let log = world.log(&anna).await;
    let opening = log
        .iter()
        .find(|entry| entry.kind() == AccessKind::Opened)
        .unwrap();
    assert!(opening.assisted);
    let granted = log
        .iter()
        .find(|entry| entry.kind() == AccessKind::Granted)
        .unwrap();
    assert_eq!(granted.organisation, world.welfare.oin.to_string());
    // Granted anew by the resident themself, it is assisted no longer.
    let proposal = world
        .ask(&anna, &helped.handle, world.question(vec![provision()]))
        .await;
    let renewed = world.grant(&anna, &proposal).await;
    assert_eq!((renewed.assisted, renewed.version), (false, 2));
}

#[tokio::test]
async fn confirm_consent_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let helped = world.helped().await;
    let record = world.recorded(&helped.handle).await;
    let request = world.confirming(&record, "");
    let mut other = world.helping(OTHER);
    other.confirm_consent(request.clone()).await.unwrap();
    other.confirm_consent(request).await.unwrap();
    let anew = other.confirm_consent(world.confirming(&record, "")).await;
    assert_eq!(refusal(anew), ErrorReason::NotAvailable);
}

#[tokio::test]
async fn confirm_consent_refuses_the_wrong_caller() {
    let world = World::start().await;
    let (helped, somebody_else) = (world.helped().await, world.helped().await);
    let record = world.recorded(&helped.handle).await;
    let same = world
        .helping(ONE)
        .confirm_consent(world.confirming(&record, ""))
        .await;
    assert_eq!(refusal(same), ErrorReason::SecondPersonNeeded);
    let wrong = world
        .helping(ONE)
        .confirm_consent(world.confirming(&record, &somebody_else.letter))
        .await;
    assert_eq!(refusal(wrong), ErrorReason::CodeRefused, "another one's letter");
    let mut stranger = world.helper(world.stranger.oin, OTHER, ProfessionalRole::Professional);
    let foreign = stranger.confirm_consent(world.confirming(&record, "")).await;
    assert_eq!(refusal(foreign), ErrorReason::NotAvailable);
    assert_eq!(
        refusal(world.authorize(&helped.handle).await),
        ErrorReason::NotAvailable
    );
    // Whoever made the letter knows its code without the resident.
    let own = world.recording_consent(&helped.handle);
    let own = world
        .helping(MAKER)
        .record_consent(own)
        .await
        .unwrap()
        .into_inner();
    let alone = world.confirming(&own.record_id, &helped.letter);
    let alone = world.helping(MAKER).confirm_consent(alone).await;
    assert_eq!(refusal(alone), ErrorReason::SecondPersonNeeded);
    // With a letter that another made, the same person may.
    world
        .helping(ONE)
        .confirm_consent(world.confirming(&record, &helped.letter))
        .await
        .unwrap();
    world.authorize(&helped.handle).await.unwrap();
}

#[tokio::test]
async fn confirm_consent_answers_an_unknown_id() {
    let world = World::start().await;
    let helped = world.helped().await;
    let mut other = world.helping(OTHER);
    let unknown = other.confirm_consent(world.confirming(NO_GRANT, "")).await;
    assert_eq!(refusal(unknown), ErrorReason::NotAvailable);
    let malformed = other
        .confirm_consent(world.confirming(NO_GRANT, "UUUUU-UUUUU"))
        .await;
    assert_eq!(refusal(malformed), ErrorReason::InvalidField);
    // A question that was asked is no record.
    let anna = world.taken_over("anna", &helped.letter).await;
    let question = world
        .ask(&anna, &helped.handle, world.question(vec![provision()]))
        .await;
    let no_record = other
        .confirm_consent(world.confirming(&question.proposal_id, ""))
        .await;
    assert_eq!(refusal(no_record), ErrorReason::NotAvailable);
    // Silence is never consent.
    let record = world.recorded(&helped.handle).await;
    world.clock.advance(Duration::from_hours(14 * 24));
    let late = other.confirm_consent(world.confirming(&record, "")).await;
    assert_eq!(refusal(late), ErrorReason::NotAvailable);
}

#[tokio::test]
async fn guessing_letters_closes_the_door() {
    let world = World::start().await;
    let helped = world.helped().await;
    let record = world.recorded(&helped.handle).await;
    let mut worker = world.helping(ONE);
    for _ in 0..5 {
        let wrong = worker
            .confirm_consent(world.confirming(&record, "00000-00000"))
            .await;
        assert_eq!(refusal(wrong), ErrorReason::CodeRefused);
    }
    let right = worker
        .confirm_consent(world.confirming(&record, &helped.letter))
        .await;
    assert_eq!(refusal(right), ErrorReason::RateLimited);
}

#[tokio::test]
async fn nothing_is_recorded_for_who_has_a_login() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let record = world.recorded(&granted.handle).await;
    assert!(world.waiting(&granted.resident).await.is_empty());
    let confirm = world.confirming(&record, "");
    world.helping(OTHER).confirm_consent(confirm).await.unwrap();
    assert_eq!(
        world.grants(&granted.resident).await,
        std::slice::from_ref(&granted.grant)
    );
}
