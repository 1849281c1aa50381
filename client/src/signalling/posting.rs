//! Posting: the week's post from the bundle, and a contact box for each other member.

use std::time::Duration;

use sluis_envelope::{
    CircleBundle, ContactBox, ContentDraft, Draft, LeafPromise, MediaType, OrganisationKey, Scope, Sealer,
    SealingPublicKey, Signed,
};
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1 as wire;
use sluis_proto::signalling::v1::signalling_service_client::SignallingServiceClient;
use sluis_types::{
    CodeSet, DataKind, Epoch, GrantId, MatchClass, MessageId, MessageKind, Oin, Priority, Purpose, SignalId,
    ThreadId,
};

use super::card::{CONTACT_CARD_JSON, ContactCard};
use super::kept_signal::KeptSignal;
use super::schedule::Slot;
use super::signals::Signal;
use crate::Error;
use crate::partner::Partner;

/// How long a contact box may be opened: as long as a match lives that it could be in.
const BOX_LIFE: Duration = Duration::from_hours(181 * 24);

/// A post that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Which signal.
    pub signal: SignalId,
    /// In which circle.
    pub circle: GrantId,
    /// In which class.
    pub class: MatchClass,
    /// Members for whom there is no contact box, because their fingerprint is not pinned or their keys changed: they
    /// would hear of a match, and not whom to call.
    pub without_box: Vec<Oin>,
}

/// A post that was due and was not made.
#[derive(Debug)]
pub struct NotPosted {
    /// Which signal.
    pub signal: SignalId,
    /// In which circle.
    pub circle: GrantId,
    /// In which class.
    pub class: MatchClass,
    /// Why not.
    pub error: Error,
}

/// One post: a signal at one circle and class.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) signal: &'a Signal,
    pub(super) kept: &'a KeptSignal,
    pub(super) bundle: &'a CircleBundle,
    pub(super) class: MatchClass,
}

impl Place<'_> {
    pub(super) fn circle(&self) -> GrantId {
        self.bundle.circle().grant_id
    }

    pub(super) fn version(&self) -> u32 {
        self.bundle.circle().grant_version
    }

    fn failed(&self, error: Error) -> NotPosted {
        NotPosted {
            signal: self.signal.signal_id,
            circle: self.circle(),
            class: self.class,
            error,
        }
    }
}

/// Where a signal is posted: in each circle about the same resident, in each class that its type meets in.
pub(super) fn places<'a>(
    signal: &'a Signal,
    kept: &'a KeptSignal,
    bundles: &'a [CircleBundle],
) -> Result<Vec<Place<'a>>, Error> {
    let (resident, meets_in) = (kept.resident()?, kept.kind()?.match_classes());
    let about = bundles.iter().filter(|bundle| bundle.handle() == resident);
    Ok(about
        .flat_map(|bundle| {
            let classes = bundle.classes().filter(|class| meets_in.contains(*class));
            classes.map(|class| Place {
                signal,
                kept,
                bundle,
                class,
            })
        })
        .collect())
}

impl Partner {
    /// Posts a signal of this organisation now, wherever it may be posted: for somebody who does not want to wait for
    /// the moment that chance chose ([`tend_signals`](Self::tend_signals) posts by itself). It counts as this week's post.
    ///
    /// # Errors
    /// [`Error::Unknown`] when the signal was not written down with this profile; [`Error`] of the first post that is
    /// refused.
    pub async fn post_signal(&self, signal: SignalId) -> Result<Vec<Posted>, Error> {
        let kept = KeptSignal::load(self.profile.directory(), signal)?;
        self.fetch_circles().await?;
        let signal = self.signal(signal).await?;
        let bundles = super::kept_circle::list(self.profile.directory())?;
        let mut posted = Vec::new();
        for place in places(&signal, &kept, &bundles)? {
            posted.push(self.post_at(place).await.map_err(|failed| failed.error)?);
        }
        Ok(posted)
    }

