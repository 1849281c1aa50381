//! Every statement of this crate, and the tables with the lengths of what is sealed in them.

use std::num::NonZeroUsize;

use sluis_store::{Statement, for_share, for_update};

use super::Table;

const fn table(name: &'static str, bytes: usize) -> Table {
    Table {
        name,
        step: NonZeroUsize::new(bytes).expect("a step is not 0"),
    }
}

/// What stands in `access.sealed`: always 128 bytes before sealing.
pub(crate) const ACCESS: Table = table("access", 128);
/// What stands in `head.sealed`.
pub(crate) const HEAD: Table = table("head", 128);
/// What stands in `link.sealed`.
pub(crate) const LINK: Table = table("link", 64);
/// What stands in `proposal.sealed`.
pub(crate) const PROPOSAL: Table = table("proposal", 576);
/// What stands in `grant_row.sealed`: the public gate key alone takes 1249 bytes.
pub(crate) const GRANT_ROW: Table = table("grant_row", 2048);
/// What stands in `mandate.sealed`.
pub(crate) const MANDATE: Table = table("mandate", 512);
/// What stands in `receipt.sealed`.
pub(crate) const RECEIPT: Table = table("receipt", 768);
/// What stands in `session.sealed`.
pub(crate) const SESSION: Table = table("session", 1600);
/// What stands in `tries.sealed`.
pub(crate) const TRIES: Table = table("tries", 64);
/// What stands in `due.sealed`.
pub(crate) const DUE: Table = table("due", 64);
/// What stands in `bucket.sealed`: room for all gate keys that a bucket may hold.
pub(crate) const BUCKET: Table = table("bucket", 9 * 1024);
/// What stands in `bundle.sealed`: a sealed bundle of a circle takes 44 180 bytes at most.
pub(crate) const BUNDLE: Table = table("bundle", 44 * 1024);
/// What stands in `notice_address.sealed`: room for two addresses.
pub(crate) const NOTICE_ADDRESS: Table = table("notice_address", 768);
/// What stands in `notice_due.sealed`.
pub(crate) const NOTICE_DUE: Table = table("notice_due", 64);

/// Every table with sealed rows.
pub(crate) const TABLES: &[Table] = &[
    ACCESS,
    HEAD,
    LINK,
    PROPOSAL,
    GRANT_ROW,
    MANDATE,
    RECEIPT,
    SESSION,
    TRIES,
    DUE,
    BUCKET,
    BUNDLE,
    NOTICE_ADDRESS,
    NOTICE_DUE,
];

/// The access row of a name.
pub(crate) const ACCESS_GET: Statement = Statement::same("SELECT sealed FROM access WHERE key = $1");
/// Adds an access row; changes nothing when there is one.
pub(crate) const ACCESS_INSERT: Statement =
    Statement::same("INSERT INTO access (key, sealed) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING");
/// Adds an access row, or writes it anew.
pub(crate) const ACCESS_PUT: Statement = Statement::same(
    "INSERT INTO access (key, sealed) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET sealed = excluded.sealed",
);
/// Takes an access row away.
pub(crate) const ACCESS_DELETE: Statement = Statement::same("DELETE FROM access WHERE key = $1");

/// Makes a head row.
pub(crate) const HEAD_INSERT: Statement =
    Statement::same("INSERT INTO head (key, sealed) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING");
/// A head row, which nobody else may take meanwhile.
pub(crate) const HEAD_LOCK: Statement = for_update!("SELECT sealed FROM head WHERE key = $1");
/// A head row, for reading.
pub(crate) const HEAD_READ: Statement = Statement::same("SELECT sealed FROM head WHERE key = $1");
/// Writes a head row.
pub(crate) const HEAD_SAVE: Statement = Statement::same("UPDATE head SET sealed = $2 WHERE key = $1");

/// Adds a link.
pub(crate) const LINK_INSERT: Statement = Statement::same("INSERT INTO link (tag, sealed) VALUES ($1, $2)");
/// A link.
pub(crate) const LINK_GET: Statement = Statement::same("SELECT sealed FROM link WHERE tag = $1");

/// Writes a link, or empties it.
pub(crate) const LINK_SAVE: Statement = Statement::same("UPDATE link SET sealed = $2 WHERE tag = $1");

