-- What happened: salt and canonical event, sealed. event_key is the subject's tag, or HMAC(index key, grant, number):
-- it joins no two rows. Nothing here says which leaf belongs to it. Retention deletes rows; the tree stays.
CREATE TABLE log_event (
    event_key BYTEA NOT NULL PRIMARY KEY,
    event BYTEA NOT NULL, -- sealed
    period BIGINT NOT NULL -- which 30 days since 1970: coarse, so that it joins no rows of one person
);

CREATE INDEX log_event_period ON log_event (period);

-- How many events a grant has. count_key = HMAC(index key, grant).
CREATE TABLE log_count (
    count_key BYTEA NOT NULL PRIMARY KEY,
    events BYTEA NOT NULL -- sealed
);

-- Committed leaves that have no place in the tree yet. arrival is the order of insertion, not of commits.
CREATE SEQUENCE log_arrival AS BIGINT;

CREATE TABLE log_waiting (
    arrival BIGINT NOT NULL PRIMARY KEY,
    leaf BYTEA NOT NULL
);

-- Where a leaf stands in the tree, counted from 0.
CREATE TABLE log_leaf (
    leaf BYTEA NOT NULL PRIMARY KEY,
    place BIGINT NOT NULL
);

-- The tree (RFC 6962) in tiles of 256 hashes: level 0 are leaf hashes, a hash of level n + 1 is the root over a whole
-- tile of level n. Only the last tile of a level is ever changed, and only by adding to it.
CREATE TABLE log_tile (
    level BIGINT NOT NULL,
    number BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    PRIMARY KEY (level, number)
);

-- One row: the tree's size and root, the note that signs them, and who sequences. Its lock and its fence keep two
-- sequencers apart.
CREATE TABLE log_tree (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    checkpoint TEXT COLLATE "C",
    holder BYTEA NOT NULL,
    fence BIGINT NOT NULL,
    lease_until BIGINT NOT NULL
);

-- The root of the empty tree is the hash of nothing.
INSERT INTO log_tree (id, size, root, holder, fence, lease_until)
VALUES (1, 0, '\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', '', 0, 0);
