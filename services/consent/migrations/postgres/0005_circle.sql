-- Posts of circles that wait for a member, sealed to it. tag = HMAC(key of its mailbox, "bundle", i). Taken away when the
-- member has them, or when the version of the circle ends.
CREATE TABLE bundle (
    tag BYTEA NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL
);
