//! How many signals were written down, and meetings planned, in an epoch. The counts are found under the epoch's pepper and go with it.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use sluis_keyring::Key32;
use sluis_store::{Tx, args};
use sluis_types::{Epoch, Oin};

use super::sql;
use super::vault::{Fault, Tag};

/// Whose count.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Counted {
    Organisation(Oin),
    Professional(Oin, [u8; 32]),
    /// Meetings that an organisation plans.
    Planner(Oin),
}

impl Counted {
    fn tag(self, pepper: &Key32) -> Tag {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(pepper.expose()).expect("HMAC takes a key of any length");
        mac.update(b"quota\0");
        match self {
            Self::Organisation(oin) => mac.update(oin.as_bytes()),
            Self::Professional(oin, professional) => {
                mac.update(oin.as_bytes());
                mac.update(&professional);
            }
            Self::Planner(oin) => {
                mac.update(oin.as_bytes());
                mac.update(b"meetings");
            }
        }
        mac.finalize().into_bytes().into()
    }

    /// Counts one more, and tells how many that makes in this epoch.
    pub(crate) async fn count(self, tx: &mut Tx<'_>, pepper: &Key32, epoch: Epoch) -> Result<i64, Fault> {
        let tag = self.tag(pepper);
        let row = tx.fetch_one(sql::USE_QUOTA, args![&tag, epoch.number()]).await?;
        Ok(row.get(0)?)
    }
}
