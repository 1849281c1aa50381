//! Handles: each organisation has its own random name for a resident, unrelated to any other's.

use sluis_store::{StoreError, Tx};
use sluis_types::{Handle, Oin, Randomness, Timestamp};

use super::{Access, Head, Name, Pointer, RowKind};
use crate::store::{LinkRow, Rows};

/// The organisation's handle for the resident of this head: the one it has, or a fresh one with its link, which the
/// resident does not see before `hidden_until`.
pub(crate) async fn handle_for(
    rows: &Rows,
    tx: &mut Tx<'_>,
    head: &mut Head,
    organisation: &Oin,
    now: Timestamp,
    hidden_until: Option<Timestamp>,
    randomness: &dyn Randomness,
) -> Result<Handle, StoreError> {
    let resident = head.resident().clone();
    let of = rows.key(&Name::HandleOf {
        resident: &resident,
        organisation,
    });
    match rows.access(tx, &of).await? {
        Some(Access {
            pointer: Pointer::Handle(handle),
            ..
        }) => return Ok(handle),
        Some(_) => {
            return Err(StoreError::Unexpected {
                what: "a handle row of another form",
            });
        }
        None => {}
    }
    let handle = Handle::random(randomness);
    let row = |pointer| Access {
        resident: resident.clone(),
        pointer,
    };
    // The head is locked, so nobody else makes one for this resident meanwhile.
    rows.insert_access(tx, &of, &row(Pointer::Handle(handle))).await?;
    let found_by = rows.key(&Name::Link {
        organisation,
        handle: &handle,
    });
    rows.insert_access(tx, &found_by, &row(Pointer::Resident)).await?;
    let (_, tag) = head.next(RowKind::Link);
    rows.insert_link(
        tx,
        &tag,
        &LinkRow {
            organisation: *organisation,
            since: now,
            hidden_until,
        },
    )
    .await?;
    Ok(handle)
}
