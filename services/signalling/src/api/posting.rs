//! A post on its way in: read, verified, and not yet believed to meet anything.

use std::collections::BTreeSet;

use bytes::Bytes;
use sluis_envelope::{CirclePost, ContactBox, Signed, SubmissionReceipt, Verified, VerifiedManifest};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{OrganisationEntry, Refusal};
use sluis_types::{CIRCLE_MEMBERS_MAX, GrantId, KeyId, Oin, Timestamp};

use crate::context::{Context, Partner, verify_by};
use crate::error::{malformed, of_envelope, of_key};
use crate::store::boxes::TakenBox;
use crate::store::under_tag::UnderTag;

/// How far ahead of ours the sender's clock may be.
const SKEW: std::time::Duration = std::time::Duration::from_mins(1);

/// A post that consent signed for this caller and epoch, with boxes that the caller signed.
pub(super) struct Posting {
    pub(super) at: UnderTag,
    pub(super) gate_key: KeyId,
    /// The circle, as the boxes name it.
    pub(super) grant: GrantId,
    /// Each for another member.
    pub(super) boxes: Vec<(Oin, TakenBox)>,
}

impl Posting {
    /// Verifies everything that needs no database. None when the post is none of the caller's in this epoch: which of the
    /// reasons it is, nobody is told.
    pub(super) async fn verify(
        context: &Context,
        partner: &Partner,
        post: &[u8],
        boxes: &[Bytes],
    ) -> Result<Option<Self>, Refusal> {
        let post = Signed::<CirclePost>::parse(post).map_err(malformed)?;
        let verified = verify_by(post, &context.consent_keys.circle, partner.now)
            .and_then(|post| post.permits(partner.organisation()).map(|()| post));
        let Ok(post) = verified else {
            return Ok(None);
        };
        let (grant, boxes) = read_boxes(context, &post, boxes, partner.now)?;
        Ok(Some(Self {
            at: UnderTag::new(post.tag.clone(), context.pepper(partner.now).await?, post.epoch),
            gate_key: post.gate_key_id,
            grant,
            boxes,
        }))
    }
}

/// The boxes, each to another member, all under one circle.
fn read_boxes(
    context: &Context,
    post: &Verified<CirclePost>,
    boxes: &[Bytes],
    now: Timestamp,
) -> Result<(GrantId, Vec<(Oin, TakenBox)>), Refusal> {
    let wrong = |fault| Refusal::invalid_field("contact_boxes", fault);
    if boxes.is_empty() || boxes.len() >= CIRCLE_MEMBERS_MAX {
        return Err(wrong("must be 1 to 7"));
    }
    let keys = context.directory.organisation(&post.organisation)?;
    let keys = keys.ok_or_else(|| Refusal::new(ErrorReason::KeyRefused))?;
    let mut grants = BTreeSet::new();
    let mut read: Vec<(Oin, TakenBox)> = Vec::with_capacity(boxes.len());
    for bytes in boxes {
        let contact_box = ContactBox::parse(bytes).map_err(malformed)?;
        let manifest = verify_box(&contact_box, post, &keys, now)?;
        let recipient = manifest.header().recipient();
        if read.iter().any(|(known, _)| *known == recipient) {
            return Err(wrong("must each be for another member"));
        }
        if context.directory.organisation(&recipient)?.is_none() {
            return Err(wrong("must be for members of the mesh"));
        }
        grants.insert(manifest.header().grant_id());
        let receipt = SubmissionReceipt {
            manifest_hash: manifest.hash(),
            received_at: now,
        };
        let receipt = Signed::sign(receipt, &context.receipt_key);
        read.push((recipient, TakenBox { contact_box, receipt }));
    }
    match (grants.pop_first(), grants.is_empty()) {
        (Some(grant), true) => Ok((grant, read)),
        _ => Err(wrong("must be of one circle")),
    }
}

/// A box that the poster signed, alive and whole, for the circle's gate.
fn verify_box(
    contact_box: &ContactBox,
    post: &Verified<CirclePost>,
    sender: &OrganisationEntry,
    now: Timestamp,
) -> Result<VerifiedManifest, Refusal> {
    let signing_key = contact_box.header().signing_key_id();
    let key = sender.keys.signing_key(&signing_key, now).map_err(of_key)?;
    let manifest = contact_box.check(post, &key).map_err(of_envelope)?;
    if manifest.header().created() > now.plus(SKEW) {
        return Err(Refusal::new(ErrorReason::ClockSkew));
    }
    if manifest.header().expires() <= now {
        return Err(Refusal::invalid_field("contact_boxes", "has expired"));
    }
    Ok(manifest)
}
