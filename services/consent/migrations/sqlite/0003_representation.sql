-- Who may speak for a resident. tag = HMAC(k_r, "mandate", i). Kept when ended.
CREATE TABLE mandate (
    tag BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
