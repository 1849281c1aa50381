//! Bundles that wait for the members of circles. They lie in mailboxes: rows of an organisation are numbered and found
//! like those of a resident, under a key that comes from the index key, so that no row says whose it is.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_store::{StoreError, Tx, args};
use sluis_types::{GrantId, Oin};

use super::{Rows, sql};
use crate::identity::{Access, Head, Name, Pointer, ResidentKey, RowKind};

/// Longest sealed bundle.
const SEALED_BYTES_MAX: usize = 44_180;

/// A member's posts for one version of a circle, sealed to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bundle {
    pub(crate) grant: GrantId,
    pub(crate) version: u32,
    pub(crate) sealed: Vec<u8>,
}

fn encode(bundle: &Bundle) -> Vec<u8> {
    let mut writer = Writer::new();
    writer
        .bytes(bundle.grant.as_bytes())
        .u32(bundle.version)
        .bytes16(&bundle.sealed);
    writer.finish()
}

fn decode(bytes: &[u8]) -> Result<Bundle, FormatError> {
    let mut reader = Reader::new(bytes);
    let bundle = Bundle {
        grant: GrantId::from_bytes(reader.array()?),
        version: reader.u32()?,
        sealed: reader.bytes16(SEALED_BYTES_MAX)?.to_vec(),
    };
    reader.finish()?;
    Ok(bundle)
}

impl Rows {
    /// The key of an organisation's mailbox.
    pub(super) fn mailbox(&self, organisation: &Oin) -> ResidentKey {
        ResidentKey::from_bytes(self.index("mailbox", &[organisation.as_bytes()]))
    }

    fn bundle_key(&self, organisation: &Oin, grant: GrantId, version: u32) -> [u8; 32] {
        self.key(&Name::Bundle {
            organisation,
            grant,
            version,
        })
    }

    /// Puts a bundle in its member's mailbox.
    pub(crate) async fn put_bundle(
        &self,
        tx: &mut Tx<'_>,
        organisation: &Oin,
        bundle: &Bundle,
    ) -> Result<(), StoreError> {
        let owner = self.mailbox(organisation);
        Head::create(self, tx, &owner).await?;
        let mut head = Head::lock(self, tx, &owner).await?;
        let (i, tag) = head.next(RowKind::Bundle);
        head.save(self, tx).await?;
        let sealed = self.seal(&sql::BUNDLE, &tag, &encode(bundle));
        tx.execute(sql::BUNDLE_INSERT, args![&tag, &sealed]).await?;
        let access = Access {
            resident: owner,
            pointer: Pointer::Row(i),
        };
        let key = self.bundle_key(organisation, bundle.grant, bundle.version);
        self.put_access(tx, &key, &access).await
    }

    /// The bundles that wait for an organisation, oldest first, `limit` at most.
    pub(crate) async fn bundles(
        &self,
        tx: &mut Tx<'_>,
        organisation: &Oin,
        limit: usize,
    ) -> Result<Vec<Bundle>, StoreError> {
        let owner = self.mailbox(organisation);
        let counts = Head::read(self, tx, &owner).await?;
        let mut waiting = Vec::new();
        for i in counts.bundles_from..counts.bundles {
            if waiting.len() == limit {
                break;
            }
            waiting.extend(self.bundle(tx, &owner.tag(RowKind::Bundle, i)).await?);
        }
        Ok(waiting)
    }

    async fn bundle(&self, tx: &mut Tx<'_>, tag: &[u8; 32]) -> Result<Option<Bundle>, StoreError> {
        let Some(row) = tx.fetch_optional(sql::BUNDLE_GET, args![tag]).await? else {
            return Ok(None);
        };
        self.decode(&sql::BUNDLE, tag, &row.get::<Vec<u8>>(0)?, decode)
            .map(Some)
    }

    /// Takes a bundle out of its member's mailbox. False when it does not wait there.
    pub(crate) async fn take_bundle(
        &self,
        tx: &mut Tx<'_>,
        organisation: &Oin,
        grant: GrantId,
        version: u32,
    ) -> Result<bool, StoreError> {
        let key = self.bundle_key(organisation, grant, version);
        let access = self.access(tx, &key).await?;
        let owner = self.mailbox(organisation);
        let i = access.and_then(|access| access.row());
        let tag = owner.tag(RowKind::Bundle, i.unwrap_or_default());
        let mut head = Head::lock(self, tx, &owner).await?;
        if let Some(i) = i {
            tx.execute(sql::BUNDLE_DELETE, args![&tag]).await?;
            self.delete_access(tx, &key).await?;
            // Where the oldest one goes, reading begins after it and all that are gone behind it.
            if i == head.counts().bundles_from {
                let mut from = i + 1;
                while from < head.counts().bundles
                    && self
                        .bundle(tx, &owner.tag(RowKind::Bundle, from))
                        .await?
                        .is_none()
                {
                    from += 1;
                }
                head.bundles_taken_below(from);
            }
        }
        head.save(self, tx).await?;
        Ok(i.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_read_as_they_were_written_and_all_fit_one_length() {
        for length in [43_092, SEALED_BYTES_MAX] {
            let bundle = Bundle {
                grant: GrantId::from_bytes([1; 16]),
                version: 2,
                sealed: vec![3; length],
            };
            let bytes = encode(&bundle);
            assert!(bytes.len() + 4 <= sql::BUNDLE.step.get());
            assert_eq!(decode(&bytes), Ok(bundle));
            assert!(decode(&bytes[..bytes.len() - 1]).is_err());
        }
    }
}
