-- What happened: salt and canonical event, sealed. event_key is the subject's tag, or HMAC(index key, grant, number):
-- it joins no two rows. Nothing here says which leaf belongs to it. Retention deletes rows; the tree stays.
CREATE TABLE log_event (
    event_key BLOB NOT NULL PRIMARY KEY,
    event BLOB NOT NULL, -- sealed
    period INTEGER NOT NULL -- which 30 days since 1970: coarse, so that it joins no rows of one person
) STRICT, WITHOUT ROWID;

CREATE INDEX log_event_period ON log_event (period);

-- How many events a grant has. count_key = HMAC(index key, grant).
CREATE TABLE log_count (
    count_key BLOB NOT NULL PRIMARY KEY,
    events BLOB NOT NULL -- sealed
) STRICT, WITHOUT ROWID;

-- Committed leaves that have no place in the tree yet. arrival is the order of insertion.
CREATE TABLE log_waiting (
    arrival INTEGER NOT NULL PRIMARY KEY,
    leaf BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Where a leaf stands in the tree, counted from 0.
CREATE TABLE log_leaf (
    leaf BLOB NOT NULL PRIMARY KEY,
    place INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The tree (RFC 6962) in tiles of 256 hashes: level 0 are leaf hashes, a hash of level n + 1 is the root over a whole
-- tile of level n. Only the last tile of a level is ever changed, and only by adding to it.
CREATE TABLE log_tile (
    level INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, number)
) STRICT, WITHOUT ROWID;

-- One row: the tree's size and root, the note that signs them, and who sequences. Its fence keeps two sequencers
-- apart.
CREATE TABLE log_tree (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    checkpoint TEXT,
    holder BLOB NOT NULL,
    fence INTEGER NOT NULL,
    lease_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The root of the empty tree is the hash of nothing.
INSERT INTO log_tree (id, size, root, holder, fence, lease_until)
VALUES (1, 0, x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', x'', 0, 0);
