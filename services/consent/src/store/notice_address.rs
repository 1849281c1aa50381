//! Addresses for notices in the database, and the list of notices that are to go out.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_store::{StoreError, Tx, args};
use sluis_types::Timestamp;
use zeroize::Zeroizing;

use super::{Rows, sql};
use crate::domain::email_address::{ADDRESS_BYTES_MAX, EmailAddress};
use crate::domain::grant::hour_after;
use crate::domain::link_code::LinkCode;
use crate::domain::notice_address::{Destination, NoticeAddress, NoticeLanguage, Pending, Waiting};
use crate::identity::{Access, Name, NoticeAddressId, Pointer, ResidentKey};

const NONE: u8 = 0;
const SOME: u8 = 1;

fn write_destination(writer: &mut Writer, to: &Destination) {
    writer
        .u8(to.language.number())
        .bytes16(to.address.expose().as_bytes());
}

fn read_destination(reader: &mut Reader<'_>) -> Result<Destination, FormatError> {
    let invalid = FormatError::Invalid {
        field: "notice address row",
    };
    let language = NoticeLanguage::from_number(reader.u8()?).ok_or(invalid)?;
    let address = std::str::from_utf8(reader.bytes16(ADDRESS_BYTES_MAX)?).map_err(|_| invalid)?;
    Ok(Destination {
        address: EmailAddress::parse(address).ok_or(invalid)?,
        language,
    })
}

fn encode(notice: &NoticeAddress) -> Zeroizing<Vec<u8>> {
    // Room for the longest, so that no copy of an address stays behind in freed memory.
    let mut writer = Writer::with_capacity(sql::NOTICE_ADDRESS.step.get());
    match &notice.confirmed {
        None => writer.u8(NONE),
        Some(to) => {
            write_destination(writer.u8(SOME), to);
            &mut writer
        }
    };
    match &notice.waiting {
        None => writer.u8(NONE),
        Some(waiting) => {
            write_destination(writer.u8(SOME), &waiting.to);
            writer
                .bytes(&waiting.nonce)
                .timestamp(waiting.ends)
                .u8(waiting.wrong)
                .u8(u8::from(waiting.is_mailed))
                .u8(waiting.attempts)
                .timestamp(waiting.next_try)
        }
    };
    match &notice.pending {
        None => writer.u8(NONE),
        Some(pending) => writer
            .u8(SOME)
            .u8(pending.attempts)
            .timestamp(pending.next_try)
            .timestamp(pending.until)
            .u8(u8::from(pending.again)),
    };
    for at in std::iter::once(&notice.last_sent).chain(&notice.codes) {
        writer.i64(at.map_or(0, Timestamp::micros));
    }
    Zeroizing::new(writer.finish())
}

fn is_some(reader: &mut Reader<'_>) -> Result<bool, FormatError> {
    match reader.u8()? {
        NONE => Ok(false),
        SOME => Ok(true),
        _ => Err(FormatError::Invalid {
            field: "notice address row",
        }),
    }
}

fn decode(bytes: &[u8]) -> Result<NoticeAddress, FormatError> {
    let mut reader = Reader::new(bytes);
    let mut notice = NoticeAddress::default();
    if is_some(&mut reader)? {
        notice.confirmed = Some(read_destination(&mut reader)?);
    }
    if is_some(&mut reader)? {
        notice.waiting = Some(Waiting {
            to: read_destination(&mut reader)?,
            nonce: reader.array()?,
            ends: reader.timestamp()?,
            wrong: reader.u8()?,
            is_mailed: is_some(&mut reader)?,
            attempts: reader.u8()?,
            next_try: reader.timestamp()?,
        });
    }
    if is_some(&mut reader)? {
        notice.pending = Some(Pending {
            attempts: reader.u8()?,
            next_try: reader.timestamp()?,
            until: reader.timestamp()?,
            again: is_some(&mut reader)?,
        });
    }
    notice.last_sent = reader.optional_timestamp()?;
    for at in &mut notice.codes {
        *at = reader.optional_timestamp()?;
    }
    reader.finish()?;
    Ok(notice)
}

/// An entry of the list of notices that are to go out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoticeDue {
    pub(crate) id: [u8; 16],
    pub(crate) at: Timestamp,
    /// Key of the access row that leads to the address; of no row where there is none.
    pub(crate) access: [u8; 32],
}

/// An address, and under which key it rests.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) id: NoticeAddressId,
    pub(crate) key: [u8; 32],
    pub(crate) notice: NoticeAddress,
}

impl Rows {
    /// Where the address with this id rests.
    pub(crate) fn notice_address_key(&self, id: &NoticeAddressId) -> [u8; 32] {
        self.index("notice-address", &[id.as_bytes()])
    }

