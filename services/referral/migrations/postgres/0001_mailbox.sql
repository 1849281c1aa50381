-- Messages. In clear: message id, sender, recipient, inbox position, due hour; the crate's documentation says why.
CREATE TABLE message (
    message_id BYTEA NOT NULL,
    sender TEXT COLLATE "C" NOT NULL,
    recipient TEXT COLLATE "C" NOT NULL,
    inbox_position BIGINT,
    due BIGINT,
    facts BYTEA NOT NULL,
    life BYTEA NOT NULL,
    PRIMARY KEY (message_id)
);
CREATE INDEX message_inbox ON message (recipient, inbox_position, message_id) WHERE inbox_position IS NOT NULL;
CREATE INDEX message_sent ON message (sender, message_id);
CREATE INDEX message_received ON message (recipient, message_id);
CREATE INDEX message_due ON message (due) WHERE due IS NOT NULL;
-- What is sealed does not compress: trying costs time only.
ALTER TABLE message ALTER COLUMN facts SET STORAGE EXTERNAL;

-- Sealed shares and content, found by HMAC of the message id.
CREATE TABLE ciphertext (
    tag BYTEA NOT NULL,
    sealed_r BYTEA NOT NULL,
    sealed_c BYTEA NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (tag)
);
ALTER TABLE ciphertext ALTER COLUMN sealed_r SET STORAGE EXTERNAL;
ALTER TABLE ciphertext ALTER COLUMN sealed_c SET STORAGE EXTERNAL;
ALTER TABLE ciphertext ALTER COLUMN content SET STORAGE EXTERNAL;

-- Pages of grants and threads, all of one length, found by HMAC of what they belong to and their number.
CREATE TABLE page (
    tag BYTEA NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (tag)
);

-- Attachments, found by HMAC of sender, message id and blob id. A due hour stands there while no message claims it.
CREATE TABLE blob (
    tag BYTEA NOT NULL,
    due BIGINT,
    facts BYTEA NOT NULL,
    PRIMARY KEY (tag)
);
CREATE INDEX blob_due ON blob (due) WHERE due IS NOT NULL;

-- Pieces of attachments, each found by an HMAC of its own.
CREATE TABLE blob_piece (
    tag BYTEA NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (tag)
);
ALTER TABLE blob_piece ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- How far consent's events were followed.
CREATE TABLE grant_watch (
    id BIGINT NOT NULL,
    resume_token BYTEA NOT NULL,
    PRIMARY KEY (id)
);
