-- Organisations are public to the mesh: nothing here is about a person, so nothing is sealed but the invitation's
-- code, of which only an HMAC is kept.
CREATE TABLE organisation (
    oin TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    display_name TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    contact TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL, -- grows by one with every change of the organisation, its statements or certificates
    chain_bytes BIGINT NOT NULL, -- all its key statements together
    joined_at BIGINT NOT NULL
);

-- The chain of key statements, in the layout of docs/envelope.md. Rows are never changed nor deleted.
CREATE TABLE key_statement (
    oin TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    statement BYTEA NOT NULL,
    PRIMARY KEY (oin, sequence)
);

CREATE TABLE certificate (
    oin TEXT COLLATE "C" NOT NULL,
    fingerprint BYTEA NOT NULL, -- SHA-256 of the DER
    issued_at BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (oin, fingerprint)
);

CREATE INDEX certificate_ended ON certificate (not_after);

-- At most one invitation per organisation: a newer one takes the place of the older.
CREATE TABLE invitation (
    oin TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    code_index BYTEA NOT NULL UNIQUE, -- HMAC of the code under the index key
    display_name TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    contact TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE INDEX invitation_expires ON invitation (expires_at);
