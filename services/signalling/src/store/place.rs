//! Lists of matches: of a circle, for its resident, and of a gate key, for its end. Each entry is a row of its own,
//! found by HMAC of the list and its number, gap-free from 0.

use std::num::NonZeroUsize;

use sluis_keyring::Location;
use sluis_store::{Tx, args};
use sluis_types::{GrantId, KeyId, MatchId};

use super::sql;
use super::vault::{Fault, Tag, Vault};
use crate::domain::encounter::Encounter;

const STEP: NonZeroUsize = NonZeroUsize::new(32).expect("32 is not zero");
/// Most matches of one list: more than a circle makes in its life.
pub(crate) const PLACES_MAX: u32 = 64;

/// Whose list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    Grant(GrantId),
    GateKey(KeyId),
}

impl List {
    fn tag(self, vault: &Vault, number: u32) -> Tag {
        match self {
            Self::Grant(grant) => vault.grant_place_tag(grant, number),
            Self::GateKey(key) => vault.gate_key_place_tag(key, number),
        }
    }

    /// Adds a match at the end. A full list is left as it is.
    pub(crate) async fn append(self, vault: &Vault, tx: &mut Tx<'_>, id: MatchId) -> Result<(), Fault> {
        self.lock(vault, tx).await?;
        for number in 0..PLACES_MAX {
            let tag = self.tag(vault, number);
            let content = vault.seal(location(&tag), id.as_bytes(), STEP);
            if tx.execute(sql::INSERT_PLACE, args![&tag, &content]).await? == 1 {
                break;
            }
        }
        Ok(())
    }

    /// Lets nobody else add or take away until this transaction ends. Whoever begins a list meets the others at its first
    /// place.
    async fn lock(self, vault: &Vault, tx: &mut Tx<'_>) -> Result<(), Fault> {
        tx.fetch_optional(sql::LOCK_PLACE, args![&self.tag(vault, 0)])
            .await?;
        Ok(())
    }

    /// Takes the list away when none of its matches is kept any more.
    pub(crate) async fn forget_if_over(self, vault: &Vault, tx: &mut Tx<'_>) -> Result<(), Fault> {
        self.lock(vault, tx).await?;
        let ids = self.all(vault, tx).await?;
        for id in &ids {
            if Encounter::load(vault, tx, *id).await?.is_some() {
                return Ok(());
            }
        }
        for (number, _) in (0..).zip(&ids) {
            tx.execute(sql::DELETE_PLACE, args![&self.tag(vault, number)])
                .await?;
        }
        Ok(())
    }

    /// The matches, oldest first; some may be forgotten by now.
    pub(crate) async fn all(self, vault: &Vault, tx: &mut Tx<'_>) -> Result<Vec<MatchId>, Fault> {
        let mut ids = Vec::new();
        for number in 0..PLACES_MAX {
            let tag = self.tag(vault, number);
            let Some(row) = tx.fetch_optional(sql::LOAD_PLACE, args![&tag]).await? else {
                break;
            };
            let opened = vault.open(location(&tag), &row.get::<Vec<u8>>(0)?)?;
            let id =
                MatchId::from_slice(&opened).map_err(|_| Fault::Contradiction("a place without a match"))?;
            ids.push(id);
        }
        Ok(ids)
    }
}

fn location(tag: &Tag) -> Location<'_> {
    Location::new("match_place", "content", tag)
}
