//! Every statement of this service.

use sluis_store::{Statement, for_update, for_update_skip_locked};

/// Stores a signal that is not there yet.
pub(crate) const INSERT_SIGNAL: Statement = Statement::same(
    "INSERT INTO signal (signal_id, organisation, due, content) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (signal_id) DO NOTHING",
);
/// A signal of the caller.
pub(crate) const LOAD_SIGNAL_OF: Statement =
    Statement::same("SELECT signal_id, content FROM signal WHERE signal_id = $1 AND organisation = $2");
/// The same, and nobody else changes it meanwhile.
pub(crate) const LOCK_SIGNAL_OF: Statement =
    for_update!("SELECT signal_id, content FROM signal WHERE signal_id = $1 AND organisation = $2");
/// A signal, for the service itself.
pub(crate) const LOCK_SIGNAL: Statement =
    for_update!("SELECT signal_id, content FROM signal WHERE signal_id = $1");
/// The same where it is due and no other replica is at it.
pub(crate) const LOCK_DUE_SIGNAL: Statement = for_update_skip_locked!(
    "SELECT signal_id, content FROM signal WHERE signal_id = $1 AND due IS NOT NULL AND due <= $2"
);
/// Writes what changed of a signal.
pub(crate) const SAVE_SIGNAL: Statement =
    Statement::same("UPDATE signal SET due = $2, content = $3 WHERE signal_id = $1");
/// The signals of an organisation after one of them.
pub(crate) const SIGNALS_AFTER: Statement = Statement::same(
    "SELECT signal_id, content FROM signal WHERE organisation = $1 AND signal_id > $2 \
     ORDER BY signal_id LIMIT $3",
);
/// Signals of which something is due.
pub(crate) const DUE_SIGNALS: Statement = Statement::same(
    "SELECT signal_id FROM signal WHERE due IS NOT NULL AND due <= $1 ORDER BY due, signal_id LIMIT $2",
);

/// Forgets a signal.
pub(crate) const DELETE_SIGNAL: Statement = Statement::same("DELETE FROM signal WHERE signal_id = $1");

/// Begins a cell that is not there yet.
pub(crate) const BEGIN_CELL: Statement = Statement::same(
    "INSERT INTO cell (tag, epoch, content) VALUES ($1, $2, $3) ON CONFLICT (tag) DO NOTHING",
);
/// A cell, which nobody else changes meanwhile.
pub(crate) const LOCK_CELL: Statement = for_update!("SELECT content FROM cell WHERE tag = $1");
/// Writes a cell.
pub(crate) const SAVE_CELL: Statement = Statement::same("UPDATE cell SET content = $2 WHERE tag = $1");
/// Some cells of epochs that are over.
pub(crate) const DROP_CELLS: Statement = Statement::same(
    "DELETE FROM cell WHERE tag IN (SELECT tag FROM cell WHERE epoch < $1 ORDER BY epoch LIMIT $2)",
);
/// Writes a contact box.
pub(crate) const SAVE_BOX: Statement = Statement::same(
    "INSERT INTO contact_box (tag, epoch, content) VALUES ($1, $2, $3) \
     ON CONFLICT (tag) DO UPDATE SET content = excluded.content",
);
/// A contact box.
pub(crate) const LOAD_BOX: Statement = Statement::same("SELECT content FROM contact_box WHERE tag = $1");
/// Some contact boxes of epochs that are over.
pub(crate) const DROP_BOXES: Statement = Statement::same(
    "DELETE FROM contact_box WHERE tag IN \
     (SELECT tag FROM contact_box WHERE epoch < $1 ORDER BY epoch LIMIT $2)",
);