/// Adds a proposal.
pub(crate) const PROPOSAL_INSERT: Statement =
    Statement::same("INSERT INTO proposal (tag, sealed) VALUES ($1, $2)");
/// A proposal, for reading.
pub(crate) const PROPOSAL_GET: Statement = Statement::same("SELECT sealed FROM proposal WHERE tag = $1");
/// A proposal, which nobody else may answer meanwhile.
pub(crate) const PROPOSAL_LOCK: Statement = for_update!("SELECT sealed FROM proposal WHERE tag = $1");
/// Writes a proposal, or empties it.
pub(crate) const PROPOSAL_SAVE: Statement = Statement::same("UPDATE proposal SET sealed = $2 WHERE tag = $1");
/// Takes away a proposal that was made for nobody.
pub(crate) const PROPOSAL_DELETE: Statement = Statement::same("DELETE FROM proposal WHERE tag = $1");

/// Adds a grant.
pub(crate) const GRANT_INSERT: Statement =
    Statement::same("INSERT INTO grant_row (tag, sealed) VALUES ($1, $2)");
/// A grant, for reading.
pub(crate) const GRANT_GET: Statement = Statement::same("SELECT sealed FROM grant_row WHERE tag = $1");
/// A grant that nobody may change meanwhile.
pub(crate) const GRANT_SHARE: Statement = for_share!("SELECT sealed FROM grant_row WHERE tag = $1");
/// A grant that nobody else may change or decide by meanwhile.
pub(crate) const GRANT_LOCK: Statement = for_update!("SELECT sealed FROM grant_row WHERE tag = $1");
/// Writes a grant.
pub(crate) const GRANT_SAVE: Statement = Statement::same("UPDATE grant_row SET sealed = $2 WHERE tag = $1");

/// Adds a mandate.
pub(crate) const MANDATE_INSERT: Statement =
    Statement::same("INSERT INTO mandate (tag, sealed) VALUES ($1, $2)");
/// A mandate, for reading.
pub(crate) const MANDATE_GET: Statement = Statement::same("SELECT sealed FROM mandate WHERE tag = $1");
/// A mandate that nobody may change meanwhile.
pub(crate) const MANDATE_SHARE: Statement = for_share!("SELECT sealed FROM mandate WHERE tag = $1");
/// A mandate that nobody else may change or act by meanwhile.
pub(crate) const MANDATE_LOCK: Statement = for_update!("SELECT sealed FROM mandate WHERE tag = $1");
/// Writes a mandate.
pub(crate) const MANDATE_SAVE: Statement = Statement::same("UPDATE mandate SET sealed = $2 WHERE tag = $1");

/// Takes away a mandate that nobody made theirs.
pub(crate) const MANDATE_DELETE: Statement = Statement::same("DELETE FROM mandate WHERE tag = $1");

/// Adds a receipt.
pub(crate) const RECEIPT_INSERT: Statement =
    Statement::same("INSERT INTO receipt (tag, sealed) VALUES ($1, $2)");
/// A receipt.
pub(crate) const RECEIPT_GET: Statement = Statement::same("SELECT sealed FROM receipt WHERE tag = $1");

/// A session.
pub(crate) const SESSION_GET: Statement = Statement::same("SELECT sealed FROM session WHERE key = $1");
/// Begins a session; a repeat changes nothing.
pub(crate) const SESSION_INSERT: Statement =
    Statement::same("INSERT INTO session (key, sealed) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING");
/// Ends a session.
pub(crate) const SESSION_DELETE: Statement = Statement::same("DELETE FROM session WHERE key = $1");

/// Begins to count wrong tries; changes nothing when there are some. A row that is not there cannot be locked.
pub(crate) const TRIES_INSERT: Statement =
    Statement::same("INSERT INTO tries (key, sealed) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING");
/// The wrong tries of an organisation or a professional, which nobody else may count meanwhile.
pub(crate) const TRIES_GET: Statement = for_update!("SELECT sealed FROM tries WHERE key = $1");
/// Wrong tries, for reading.
pub(crate) const TRIES_PEEK: Statement = Statement::same("SELECT sealed FROM tries WHERE key = $1");
/// Writes wrong tries.
pub(crate) const TRIES_PUT: Statement = Statement::same(
    "INSERT INTO tries (key, sealed) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET sealed = excluded.sealed",
);
/// Forgets wrong tries.
pub(crate) const TRIES_DELETE: Statement = Statement::same("DELETE FROM tries WHERE key = $1");

