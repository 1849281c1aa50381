//! Offering a mandate: its row, its name, and the code that its holder redeems.

use sluis_store::{StoreError, Tx};
use sluis_types::Timestamp;

use super::{Access, Head, Name, Pointer, RowKind};
use crate::config::MANDATE_CODE_LIFE;
use crate::domain::grant::hour_after;
use crate::domain::link_code::LinkCode;
use crate::domain::mandate::Mandate;
use crate::store::{Due, Rows};

impl Rows {
    /// Adds a mandate about the resident of this head, the `j`th that it is about, with the two forms of its code.
    pub(crate) async fn offer_mandate(
        &self,
        tx: &mut Tx<'_>,
        head: &mut Head,
        j: u32,
        mandate: &Mandate,
        codes: &[LinkCode; 2],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (i, tag) = head.next(RowKind::Mandate);
        let access = |pointer| Access {
            resident: head.resident().clone(),
            pointer,
        };
        self.insert_mandate(tx, &tag, mandate).await?;
        let name = self.key(&Name::Mandate { id: mandate.id, j });
        self.insert_access(tx, &name, &access(Pointer::Row(i))).await?;
        let ends = now.plus(MANDATE_CODE_LIFE);
        self.schedule(tx, hour_after(ends), &Due::MandateLapses(name))
            .await?;
        for code in codes {
            let key = self.key(&Name::MandateCode { code, j });
            self.insert_access(tx, &key, &access(Pointer::MandateCode { ends, i }))
                .await?;
            self.schedule(tx, hour_after(ends), &Due::AccessEnds(key)).await?;
        }
        Ok(())
    }
}
