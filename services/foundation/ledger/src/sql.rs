//! Every statement of the log.

use sluis_store::Statement;

/// Takes the count of a grant's events, and its lock until the act ends; $2 (none yet) when there is no count.
pub(crate) const TAKE_COUNT: Statement = Statement::same(
    "INSERT INTO log_count (count_key, events) VALUES ($1, $2) \
     ON CONFLICT (count_key) DO UPDATE SET events = log_count.events RETURNING events",
);
/// Remembers the count of a grant's events.
pub(crate) const SET_COUNT: Statement =
    Statement::same("UPDATE log_count SET events = $2 WHERE count_key = $1");
/// The count of a grant's events.
pub(crate) const COUNT: Statement = Statement::same("SELECT events FROM log_count WHERE count_key = $1");
/// Stores an event.
pub(crate) const INSERT_EVENT: Statement =
    Statement::same("INSERT INTO log_event (event_key, event, period) VALUES ($1, $2, $3)");
/// One event.
pub(crate) const EVENT: Statement = Statement::same("SELECT event FROM log_event WHERE event_key = $1");
/// Deletes some of the events of before a period.
pub(crate) const PURGE: Statement = Statement::same(
    "DELETE FROM log_event WHERE event_key IN (SELECT event_key FROM log_event WHERE period < $1 LIMIT $2)",
);
/// Puts a leaf among those that wait. SQLite has no sequences; its one writer may count on from the last that waits.
pub(crate) const INSERT_WAITING: Statement = Statement::differ(
    "INSERT INTO log_waiting (arrival, leaf) SELECT coalesce(max(arrival), 0) + 1, $1 FROM log_waiting",
    "INSERT INTO log_waiting (arrival, leaf) VALUES (nextval('log_arrival'), $1)",
);
/// Whether a leaf waits.
pub(crate) const FIRST_WAITING: Statement =
    Statement::same("SELECT arrival FROM log_waiting ORDER BY arrival LIMIT 1");
/// Gives at most $2 waiting leaves their places from $1 on. PostgreSQL takes them from those that wait in the same
/// statement, because another could commit a leaf with a lower arrival between two; SQLite has no such statement, and
/// nobody writes in between.
pub(crate) const PLACE: Statement = Statement::differ(
    "INSERT INTO log_leaf (leaf, place) \
     SELECT leaf, $1 + row_number() OVER (ORDER BY arrival) - 1 \
     FROM (SELECT arrival, leaf FROM log_waiting ORDER BY arrival LIMIT $2) \
     RETURNING place, leaf",
    "WITH next AS (SELECT arrival FROM log_waiting ORDER BY arrival LIMIT $2), \
     taken AS (DELETE FROM log_waiting USING next WHERE log_waiting.arrival = next.arrival \
               RETURNING log_waiting.arrival, log_waiting.leaf) \
     INSERT INTO log_leaf (leaf, place) \
     SELECT leaf, $1 + row_number() OVER (ORDER BY arrival) - 1 FROM taken \
     RETURNING place, leaf",
);
/// SQLite's second half of [`PLACE`]: the first $1 no longer wait.
pub(crate) const FORGET_PLACED: Statement = Statement::same(
    "DELETE FROM log_waiting WHERE arrival IN (SELECT arrival FROM log_waiting ORDER BY arrival LIMIT $1)",
);
/// Where a leaf stands.
pub(crate) const PLACE_OF: Statement = Statement::same("SELECT place FROM log_leaf WHERE leaf = $1");
/// The tree and who sequences it; nothing while another replica is at it.
pub(crate) const TREE: Statement = sluis_store::for_update_skip_locked!(
    "SELECT size, root, holder, fence, lease_until FROM log_tree WHERE id = 1"
);
/// Moves the tree on, unless another sequencer did ($6, $7: as it was found).
pub(crate) const GROW_TREE: Statement = Statement::same(
    "UPDATE log_tree SET size = $1, root = $2, checkpoint = $3, holder = $4, lease_until = $5, fence = $8 \
     WHERE id = 1 AND size = $6 AND fence = $7",
);
/// The newest checkpoint.
pub(crate) const CHECKPOINT: Statement = Statement::same("SELECT checkpoint FROM log_tree WHERE id = 1");
/// One tile.
pub(crate) const TILE: Statement =
    Statement::same("SELECT hashes FROM log_tile WHERE level = $1 AND number = $2");
/// Stores a tile, or what it has grown to.
pub(crate) const STORE_TILE: Statement = Statement::same(
    "INSERT INTO log_tile (level, number, hashes) VALUES ($1, $2, $3) \
     ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes",
);

/// Every statement of this crate, for the test that prepares them on both databases.
pub const STATEMENTS: &[Statement] = &[
    TAKE_COUNT,
    SET_COUNT,
    COUNT,
    INSERT_EVENT,
    EVENT,
    PURGE,
    INSERT_WAITING,
    FIRST_WAITING,
    PLACE,
    FORGET_PLACED,
    PLACE_OF,
    TREE,
    GROW_TREE,
    CHECKPOINT,
    TILE,
    STORE_TILE,
];
