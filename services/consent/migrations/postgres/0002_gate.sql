-- Gate keys, many grants together in one row of constant length, wrapped under a bucket key that is kept outside this
-- database. id is random.
CREATE TABLE bucket (
    id BYTEA NOT NULL PRIMARY KEY,
    generation BIGINT NOT NULL, -- which bucket key the row is wrapped under
    used BIGINT NOT NULL, -- how many gate keys it holds
    sealed BYTEA NOT NULL
);

CREATE INDEX bucket_room ON bucket (id) WHERE used < 64;

-- Which key store this database belongs to, and until when its process surely runs. At most one row.
CREATE TABLE holder (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    mark BYTEA NOT NULL, -- random; the key store keeps the same
    until BIGINT NOT NULL
);
