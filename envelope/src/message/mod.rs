//! Messages: header, manifest, shares, content, attachments, and the copy that a sender keeps.

mod attachment;
mod blob;
mod check;
mod contact_box;
mod content;
mod error;
mod header;
mod manifest;
mod opener;
mod padding;
mod scope;
mod sealer;
mod self_copy;
mod share;
mod stream;

pub use attachment::{Attachment, FileName, MediaType};
pub use blob::{AttachmentDraft, BlobOpener, BlobSealer, SealedBlob};
pub use check::{BlobEntry, CiphertextCheck};
pub use contact_box::{BoxPlace, ContactBox};
pub use content::{Content, ContentDraft};
pub use error::EnvelopeError;
pub use header::{Extension, Header};
pub use manifest::{Manifest, VerifiedManifest};
pub use opener::{OpenedMessage, Opener};
pub(crate) use padding::check_padding;
pub use padding::padded_length;
pub use scope::Scope;
pub use sealer::{Draft, SealedEnvelope, Sealer};
pub use self_copy::{KeptMessage, SelfCopy};
pub(crate) use share::{SHARE_C_BYTES, ShareC, check_commitment, commit_c, share_info};
pub use stream::ciphertext_length;
