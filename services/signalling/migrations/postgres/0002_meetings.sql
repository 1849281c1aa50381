-- Meetings with their agendas, found by HMAC of the meeting id. In clear: due hour.
CREATE TABLE meeting (
    tag BYTEA NOT NULL,
    due BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (tag)
);
CREATE INDEX meeting_due ON meeting (due);

-- Which organisation is invited to a meeting: a caller is part of every query.
CREATE TABLE meeting_seat (
    tag BYTEA NOT NULL,
    organisation TEXT COLLATE "C" NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (tag)
);
CREATE INDEX meeting_seat_organisation ON meeting_seat (organisation, tag);

-- Sealed messages of items, each for one organisation; each found by an HMAC of its own.
CREATE TABLE agenda_message (
    tag BYTEA NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (tag)
);

-- The items under a grant and under a circle's gate key, found by HMAC of it.
CREATE TABLE agenda_list (
    tag BYTEA NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (tag)
);

-- Versions of grants that ended a short while ago, found by HMAC; forgotten after the epoch in clear.
CREATE TABLE ended_grant (
    tag BYTEA NOT NULL,
    epoch BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (tag)
);
CREATE INDEX ended_grant_epoch ON ended_grant (epoch);

-- What is sealed does not compress: trying costs time only.
ALTER TABLE meeting ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE agenda_message ALTER COLUMN content SET STORAGE EXTERNAL;
