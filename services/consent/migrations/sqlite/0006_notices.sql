-- Where a login's notices go. key = HMAC(index key, "notice-address", random id); the id stands sealed in the access row
-- of each resident behind that login. Emptied when the address is taken away.
CREATE TABLE notice_address (
    key BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Notices that are to go out. id is random; sealed says under which access row the address is found, or under none: what
-- others do about a resident makes an entry here whether or not there is an address, or a resident.
CREATE TABLE notice_due (
    id BLOB NOT NULL PRIMARY KEY,
    due INTEGER NOT NULL, -- a whole hour
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX notice_due_due ON notice_due (due);
