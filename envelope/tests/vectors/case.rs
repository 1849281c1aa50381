//! One message from end to end, with everything that went in and came out. Binary values are hexadecimal.

use serde::{Deserialize, Serialize};

/// An attachment of a case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AttachmentCase {
    pub(crate) blob_id: String,
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) data_kind: u8,
    pub(crate) bytes: String,
    pub(crate) ciphertext: String,
}

/// A message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct MessageCase {
    pub(crate) name: String,
    // Who.
    pub(crate) sender: String,
    pub(crate) sender_signing_seed: String,
    pub(crate) sender_sealing_secret: String,
    pub(crate) recipient: String,
    pub(crate) recipient_signing_seed: String,
    pub(crate) recipient_sealing_secret: String,
    pub(crate) gate_secret: String,
    pub(crate) grant_token_seed: String,
    pub(crate) receipt_seed: String,
    // Inside.
    pub(crate) media_type: String,
    pub(crate) based_on: String,
    pub(crate) purposes: u32,
    pub(crate) life_domains: u32,
    pub(crate) data_kinds: u32,
    pub(crate) body: String,
    pub(crate) body_times: usize,
    pub(crate) attachments: Vec<AttachmentCase>,
    // Secrets and what comes from them.
    pub(crate) r: String,
    pub(crate) c: String,
    pub(crate) salt: String,
    pub(crate) header: String,
    pub(crate) header_hash: String,
    pub(crate) prk: String,
    pub(crate) chunk_key: String,
    pub(crate) chunk_nonce_prefix: String,
    // Submitted.
    pub(crate) grant_token: String,
    pub(crate) manifest: String,
    pub(crate) manifest_hash: String,
    pub(crate) sealed_r: String,
    pub(crate) sealed_c: String,
    pub(crate) content: String,
    pub(crate) submitted_at: i64,
    pub(crate) receipt: String,
    /// Signalling's word, for a contact box.
    pub(crate) match_statement: Option<String>,
    pub(crate) match_seed: String,
    // Opened.
    pub(crate) opened_at: i64,
    pub(crate) caller: String,
    pub(crate) jwt: String,
    pub(crate) jwt_hash: String,
    pub(crate) request_id: String,
    pub(crate) request_suite: u16,
    pub(crate) request_secret: String,
    pub(crate) open_request: String,
    pub(crate) request_hash: String,
    pub(crate) leaf_hash: String,
    pub(crate) handle: String,
    pub(crate) assisted: bool,
    pub(crate) open_reply: String,
    // Kept.
    pub(crate) self_copy: String,
}
