//! Circles as a member has them: asking a resident for one, and keeping the bundles that come of it.

use sluis_envelope::{CircleBundle, SealedBundle};
use sluis_proto::consent::v1 as wire;
use sluis_proto::consent::v1::circle_service_client::CircleServiceClient;
use sluis_types::{CodeSet, GrantId, Handle, MatchClass, Oin, Timestamp};

use super::kept_circle;
use crate::connection::REPLY_BYTES_MAX;
use crate::consent::moment;
use crate::partner::Partner;
use crate::profile::Profile;
use crate::{Error, profile};

/// What a resident is asked: who may find out that they both worry, and about what.
#[derive(Clone, Debug)]
pub struct CircleQuestion {
    /// The members, this organisation among them; 2 to 8.
    pub members: Vec<Oin>,
    /// The sorts of worries that may meet.
    pub match_classes: CodeSet<MatchClass>,
    /// How long, in days; 0 means half a year.
    pub valid_days: u32,
    /// The circle whose place it would take.
    pub replaces: Option<GrantId>,
}

/// A circle that this organisation is a member of, as its bundle says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCircle {
    /// The circle.
    pub circle: GrantId,
    /// Its version, from 1.
    pub version: u32,
    /// This organisation's own handle of the resident.
    pub resident: Handle,
    /// Who is in it.
    pub members: Vec<Oin>,
    /// The sorts of worries that this organisation may post.
    pub match_classes: CodeSet<MatchClass>,
    /// When it ends by itself. That the resident ended it earlier is known when a post is refused.
    pub valid_until: Timestamp,
}

impl KeptCircle {
    fn of(bundle: &CircleBundle) -> Self {
        let circle = bundle.circle();
        Self {
            circle: circle.grant_id,
            version: circle.grant_version,
            resident: bundle.handle(),
            members: circle.members.clone(),
            match_classes: bundle.classes().collect(),
            valid_until: circle.valid_until,
        }
    }
}

impl Profile {
    /// The circles whose bundles are kept, in order of their ids.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::Format`] when one cannot be read.
    pub fn circles(&self) -> Result<Vec<KeptCircle>, Error> {
        let bundles = kept_circle::list(self.directory())?;
        Ok(bundles.iter().map(KeptCircle::of).collect())
    }
}

impl Partner {
    /// Asks the resident behind a handle for a circle. Returns when the question lapses.
    ///
    /// # Errors
    /// [`Error`] of the call. An unknown handle is answered like a known one.
    pub async fn propose_circle(
        &self,
        resident: &Handle,
        question: &CircleQuestion,
    ) -> Result<Timestamp, Error> {
        let classes = question.match_classes.iter();
        let message = wire::ProposeCircleRequest {
            request_id: self.connection.request_id().to_string(),
            handle: resident.expose(),
            terms: Some(wire::CircleTerms {
                members: question.members.iter().map(ToString::to_string).collect(),
                match_classes: classes.map(|class| i32::from(class.number())).collect(),
            }),
            valid_days: question.valid_days,
            replaces: question
                .replaces
                .map(|circle| circle.to_string())
                .unwrap_or_default(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                CircleServiceClient::new(channel).propose_circle(request).await
            })
            .await?;
        Ok(moment(reply.lapses_at.as_ref()))
    }

    /// Fetches the bundles that wait, checks each against the pinned circle key, keeps it, and tells consent, which then
    /// forgets it. Forgets circles that are over. Returns what is new.
    ///
    /// # Errors
    /// [`Error::Statement`], [`Error::Envelope`] or [`Error::Format`] for a bundle that is not what it should be: it is
    /// neither kept nor acknowledged, and what came before it is.
    pub async fn fetch_circles(&self) -> Result<Vec<KeptCircle>, Error> {
        let mut new = Vec::new();
        loop {
            let reply = self
                .connection
                .call(wire::ListCircleBundlesRequest {}, |channel, request| async move {
                    CircleServiceClient::new(channel)
                        .max_decoding_message_size(REPLY_BYTES_MAX)
                        .list_circle_bundles(request)
                        .await
                })
                .await?;
            for sealed in &reply.sealed_bundles {
                let bundle = self.open_bundle(sealed)?;
                if kept_circle::keep(self.profile.directory(), &bundle)? {
                    new.push(KeptCircle::of(&bundle));
                }
                // It is durable here: only now may consent forget it.
                self.acknowledge_bundle(&bundle).await?;
            }
            if !reply.more {
                break;
            }
        }
        let now = self.environment.now();
        for bundle in kept_circle::list(self.profile.directory())? {
            if bundle.circle().valid_until <= now {
                kept_circle::forget(self.profile.directory(), bundle.circle().grant_id)?;
            }
        }
        Ok(new)
    }

    fn open_bundle(&self, sealed: &[u8]) -> Result<CircleBundle, Error> {
        let sealed = SealedBundle::parse(sealed)?;
        let keys: &profile::Keys = &self.profile.keys;
        let pair = keys
            .sealing(&sealed.key_id())
            .ok_or(Error::Unknown { what: "sealing key" })?;
        let bundle = sealed.open(self.profile.oin, pair)?;
        bundle.verify(&self.profile.mesh.circle)?;
        Ok(bundle)
    }

    async fn acknowledge_bundle(&self, bundle: &CircleBundle) -> Result<(), Error> {
        let message = wire::AcknowledgeCircleBundleRequest {
            request_id: self.connection.request_id().to_string(),
            grant_id: bundle.circle().grant_id.to_string(),
            grant_version: bundle.circle().grant_version,
        };
        self.connection
            .call(message, |channel, request| async move {
                CircleServiceClient::new(channel)
                    .acknowledge_circle_bundle(request)
                    .await
            })
            .await?;
        Ok(())
    }
}
