-- Meetings with their agendas, found by HMAC of the meeting id. In clear: due hour.
CREATE TABLE meeting (
    tag BLOB NOT NULL,
    due INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX meeting_due ON meeting (due);

-- Which organisation is invited to a meeting: a caller is part of every query.
CREATE TABLE meeting_seat (
    tag BLOB NOT NULL,
    organisation TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX meeting_seat_organisation ON meeting_seat (organisation, tag);

-- Sealed messages of items, each for one organisation; each found by an HMAC of its own.
CREATE TABLE agenda_message (
    tag BLOB NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (tag)
) STRICT, WITHOUT ROWID;

-- The items under a grant and under a circle's gate key, found by HMAC of it.
CREATE TABLE agenda_list (
    tag BLOB NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (tag)
) STRICT, WITHOUT ROWID;

-- Versions of grants that ended a short while ago, found by HMAC; forgotten after the epoch in clear.
CREATE TABLE ended_grant (
    tag BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX ended_grant_epoch ON ended_grant (epoch);
