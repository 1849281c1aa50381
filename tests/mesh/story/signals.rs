//! Worries that meet: two members of a circle, the resident who allowed it, and the gate.

use sluis_client::Error;
use sluis_client::envelope::{
    AskToOpen, CircleBundle, ContactBox, ContentDraft, Draft, MatchStatement, MediaType, Opener, Scope,
    SealedBundle, Sealer, Signed, SubmissionReceipt, Suite, jwt_hash,
};
use sluis_client::types::{
    Clock as _, CodeSet, DataKind, Epoch, GrantId, LifeDomain, MatchClass, MessageId, MessageKind,
    OrganisationKind, OsRandomness, Priority, Purpose, RequestId, SystemClock, ThreadId,
};
use sluis_proto::consent::v1 as consent;
use sluis_proto::consent::v1::circle_service_client::CircleServiceClient;
use sluis_proto::consent::v1::consent_service_client::ConsentServiceClient;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1 as wire;
use sluis_proto::signalling::v1::checklist::Notice;
use sluis_proto::signalling::v1::signalling_service_client::SignallingServiceClient;
use sluis_serve::{Refusal, to_proto_timestamp};
use tonic::Status;
use tonic::transport::Channel;
use zeroize::Zeroizing;

use crate::fixture::{Backend, Hands, TestMesh, TestPartner, TestResident, request_id, statement_of};

const CLASS: MatchClass = MatchClass::HomeAtRisk;
const DAY: std::time::Duration = std::time::Duration::from_hours(24);

/// A member of a circle: what its own system does with its bundle.
struct Member<'a> {
    partner: &'a TestPartner,
    hands: Hands,
}

impl<'a> Member<'a> {
    fn of(partner: &'a TestPartner) -> Self {
        Self {
            partner,
            hands: Hands::of(partner),
        }
    }

    fn signalling(&self) -> SignallingServiceClient<Channel> {
        SignallingServiceClient::new(self.hands.channel())
    }

    /// Fetches the bundle that waits, opens it, and says that it is kept.
    async fn bundle(&self) -> CircleBundle {
        let mut client = CircleServiceClient::new(self.hands.channel());
        let list = self.hands.request(consent::ListCircleBundlesRequest {});
        let reply = client
            .list_circle_bundles(list)
            .await
            .expect("bundles")
            .into_inner();
        let sealed = SealedBundle::parse(&reply.sealed_bundles[0]).expect("a bundle");
        let bundle = sealed
            .open(self.partner.oin(), &self.hands.sealing())
            .expect("sealed to this member");
        let acknowledge = consent::AcknowledgeCircleBundleRequest {
            request_id: request_id(),
            grant_id: bundle.circle().grant_id.to_string(),
            grant_version: bundle.circle().grant_version,
        };
        let acknowledge = self.hands.request(acknowledge);
        client.acknowledge_circle_bundle(acknowledge).await.expect("kept");
        bundle
    }

    /// A worry, written down and weighed.
    async fn worry(&self, severity: wire::Severity) -> wire::Signal {
        let now = to_proto_timestamp(SystemClock.now());
        let draft = wire::DraftSignalRequest {
            request_id: request_id(),
            severity: severity.into(),
            observed_at: Some(now),
        };
        let mut client = self.signalling();
        let draft = client
            .draft_signal(self.hands.request(draft))
            .await
            .expect("drafted");
        let draft = draft.into_inner().signal.expect("a signal");
        let weigh = wire::WeighSignalRequest {
            request_id: request_id(),
            signal_id: draft.signal_id,
            expected_version: draft.version,
            checklist: Some(wire::Checklist {
                first_hand: true,
                consent_tried: true,
                least_intrusive: true,
                danger: false,
                notice: Some(Notice::ToldAt(now)),
            }),
        };
        let weighed = client
            .weigh_signal(self.hands.request(weigh))
            .await
            .expect("weighed");
        weighed.into_inner().signal.expect("a signal")
    }

