-- Pages, all of one length, found by HMAC of what they are about: places of offers, questions, introductions, homes.
CREATE TABLE page (
    tag BLOB NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (tag)
) STRICT, WITHOUT ROWID;
