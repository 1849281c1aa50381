//! How far consent's events were followed.

use std::num::NonZeroUsize;

use sluis_keyring::Location;
use sluis_store::{Tx, args};

use super::sql;
use super::vault::{Fault, Vault};

const STEP: NonZeroUsize = NonZeroUsize::new(64).expect("64 is not zero");

/// The token to go on with; none at the beginning.
pub(crate) async fn load(vault: &Vault, tx: &mut Tx<'_>) -> Result<Option<Vec<u8>>, Fault> {
    let Some(row) = tx.fetch_optional(sql::LOAD_WATCH, &[]).await? else {
        return Ok(None);
    };
    Ok(Some(vault.open(location(), &row.get::<Vec<u8>>(0)?)?.to_vec()))
}

/// Moves on: belongs in the transaction of what the event caused.
pub(crate) async fn save(vault: &Vault, tx: &mut Tx<'_>, token: &[u8]) -> Result<(), Fault> {
    tx.execute(sql::SAVE_WATCH, args![&vault.seal(location(), token, STEP)])
        .await?;
    Ok(())
}

/// Starts afresh.
pub(crate) async fn forget(tx: &mut Tx<'_>) -> Result<(), Fault> {
    tx.execute(sql::FORGET_WATCH, &[]).await?;
    Ok(())
}

fn location() -> Location<'static> {
    Location::new("grant_watch", "resume_token", &[1])
}