    /// The address that an access row leads to, or one that never was.
    async fn notice_address_id(
        &self,
        tx: &mut Tx<'_>,
        access: &[u8; 32],
    ) -> Result<NoticeAddressId, StoreError> {
        match self.access(tx, access).await? {
            Some(Access {
                pointer: Pointer::NoticeAddress(id),
                ..
            }) => Ok(id),
            _ => Ok(NoticeAddressId::random(&*self.randomness)),
        }
    }

    /// The address of a resident, held for a change; none when there never was one.
    pub(crate) async fn lock_notice_address(
        &self,
        tx: &mut Tx<'_>,
        access: &[u8; 32],
    ) -> Result<Option<Kept>, StoreError> {
        let id = self.notice_address_id(tx, access).await?;
        let key = self.notice_address_key(&id);
        let Some(row) = tx.fetch_optional(sql::NOTICE_ADDRESS_LOCK, args![&key]).await? else {
            self.absent(&sql::NOTICE_ADDRESS);
            return Ok(None);
        };
        let notice = self.decode(&sql::NOTICE_ADDRESS, &key, &row.get::<Vec<u8>>(0)?, decode)?;
        Ok(Some(Kept { id, key, notice }))
    }

    /// The same, for reading.
    pub(crate) async fn notice_address(
        &self,
        tx: &mut Tx<'_>,
        resident: &ResidentKey,
    ) -> Result<NoticeAddress, StoreError> {
        let access = self.key(&Name::NoticeAddressOf { resident });
        let id = self.notice_address_id(tx, &access).await?;
        let key = self.notice_address_key(&id);
        match tx.fetch_optional(sql::NOTICE_ADDRESS_GET, args![&key]).await? {
            Some(row) => self.decode(&sql::NOTICE_ADDRESS, &key, &row.get::<Vec<u8>>(0)?, decode),
            None => Ok(NoticeAddress::default()),
        }
    }

    /// The code that is mailed to an address. It is made anew whenever it is needed, under the index key, and kept nowhere.
    pub(crate) fn notice_code(&self, id: &NoticeAddressId, nonce: &[u8; 16]) -> LinkCode {
        let derived = self.index("notice-address.code", &[id.as_bytes(), nonce]);
        LinkCode::spoken(derived.first_chunk().expect("an index is longer than a code"))
    }

    /// Whether somebody entered that code. What is compared is an HMAC of each, so that time tells nothing.
    pub(crate) fn is_notice_code(&self, id: &NoticeAddressId, nonce: &[u8; 16], entered: &LinkCode) -> bool {
        let hashed =
            |code: &LinkCode| self.index("notice-address.entered", &[nonce, code.expose().as_bytes()]);
        hashed(&self.notice_code(id, nonce)) == hashed(entered)
    }

    /// Makes room for an address under an id of its own.
    pub(crate) async fn insert_notice_address(
        &self,
        tx: &mut Tx<'_>,
        id: &NoticeAddressId,
        notice: &NoticeAddress,
    ) -> Result<(), StoreError> {
        let key = self.notice_address_key(id);
        let sealed = self.seal(&sql::NOTICE_ADDRESS, &key, &encode(notice));
        tx.execute(sql::NOTICE_ADDRESS_INSERT, args![&key, &sealed])
            .await?;
        Ok(())
    }

    /// Writes an address, or empties it. Where there is none the statement finds no row.
    pub(crate) async fn save_notice_address(
        &self,
        tx: &mut Tx<'_>,
        key: &[u8; 32],
        notice: &NoticeAddress,
    ) -> Result<(), StoreError> {
        let sealed = self.seal(&sql::NOTICE_ADDRESS, key, &encode(notice));
        tx.execute(sql::NOTICE_ADDRESS_SAVE, args![key, &sealed]).await?;
        Ok(())
    }

    /// Takes an address away with its row.
    pub(crate) async fn delete_notice_address(
        &self,
        tx: &mut Tx<'_>,
        id: &NoticeAddressId,
    ) -> Result<(), StoreError> {
        tx.execute(sql::NOTICE_ADDRESS_DELETE, args![&self.notice_address_key(id)])
            .await?;
        Ok(())
    }

    /// Lets notices about another resident behind the same login go to the login's own address, where they go nowhere
    /// else.
    pub(crate) async fn share_notice_address(
        &self,
        tx: &mut Tx<'_>,
        first: &ResidentKey,
        other: &ResidentKey,
    ) -> Result<(), StoreError> {
        let own = self
            .access(tx, &self.key(&Name::NoticeAddressOf { resident: first }))
            .await?;
        if let Some(Access {
            pointer: pointer @ Pointer::NoticeAddress(_),
            ..
        }) = own
        {
            let access = Access {
                resident: other.clone(),
                pointer,
            };
            let key = self.key(&Name::NoticeAddressOf { resident: other });
            self.insert_access(tx, &key, &access).await?;
        }
        Ok(())
    }