/// Counts one more, and tells how many that makes.
pub(crate) const USE_QUOTA: Statement = Statement::same(
    "INSERT INTO quota (tag, epoch, used) VALUES ($1, $2, 1) \
     ON CONFLICT (tag) DO UPDATE SET used = quota.used + 1 RETURNING used",
);
/// Some counts of epochs that are over.
pub(crate) const DROP_QUOTAS: Statement = Statement::same(
    "DELETE FROM quota WHERE tag IN (SELECT tag FROM quota WHERE epoch < $1 ORDER BY epoch LIMIT $2)",
);

/// Whether a gate key ended or is paused.
pub(crate) const LOAD_ENDED_KEY: Statement = Statement::same("SELECT content FROM ended_key WHERE tag = $1");
/// Says that a gate key ended or is paused.
pub(crate) const SAVE_ENDED_KEY: Statement = Statement::same(
    "INSERT INTO ended_key (tag, epoch, content) VALUES ($1, $2, $3) \
     ON CONFLICT (tag) DO UPDATE SET content = excluded.content",
);
/// Some gate keys that no post can name any more.
pub(crate) const DROP_ENDED_KEYS: Statement = Statement::same(
    "DELETE FROM ended_key WHERE tag IN \
     (SELECT tag FROM ended_key WHERE epoch < $1 ORDER BY epoch LIMIT $2)",
);

/// Stores a match.
pub(crate) const INSERT_MATCH: Statement =
    Statement::same("INSERT INTO signal_match (tag, due, content) VALUES ($1, $2, $3)");
/// A match.
pub(crate) const LOAD_MATCH: Statement =
    Statement::same("SELECT tag, content FROM signal_match WHERE tag = $1");
/// The same, and nobody else changes it meanwhile.
pub(crate) const LOCK_MATCH: Statement = for_update!("SELECT tag, content FROM signal_match WHERE tag = $1");
/// The same where it is due and no other replica is at it.
pub(crate) const LOCK_DUE_MATCH: Statement = for_update_skip_locked!(
    "SELECT tag, content FROM signal_match WHERE tag = $1 AND due IS NOT NULL AND due <= $2"
);
/// Writes what changed of a match.
pub(crate) const SAVE_MATCH: Statement =
    Statement::same("UPDATE signal_match SET due = $2, content = $3 WHERE tag = $1");
/// Matches of which something is due.
pub(crate) const DUE_MATCHES: Statement = Statement::same(
    "SELECT tag FROM signal_match WHERE due IS NOT NULL AND due <= $1 ORDER BY due, tag LIMIT $2",
);
/// Matches after one of them.
pub(crate) const MATCHES_AFTER: Statement =
    Statement::same("SELECT tag, content FROM signal_match WHERE tag > $1 ORDER BY tag LIMIT $2");
/// Forgets one.
pub(crate) const DELETE_MATCH: Statement = Statement::same("DELETE FROM signal_match WHERE tag = $1");
/// Says that an organisation has a match.
pub(crate) const INSERT_PARTY: Statement = Statement::same(
    "INSERT INTO match_party (tag, organisation, content) VALUES ($1, $2, $3) ON CONFLICT (tag) DO NOTHING",
);
/// Forgets that it had one.
pub(crate) const DELETE_PARTY: Statement = Statement::same("DELETE FROM match_party WHERE tag = $1");
/// The matches of an organisation after one of them.
pub(crate) const PARTIES_AFTER: Statement = Statement::same(
    "SELECT tag, content FROM match_party WHERE organisation = $1 AND tag > $2 ORDER BY tag LIMIT $3",
);
/// Takes a place in the list of a circle or a gate key that is free yet.
pub(crate) const INSERT_PLACE: Statement =
    Statement::same("INSERT INTO match_place (tag, content) VALUES ($1, $2) ON CONFLICT (tag) DO NOTHING");
