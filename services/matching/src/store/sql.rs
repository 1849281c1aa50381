//! Every statement of this service.

use sluis_store::{Statement, for_update};

/// The directory's version, which nobody else moves until this transaction ends: changes have one order.
pub(crate) const LOCK_DIRECTORY: Statement = for_update!("SELECT version FROM directory WHERE id = 1");
/// The directory's version.
pub(crate) const LOAD_DIRECTORY: Statement = Statement::same("SELECT version FROM directory WHERE id = 1");
/// Moves the directory on.
pub(crate) const SAVE_DIRECTORY: Statement =
    Statement::same("UPDATE directory SET version = $1 WHERE id = 1");
/// Stores an offer that is not there yet.
pub(crate) const INSERT_OFFER: Statement = Statement::same(
    "INSERT INTO offer (offer_id, organisation, version, changed, number, retired, domains, document, words) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (offer_id) DO NOTHING",
);
/// An offer.
pub(crate) const LOAD_OFFER: Statement = Statement::same(
    "SELECT offer_id, organisation, version, changed, retired, document FROM offer WHERE offer_id = $1",
);
/// The same, and nobody else changes it meanwhile.
pub(crate) const LOCK_OFFER: Statement = for_update!(
    "SELECT offer_id, organisation, version, changed, retired, document FROM offer WHERE offer_id = $1"
);
/// Writes what changed of an offer.
pub(crate) const SAVE_OFFER: Statement = Statement::same(
    "UPDATE offer SET version = $2, changed = $3, retired = $4, domains = $5, document = $6, words = $7 \
     WHERE offer_id = $1",
);
/// Takes an offer out of the coarse search.
pub(crate) const DELETE_AREAS: Statement = Statement::same("DELETE FROM offer_area WHERE offer_id = $1");
/// Puts an offer into the coarse search.
pub(crate) const INSERT_AREA: Statement =
    Statement::same("INSERT INTO offer_area (offer_id, area) VALUES ($1, $2)");
/// What changed in the directory after a version, oldest first.
pub(crate) const CHANGED_OFFERS: Statement = Statement::same(
    "SELECT offer_id, organisation, version, changed, retired, document FROM offer \
     WHERE changed > $1 ORDER BY changed LIMIT $2",
);
/// Offers of a life domain for an area, a part of it, or the whole that it is in.
pub(crate) const SEARCH_OFFERS: Statement = Statement::same(
    "SELECT offer_id, organisation, version, changed, retired, document FROM offer \
     WHERE offer_id > $1 AND domains & $2 <> 0 AND EXISTS (SELECT 1 FROM offer_area AS a \
     WHERE a.offer_id = offer.offer_id AND ((a.area >= $3 AND a.area < $4) OR a.area IN ('', $5))) \
     ORDER BY offer_id LIMIT $6",
);
/// The same, where all words are in the offer. Full text is no part of SQL: SQLite has FTS5, PostgreSQL its own; both
/// are given words in quotation marks.
pub(crate) const SEARCH_OFFERS_BY_WORDS: Statement = Statement::differ(
    "SELECT offer_id, organisation, version, changed, retired, document FROM offer \
     WHERE offer_id > $1 AND domains & $2 <> 0 AND EXISTS (SELECT 1 FROM offer_area AS a \
     WHERE a.offer_id = offer.offer_id AND ((a.area >= $3 AND a.area < $4) OR a.area IN ('', $5))) \
     AND number IN (SELECT rowid FROM offer_words WHERE offer_words MATCH $7) \
     ORDER BY offer_id LIMIT $6",
    "SELECT offer_id, organisation, version, changed, retired, document FROM offer \
     WHERE offer_id > $1 AND domains & $2 <> 0 AND EXISTS (SELECT 1 FROM offer_area AS a \
     WHERE a.offer_id = offer.offer_id AND ((a.area >= $3 AND a.area < $4) OR a.area IN ('', $5))) \
     AND to_tsvector('simple', words) @@ websearch_to_tsquery('simple', $7) \
     ORDER BY offer_id LIMIT $6",
);

/// Stores a page that is not there yet.
pub(crate) const INSERT_PAGE: Statement =
    Statement::same("INSERT INTO page (tag, content) VALUES ($1, $2) ON CONFLICT (tag) DO NOTHING");
/// A page.
pub(crate) const LOAD_PAGE: Statement = Statement::same("SELECT content FROM page WHERE tag = $1");
/// The same, and nobody else changes it meanwhile.
pub(crate) const LOCK_PAGE: Statement = for_update!("SELECT content FROM page WHERE tag = $1");
/// Writes a page.
pub(crate) const SAVE_PAGE: Statement = Statement::same("UPDATE page SET content = $2 WHERE tag = $1");

/// All of them, for the test that has both databases prepare them.
pub(crate) const ALL: &[Statement] = &[
    LOCK_DIRECTORY,
    LOAD_DIRECTORY,
    SAVE_DIRECTORY,
    INSERT_OFFER,
    LOAD_OFFER,
    LOCK_OFFER,
    SAVE_OFFER,
    DELETE_AREAS,
    INSERT_AREA,
    CHANGED_OFFERS,
    SEARCH_OFFERS,
    SEARCH_OFFERS_BY_WORDS,
    INSERT_PAGE,
    LOAD_PAGE,
    LOCK_PAGE,
    SAVE_PAGE,
];
