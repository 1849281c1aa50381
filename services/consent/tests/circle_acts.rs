//! What members and residents do with circles, in as few words as tests want.

use std::time::Duration;

use sluis_consent::SignallingKeys;
use sluis_envelope::{
    AskToOpen, CircleBundle, ContentDraft, Draft, KeyKind, MatchStatement, MediaType, OpenedMessage, Opener,
    OrganisationKey, Scope, SealedBundle, SealedEnvelope, Sealer, Signed, SigningKey, SubmissionReceipt,
    Suite,
};
use sluis_proto::consent::v1::circle_service_client::CircleServiceClient;
use sluis_proto::consent::v1::resident_circle_service_client::ResidentCircleServiceClient;
use sluis_proto::consent::v1::{self as proto, MatchClass};
use sluis_serve::{Caller, MeshClient, PartnerCaller};
use sluis_types::{
    CodeSet, DataKind, Handle, LifeDomain, MessageId, MessageKind, Oin, Priority, ProfessionalRole, Purpose,
    RequestId, ThreadId,
};
use tonic::Status;
use zeroize::Zeroizing;

use crate::acts::{Resident, notice};
use crate::letters::{DAY, JWT_HASH, Organisation};
use crate::world::World;

pub(crate) type Members = CircleServiceClient<MeshClient>;
pub(crate) type ResidentCircles = ResidentCircleServiceClient<MeshClient>;

/// Signalling's keys, pinned by the service under test.
pub(crate) fn signalling_key(kind: KeyKind) -> SigningKey {
    SigningKey::from_seed(kind, &[74; 32])
}

pub(crate) fn signalling_keys() -> SignallingKeys {
    SignallingKeys {
        receipt: signalling_key(KeyKind::Receipt).verifying_key().clone(),
        matches: signalling_key(KeyKind::Match).verifying_key().clone(),
    }
}

/// A resident whom welfare knows, and the circle of welfare, GGZ and housing that they granted.
pub(crate) struct Encircled {
    pub(crate) resident: Resident,
    /// Welfare's handle.
    pub(crate) handle: Handle,
    pub(crate) circle: proto::Circle,
}

impl Encircled {
    pub(crate) fn grant(&self) -> &proto::Grant {
        self.circle.grant.as_ref().unwrap()
    }
}

/// All three may post in it.
pub(crate) const CLASS: MatchClass = MatchClass::NeglectAndSilence;
/// GGZ may not post in it.
pub(crate) const HOME: MatchClass = MatchClass::StateOfHome;

pub(crate) fn terms(members: &[Oin], classes: &[MatchClass]) -> proto::CircleTerms {
    proto::CircleTerms {
        members: members.iter().map(Oin::to_string).collect(),
        match_classes: classes.iter().map(|class| i32::from(*class)).collect(),
    }
}

/// What contact boxes carry.
pub(crate) fn contact_scope() -> Scope {
    Scope::new(
        CodeSet::EMPTY.with(Purpose::SignalCombine),
        CodeSet::EMPTY.with(LifeDomain::LivingSafeHome),
        CodeSet::EMPTY.with(DataKind::Contact),
    )
    .unwrap()
}

impl World {
    pub(crate) fn all_three(&self) -> [Oin; 3] {
        [self.welfare.oin, self.ggz.oin, self.stranger.oin]
    }

    pub(crate) fn member(&self, organisation: Oin) -> Members {
        let caller = Caller::Partner(PartnerCaller {
            organisation,
            professional: [1; 32],
            role: ProfessionalRole::Professional,
            jwt_hash: JWT_HASH,
        });
        Members::new(self.mesh_client(caller))
    }

    pub(crate) fn circles_of(&self, resident: &Resident) -> ResidentCircles {
        ResidentCircles::new(self.mesh_client(resident.caller.clone()))
    }

    pub(crate) fn proposing_circle(
        &self,
        handle: &Handle,
        terms: proto::CircleTerms,
    ) -> proto::ProposeCircleRequest {
        proto::ProposeCircleRequest {
            request_id: self.request_id(),
            handle: handle.expose(),
            terms: Some(terms),
            valid_days: 0,
            replaces: String::new(),
        }
    }

    pub(crate) async fn waiting_circles(&self, resident: &Resident) -> Vec<proto::PendingCircle> {
        let request = proto::ListCircleProposalsRequest {};
        let reply = self.circles_of(resident).list_circle_proposals(request).await;
        reply.unwrap().into_inner().proposals
    }

    /// Welfare asks; the resident's newest question about a circle.
    pub(crate) async fn ask_circle(
        &self,
        resident: &Resident,
        request: proto::ProposeCircleRequest,
    ) -> proto::PendingCircle {
        self.member(self.welfare.oin)
            .propose_circle(request)
            .await
            .unwrap();
        self.waiting_circles(resident).await.remove(0)
    }

    pub(crate) fn granting_circle(&self, proposal: &proto::PendingCircle) -> proto::GrantCircleRequest {
        proto::GrantCircleRequest {
            request_id: self.request_id(),
            proposal_id: proposal.proposal_id.clone(),
            terms: proposal.terms.clone(),
            valid_days: 0,
            notice: Some(notice()),
        }
    }

