//! Links in the database.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_store::{StoreError, Tx, args};
use sluis_types::{Oin, Timestamp};

use super::{Rows, sql};
use crate::identity::{Head, ResidentKey, RowKind};

/// An organisation that a resident is linked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LinkRow {
    pub(crate) organisation: Oin,
    pub(crate) since: Timestamp,
    /// Until when the resident is not shown it: it came with a basis that they are told of later.
    pub(crate) hidden_until: Option<Timestamp>,
}

impl LinkRow {
    /// None for a row that was emptied.
    fn decode(bytes: &[u8]) -> Result<Option<Self>, FormatError> {
        let mut reader = Reader::new(bytes);
        if bytes.is_empty() {
            return Ok(None);
        }
        let row = Self {
            organisation: reader.oin()?,
            since: reader.timestamp()?,
            // A row that an earlier version wrote ends here.
            hidden_until: if reader.rest_len() == 0 {
                None
            } else {
                reader.optional_timestamp()?
            },
        };
        reader.finish()?;
        Ok(Some(row))
    }
}

impl Rows {
    /// Adds a link under a tag that the head gave out.
    pub(crate) async fn insert_link(
        &self,
        tx: &mut Tx<'_>,
        tag: &[u8; 32],
        link: &LinkRow,
    ) -> Result<(), StoreError> {
        let mut writer = Writer::new();
        writer
            .bytes(link.organisation.as_bytes())
            .timestamp(link.since)
            .optional_timestamp(link.hidden_until);
        let sealed = self.seal(&sql::LINK, tag, &writer.finish());
        tx.execute(sql::LINK_INSERT, args![tag, &sealed]).await?;
        Ok(())
    }

    /// Empties the links of a resident with an organisation.
    pub(crate) async fn clear_links(
        &self,
        tx: &mut Tx<'_>,
        resident: &ResidentKey,
        organisation: &Oin,
    ) -> Result<(), StoreError> {
        let count = Head::read(self, tx, resident).await?.links;
        for i in 0..count {
            let tag = resident.tag(RowKind::Link, i);
            let link = self.link(tx, &tag).await?;
            if link.is_some_and(|link| link.organisation == *organisation) {
                let sealed = self.seal(&sql::LINK, &tag, &[]);
                tx.execute(sql::LINK_SAVE, args![&tag, &sealed]).await?;
            }
        }
        Ok(())
    }

    async fn link(&self, tx: &mut Tx<'_>, tag: &[u8; 32]) -> Result<Option<LinkRow>, StoreError> {
        match tx.fetch_optional(sql::LINK_GET, args![tag]).await? {
            Some(row) => self.decode(&sql::LINK, tag, &row.get::<Vec<u8>>(0)?, LinkRow::decode),
            None => Ok(None),
        }
    }

    /// All links of a resident, oldest first. One per organisation, so there are few.
    pub(crate) async fn links(
        &self,
        tx: &mut Tx<'_>,
        resident: &ResidentKey,
    ) -> Result<Vec<LinkRow>, StoreError> {
        let count = Head::read(self, tx, resident).await?.links;
        let mut links = Vec::new();
        for i in 0..count {
            let tag = resident.tag(RowKind::Link, i);
            links.extend(self.link(tx, &tag).await?);
        }
        Ok(links)
    }
}
