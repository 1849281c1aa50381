-- One row per request that changed something. request_key = HMAC(caller, method, request id), body_tag = HMAC(body):
-- neither says who asked what. answer (sealed) holds the leaves and, unless it is never kept, the reply.
CREATE TABLE idempotency (
    request_key BLOB NOT NULL PRIMARY KEY,
    body_tag BLOB NOT NULL,
    answer BLOB,
    expires INTEGER NOT NULL -- a whole hour, so that it joins no rows of one transaction
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_expires ON idempotency (expires);
