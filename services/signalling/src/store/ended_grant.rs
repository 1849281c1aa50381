//! Versions of grants that ended: an item under one is refused. Remembered for as long as a token could name them.

use std::num::NonZeroUsize;

use sluis_keyring::Location;
use sluis_store::{Tx, args};
use sluis_types::Epoch;

use super::sql;
use super::vault::{Fault, Tag, Vault};
use crate::domain::meeting::Consent;

const STEP: NonZeroUsize = NonZeroUsize::new(16).expect("16 is not zero");
const LIVE: u8 = 0;
const ENDED: u8 = 1;

impl Consent {
    /// Whether nothing was heard of its end. From here to the end of the transaction nothing is: who hears of it waits.
    pub(crate) async fn lock_live(self, vault: &Vault, tx: &mut Tx<'_>, now: Epoch) -> Result<bool, Fault> {
        let tag = vault.ended_grant_tag(self.grant, self.version);
        let content = vault.seal(location(&tag), &[LIVE], STEP);
        tx.execute(sql::BEGIN_ENDED_GRANT, args![&tag, forgotten(now), &content])
            .await?;
        let row = tx.fetch_one(sql::LOCK_ENDED_GRANT, args![&tag]).await?;
        match vault.open(location(&tag), &row.get::<Vec<u8>>(0)?)?.as_slice() {
            [LIVE] => Ok(true),
            [ENDED] => Ok(false),
            _ => Err(Fault::Contradiction("a grant of another standing")),
        }
    }

    /// Remembers that it ended.
    pub(crate) async fn save_ended(self, vault: &Vault, tx: &mut Tx<'_>, now: Epoch) -> Result<(), Fault> {
        let tag = vault.ended_grant_tag(self.grant, self.version);
        let content = vault.seal(location(&tag), &[ENDED], STEP);
        tx.execute(sql::SAVE_ENDED_GRANT, args![&tag, forgotten(now), &content])
            .await?;
        Ok(())
    }
}

/// A token lives for minutes: with the next epoch nothing can name the version any more.
fn forgotten(now: Epoch) -> u32 {
    now.later(1).number()
}

fn location(tag: &Tag) -> Location<'_> {
    Location::new("ended_grant", "content", tag)
}
