//! Everything that is sealed or signed between the parties of a mesh. `docs/envelope.md` gives every byte.
//!
//! Invariants: no I/O and no ambient time or chance; every parser of outside bytes is total, takes one encoding
//! per value, leaves no bytes over and allocates no more than its input; secrets leave memory when dropped and
//! never print; what has not been verified has another type than what has.
//!
//! The parts: [`hash`] and [`Reader`]/[`Writer`] (layouts), keys ([`SigningKey`], [`SealingKeyPair`],
//! [`GateKeyPair`]), messages ([`Sealer`], [`Manifest`], [`Opener`]), the second gate ([`OpenRequest`],
//! [`GateOpener`]), circles ([`CircleSecret`], [`CircleBundle`], [`ContactBox`]), and statements ([`Signed`] with its
//! bodies, [`KeyStatement`], [`Checkpoint`]); and what the service directory holds ([`DirectoryTree`], [`DirectoryHead`]).
//! Deliberately absent: who may do what (the services decide), and where keys are kept.

mod chance;
mod circle;
mod count;
mod directory;
mod gate;
mod hash;
mod key;
pub mod limits;
mod message;
mod sealed_frame;
mod sealed_handle;
mod sealed_note;
mod statement;
mod wire;

pub use circle::{Circle, CircleBundle, CircleSecret, CircleTag, SealedBundle};
pub use count::{OperationCounts, operation_counts};
pub use directory::{DirectoryTree, directory_entry_hash};
pub use gate::{AskToOpen, GateError, GateOpener, OpenCheck, OpenRequest, OpenedGate, PendingOpen};
pub use hash::{Digest, Hasher, hash, jwt_hash, session_hash};
pub use key::{
    BadSignature, Gate, GateKeyPair, GatePublicKey, HybridKeyPair, HybridPublicKey, HybridUse, KeyKind,
    OrganisationKey, RequestKeyPair, RequestPublicKey, SIGNATURE_BYTES, Sealing, SealingKeyPair,
    SealingPublicKey, SigningKey, Suite, VerifyingKey,
};
pub use message::{
    Attachment, AttachmentDraft, BlobEntry, BlobOpener, BlobSealer, BoxPlace, CiphertextCheck, ContactBox,
    Content, ContentDraft, Draft, EnvelopeError, Extension, FileName, Header, KeptMessage, Manifest,
    MediaType, OpenedMessage, Opener, Scope, SealedBlob, SealedEnvelope, Sealer, SelfCopy, VerifiedManifest,
    ciphertext_length, padded_length,
};
pub use sealed_handle::SealedHandle;
pub use sealed_note::{NotePart, SealedNote};
pub use statement::{
    Checkpoint, CheckpointError, CirclePost, ConsentReceiptError, DirectoryHead, GrantToken, JwtAlgorithm,
    JwtKey, KeyEntry, KeyStatement, KeyStatementError, LeafPromise, MatchStatement, PublicKey,
    ResidentTicket, Signed, Statement, StatementError, SubmissionReceipt, TicketActions, Verified,
    VerifiedKeyStatement, consent_receipt_jwk, sign_consent_receipt, successor_commitment,
    verify_consent_receipt,
};
pub use wire::{FormatError, Reader, Writer};
