-- Every key that ever signed receipts: the public half, in the open, because it is published.
CREATE TABLE receipt_key (
    id BYTEA NOT NULL PRIMARY KEY, -- the key id
    public BYTEA NOT NULL, -- Ed25519
    signs_from BIGINT NOT NULL,
    signed_until BIGINT -- none while it signs
);