/// The same, and nobody else changes it meanwhile: who changes a list locks its first place.
pub(crate) const LOCK_PLACE: Statement = for_update!("SELECT content FROM match_place WHERE tag = $1");
/// What stands in a place.
pub(crate) const LOAD_PLACE: Statement = Statement::same("SELECT content FROM match_place WHERE tag = $1");
/// Takes a place away.
pub(crate) const DELETE_PLACE: Statement = Statement::same("DELETE FROM match_place WHERE tag = $1");
/// Keeps a contact box that a match opened.
pub(crate) const INSERT_MATCH_BOX: Statement =
    Statement::same("INSERT INTO match_box (tag, content) VALUES ($1, $2) ON CONFLICT (tag) DO NOTHING");
/// A contact box that a match opened.
pub(crate) const LOAD_MATCH_BOX: Statement = Statement::same("SELECT content FROM match_box WHERE tag = $1");
/// Takes one away.
pub(crate) const DELETE_MATCH_BOX: Statement = Statement::same("DELETE FROM match_box WHERE tag = $1");

/// Stores a meeting that is not there yet.
pub(crate) const INSERT_MEETING: Statement = Statement::same(
    "INSERT INTO meeting (tag, due, content) VALUES ($1, $2, $3) ON CONFLICT (tag) DO NOTHING",
);
/// A meeting.
pub(crate) const LOAD_MEETING: Statement = Statement::same("SELECT tag, content FROM meeting WHERE tag = $1");
/// The same, and nobody else changes it meanwhile.
pub(crate) const LOCK_MEETING: Statement = for_update!("SELECT tag, content FROM meeting WHERE tag = $1");
/// The same where it is due and no other replica is at it.
pub(crate) const LOCK_DUE_MEETING: Statement =
    for_update_skip_locked!("SELECT tag, content FROM meeting WHERE tag = $1 AND due <= $2");
/// Writes what changed of a meeting.
pub(crate) const SAVE_MEETING: Statement =
    Statement::same("UPDATE meeting SET due = $2, content = $3 WHERE tag = $1");
/// Takes a meeting away.
pub(crate) const DELETE_MEETING: Statement = Statement::same("DELETE FROM meeting WHERE tag = $1");
/// Meetings of which something is due.
pub(crate) const DUE_MEETINGS: Statement =
    Statement::same("SELECT tag FROM meeting WHERE due <= $1 ORDER BY due, tag LIMIT $2");
/// Says that an organisation is invited.
pub(crate) const INSERT_SEAT: Statement = Statement::same(
    "INSERT INTO meeting_seat (tag, organisation, content) VALUES ($1, $2, $3) ON CONFLICT (tag) DO NOTHING",
);
/// The meetings of an organisation after one of them.
pub(crate) const SEATS_AFTER: Statement = Statement::same(
    "SELECT tag, content FROM meeting_seat WHERE organisation = $1 AND tag > $2 ORDER BY tag LIMIT $3",
);
/// Takes a seat away.
pub(crate) const DELETE_SEAT: Statement = Statement::same("DELETE FROM meeting_seat WHERE tag = $1");
/// Keeps an item's message for its recipient.
pub(crate) const INSERT_AGENDA_MESSAGE: Statement =
    Statement::same("INSERT INTO agenda_message (tag, content) VALUES ($1, $2)");
/// An item's message.
pub(crate) const LOAD_AGENDA_MESSAGE: Statement =
    Statement::same("SELECT content FROM agenda_message WHERE tag = $1");
/// Erases one.
pub(crate) const DELETE_AGENDA_MESSAGE: Statement =
    Statement::same("DELETE FROM agenda_message WHERE tag = $1");
/// Begins the list of a grant or gate key that has none yet.
pub(crate) const BEGIN_AGENDA_LIST: Statement =
    Statement::same("INSERT INTO agenda_list (tag, content) VALUES ($1, $2) ON CONFLICT (tag) DO NOTHING");
/// The items under a grant or gate key.
pub(crate) const LOAD_AGENDA_LIST: Statement =
    Statement::same("SELECT content FROM agenda_list WHERE tag = $1");