/// Puts something on the list of what is to be done.
pub(crate) const DUE_INSERT: Statement =
    Statement::same("INSERT INTO due (id, due, sealed) VALUES ($1, $2, $3)");
/// What is to be done by now, after a place in the list.
pub(crate) const DUE_LIST: Statement = Statement::same(
    "SELECT id, due, sealed FROM due WHERE due <= $1 AND (due > $2 OR (due = $2 AND id > $3)) ORDER BY due, id LIMIT $4",
);
/// Strikes something off the list.
pub(crate) const DUE_DELETE: Statement = Statement::same("DELETE FROM due WHERE id = $1");

/// A bucket, for reading.
pub(crate) const BUCKET_GET: Statement =
    Statement::same("SELECT generation, sealed FROM bucket WHERE id = $1");
/// A bucket whose keys nobody may change meanwhile.
pub(crate) const BUCKET_SHARE: Statement = for_share!("SELECT generation, sealed FROM bucket WHERE id = $1");
/// A bucket that nobody else may use or change meanwhile.
pub(crate) const BUCKET_LOCK: Statement = for_update!("SELECT generation, sealed FROM bucket WHERE id = $1");
/// Adds a bucket; changes nothing when it is there.
pub(crate) const BUCKET_INSERT: Statement = Statement::same(
    "INSERT INTO bucket (id, generation, used, sealed) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING",
);
/// Writes a bucket.
pub(crate) const BUCKET_SAVE: Statement =
    Statement::same("UPDATE bucket SET generation = $2, used = $3, sealed = $4 WHERE id = $1");
/// Takes a bucket away.
pub(crate) const BUCKET_DELETE: Statement = Statement::same("DELETE FROM bucket WHERE id = $1");
/// Takes away a bucket without gate keys.
pub(crate) const BUCKET_DELETE_EMPTY: Statement =
    Statement::same("DELETE FROM bucket WHERE id = $1 AND used = 0");
/// Which bucket key a bucket's row is wrapped under.
pub(crate) const BUCKET_GENERATION: Statement =
    Statement::same("SELECT generation FROM bucket WHERE id = $1");
/// All buckets, some at a time.
pub(crate) const BUCKET_LIST: Statement =
    Statement::same("SELECT id, generation, used FROM bucket WHERE id > $1 ORDER BY id LIMIT $2");
/// The first bucket with room at or after an id. 64 is `GATE_KEYS_PER_BUCKET_MAX`; a bind would keep the index unused.
pub(crate) const BUCKET_WITH_ROOM: Statement =
    Statement::same("SELECT id FROM bucket WHERE used < 64 AND id >= $1 ORDER BY id LIMIT 1");

/// Who holds the bucket keys.
pub(crate) const HOLDER_LOCK: Statement = for_update!("SELECT mark, until FROM holder WHERE id = 1");
/// Takes the place of the holder, when there is none.
pub(crate) const HOLDER_INSERT: Statement =
    Statement::same("INSERT INTO holder (id, mark, until) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING");
/// Takes the place of the holder, or keeps it.
pub(crate) const HOLDER_SAVE: Statement =
    Statement::same("UPDATE holder SET mark = $1, until = $2 WHERE id = 1");

/// Ends the time of every key that signed receipts until another came.
pub(crate) const RECEIPT_KEY_REPLACE: Statement =
    Statement::same("UPDATE receipt_key SET signed_until = $2 WHERE id <> $1 AND signed_until IS NULL");
/// Begins the time of the key that signs receipts, or goes on with it.
pub(crate) const RECEIPT_KEY_NOTE: Statement = Statement::same(
    "INSERT INTO receipt_key (id, public, signs_from, signed_until) VALUES ($1, $2, $3, NULL) \
     ON CONFLICT (id) DO UPDATE SET signed_until = NULL",
);
/// The keys of receipts, the newest first.
pub(crate) const RECEIPT_KEY_LIST: Statement = Statement::same(
    "SELECT public, signs_from, signed_until FROM receipt_key ORDER BY signs_from DESC, id LIMIT $1",
);

/// Puts a bundle in a mailbox.
pub(crate) const BUNDLE_INSERT: Statement =
    Statement::same("INSERT INTO bundle (tag, sealed) VALUES ($1, $2)");
