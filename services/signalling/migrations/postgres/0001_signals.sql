-- Signals. In clear: signal id, organisation, due day; the crate's documentation says why.
CREATE TABLE signal (
    signal_id BYTEA NOT NULL,
    organisation TEXT COLLATE "C" NOT NULL,
    due BIGINT,
    content BYTEA NOT NULL,
    PRIMARY KEY (signal_id)
);
CREATE INDEX signal_organisation ON signal (organisation, signal_id);
CREATE INDEX signal_due ON signal (due) WHERE due IS NOT NULL;

-- Where posts meet, found by HMAC of the tag under the epoch's pepper, sealed under the tag.
CREATE TABLE cell (
    tag BYTEA NOT NULL,
    epoch BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (tag)
);
CREATE INDEX cell_epoch ON cell (epoch);

-- Contact boxes, headers included, found and sealed as cells are; each row by an HMAC of its own.
CREATE TABLE contact_box (
    tag BYTEA NOT NULL,
    epoch BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (tag)
);
CREATE INDEX contact_box_epoch ON contact_box (epoch);

-- How many signals an organisation or a professional wrote down, found by HMAC under the epoch's pepper.
CREATE TABLE quota (
    tag BYTEA NOT NULL,
    epoch BIGINT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (tag)
);
CREATE INDEX quota_epoch ON quota (epoch);

-- Gate keys that ended or are paused, found by HMAC; forgotten after the epoch in clear.
CREATE TABLE ended_key (
    tag BYTEA NOT NULL,
    epoch BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (tag)
);
CREATE INDEX ended_key_epoch ON ended_key (epoch);

-- Matches, found by HMAC of the match id. In clear: due hour.
CREATE TABLE signal_match (
    tag BYTEA NOT NULL,
    due BIGINT,
    content BYTEA NOT NULL,
    PRIMARY KEY (tag)
);
CREATE INDEX signal_match_due ON signal_match (due) WHERE due IS NOT NULL;

-- Which organisation has a match: a caller is part of every query.
CREATE TABLE match_party (
    tag BYTEA NOT NULL,
    organisation TEXT COLLATE "C" NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (tag)
);
CREATE INDEX match_party_organisation ON match_party (organisation, tag);

-- Matches of a circle and of a gate key, found by HMAC of it and their number.
CREATE TABLE match_place (
    tag BYTEA NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (tag)
);

-- Contact boxes that a match opened, for their recipients; each found by an HMAC of its own.
CREATE TABLE match_box (
    tag BYTEA NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (tag)
);

-- How far consent's events were followed.
CREATE TABLE grant_watch (
    id BIGINT NOT NULL,
    resume_token BYTEA NOT NULL,
    PRIMARY KEY (id)
);

-- What is sealed does not compress: trying costs time only.
ALTER TABLE contact_box ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE match_box ALTER COLUMN content SET STORAGE EXTERNAL;
