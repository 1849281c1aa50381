-- Every key that ever signed receipts: the public half, in the open, because it is published.
CREATE TABLE receipt_key (
    id BLOB NOT NULL PRIMARY KEY, -- the key id
    public BLOB NOT NULL, -- Ed25519
    signs_from INTEGER NOT NULL,
    signed_until INTEGER -- none while it signs
) STRICT, WITHOUT ROWID;
