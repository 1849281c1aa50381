-- Whom a name leads to. key = HMAC(index key, kind of name, name); sealed holds the resident's key k_r and a pointer.
-- All kinds (login, link, handle, grant, proposal, link code, …) stand here together and have one length.
CREATE TABLE access (
    key BYTEA NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL
);

-- One per resident: how many rows of each kind there are. key = HMAC(k_r, "head"). Locked before a row is added.
CREATE TABLE head (
    key BYTEA NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL
);

-- Organisations that a resident is linked with. tag = HMAC(k_r, "link", i).
CREATE TABLE link (
    tag BYTEA NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL
);

-- Questions to a resident. tag = HMAC(k_r, "proposal", i). Emptied when answered or lapsed.
CREATE TABLE proposal (
    tag BYTEA NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL
);

-- What residents allow. tag = HMAC(k_r, "grant", i). Kept when ended.
CREATE TABLE grant_row (
    tag BYTEA NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL
);

-- Sessions. key = HMAC(index key, hash of the session token).
CREATE TABLE session (
    key BYTEA NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL
);

-- Wrong link codes. key = HMAC(index key, organisation) or HMAC(index key, organisation, professional).
CREATE TABLE tries (
    key BYTEA NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL
);

-- What is to be done when. id is random; sealed says to which row.
CREATE TABLE due (
    id BYTEA NOT NULL PRIMARY KEY,
    due BIGINT NOT NULL, -- a whole UTC day for the end of a grant, a whole hour for the rest
    sealed BYTEA NOT NULL
);

CREATE INDEX due_due ON due (due);
