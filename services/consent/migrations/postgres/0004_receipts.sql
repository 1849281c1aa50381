-- What residents hold of each decision, unsigned: signed at reading. tag = HMAC(k_r, "receipt", i).
CREATE TABLE receipt (
    tag BYTEA NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL
);