/// A bundle.
pub(crate) const BUNDLE_GET: Statement = Statement::same("SELECT sealed FROM bundle WHERE tag = $1");
/// Takes a bundle out of its mailbox.
pub(crate) const BUNDLE_DELETE: Statement = Statement::same("DELETE FROM bundle WHERE tag = $1");

/// An address for notices, for reading.
pub(crate) const NOTICE_ADDRESS_GET: Statement =
    Statement::same("SELECT sealed FROM notice_address WHERE key = $1");
/// An address for notices that nobody else may change meanwhile.
pub(crate) const NOTICE_ADDRESS_LOCK: Statement =
    for_update!("SELECT sealed FROM notice_address WHERE key = $1");
/// Makes room for an address.
pub(crate) const NOTICE_ADDRESS_INSERT: Statement =
    Statement::same("INSERT INTO notice_address (key, sealed) VALUES ($1, $2)");
/// Writes an address, or empties it.
pub(crate) const NOTICE_ADDRESS_SAVE: Statement =
    Statement::same("UPDATE notice_address SET sealed = $2 WHERE key = $1");
/// Takes an address away whose login is disconnected.
pub(crate) const NOTICE_ADDRESS_DELETE: Statement =
    Statement::same("DELETE FROM notice_address WHERE key = $1");
/// Puts a notice on the list of those that are to go out.
pub(crate) const NOTICE_DUE_INSERT: Statement =
    Statement::same("INSERT INTO notice_due (id, due, sealed) VALUES ($1, $2, $3)");
/// What is to go out by now, after a place in the list.
pub(crate) const NOTICE_DUE_LIST: Statement = Statement::same(
    "SELECT id, due, sealed FROM notice_due WHERE due <= $1 AND (due > $2 OR (due = $2 AND id > $3)) ORDER BY due, id LIMIT $4",
);
/// Strikes a notice off the list.
pub(crate) const NOTICE_DUE_DELETE: Statement = Statement::same("DELETE FROM notice_due WHERE id = $1");

/// Every statement, for the test that prepares them on both databases.
pub(crate) const ALL: &[Statement] = &[
    ACCESS_GET,
    ACCESS_INSERT,
    ACCESS_PUT,
    ACCESS_DELETE,
    HEAD_INSERT,
    HEAD_LOCK,
    HEAD_READ,
    HEAD_SAVE,
    LINK_INSERT,
    LINK_GET,
    LINK_SAVE,
    PROPOSAL_INSERT,
    PROPOSAL_GET,
    PROPOSAL_LOCK,
    PROPOSAL_SAVE,
    PROPOSAL_DELETE,
    GRANT_INSERT,
    GRANT_GET,
    GRANT_SHARE,
    GRANT_LOCK,
    GRANT_SAVE,
    MANDATE_INSERT,
    MANDATE_GET,
    MANDATE_SHARE,
    MANDATE_LOCK,
    MANDATE_SAVE,
    MANDATE_DELETE,
    RECEIPT_INSERT,
    RECEIPT_GET,
    SESSION_GET,
    SESSION_INSERT,
    SESSION_DELETE,
    TRIES_INSERT,
    TRIES_GET,
    TRIES_PEEK,
    TRIES_PUT,
    TRIES_DELETE,
    DUE_INSERT,
    DUE_LIST,
    DUE_DELETE,
    BUCKET_GET,
    BUCKET_SHARE,
    BUCKET_LOCK,
    BUCKET_INSERT,
    BUCKET_SAVE,
    BUCKET_DELETE,
    BUCKET_DELETE_EMPTY,
    BUCKET_GENERATION,
    BUCKET_LIST,
    BUCKET_WITH_ROOM,
    BUNDLE_INSERT,
    BUNDLE_GET,
    BUNDLE_DELETE,
    NOTICE_ADDRESS_GET,
    NOTICE_ADDRESS_LOCK,
    NOTICE_ADDRESS_INSERT,
    NOTICE_ADDRESS_SAVE,
    NOTICE_ADDRESS_DELETE,
    NOTICE_DUE_INSERT,
    NOTICE_DUE_LIST,
    NOTICE_DUE_DELETE,
    RECEIPT_KEY_REPLACE,
    RECEIPT_KEY_NOTE,
    RECEIPT_KEY_LIST,
    HOLDER_LOCK,
    HOLDER_INSERT,
    HOLDER_SAVE,
];
