//! Gate keys that ended or are paused: posts under them are refused. Whose they were is not kept.

use std::num::NonZeroUsize;

use sluis_keyring::Location;
use sluis_store::{Tx, args};
use sluis_types::{CIRCLE_EPOCHS_MAX, Epoch, KeyId};

use super::sql;
use super::vault::{Fault, Vault};

const STEP: NonZeroUsize = NonZeroUsize::new(16).expect("16 is not zero");

/// How a gate key stands, as far as this service heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing was heard of it.
    Live = 0,
    /// Its circle is paused.
    Paused = 1,
    /// It is destroyed, for ever.
    Ended = 2,
}

impl Standing {
    /// How a gate key stands. The statement is the same for every key.
    pub(crate) async fn load(vault: &Vault, tx: &mut Tx<'_>, gate_key: KeyId) -> Result<Self, Fault> {
        let tag = vault.ended_key_tag(gate_key);
        let Some(row) = tx.fetch_optional(sql::LOAD_ENDED_KEY, args![&tag]).await? else {
            return Ok(Self::Live);
        };
        match vault.open(location(&tag), &row.get::<Vec<u8>>(0)?)?.as_slice() {
            [0] => Ok(Self::Live),
            [1] => Ok(Self::Paused),
            [2] => Ok(Self::Ended),
            _ => Err(Fault::Contradiction("a gate key of another standing")),
        }
    }

    /// Writes how a gate key stands, for as long as a post could name it.
    pub(crate) async fn save(
        self,
        vault: &Vault,
        tx: &mut Tx<'_>,
        gate_key: KeyId,
        now: Epoch,
    ) -> Result<(), Fault> {
        let tag = vault.ended_key_tag(gate_key);
        let last = now.later(u32::from(CIRCLE_EPOCHS_MAX));
        let content = vault.seal(location(&tag), &[self as u8], STEP);
        tx.execute(sql::SAVE_ENDED_KEY, args![&tag, last.number(), &content])
            .await?;
        Ok(())
    }
}

fn location(tag: &[u8; 32]) -> Location<'_> {
    Location::new("ended_key", "content", tag)
}