    /// Forgets the address of a login, the first of whose residents is the first of these, and that any of them led there.
    pub(crate) async fn forget_notice_address(
        &self,
        tx: &mut Tx<'_>,
        residents: &[&ResidentKey],
    ) -> Result<(), StoreError> {
        let mut own = None;
        for (resident, is_first) in residents
            .iter()
            .zip(std::iter::once(true).chain(std::iter::repeat(false)))
        {
            let key = self.key(&Name::NoticeAddressOf { resident });
            let Some(Access {
                pointer: Pointer::NoticeAddress(id),
                ..
            }) = self.access(tx, &key).await?
            else {
                continue;
            };
            if is_first {
                own = Some(id);
            }
            // Another login's address stays.
            if own == Some(id) {
                self.delete_access(tx, &key).await?;
            }
        }
        match own {
            Some(id) => self.delete_notice_address(tx, &id).await,
            None => Ok(()),
        }
    }

    /// Something changed for this resident that they did not do in the pages themself: a notice is to go out on the next
    /// whole hour. For whom has no address, and for nobody, the same runs, and leaves as much behind.
    pub(crate) async fn announce(
        &self,
        tx: &mut Tx<'_>,
        resident: &ResidentKey,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if !self.sends_notices {
            return Ok(());
        }
        let access = self.key(&Name::NoticeAddressOf { resident });
        let due = hour_after(now);
        let (key, mut notice) = match self.lock_notice_address(tx, &access).await? {
            Some(kept) => (kept.key, kept.notice),
            None => (
                self.notice_address_key(&NoticeAddressId::random(&*self.randomness)),
                NoticeAddress::default(),
            ),
        };
        notice.something_changed(due);
        self.save_notice_address(tx, &key, &notice).await?;
        self.schedule_notice(tx, due, &access).await
    }

    /// Puts an address on the list of those that something is to go to.
    pub(crate) async fn schedule_notice(
        &self,
        tx: &mut Tx<'_>,
        due: Timestamp,
        access: &[u8; 32],
    ) -> Result<(), StoreError> {
        let mut id = [0; 16];
        self.randomness.fill(&mut id);
        let sealed = self.seal(&sql::NOTICE_DUE, &id, access);
        tx.execute(sql::NOTICE_DUE_INSERT, args![&id, due, &sealed])
            .await?;
        Ok(())
    }

    /// What is to go out by `now`, after an entry of the list or from its start.
    pub(crate) async fn notices_due(
        &self,
        tx: &mut Tx<'_>,
        now: Timestamp,
        after: Option<&NoticeDue>,
        limit: u32,
    ) -> Result<Vec<NoticeDue>, StoreError> {
        let (at, id) = after.map_or((Timestamp::from_micros(i64::MIN), [0; 16]), |row| {
            (row.at, row.id)
        });
        let rows = tx
            .fetch_all(sql::NOTICE_DUE_LIST, args![now, at, &id, limit])
            .await?;
        let read = |bytes: &[u8]| {
            let mut reader = Reader::new(bytes);
            let access = reader.digest()?;
            reader.finish()?;
            Ok(access)
        };
        rows.iter()
            .map(|row| {
                let id: [u8; 16] = row.get(0)?;
                Ok(NoticeDue {
                    id,
                    at: row.get(1)?,
                    access: self.decode(&sql::NOTICE_DUE, &id, &row.get::<Vec<u8>>(2)?, read)?,
                })
            })
            .collect()
    }

    /// Strikes an entry off the list.
    pub(crate) async fn strike_notice(&self, tx: &mut Tx<'_>, id: &[u8; 16]) -> Result<(), StoreError> {
        tx.execute(sql::NOTICE_DUE_DELETE, args![id]).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::notice_address::CODES_MAX;
    use crate::domain::notice_address::tests::destination;

    #[test]
    fn rows_read_as_they_were_written_and_all_fit_one_length() {
        let label = "b".repeat(60);
        let longest = format!("{}@{label}.{label}.example", "a".repeat(64));
        let longest = destination(&longest);
        let at = Timestamp::from_seconds(9);
        let full = NoticeAddress {
            confirmed: Some(longest.clone()),
            waiting: Some(Waiting {
                to: Destination {
                    language: NoticeLanguage::English,
                    ..longest
                },
                nonce: [7; 16],
                ends: at,
                wrong: 3,
                is_mailed: true,
                attempts: 2,
                next_try: at,
            }),
            pending: Some(Pending {
                attempts: 1,
                next_try: at,
                until: at,
                again: true,
            }),
            last_sent: Some(at),
            codes: [Some(at); CODES_MAX],
        };
        for notice in [NoticeAddress::default(), full] {
            let bytes = encode(&notice);
            // Two addresses may be longer than those above by what is left to 254 bytes each.
            assert!(bytes.len() + 4 + 2 * (ADDRESS_BYTES_MAX - 194) <= sql::NOTICE_ADDRESS.step.get());
            assert_eq!(decode(&bytes), Ok(notice));
            assert!(decode(&bytes[..bytes.len() - 1]).is_err());
        }
    }
}
