-- Who may speak for a resident. tag = HMAC(k_r, "mandate", i). Kept when ended.
CREATE TABLE mandate (
    tag BYTEA NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL
);
