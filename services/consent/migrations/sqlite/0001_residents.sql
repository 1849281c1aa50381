-- Whom a name leads to. key = HMAC(index key, kind of name, name); sealed holds the resident's key k_r and a pointer.
-- All kinds (login, link, handle, grant, proposal, link code, …) stand here together and have one length.
CREATE TABLE access (
    key BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- One per resident: how many rows of each kind there are. key = HMAC(k_r, "head"). Locked before a row is added.
CREATE TABLE head (
    key BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Organisations that a resident is linked with. tag = HMAC(k_r, "link", i).
CREATE TABLE link (
    tag BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Questions to a resident. tag = HMAC(k_r, "proposal", i). Emptied when answered or lapsed.
CREATE TABLE proposal (
    tag BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What residents allow. tag = HMAC(k_r, "grant", i). Kept when ended.
CREATE TABLE grant_row (
    tag BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Sessions. key = HMAC(index key, hash of the session token).
CREATE TABLE session (
    key BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Wrong link codes. key = HMAC(index key, organisation) or HMAC(index key, organisation, professional).
CREATE TABLE tries (
    key BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What is to be done when. id is random; sealed says to which row.
CREATE TABLE due (
    id BLOB NOT NULL PRIMARY KEY,
    due INTEGER NOT NULL, -- a whole UTC day for the end of a grant, a whole hour for the rest
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX due_due ON due (due);
