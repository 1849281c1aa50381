//! Every statement of the registry.

use sluis_store::Statement;

/// Invites, or invites anew.
pub(crate) const INVITATION_PUT: Statement = Statement::same(
    "INSERT INTO invitation (oin, code_index, display_name, kind, contact, expires_at, used_at) \
     VALUES ($1, $2, $3, $4, $5, $6, NULL) \
     ON CONFLICT (oin) DO UPDATE SET code_index = excluded.code_index, display_name = excluded.display_name, \
     kind = excluded.kind, contact = excluded.contact, expires_at = excluded.expires_at, used_at = NULL",
);
/// The invitation of a code, which nobody else may use meanwhile.
pub(crate) const INVITATION_BY_CODE: Statement = sluis_store::for_update!(
    "SELECT oin, display_name, kind, contact, expires_at, used_at FROM invitation WHERE code_index = $1"
);
/// Uses an invitation up.
pub(crate) const INVITATION_USE: Statement =
    Statement::same("UPDATE invitation SET used_at = $2 WHERE oin = $1 AND used_at IS NULL");
/// Forgets some invitations that ended.
pub(crate) const INVITATIONS_PURGE: Statement = Statement::same(
    "DELETE FROM invitation WHERE oin IN \
     (SELECT oin FROM invitation WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
);

/// A new organisation; nothing when there is one with this OIN.
pub(crate) const ORGANISATION_INSERT: Statement = Statement::same(
    "INSERT INTO organisation (oin, display_name, kind, contact, version, chain_bytes, joined_at) \
     VALUES ($1, $2, $3, $4, 1, 0, $5) ON CONFLICT (oin) DO NOTHING",
);
/// One organisation.
pub(crate) const ORGANISATION: Statement = Statement::same(
    "SELECT oin, display_name, kind, contact, version, chain_bytes FROM organisation WHERE oin = $1",
);
/// One organisation, which nobody else may change meanwhile.
pub(crate) const ORGANISATION_FOR_UPDATE: Statement = sluis_store::for_update!(
    "SELECT oin, display_name, kind, contact, version, chain_bytes FROM organisation WHERE oin = $1"
);
/// The organisations after an OIN.
pub(crate) const ORGANISATIONS_AFTER: Statement = Statement::same(
    "SELECT oin, display_name, kind, contact, version, chain_bytes FROM organisation \
     WHERE oin > $1 ORDER BY oin LIMIT $2",
);
/// Counts a change of an organisation.
pub(crate) const ORGANISATION_CHANGED: Statement =
    Statement::same("UPDATE organisation SET version = version + 1 WHERE oin = $1");
/// Counts a statement's length.
pub(crate) const ORGANISATION_CHAIN_GREW: Statement =
    Statement::same("UPDATE organisation SET chain_bytes = chain_bytes + $2 WHERE oin = $1");

/// A key statement.
pub(crate) const STATEMENT_INSERT: Statement =
    Statement::same("INSERT INTO key_statement (oin, sequence, statement) VALUES ($1, $2, $3)");
/// An organisation's chain.
pub(crate) const STATEMENTS: Statement =
    Statement::same("SELECT statement FROM key_statement WHERE oin = $1 ORDER BY sequence LIMIT $2");
/// An organisation's newest statement.
pub(crate) const STATEMENT_NEWEST: Statement =
    Statement::same("SELECT statement FROM key_statement WHERE oin = $1 ORDER BY sequence DESC LIMIT 1");

/// A certificate.
pub(crate) const CERTIFICATE_INSERT: Statement = Statement::same(
    "INSERT INTO certificate (oin, fingerprint, issued_at, not_after, revoked_at) VALUES ($1, $2, $3, $4, NULL)",
);
/// An organisation's certificates, oldest first.
pub(crate) const CERTIFICATES: Statement = Statement::same(
    "SELECT fingerprint, not_after, revoked_at FROM certificate \
     WHERE oin = $1 ORDER BY issued_at, fingerprint LIMIT $2",
);
/// One certificate of an organisation.
pub(crate) const CERTIFICATE: Statement = Statement::same(
    "SELECT fingerprint, not_after, revoked_at FROM certificate WHERE oin = $1 AND fingerprint = $2",
);
/// Revokes a certificate that is not revoked.
pub(crate) const CERTIFICATE_REVOKE: Statement = Statement::same(
    "UPDATE certificate SET revoked_at = $3 WHERE oin = $1 AND fingerprint = $2 AND revoked_at IS NULL",
);
/// How many certificates of an organisation have not ended.
pub(crate) const CERTIFICATES_UNENDED: Statement =
    Statement::same("SELECT COUNT(*) FROM certificate WHERE oin = $1 AND not_after > $2");
/// Forgets some certificates that ended.
pub(crate) const CERTIFICATES_PURGE: Statement = Statement::same(
    "DELETE FROM certificate WHERE fingerprint IN \
     (SELECT fingerprint FROM certificate WHERE not_after < $1 ORDER BY not_after LIMIT $2)",
);

/// All of them, for the test that prepares each on both databases.
pub(crate) const ALL: &[Statement] = &[
    INVITATION_PUT,
    INVITATION_BY_CODE,
    INVITATION_USE,
    INVITATIONS_PURGE,
    ORGANISATION_INSERT,
    ORGANISATION,
    ORGANISATION_FOR_UPDATE,
    ORGANISATIONS_AFTER,
    ORGANISATION_CHANGED,
    ORGANISATION_CHAIN_GREW,
    STATEMENT_INSERT,
    STATEMENTS,
    STATEMENT_NEWEST,
    CERTIFICATE_INSERT,
    CERTIFICATES,
    CERTIFICATE,
    CERTIFICATE_REVOKE,
    CERTIFICATES_UNENDED,
    CERTIFICATES_PURGE,
];
