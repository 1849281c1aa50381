-- Gate keys, many grants together in one row of constant length, wrapped under a bucket key that is kept outside this
-- database. id is random.
CREATE TABLE bucket (
    id BLOB NOT NULL PRIMARY KEY,
    generation INTEGER NOT NULL, -- which bucket key the row is wrapped under
    used INTEGER NOT NULL, -- how many gate keys it holds
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX bucket_room ON bucket (id) WHERE used < 64;

-- Which process holds the bucket keys, where only one may. At most one row.
CREATE TABLE holder (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    mark BLOB NOT NULL, -- a bucket of the key store, made to know that store by
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