    pub(crate) async fn encircled(&self, subject: &str) -> Encircled {
        let resident = self.log_in(subject).await;
        let handle = self.link(&resident, &self.welfare).await;
        let asked = self.proposing_circle(&handle, terms(&self.all_three(), &[CLASS, HOME]));
        let proposal = self.ask_circle(&resident, asked).await;
        let reply = self
            .circles_of(&resident)
            .grant_circle(self.granting_circle(&proposal))
            .await;
        let circle = reply.unwrap().into_inner().circle.unwrap();
        Encircled {
            resident,
            handle,
            circle,
        }
    }

    pub(crate) async fn circles(&self, resident: &Resident) -> Vec<proto::Circle> {
        let request = proto::ListCirclesRequest {};
        let reply = self.circles_of(resident).list_circles(request).await;
        reply.unwrap().into_inner().circles
    }

    pub(crate) fn leaving_out(
        &self,
        circle: &proto::Circle,
        kept: proto::CircleTerms,
    ) -> proto::NarrowCircleRequest {
        let grant = circle.grant.as_ref().unwrap();
        proto::NarrowCircleRequest {
            request_id: self.request_id(),
            grant_id: grant.grant_id.clone(),
            expected_version: grant.version,
            terms: Some(kept),
        }
    }

    pub(crate) async fn withdraw_circle(&self, encircled: &Encircled) -> proto::Grant {
        let request = self.withdrawing(encircled.grant());
        let mut client = encircled.resident.client.clone();
        client
            .withdraw_grant(request)
            .await
            .unwrap()
            .into_inner()
            .grant
            .unwrap()
    }

    /// The bundles that wait for a member, opened and checked.
    pub(crate) async fn bundles(&self, member: &Organisation) -> Vec<CircleBundle> {
        let request = proto::ListCircleBundlesRequest {};
        let reply = self.member(member.oin).list_circle_bundles(request).await;
        let key = sluis_consent::public_keys(&self.keys).unwrap().circle;
        let sealed = reply.unwrap().into_inner().sealed_bundles;
        let open = |sealed: &bytes::Bytes| {
            let bundle = SealedBundle::parse(sealed).unwrap();
            let bundle = bundle.open(member.oin, &member.sealing).unwrap();
            bundle.verify(&key).unwrap();
            bundle
        };
        sealed.iter().map(open).collect()
    }

    /// A contact box from the owner of a bundle to another member, sealed now.
    pub(crate) fn contact_box(
        &self,
        from: &Organisation,
        bundle: &CircleBundle,
        to: &Organisation,
        scope: Scope,
    ) -> SealedEnvelope {
        let (now, randomness) = (self.now(), self.randomness.as_ref());
        let draft = Draft {
            message_id: MessageId::fresh(now, randomness),
            thread_id: ThreadId::random(randomness),
            kind: MessageKind::ContactBox,
            priority: Priority::Routine,
            replaces: None,
            respond_by: None,
            created: now,
            expires: now.plus(30 * DAY),
            extensions: vec![],
        };
        let to = OrganisationKey {
            organisation: to.oin,
            key: to.sealing.public().clone(),
        };
        let content = ContentDraft {
            media_type: MediaType::new("text/plain").unwrap(),
            based_on: None,
            scope,
            body: Zeroizing::new(b"Ik wil weer zelf koken.".to_vec()),
        };
        Sealer::contact_box(draft, bundle, &to, &from.signing)
            .unwrap()
            .seal(content, randomness)
            .unwrap()
    }

    /// Opens a contact box that signalling took now, on its word that it met another.
    pub(crate) async fn open_box(
        &self,
        envelope: &SealedEnvelope,
        by: &Organisation,
    ) -> Result<OpenedMessage, Status> {
        let receipt = SubmissionReceipt {
            manifest_hash: envelope.manifest.hash(),
            received_at: self.now(),
        };
        let matched = MatchStatement {
            manifest_hash: envelope.manifest.hash(),
            matched_at: self.now(),
        };
        let request_id = RequestId::random(self.randomness.as_ref());
        let ask = AskToOpen {
            request_id,
            at: self.now(),
            jwt_hash: JWT_HASH,
            receipt: Signed::sign(receipt, &signalling_key(KeyKind::Receipt)),
            match_statement: Some(Signed::sign(matched, &signalling_key(KeyKind::Match))),
            suite: Suite::XWing,
        };
        let opener = Opener::new(
            envelope.manifest.clone(),
            &by.sealing,
            &envelope.sealed_r,
            &envelope.sealed_c,
        );
        let (request, pending) = opener
            .unwrap()
            .request(ask, &by.signing, self.randomness.as_ref())
            .unwrap();
        let request = proto::OpenGateRequest {
            request_id: request_id.to_string(),
            open_request: request.into(),
        };
        let reply = self.as_partner(by.oin).open_gate(request).await?.into_inner();
        Ok(pending.complete(&reply.open_reply).unwrap())
    }
}

/// The longest that any circle may last.
pub(crate) const LONGEST: Duration = Duration::from_hours(364 * 24);
