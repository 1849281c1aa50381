//! Signed statements. One shape for all: version, the signer's key id, a body of fixed layout, a signature.

mod checkpoint;
mod circle_post;
mod consent_receipt;
mod directory_head;
mod grant_token;
mod key_entry;
mod key_statement;
mod leaf_promise;
mod match_statement;
mod receipt;
mod signed;
mod ticket;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use circle_post::CirclePost;
pub use consent_receipt::{
    ConsentReceiptError, consent_receipt_jwk, sign_consent_receipt, verify_consent_receipt,
};
pub use directory_head::DirectoryHead;
pub use grant_token::GrantToken;
pub(crate) use grant_token::{read_grant_version, read_parties};
pub use key_entry::{JwtAlgorithm, JwtKey, KeyEntry, PublicKey};
pub use key_statement::{KeyStatement, KeyStatementError, VerifiedKeyStatement, successor_commitment};
pub use leaf_promise::LeafPromise;
pub use match_statement::MatchStatement;
pub use receipt::SubmissionReceipt;
pub use signed::{Signed, Statement, StatementError, Verified};
pub use ticket::{ResidentTicket, TicketActions};
