//! Certificates.

use sluis_serve::Hash;
use sluis_store::{Row, StoreError, Tx, args};
use sluis_types::{Oin, Timestamp};

use super::{sql, unexpected};
use crate::ca::IssuedCertificate;
use crate::domain::Certificate;

/// More than an organisation can have: the unended ones, and those that ended and were not forgotten yet.
const CERTIFICATES_READ_MAX: i64 = 1024;

/// Lists a certificate that was issued.
pub(crate) async fn insert_certificate(
    tx: &mut Tx<'_>,
    oin: Oin,
    issued: &IssuedCertificate,
    at: Timestamp,
) -> Result<Certificate, StoreError> {
    let IssuedCertificate {
        chain_pem: _,
        fingerprint,
        not_after,
    } = issued;
    tx.execute(sql::CERTIFICATE_INSERT, args![&oin, fingerprint, at, *not_after])
        .await?;
    Ok(Certificate {
        fingerprint: *fingerprint,
        not_after: *not_after,
        revoked_at: None,
    })
}

/// One certificate of one organisation.
pub(crate) async fn load_certificate(
    tx: &mut Tx<'_>,
    oin: Oin,
    fingerprint: &Hash,
) -> Result<Option<Certificate>, StoreError> {
    let row = tx
        .fetch_optional(sql::CERTIFICATE, args![&oin, fingerprint])
        .await?;
    row.map(|row| read(&row)).transpose()
}

/// All certificates of one organisation, oldest first.
pub(crate) async fn load_certificates(tx: &mut Tx<'_>, oin: Oin) -> Result<Vec<Certificate>, StoreError> {
    let rows = tx
        .fetch_all(sql::CERTIFICATES, args![&oin, CERTIFICATES_READ_MAX])
        .await?;
    rows.iter().map(read).collect()
}

/// How many certificates of an organisation have not ended.
pub(crate) async fn count_unended(tx: &mut Tx<'_>, oin: Oin, now: Timestamp) -> Result<i64, StoreError> {
    tx.fetch_one(sql::CERTIFICATES_UNENDED, args![&oin, now])
        .await?
        .get(0)
}

/// Saves that a certificate, which was not revoked, is.
pub(crate) async fn save_revocation(
    tx: &mut Tx<'_>,
    oin: Oin,
    fingerprint: &Hash,
    at: Timestamp,
) -> Result<(), StoreError> {
    match tx
        .execute(sql::CERTIFICATE_REVOKE, args![&oin, fingerprint, at])
        .await?
    {
        1 => Ok(()),
        _ => Err(unexpected(
            "a certificate that changed between reading and writing",
        )),
    }
}

fn read(row: &Row) -> Result<Certificate, StoreError> {
    Ok(Certificate {
        fingerprint: row.get(0)?,
        not_after: row.get(1)?,
        revoked_at: row.get(2)?,
    })
}
