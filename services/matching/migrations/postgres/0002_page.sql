-- Pages, all of one length, found by HMAC of what they are about: places of offers, questions, introductions, homes.
CREATE TABLE page (
    tag BYTEA NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (tag)
);