/// The same, and nobody else changes it meanwhile.
pub(crate) const LOCK_AGENDA_LIST: Statement = for_update!("SELECT content FROM agenda_list WHERE tag = $1");
/// Writes such a list.
pub(crate) const SAVE_AGENDA_LIST: Statement =
    Statement::same("UPDATE agenda_list SET content = $2 WHERE tag = $1");
/// Takes an empty one away.
pub(crate) const DELETE_AGENDA_LIST: Statement = Statement::same("DELETE FROM agenda_list WHERE tag = $1");
/// Says that nothing was heard of a version of a grant, where nothing was: the row is what both sides lock.
pub(crate) const BEGIN_ENDED_GRANT: Statement = Statement::same(
    "INSERT INTO ended_grant (tag, epoch, content) VALUES ($1, $2, $3) ON CONFLICT (tag) DO NOTHING",
);
/// What was heard of a version of a grant, and nobody else says otherwise meanwhile.
pub(crate) const LOCK_ENDED_GRANT: Statement = for_update!("SELECT content FROM ended_grant WHERE tag = $1");
/// Says that a version of a grant ended.
pub(crate) const SAVE_ENDED_GRANT: Statement = Statement::same(
    "INSERT INTO ended_grant (tag, epoch, content) VALUES ($1, $2, $3) \
     ON CONFLICT (tag) DO UPDATE SET epoch = excluded.epoch, content = excluded.content",
);
/// Some versions that no token can name any more.
pub(crate) const DROP_ENDED_GRANTS: Statement = Statement::same(
    "DELETE FROM ended_grant WHERE tag IN \
     (SELECT tag FROM ended_grant WHERE epoch < $1 ORDER BY epoch LIMIT $2)",
);

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
    INSERT_SIGNAL,
    LOAD_SIGNAL_OF,
    LOCK_SIGNAL_OF,
    LOCK_SIGNAL,
    LOCK_DUE_SIGNAL,
    SAVE_SIGNAL,
    SIGNALS_AFTER,
    DUE_SIGNALS,
    DELETE_SIGNAL,
    BEGIN_CELL,
    LOCK_CELL,
    SAVE_CELL,
    DROP_CELLS,
    SAVE_BOX,
    LOAD_BOX,
    DROP_BOXES,
    USE_QUOTA,
    DROP_QUOTAS,
    LOAD_ENDED_KEY,
    SAVE_ENDED_KEY,
    DROP_ENDED_KEYS,
    INSERT_MATCH,
    LOAD_MATCH,
    LOCK_MATCH,
    LOCK_DUE_MATCH,
    SAVE_MATCH,
    DUE_MATCHES,
    MATCHES_AFTER,
    DELETE_MATCH,
    INSERT_PARTY,
    DELETE_PARTY,
    PARTIES_AFTER,
    INSERT_PLACE,
    LOCK_PLACE,
    LOAD_PLACE,
    DELETE_PLACE,
    INSERT_MATCH_BOX,
    LOAD_MATCH_BOX,
    DELETE_MATCH_BOX,
    INSERT_MEETING,
    LOAD_MEETING,
    LOCK_MEETING,
    LOCK_DUE_MEETING,
    SAVE_MEETING,
    DELETE_MEETING,
    DUE_MEETINGS,
    INSERT_SEAT,
    SEATS_AFTER,
    DELETE_SEAT,
    INSERT_AGENDA_MESSAGE,
    LOAD_AGENDA_MESSAGE,
    DELETE_AGENDA_MESSAGE,
    BEGIN_AGENDA_LIST,
    LOAD_AGENDA_LIST,
    LOCK_AGENDA_LIST,
    SAVE_AGENDA_LIST,
    DELETE_AGENDA_LIST,
    BEGIN_ENDED_GRANT,
    LOCK_ENDED_GRANT,
    SAVE_ENDED_GRANT,
    DROP_ENDED_GRANTS,
    LOAD_WATCH,
    SAVE_WATCH,
    FORGET_WATCH,
];
