//! Every statement of this service.

use sluis_store::{Statement, for_update, for_update_skip_locked};

/// Stores a message that is not there yet.
pub(crate) const INSERT_MESSAGE: Statement = Statement::same(
    "INSERT INTO message (message_id, sender, recipient, inbox_position, due, facts, life) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (message_id) DO NOTHING",
);
/// A message, for the service itself.
pub(crate) const LOAD_MESSAGE: Statement =
    Statement::same("SELECT message_id, facts, life FROM message WHERE message_id = $1");
/// The same, and nobody else changes it meanwhile.
pub(crate) const LOCK_MESSAGE: Statement =
    for_update!("SELECT message_id, facts, life FROM message WHERE message_id = $1");
/// The same where it is due and no other replica is at it.
pub(crate) const LOCK_DUE_MESSAGE: Statement = for_update_skip_locked!(
    "SELECT message_id, facts, life FROM message WHERE message_id = $1 AND due IS NOT NULL AND due <= $2"
);
/// A message of which the caller is sender or recipient.
pub(crate) const LOAD_MESSAGE_OF_PARTY: Statement = Statement::same(
    "SELECT message_id, facts, life FROM message \
     WHERE message_id = $1 AND (sender = $2 OR recipient = $2)",
);
/// A message that is addressed to the caller.
pub(crate) const LOAD_MESSAGE_FOR_RECIPIENT: Statement =
    Statement::same("SELECT message_id, facts, life FROM message WHERE message_id = $1 AND recipient = $2");
/// Writes what changed of a message.
pub(crate) const SAVE_MESSAGE: Statement =
    Statement::same("UPDATE message SET inbox_position = $2, due = $3, life = $4 WHERE message_id = $1");
/// Sets when to look at a message again.
pub(crate) const SAVE_MESSAGE_DUE: Statement =
    Statement::same("UPDATE message SET due = $2 WHERE message_id = $1");
/// An inbox, oldest first, after a place in it.
pub(crate) const INBOX: Statement = Statement::same(
    "SELECT message_id, facts, life FROM message \
     WHERE recipient = $1 AND inbox_position IS NOT NULL AND (inbox_position, message_id) > ($2, $3) \
     ORDER BY inbox_position, message_id LIMIT $4",
);
/// What an organisation sent, newest first, before a message id.
pub(crate) const SENT_BEFORE: Statement = Statement::same(
    "SELECT message_id, facts, life FROM message WHERE sender = $1 AND message_id < $2 \
     ORDER BY message_id DESC LIMIT $3",
);
/// What an organisation received, newest first, before a message id.
pub(crate) const RECEIVED_BEFORE: Statement = Statement::same(
    "SELECT message_id, facts, life FROM message WHERE recipient = $1 AND message_id < $2 \
     ORDER BY message_id DESC LIMIT $3",
);
/// Messages of which something is due.
pub(crate) const DUE_MESSAGES: Statement = Statement::same(
    "SELECT message_id FROM message WHERE due IS NOT NULL AND due <= $1 ORDER BY due, message_id LIMIT $2",
);

/// Stores shares and content.
pub(crate) const INSERT_CIPHERTEXT: Statement =
    Statement::same("INSERT INTO ciphertext (tag, sealed_r, sealed_c, content) VALUES ($1, $2, $3, $4)");
/// Shares and content.
pub(crate) const LOAD_CIPHERTEXT: Statement =
    Statement::same("SELECT sealed_r, sealed_c, content FROM ciphertext WHERE tag = $1");
/// Takes shares and content away.
pub(crate) const DELETE_CIPHERTEXT: Statement = Statement::same("DELETE FROM ciphertext WHERE tag = $1");

/// A page.
pub(crate) const LOAD_PAGE: Statement = Statement::same("SELECT content FROM page WHERE tag = $1");
/// The same, and nobody else changes it meanwhile.
pub(crate) const LOCK_PAGE: Statement = for_update!("SELECT content FROM page WHERE tag = $1");
/// Stores a page that is not there yet.
pub(crate) const INSERT_PAGE: Statement =
    Statement::same("INSERT INTO page (tag, content) VALUES ($1, $2) ON CONFLICT (tag) DO NOTHING");
