-- Signals. In clear: signal id, organisation, due day; the crate's documentation says why.
CREATE TABLE signal (
    signal_id BLOB NOT NULL,
    organisation TEXT NOT NULL,
    due INTEGER,
    content BLOB NOT NULL,
    PRIMARY KEY (signal_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX signal_organisation ON signal (organisation, signal_id);
CREATE INDEX signal_due ON signal (due) WHERE due IS NOT NULL;

-- Where posts meet, found by HMAC of the tag under the epoch's pepper, sealed under the tag.
CREATE TABLE cell (
    tag BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX cell_epoch ON cell (epoch);

-- Contact boxes, headers included, found and sealed as cells are; each row by an HMAC of its own.
CREATE TABLE contact_box (
    tag BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_box_epoch ON contact_box (epoch);

-- How many signals an organisation or a professional wrote down, found by HMAC under the epoch's pepper.
CREATE TABLE quota (
    tag BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX quota_epoch ON quota (epoch);

-- Gate keys that ended or are paused, found by HMAC; forgotten after the epoch in clear.
CREATE TABLE ended_key (
    tag BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX ended_key_epoch ON ended_key (epoch);

-- Matches, found by HMAC of the match id. In clear: due hour.
CREATE TABLE signal_match (
    tag BLOB NOT NULL,
    due INTEGER,
    content BLOB NOT NULL,
    PRIMARY KEY (tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX signal_match_due ON signal_match (due) WHERE due IS NOT NULL;

-- Which organisation has a match: a caller is part of every query.
CREATE TABLE match_party (
    tag BLOB NOT NULL,
    organisation TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX match_party_organisation ON match_party (organisation, tag);

-- Matches of a circle and of a gate key, found by HMAC of it and their number.
CREATE TABLE match_place (
    tag BLOB NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (tag)
) STRICT, WITHOUT ROWID;

-- Contact boxes that a match opened, for their recipients; each found by an HMAC of its own.
CREATE TABLE match_box (
    tag BLOB NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (tag)
) STRICT, WITHOUT ROWID;

-- How far consent's events were followed.
CREATE TABLE grant_watch (
    id INTEGER NOT NULL,
    resume_token BLOB NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