    /// Posts a worry for this week, with a contact box for the other member.
    async fn post(
        &self,
        bundle: &CircleBundle,
        signal: &wire::Signal,
        other: &Member<'_>,
    ) -> Result<(), Status> {
        let now = SystemClock.now();
        let recipient = statement_of(other.partner)
            .newest_sealing_key(now)
            .expect("a key");
        let draft = Draft {
            message_id: MessageId::fresh(now, &OsRandomness),
            thread_id: ThreadId::random(&OsRandomness),
            kind: MessageKind::ContactBox,
            priority: Priority::Routine,
            replaces: None,
            respond_by: None,
            created: now,
            expires: now.plus(60 * DAY),
            extensions: Vec::new(),
        };
        let scope = Scope::new(
            CodeSet::EMPTY.with(Purpose::SignalCombine),
            CodeSet::EMPTY.with(LifeDomain::LivingSafeHome),
            CodeSet::EMPTY.with(DataKind::Contact),
        );
        let content = ContentDraft {
            media_type: MediaType::new("text/plain").expect("a media type"),
            based_on: None,
            scope: scope.expect("not empty"),
            body: Zeroizing::new(format!("bel {}", self.partner.oin()).into_bytes()),
        };
        let signing = self.hands.signing();
        let sealed = Sealer::contact_box(draft, bundle, &recipient, &signing)
            .expect("a member")
            .seal(content, &OsRandomness)
            .expect("sealed");
        let manifest = sealed.manifest.manifest().clone();
        let contact_box =
            ContactBox::new(manifest, sealed.sealed_r, sealed.sealed_c, sealed.content).expect("a box");
        let post = bundle.post(CLASS, Epoch::of(now)).expect("a post for this week");
        let request = wire::PostSignalRequest {
            request_id: request_id(),
            signal_id: signal.signal_id.clone(),
            post: post.encode().into(),
            strong: signal.severity() >= wire::Severity::Worry,
            contact_boxes: vec![contact_box.encode().into()],
        };
        self.signalling()
            .post_signal(self.hands.request(request))
            .await
            .map(drop)
    }

    async fn matches(&self) -> Vec<wire::Match> {
        let list = self.hands.request(wire::ListMatchesRequest::default());
        let reply = self.signalling().list_matches(list).await.expect("a list");
        reply.into_inner().matches
    }

    async fn matched_box(&self, match_id: &str) -> wire::MatchedBox {
        let get = wire::GetMatchRequest {
            match_id: match_id.to_owned(),
        };
        let reply = self
            .signalling()
            .get_match(self.hands.request(get))
            .await
            .expect("a match");
        reply.into_inner().boxes.remove(0)
    }

    /// Opens a contact box of another member: asks the circle's gate, with the match as evidence.
    async fn open(&self, matched: &wire::MatchedBox, sender: &Member<'_>) -> Result<Vec<u8>, Error> {
        let contact_box = ContactBox::parse(&matched.contact_box)?;
        let receipt = Signed::<SubmissionReceipt>::parse(&matched.receipt)?;
        let signed_with = statement_of(sender.partner)
            .signing_key(
                &contact_box.header().signing_key_id(),
                receipt.unverified().received_at,
            )
            .expect("the sender's key");
        let sealing = self.hands.sealing();
        let opener = Opener::new(
            contact_box.manifest().clone().verify(&signed_with)?,
            &sealing,
            contact_box.sealed_r(),
            contact_box.sealed_c(),
        )?;
        let (id, token) = (RequestId::random(&OsRandomness), self.hands.token());
        let ask = AskToOpen {
            request_id: id,
            at: SystemClock.now(),
            jwt_hash: jwt_hash(&token),
            receipt,
            match_statement: Some(Signed::<MatchStatement>::parse(&matched.match_statement)?),
            suite: Suite::XWing,
        };
        let (open_request, pending) = opener.request(ask, &self.hands.signing(), &OsRandomness)?;
        let message = consent::OpenGateRequest {
            request_id: id.to_string(),
            open_request: open_request.into(),
        };
        let reply = ConsentServiceClient::new(self.hands.channel())
            .open_gate(Hands::request_with(message, &token))
            .await?
            .into_inner();
        let opened = pending.complete(&reply.open_reply)?;
        Ok(opened.content(contact_box.content())?.body.to_vec())
    }
}

/// The resident allows the circle that is asked for.
async fn allow(resident: &TestResident) -> GrantId {
    let list = consent::ListCircleProposalsRequest {};
    let pending = resident
        .session
        .list_circle_proposals(list)
        .await
        .expect("proposals");
    let pending = &pending.proposals[0];
    let grant = consent::GrantCircleRequest {
        request_id: request_id(),
        proposal_id: pending.proposal_id.clone(),
        terms: pending.terms.clone(),
        valid_days: 0,
        notice: Some(consent::Notice {
            notice_id: "share-circle".to_owned(),
            version: 1,
            language: "nl".to_owned(),
            sha256: vec![7; 32].into(),
        }),
    };
    let granted = resident.session.grant_circle(grant).await.expect("granted");
    let grant = granted.circle.expect("a circle").grant.expect("its grant");
    grant.grant_id.parse().expect("a grant id")
}

