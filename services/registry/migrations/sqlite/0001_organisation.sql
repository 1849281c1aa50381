-- Organisations are public to the mesh: nothing here is about a person, so nothing is sealed but the invitation's
-- code, of which only an HMAC is kept.
CREATE TABLE organisation (
    oin TEXT NOT NULL PRIMARY KEY,
    display_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    contact TEXT NOT NULL,
    version INTEGER NOT NULL, -- grows by one with every change of the organisation, its statements or certificates
    chain_bytes INTEGER NOT NULL, -- all its key statements together
    joined_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The chain of key statements, in the layout of docs/envelope.md. Rows are never changed nor deleted.
CREATE TABLE key_statement (
    oin TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    statement BLOB NOT NULL,
    PRIMARY KEY (oin, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE certificate (
    oin TEXT NOT NULL,
    fingerprint BLOB NOT NULL, -- SHA-256 of the DER
    issued_at INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    revoked_at INTEGER,
    PRIMARY KEY (oin, fingerprint)
) STRICT, WITHOUT ROWID;

CREATE INDEX certificate_ended ON certificate (not_after);

-- At most one invitation per organisation: a newer one takes the place of the older.
CREATE TABLE invitation (
    oin TEXT NOT NULL PRIMARY KEY,
    code_index BLOB NOT NULL UNIQUE, -- HMAC of the code under the index key
    display_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    contact TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX invitation_expires ON invitation (expires_at);