/// Writes a page.
pub(crate) const SAVE_PAGE: Statement = Statement::same(
    "INSERT INTO page (tag, content) VALUES ($1, $2) \
     ON CONFLICT (tag) DO UPDATE SET content = excluded.content",
);
/// All pages, in the order of their tags.
pub(crate) const PAGES_AFTER: Statement =
    Statement::same("SELECT tag, content FROM page WHERE tag > $1 ORDER BY tag LIMIT $2");

/// What is known of an attachment.
pub(crate) const LOAD_BLOB: Statement = Statement::same("SELECT facts FROM blob WHERE tag = $1");
/// The same, and nobody else changes it meanwhile.
pub(crate) const LOCK_BLOB: Statement = for_update!("SELECT facts FROM blob WHERE tag = $1");
/// Stores an attachment that is not there yet.
pub(crate) const INSERT_BLOB: Statement =
    Statement::same("INSERT INTO blob (tag, due, facts) VALUES ($1, $2, $3) ON CONFLICT (tag) DO NOTHING");
/// Writes what changed of an attachment.
pub(crate) const SAVE_BLOB: Statement =
    Statement::same("UPDATE blob SET due = $2, facts = $3 WHERE tag = $1");
/// A message claims the attachment.
pub(crate) const CLAIM_BLOB: Statement = Statement::same("UPDATE blob SET due = NULL WHERE tag = $1");
/// Takes an attachment away.
pub(crate) const DELETE_BLOB: Statement = Statement::same("DELETE FROM blob WHERE tag = $1");
/// Attachments that nobody claimed in time, and that no other replica is at.
pub(crate) const DUE_BLOBS: Statement = for_update_skip_locked!(
    "SELECT tag, facts FROM blob WHERE due IS NOT NULL AND due <= $1 ORDER BY due LIMIT $2"
);
/// Writes one piece of an attachment.
pub(crate) const SAVE_PIECE: Statement = Statement::same(
    "INSERT INTO blob_piece (tag, bytes) VALUES ($1, $2) \
     ON CONFLICT (tag) DO UPDATE SET bytes = excluded.bytes",
);
/// One piece of an attachment.
pub(crate) const LOAD_PIECE: Statement = Statement::same("SELECT bytes FROM blob_piece WHERE tag = $1");
/// Takes one piece of an attachment away.
pub(crate) const DELETE_PIECE: Statement = Statement::same("DELETE FROM blob_piece WHERE tag = $1");

/// How far consent's events were followed.
pub(crate) const LOAD_WATCH: Statement = Statement::same("SELECT resume_token FROM grant_watch WHERE id = 1");
/// Moves on.
pub(crate) const SAVE_WATCH: Statement = Statement::same(
    "INSERT INTO grant_watch (id, resume_token) VALUES (1, $1) \
     ON CONFLICT (id) DO UPDATE SET resume_token = excluded.resume_token",
);
/// Starts afresh.
pub(crate) const FORGET_WATCH: Statement = Statement::same("DELETE FROM grant_watch WHERE id = 1");

/// Every statement, for the test that has both databases prepare them.
pub(crate) const ALL: &[Statement] = &[
    INSERT_MESSAGE,
    LOAD_MESSAGE,
    LOCK_MESSAGE,
    LOCK_DUE_MESSAGE,
    LOAD_MESSAGE_OF_PARTY,
    LOAD_MESSAGE_FOR_RECIPIENT,
    SAVE_MESSAGE,
    SAVE_MESSAGE_DUE,
    INBOX,
    SENT_BEFORE,
    RECEIVED_BEFORE,
    DUE_MESSAGES,
    INSERT_CIPHERTEXT,
    LOAD_CIPHERTEXT,
    DELETE_CIPHERTEXT,
    LOAD_PAGE,
    LOCK_PAGE,
    INSERT_PAGE,
    SAVE_PAGE,
    PAGES_AFTER,
    LOAD_BLOB,
    LOCK_BLOB,
    INSERT_BLOB,
    SAVE_BLOB,
    CLAIM_BLOB,
    DELETE_BLOB,
    DUE_BLOBS,
    SAVE_PIECE,
    LOAD_PIECE,
    DELETE_PIECE,
    LOAD_WATCH,
    SAVE_WATCH,
    FORGET_WATCH,
];
