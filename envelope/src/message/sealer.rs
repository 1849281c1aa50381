//! Sealing a message: what a sender does.

use sluis_types::{GrantId, MessageId, MessageKind, Oin, Priority, Randomness, ThreadId, Timestamp};

use super::blob::SealedBlob;
use super::check::BlobEntry;
use super::content::{Content, ContentDraft};
use super::error::EnvelopeError;
use super::header::{Extension, Header};
use super::manifest::{Claims, VerifiedManifest, blobs_hash, content_hash, share_hash, total_size_class};
use super::self_copy::SelfCopy;
use super::share::{ShareC, ShareR, commit_c, share_info};
use super::stream::seal_all;
use crate::circle::CircleBundle;
use crate::key::{GatePublicKey, KeyKind, OrganisationKey, SealingPublicKey, SigningKey, Suite};
use crate::limits::{BLOBS_MAX, EXTENSIONS_BYTES_MAX};
use crate::statement::{GrantToken, Verified};
use crate::wire::FormatError;

/// Salt of the key derivation for content.
pub(super) const DEK: &str = "sluis/v1/dek";

/// What a sender decides of a header. Everything else comes from the grant token and the keys.
#[derive(Clone, Debug)]
pub struct Draft {
    /// A fresh [`MessageId::fresh`].
    pub message_id: MessageId,
    /// Random, fresh per referral.
    pub thread_id: ThreadId,
    /// What the message is to its thread.
    pub kind: MessageKind,
    /// How soon an answer is needed.
    pub priority: Priority,
    /// The message whose place this one takes.
    pub replaces: Option<MessageId>,
    /// When an answer should be there: after `created`, not after `expires`.
    pub respond_by: Option<Timestamp>,
    /// Now.
    pub created: Timestamp,
    /// When the message may no longer be opened: at most 366 days after `created`.
    pub expires: Timestamp,
    /// Fields of later versions, types rising. A reader that does not know a critical one refuses the message.
    pub extensions: Vec<Extension>,
}

/// What a message goes under, and from whom to whom.
struct Route<'a> {
    grant_id: GrantId,
    grant_version: u32,
    sender: Oin,
    recipient: Oin,
    gate_key: &'a GatePublicKey,
}

/// Seals one message to one recipient.
pub struct Sealer<'a> {
    draft: Draft,
    route: Route<'a>,
    recipient: &'a SealingPublicKey,
    sender: &'a SigningKey,
    suites: (Suite, Suite),
    blobs: Vec<SealedBlob>,
    keep: Option<&'a SealingPublicKey>,
}

/// A sealed message: what is submitted, and what the sender keeps.
#[derive(Debug)]
pub struct SealedEnvelope {
    /// What is signed.
    pub manifest: VerifiedManifest,
    /// The recipient's share.
    pub sealed_r: Vec<u8>,
    /// The gate's share.
    pub sealed_c: Vec<u8>,
    /// The content's ciphertext.
    pub content: Vec<u8>,
    /// The attachments, whose ciphertexts came from [`BlobSealer`](crate::BlobSealer).
    pub blobs: Vec<BlobEntry>,
    /// What [`Sealer::keep_copy`] asked for; attachments are kept as the ciphertexts that they are.
    pub self_copy: Option<Vec<u8>>,
}

impl<'a> Sealer<'a> {
    /// Starts a message under a grant.
    ///
    /// # Errors
    /// [`EnvelopeError::WrongOrganisation`] when the key is not the recipient's whom the token names,
    /// [`EnvelopeError::WrongKey`] when `sender` is no signing key.
    pub fn new(
        draft: Draft,
        token: &'a Verified<GrantToken>,
        recipient: &'a OrganisationKey<SealingPublicKey>,
        sender: &'a SigningKey,
    ) -> Result<Self, EnvelopeError> {
        let route = Route {
            grant_id: token.grant_id,
            grant_version: token.grant_version,
            sender: token.sender,
            recipient: token.recipient,
            gate_key: &token.gate_key,
        };
        Self::on(route, draft, recipient, sender)
    }

    /// Starts a contact box from the owner of a circle's bundle to another member. Bundles are their own authority: no
    /// token is asked for, so that consent does not learn who has a worry.
    ///
    /// # Errors
    /// [`EnvelopeError::WrongOrganisation`] when the key is no other member's, [`EnvelopeError::WrongKey`] when `sender`
    /// is no signing key, [`EnvelopeError::Draft`] when the draft is no contact box.
    pub fn contact_box(
        draft: Draft,
        bundle: &'a CircleBundle,
        recipient: &'a OrganisationKey<SealingPublicKey>,
        sender: &'a SigningKey,
    ) -> Result<Self, EnvelopeError> {
        let circle = bundle.circle();
        let own = bundle.organisation();
        if recipient.organisation == own || !circle.members.contains(&recipient.organisation) {
            return Err(EnvelopeError::WrongOrganisation);
        }
        if draft.kind != MessageKind::ContactBox {
            return Err(EnvelopeError::Draft { field: "kind" });
        }
        let route = Route {
            grant_id: circle.grant_id,
            grant_version: circle.grant_version,
            sender: own,
            recipient: recipient.organisation,
            gate_key: &circle.gate_key,
        };
        Self::on(route, draft, recipient, sender)
    }

