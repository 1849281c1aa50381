-- Messages. In clear: message id, sender, recipient, inbox position, due hour; the crate's documentation says why.
CREATE TABLE message (
    message_id BLOB NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    inbox_position INTEGER,
    due INTEGER,
    facts BLOB NOT NULL,
    life BLOB NOT NULL,
    PRIMARY KEY (message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_inbox ON message (recipient, inbox_position, message_id) WHERE inbox_position IS NOT NULL;
CREATE INDEX message_sent ON message (sender, message_id);
CREATE INDEX message_received ON message (recipient, message_id);
CREATE INDEX message_due ON message (due) WHERE due IS NOT NULL;

-- Sealed shares and content, found by HMAC of the message id.
CREATE TABLE ciphertext (
    tag BLOB NOT NULL,
    sealed_r BLOB NOT NULL,
    sealed_c BLOB NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (tag)
) STRICT, WITHOUT ROWID;

-- Pages of grants and threads, all of one length, found by HMAC of what they belong to and their number.
CREATE TABLE page (
    tag BLOB NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (tag)
) STRICT, WITHOUT ROWID;

-- Attachments, found by HMAC of sender, message id and blob id. A due hour stands there while no message claims it.
CREATE TABLE blob (
    tag BLOB NOT NULL,
    due INTEGER,
    facts BLOB NOT NULL,
    PRIMARY KEY (tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_due ON blob (due) WHERE due IS NOT NULL;

-- Pieces of attachments, each found by an HMAC of its own.
CREATE TABLE blob_piece (
    tag BLOB NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (tag)
) STRICT, WITHOUT ROWID;

-- How far consent's events were followed.
CREATE TABLE grant_watch (
    id INTEGER NOT NULL,
    resume_token BLOB NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
