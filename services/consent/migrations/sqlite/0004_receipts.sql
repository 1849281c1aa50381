-- What residents hold of each decision, unsigned: signed at reading. tag = HMAC(k_r, "receipt", i).
CREATE TABLE receipt (
    tag BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