/// A circle of two, allowed by a resident.
async fn circle(first: &Member<'_>, other: &Member<'_>, resident: &TestResident) -> GrantId {
    let handle = first.partner.link(resident).await;
    let propose = consent::ProposeCircleRequest {
        request_id: request_id(),
        handle: handle.expose(),
        terms: Some(consent::CircleTerms {
            members: vec![first.partner.oin().to_string(), other.partner.oin().to_string()],
            match_classes: vec![consent::MatchClass::HomeAtRisk.into()],
        }),
        valid_days: 60,
        replaces: String::new(),
    };
    CircleServiceClient::new(first.hands.channel())
        .propose_circle(first.hands.request(propose))
        .await
        .expect("asked");
    allow(resident).await
}

async fn worries_meet(backend: Backend) {
    let mesh = TestMesh::start(backend).await;
    let housing = mesh
        .partner("00000099000000003000", OrganisationKind::Housing)
        .await;
    let welfare = mesh
        .partner("00000099000000001000", OrganisationKind::Welfare)
        .await;
    let resident = mesh.resident("fien").await;
    let (housing, welfare) = (Member::of(&housing), Member::of(&welfare));
    let grant = circle(&welfare, &housing, &resident).await;
    let bundles = (housing.bundle().await, welfare.bundle().await);

    let arrears = housing.worry(wire::Severity::Attention).await;
    housing
        .post(&bundles.0, &arrears, &welfare)
        .await
        .expect("posted");
    assert!(housing.matches().await.is_empty() && welfare.matches().await.is_empty());
    assert!(
        resident
            .session
            .list_matches(grant)
            .await
            .expect("a list")
            .matches
            .is_empty()
    );
    let no_contact = welfare.worry(wire::Severity::Worry).await;
    welfare
        .post(&bundles.1, &no_contact, &housing)
        .await
        .expect("posted");

    let matched = housing.matches().await.remove(0);
    assert_eq!(welfare.matches().await, std::slice::from_ref(&matched));
    let shown = resident
        .session
        .list_matches(grant)
        .await
        .expect("a list")
        .matches;
    assert_eq!(
        shown,
        std::slice::from_ref(&matched),
        "every match is shown to the resident"
    );

    // Each gets the other's contact box; the gate opens it on the match, and not without it.
    let to_housing = housing.matched_box(&matched.match_id).await;
    let body = housing.open(&to_housing, &welfare).await.expect("opened");
    assert_eq!(body, format!("bel {}", welfare.partner.oin()).into_bytes());
    let to_welfare = welfare.matched_box(&matched.match_id).await;
    let swapped = wire::MatchedBox {
        match_statement: to_housing.match_statement.clone(),
        ..to_welfare.clone()
    };
    assert!(
        welfare.open(&swapped, &housing).await.is_err(),
        "another box's match"
    );

    // The resident ends the circle: what was not opened stays shut, and nothing is posted any more.
    let withdraw = consent::WithdrawGrantRequest {
        request_id: request_id(),
        grant_id: grant.to_string(),
    };
    resident.session.withdraw_grant(withdraw).await.expect("ended");
    let late = welfare
        .open(&to_welfare, &housing)
        .await
        .expect_err("its key is gone");
    assert_eq!(late.reason(), Some(ErrorReason::NotAvailable));
    let closed = loop {
        let now = housing.matches().await.remove(0);
        if now.state() != wire::SignalState::Matched {
            break now;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(closed.outcome(), wire::Outcome::CircleEnded);
    let fresh = housing.worry(wire::Severity::Worry).await;
    let refused = housing
        .post(&bundles.0, &fresh, &welfare)
        .await
        .expect_err("refused");
    assert_eq!(Refusal::reason_of(&refused), Some(ErrorReason::PostRefused));
    mesh.mesh.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn worries_meet_in_a_circle_and_end_with_it_on_sqlite() {
    Box::pin(worries_meet(Backend::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn worries_meet_in_a_circle_and_end_with_it_on_postgresql() {
    Box::pin(worries_meet(Backend::Postgres)).await;
}
