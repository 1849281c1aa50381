//! Every limit of the formats, once. Sizes are bytes unless the name says otherwise.

use crate::message::{ciphertext_length, padded_length};

/// Plaintext bytes in one chunk of content or of a blob.
pub const CHUNK_BYTES: u32 = 64 * 1024;
/// Longest body of a message; what is longer travels as an attachment.
pub const BODY_BYTES_MAX: u32 = 4 * 1024 * 1024;
/// Longest attachment, before padding.
pub const BLOB_BYTES_MAX: u32 = 25 * 1024 * 1024;
/// Most attachments of one message.
pub const BLOBS_MAX: u16 = 32;
/// Longest media type.
pub const MEDIA_TYPE_BYTES_MAX: usize = 127;
/// Longest file name of an attachment, as UTF-8.
pub const FILE_NAME_BYTES_MAX: usize = 255;
/// Longest tail of extension fields in a header.
pub const EXTENSIONS_BYTES_MAX: usize = 1024;
/// Longest header.
pub const HEADER_BYTES_MAX: usize = 306 + EXTENSIONS_BYTES_MAX;
/// Longest manifest: header, blob list, commitments, hashes, signature.
pub const MANIFEST_BYTES_MAX: usize = 2 + HEADER_BYTES_MAX + BLOBS_MAX as usize * 52 + 4 + 5 * 32 + 64;
/// Longest sealed share (X-Wing, C-share).
pub const SEALED_SHARE_BYTES_MAX: usize = 1120 + 76 + 16;
/// Length of a circle bundle before sealing: 8 members, 7 classes and 53 epochs fit.
pub const CIRCLE_BUNDLE_BYTES: usize = 42 * 1024;
/// Longest text of a signal, as UTF-8: what was seen, or what is made of it.
pub const SIGNAL_TEXT_BYTES_MAX: usize = 4000;
/// Length of a text of a signal before sealing: its length and the longest fit.
pub const SIGNAL_NOTE_BYTES: usize = 4 * 1024;
/// Longest padded content of a contact box.
pub const CONTACT_CONTENT_PADDED_MAX: u32 = 2048;
/// Length of a contact box at rest, before sealing.
pub const CONTACT_BOX_BYTES: usize = 8 * 1024;
/// Most pieces of evidence in an open request: one of each kind.
pub const EVIDENCE_MAX: usize = 2;
/// Longest evidence of one kind in an open request.
pub const EVIDENCE_BYTES_MAX: usize = 1024;
/// Longest open request.
pub const OPEN_REQUEST_BYTES_MAX: usize = 34
    + (16 + 8 + 32 + 2 + 1216)
    + (2 + MANIFEST_BYTES_MAX)
    + (3 + SEALED_SHARE_BYTES_MAX)
    + (1 + EVIDENCE_MAX * (4 + EVIDENCE_BYTES_MAX))
    + 64;
/// Longest open reply.
pub const OPEN_REPLY_BYTES_MAX: usize = 2 + 32 + 1120 + 93 + 16;
/// Most keys in one key statement.
pub const KEYS_MAX: u16 = 128;
/// Longest key statement: as many keys as there may be, all of the longest kind.
pub const KEY_STATEMENT_BYTES_MAX: usize = 34 + 130 + KEYS_MAX as usize * (27 + 1249) + 64;
/// Longest padded content.
pub const CONTENT_PADDED_MAX: u32 = padded_length(BODY_BYTES_MAX + 16 * 1024);
/// Longest content as ciphertext.
pub const CONTENT_CIPHERTEXT_MAX: u32 = ciphertext_length(CONTENT_PADDED_MAX);
/// Longest padded attachment.
pub const BLOB_PADDED_MAX: u32 = padded_length(BLOB_BYTES_MAX);
/// Longest attachment as ciphertext.
pub const BLOB_CIPHERTEXT_MAX: u32 = ciphertext_length(BLOB_PADDED_MAX);
/// Longest checkpoint note.
pub const CHECKPOINT_BYTES_MAX: usize = 4096;
/// Most signatures under a checkpoint note.
pub const CHECKPOINT_SIGNATURES_MAX: usize = 16;

/// Most entries of a service directory.
pub const DIRECTORY_ENTRIES_MAX: u32 = 1_000_000;

/// Longest life of a grant token, in minutes.
pub const GRANT_TOKEN_MINUTES_MAX: u64 = 10;
/// Longest life of a resident ticket, in minutes.
pub const RESIDENT_TICKET_MINUTES_MAX: u64 = 5;
/// How far an open request's time may lie from the gate's, in seconds.
pub const OPEN_REQUEST_SECONDS_MAX: u64 = 60;
/// How far in the future a statement's own time may lie, in seconds: clocks differ.
pub const CLOCK_SKEW_SECONDS_MAX: u64 = 60;
/// Longest life of a message, in days.
pub const MESSAGE_DAYS_MAX: u64 = 366;
/// Longest life of a key, and how long an ended key stays in its organisation's statements, in days.
pub const KEY_DAYS_MAX: u64 = 400;
/// How long a sealing key should be sealed to, in days. Senders use the newest.
pub const SEALING_KEY_DAYS: u64 = 30;

#[cfg(test)]
mod tests {
    use super::*;

    /// `docs/envelope.md` §11 gives these numbers.
    #[test]
    fn the_documented_limits_are_these() {
        assert_eq!((HEADER_BYTES_MAX, MANIFEST_BYTES_MAX), (1330, 3224));
        assert_eq!(
            (CONTENT_PADDED_MAX, CONTENT_CIPHERTEXT_MAX),
            (4_325_376, 4_326_432)
        );
        assert_eq!((BLOB_PADDED_MAX, BLOB_CIPHERTEXT_MAX), (26_214_400, 26_220_800));
        assert_eq!((OPEN_REQUEST_BYTES_MAX, OPEN_REPLY_BYTES_MAX), (7870, 1263));
        assert_eq!(KEY_STATEMENT_BYTES_MAX, 163_556);
    }
}
