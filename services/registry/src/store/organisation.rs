//! Organisations and their chains of key statements.

use sluis_envelope::{Signed, VerifiedKeyStatement};
use sluis_store::{Row, StoreError, Tx, args};
use sluis_types::{Oin, Timestamp};

use super::{kind, load_certificates, sql, unexpected};
use crate::domain::{Certificate, Profile, STATEMENTS_MAX};

/// An organisation as it is listed, with everything.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) profile: Profile,
    pub(crate) version: i64,
    pub(crate) statements: Vec<Vec<u8>>,
    pub(crate) certificates: Vec<Certificate>,
}

/// An organisation, held for a change.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// Its newest key statement.
    pub(crate) keys: VerifiedKeyStatement,
    /// The length of all its statements.
    pub(crate) chain_bytes: usize,
}

/// What the table of organisations says.
struct Head {
    profile: Profile,
    version: i64,
    chain_bytes: i64,
}

/// A new organisation, of version 1. False when there is one with this OIN.
pub(crate) async fn insert_organisation(
    tx: &mut Tx<'_>,
    profile: &Profile,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let Profile {
        oin,
        display_name,
        kind,
        contact,
    } = profile;
    let row = args![oin, display_name, kind.name(), contact, at];
    Ok(tx.execute(sql::ORGANISATION_INSERT, row).await? == 1)
}

/// Adds a statement to the chain of its organisation.
pub(crate) async fn insert_statement(tx: &mut Tx<'_>, keys: &VerifiedKeyStatement) -> Result<(), StoreError> {
    let (oin, bytes) = (keys.organisation(), keys.encode());
    let length = i64::try_from(bytes.len()).map_err(|_| unexpected("a statement of impossible length"))?;
    tx.execute(sql::STATEMENT_INSERT, args![&oin, keys.sequence(), &bytes])
        .await?;
    tx.execute(sql::ORGANISATION_CHAIN_GREW, args![&oin, length])
        .await?;
    Ok(())
}

/// Counts a change of an organisation.
pub(crate) async fn mark_changed(tx: &mut Tx<'_>, oin: Oin) -> Result<(), StoreError> {
    match tx.execute(sql::ORGANISATION_CHANGED, args![&oin]).await? {
        1 => Ok(()),
        _ => Err(unexpected("a change of an organisation that is not there")),
    }
}

/// Holds an organisation until the end of the transaction. False when there is none.
pub(crate) async fn lock_organisation(tx: &mut Tx<'_>, oin: Oin) -> Result<bool, StoreError> {
    Ok(tx
        .fetch_optional(sql::ORGANISATION_FOR_UPDATE, args![&oin])
        .await?
        .is_some())
}

/// An organisation, locked until the end of the transaction, with its newest keys.
pub(crate) async fn load_member(
    tx: &mut Tx<'_>,
    oin: Oin,
    now: Timestamp,
) -> Result<Option<Member>, StoreError> {
    let Some(row) = tx
        .fetch_optional(sql::ORGANISATION_FOR_UPDATE, args![&oin])
        .await?
    else {
        return Ok(None);
    };
    let head = head(&row)?;
    let newest: Vec<u8> = tx.fetch_one(sql::STATEMENT_NEWEST, args![&oin]).await?.get(0)?;
    Ok(Some(Member {
        keys: stored_statement(&newest, now)?,
        chain_bytes: usize::try_from(head.chain_bytes)
            .map_err(|_| unexpected("a chain of negative length"))?,
    }))
}

/// An organisation with everything, as it is now.
pub(crate) async fn load_record(tx: &mut Tx<'_>, oin: Oin) -> Result<Option<Record>, StoreError> {
    match tx.fetch_optional(sql::ORGANISATION, args![&oin]).await? {
        Some(row) => complete(tx, head(&row)?).await.map(Some),
        None => Ok(None),
    }
}

/// The organisations after an OIN, without statements and certificates.
pub(crate) async fn list_organisations(
    tx: &mut Tx<'_>,
    after: &str,
    limit: u32,
) -> Result<Vec<Record>, StoreError> {
    let rows = tx
        .fetch_all(sql::ORGANISATIONS_AFTER, args![after, limit])
        .await?;
    rows.iter()
        .map(|row| {
            let Head { profile, version, .. } = head(row)?;
            Ok(Record {
                profile,
                version,
                statements: Vec::new(),
                certificates: Vec::new(),
            })
        })
        .collect()
}

async fn complete(tx: &mut Tx<'_>, head: Head) -> Result<Record, StoreError> {
    let oin = head.profile.oin;
    let rows = tx.fetch_all(sql::STATEMENTS, args![&oin, STATEMENTS_MAX]).await?;
    Ok(Record {
        statements: rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?,
        certificates: load_certificates(tx, oin).await?,
        version: head.version,
        profile: head.profile,
    })
}

fn head(row: &Row) -> Result<Head, StoreError> {
    let profile = Profile {
        oin: row.get(0)?,
        display_name: row.get(1)?,
        kind: kind(&row.get::<String>(2)?)?,
        contact: row.get(3)?,
    };
    Ok(Head {
        profile,
        version: row.get(4)?,
        chain_bytes: row.get(5)?,
    })
}

/// A statement was verified against its predecessor when it was taken in. What is checked here is that the database
/// still has it as it was.
fn stored_statement(bytes: &[u8], now: Timestamp) -> Result<VerifiedKeyStatement, StoreError> {
    let broken = unexpected("a key statement that does not verify");
    let statement = Signed::parse(bytes).map_err(|_| broken.clone())?;
    let fingerprint = statement.signer();
    VerifiedKeyStatement::pinned(statement, &fingerprint, now).map_err(|_| broken)
}
