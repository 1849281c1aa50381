//! Invitations.

use sluis_store::{StoreError, Tx, args};
use sluis_types::{Oin, Timestamp};

use super::{kind, sql, unexpected};
use crate::domain::{CodeIndex, Invitation, Profile};

/// Keeps an invitation, in the place of an older one of the same organisation.
pub(crate) async fn put_invitation(tx: &mut Tx<'_>, invitation: &Invitation) -> Result<(), StoreError> {
    let Invitation {
        profile,
        code,
        expires_at,
        used_at: _,
    } = invitation;
    let Profile {
        oin,
        display_name,
        kind,
        contact,
    } = profile;
    let row = args![
        oin,
        code.as_bytes(),
        display_name,
        kind.name(),
        contact,
        *expires_at
    ];
    tx.execute(sql::INVITATION_PUT, row).await?;
    Ok(())
}

/// The invitation of a code, for using it up.
pub(crate) async fn load_invitation(
    tx: &mut Tx<'_>,
    code: CodeIndex,
) -> Result<Option<Invitation>, StoreError> {
    let Some(row) = tx
        .fetch_optional(sql::INVITATION_BY_CODE, args![code.as_bytes()])
        .await?
    else {
        return Ok(None);
    };
    let profile = Profile {
        oin: row.get(0)?,
        display_name: row.get(1)?,
        kind: kind(&row.get::<String>(2)?)?,
        contact: row.get(3)?,
    };
    Ok(Some(Invitation {
        profile,
        code,
        expires_at: row.get(4)?,
        used_at: row.get(5)?,
    }))
}

/// Uses an invitation up.
pub(crate) async fn use_invitation(tx: &mut Tx<'_>, oin: Oin, at: Timestamp) -> Result<(), StoreError> {
    match tx.execute(sql::INVITATION_USE, args![&oin, at]).await? {
        1 => Ok(()),
        _ => Err(unexpected(
            "an invitation that was used between reading and writing",
        )),
    }
}
