-- Gate keys, many grants together in one row of constant length, wrapped under a bucket key that is kept outside this
-- database. id is random.
CREATE TABLE bucket (
    id BLOB NOT NULL PRIMARY KEY,
    generation INTEGER NOT NULL, -- which bucket key the row is wrapped under
    used INTEGER NOT NULL, -- how many gate keys it holds
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX bucket_room ON bucket (id) WHERE used < 64;

-- Which key store this database belongs to, and until when its process surely runs. At most one row.
CREATE TABLE holder (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    mark BLOB NOT NULL, -- random; the key store keeps the same
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