    /// Makes one post and keeps that it was made, or refused.
    pub(super) async fn post_at(&self, place: Place<'_>) -> Result<Posted, NotPosted> {
        let now = self.environment.now();
        let posted = self.submit_post(place).await;
        let refused = posted
            .as_ref()
            .is_err_and(|error| error.reason() == Some(ErrorReason::PostRefused));
        let noted = KeptSignal::change(self.profile.directory(), place.signal.signal_id, |kept| {
            let (circle, class) = (place.circle(), place.class);
            let slot = Slot::of(kept.slot(circle, class), now, &*self.environment.randomness);
            let slot = match &posted {
                Ok(_) => slot.posted_in(place.version()),
                Err(_) if refused => slot.refused_in(place.version(), now),
                // The mesh was not reached: it stays due.
                Err(error) if error.is_unreachable() => slot,
                Err(_) => slot.put_off(now),
            };
            kept.set_slot(circle, class, slot);
        });
        let without_box = posted
            .and_then(|without_box| noted.map(|()| without_box))
            .map_err(|error| place.failed(error))?;
        Ok(Posted {
            signal: place.signal.signal_id,
            circle: place.circle(),
            class: place.class,
            without_box,
        })
    }

    /// Seals the boxes and submits. Returns the members without a box.
    async fn submit_post(&self, place: Place<'_>) -> Result<Vec<Oin>, Error> {
        let now = self.environment.now();
        let post = place
            .bundle
            .post(place.class, Epoch::of(now))
            .ok_or(Error::Unknown {
                what: "post of this week",
            })?;
        let (boxes, without_box) = self.seal_boxes(place).await?;
        let message = wire::PostSignalRequest {
            request_id: self.connection.request_id().to_string(),
            signal_id: place.signal.signal_id.to_string(),
            post: post.encode().into(),
            strong: place.signal.severity.is_strong(),
            contact_boxes: boxes.into_iter().map(Into::into).collect(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                SignallingServiceClient::new(channel).post_signal(request).await
            })
            .await?;
        Signed::<LeafPromise>::parse(&reply.leaf_promise)?
            .verify(&self.profile.mesh.signalling_log, self.environment.now())?;
        Ok(without_box)
    }

    /// A box for each other member whose keys can be trusted.
    async fn seal_boxes(&self, place: Place<'_>) -> Result<(Vec<Vec<u8>>, Vec<Oin>), Error> {
        let card = ContactCard::new(
            self.profile.display_name(),
            &place.kept.function,
            &place.kept.callback,
            &place.kept.worry,
        )?;
        let (mut boxes, mut without, mut last) = (Vec::new(), Vec::new(), None);
        for member in &place.bundle.circle().members {
            if *member == self.profile.oin {
                continue;
            }
            match self.sealing_key_of(*member).await {
                Ok(key) => boxes.push(self.seal_box(place.bundle, &key, &card)?),
                Err(
                    error @ (Error::NotPinned { .. } | Error::KeysChanged { .. } | Error::Unknown { .. }),
                ) => {
                    without.push(*member);
                    last = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        match last {
            Some(error) if boxes.is_empty() => Err(error),
            _ => Ok((boxes, without)),
        }
    }

    async fn sealing_key_of(&self, member: Oin) -> Result<OrganisationKey<SealingPublicKey>, Error> {
        let statement = self.statement_of(member).await?;
        statement
            .newest_sealing_key(self.environment.now())
            .ok_or(Error::Unknown {
                what: "sealing key of a member",
            })
    }

    fn seal_box(
        &self,
        bundle: &CircleBundle,
        recipient: &OrganisationKey<SealingPublicKey>,
        card: &ContactCard,
    ) -> Result<Vec<u8>, Error> {
        let (now, randomness) = (self.environment.now(), &*self.environment.randomness);
        let draft = Draft {
            message_id: MessageId::fresh(now, randomness),
            thread_id: ThreadId::random(randomness),
            kind: MessageKind::ContactBox,
            priority: Priority::Routine,
            replaces: None,
            respond_by: None,
            created: now,
            expires: now.plus(BOX_LIFE),
            extensions: Vec::new(),
        };
        // What a circle allows: how to reach the professional who worries, whatever it is about.
        let scope = Scope::new(
            CodeSet::EMPTY.with(Purpose::SignalCombine),
            CodeSet::all(),
            CodeSet::EMPTY.with(DataKind::Contact),
        )?;
        let content = ContentDraft {
            media_type: MediaType::new(CONTACT_CARD_JSON)?,
            based_on: None,
            scope,
            body: card.encode(),
        };
        let sealed = Sealer::contact_box(draft, bundle, recipient, &self.profile.keys.signing)?
            .seal(content, randomness)?;
        let manifest = sealed.manifest.manifest().clone();
        let contact_box = ContactBox::new(manifest, sealed.sealed_r, sealed.sealed_c, sealed.content)?;
        Ok(contact_box.encode())
    }
}
