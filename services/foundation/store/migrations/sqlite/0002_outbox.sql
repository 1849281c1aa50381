-- Events for other services, in the transaction of the act that caused them. arrival is the order of insertion,
-- position the order of reading. With one writer both are the same number.
CREATE TABLE outbox (
    arrival INTEGER NOT NULL PRIMARY KEY,
    position INTEGER,
    id BLOB NOT NULL,
    topic TEXT NOT NULL,
    recipient BLOB NOT NULL,
    payload BLOB NOT NULL, -- sealed
    appeared INTEGER NOT NULL -- the next whole hour
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX outbox_position ON outbox (position);
CREATE INDEX outbox_recipient ON outbox (recipient, position);

-- One row: the last position given out, and the last one trimmed.
CREATE TABLE outbox_head (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    position INTEGER NOT NULL,
    trimmed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO outbox_head (id, position, trimmed) VALUES (1, 0, 0);
