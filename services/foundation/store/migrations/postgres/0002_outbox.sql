-- Events for other services, in the transaction of the act that caused them. arrival is the order of insertion,
-- which is not the order of commits: a row gets its position only after its commit, from the sequencer.
CREATE SEQUENCE outbox_arrival AS BIGINT;

CREATE TABLE outbox (
    arrival BIGINT NOT NULL PRIMARY KEY,
    position BIGINT,
    id BYTEA NOT NULL,
    topic TEXT COLLATE "C" NOT NULL,
    recipient BYTEA NOT NULL,
    payload BYTEA NOT NULL, -- sealed
    appeared BIGINT NOT NULL -- the next whole hour
);

CREATE UNIQUE INDEX outbox_position ON outbox (position);
CREATE INDEX outbox_recipient ON outbox (recipient, position);
CREATE INDEX outbox_waiting ON outbox (arrival) WHERE position IS NULL;

-- One row: the last position given out, and the last one trimmed. Its lock is the fence between sequencers.
CREATE TABLE outbox_head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    position BIGINT NOT NULL,
    trimmed BIGINT NOT NULL
);

INSERT INTO outbox_head (id, position, trimmed) VALUES (1, 0, 0);
