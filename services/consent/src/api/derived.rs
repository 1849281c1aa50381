//! Codes and ids that are derived from an attempt under the index key: a repeat gets the same ones, and they are kept
//! nowhere.

use sluis_store::Request as Attempt;

use crate::domain::link_code::LinkCode;
use crate::store::Rows;

/// The two forms of a code: the one to say, and the one for a picture.
pub(super) fn codes(rows: &Rows, label: &'static str, attempt: &Attempt) -> [LinkCode; 2] {
    [
        LinkCode::spoken(&chance(rows, label, attempt, b"spoken")),
        LinkCode::picture(&chance(rows, label, attempt, b"picture")),
    ]
}

/// The bytes of an id.
pub(super) fn id(rows: &Rows, label: &'static str, attempt: &Attempt) -> [u8; 16] {
    chance(rows, label, attempt, b"id")
}

fn chance(rows: &Rows, label: &'static str, attempt: &Attempt, form: &[u8]) -> [u8; 16] {
    let parts = [
        form,
        attempt.caller.as_slice(),
        attempt.id.as_bytes(),
        attempt.body_hash.as_slice(),
    ];
    let derived = rows.index(label, &parts);
    *derived.first_chunk().expect("an index is longer than a code")
}