    fn on(
        route: Route<'a>,
        draft: Draft,
        recipient: &'a OrganisationKey<SealingPublicKey>,
        sender: &'a SigningKey,
    ) -> Result<Self, EnvelopeError> {
        if recipient.organisation != route.recipient {
            return Err(EnvelopeError::WrongOrganisation);
        }
        if sender.kind() != KeyKind::Signing {
            return Err(EnvelopeError::WrongKey);
        }
        Ok(Self {
            draft,
            suites: (recipient.key.best_suite(), route.gate_key.best_suite()),
            route,
            recipient: &recipient.key,
            sender,
            blobs: Vec::new(),
            keep: None,
        })
    }

    /// Uses these suites for the recipient's and the gate's share, on a platform without ML-KEM. Without this call
    /// it is X-Wing wherever the key has it.
    #[must_use]
    pub const fn suites(mut self, recipient: Suite, gate: Suite) -> Self {
        self.suites = (recipient, gate);
        self
    }

    /// Lists an attachment that was sealed for this message's id.
    #[must_use]
    pub fn attach(mut self, blob: SealedBlob) -> Self {
        self.blobs.push(blob);
        self
    }

    /// Makes a copy sealed to the sender itself, from which the message can be sealed again.
    #[must_use]
    pub const fn keep_copy(mut self, own: &'a SealingPublicKey) -> Self {
        self.keep = Some(own);
        self
    }

    /// Seals the message. That its scope fits the grant is for the caller to have checked.
    ///
    /// # Errors
    /// [`EnvelopeError::Draft`] or [`EnvelopeError::Format`] for what is outside its limits,
    /// [`EnvelopeError::Suite`] when a key lacks the suite.
    pub fn seal(
        self,
        content: ContentDraft,
        randomness: &dyn Randomness,
    ) -> Result<SealedEnvelope, EnvelopeError> {
        self.check()?;
        let blobs: Vec<BlobEntry> = self.blobs.iter().map(|blob| blob.entry.clone()).collect();
        let attachments = self.blobs.iter().map(|blob| blob.attachment.clone()).collect();
        let content = Content::new(content, attachments)?;
        let plain = content.encode();
        let content_padded = u32::try_from(plain.len()).expect("contents are far below 4 GiB");
        let r = ShareR::fresh(randomness);
        let c = ShareC::fresh(content.scope, randomness);
        let header = self.header(&blobs, content_padded, &c)?;
        let hh = header.hash();
        let share_c = c.encode();
        let sealed_r = self.recipient.seal(
            self.suites.0,
            &share_info("sluis/v1/share-r", &hh),
            r.0.as_slice(),
            randomness,
        )?;
        let sealed_c = self.route.gate_key.seal(
            self.suites.1,
            &share_info("sluis/v1/share-c", &hh),
            &share_c,
            randomness,
        )?;
        let ciphertext = seal_all(DEK, c.combine(&r).as_slice(), &hh, &plain);
        let self_copy = self
            .keep
            .map(|own| SelfCopy::seal(&header, &content, own, self.sender, randomness))
            .transpose()?;
        let claims = Claims {
            commitment_r: r.commitment(&hh),
            commitment_c: commit_c(&hh, &share_c),
            sealed_r_hash: share_hash(&sealed_r),
            sealed_c_hash: share_hash(&sealed_c),
            content_hash: content_hash(&ciphertext),
            header,
            blobs: blobs.clone(),
            content_padded,
        };
        Ok(SealedEnvelope {
            manifest: VerifiedManifest::sign(claims, self.sender),
            sealed_r,
            sealed_c,
            content: ciphertext,
            blobs,
            self_copy,
        })
    }

    fn check(&self) -> Result<(), EnvelopeError> {
        let tail: usize = self
            .draft
            .extensions
            .iter()
            .map(|extension| 4 + extension.value.len())
            .sum();
        let rises = self
            .draft
            .extensions
            .is_sorted_by(|one, next| one.number < next.number);
        let ours = |blob: &SealedBlob| blob.message_id == self.draft.message_id;
        let rules = [
            ("attachments", self.blobs.len() <= usize::from(BLOBS_MAX)),
            ("attachments", self.blobs.iter().all(ours)),
            ("extensions", rises && tail <= EXTENSIONS_BYTES_MAX),
        ];
        if let Some((field, _)) = rules.iter().find(|(_, kept)| !kept) {
            return Err(EnvelopeError::Draft { field });
        }
        if self.recipient.supports(self.suites.0) && self.route.gate_key.supports(self.suites.1) {
            Ok(())
        } else {
            Err(EnvelopeError::Suite)
        }
    }

    fn header(&self, blobs: &[BlobEntry], content_padded: u32, c: &ShareC) -> Result<Header, FormatError> {
        let draft = &self.draft;
        let header = Header {
            kind: draft.kind,
            priority: draft.priority,
            message_id: draft.message_id,
            thread_id: draft.thread_id,
            grant_id: self.route.grant_id,
            grant_version: self.route.grant_version,
            sender: self.route.sender,
            recipient: self.route.recipient,
            signing_key_id: self.sender.id(),
            sealing_key_id: self.recipient.id(),
            gate_key_id: self.route.gate_key.id(),
            suite_r: self.suites.0,
            suite_c: self.suites.1,
            replaces: draft.replaces,
            blob_count: u16::try_from(blobs.len()).expect("BLOBS_MAX is far below"),
            blobs_hash: blobs_hash(blobs),
            created: draft.created,
            expires: draft.expires,
            respond_by: draft.respond_by,
            size_class: total_size_class(content_padded, blobs),
            scope_commitment: c.scope_commitment(),
            extensions: draft.extensions.clone(),
        };
        header.check()?;
        Ok(header)
    }
}
