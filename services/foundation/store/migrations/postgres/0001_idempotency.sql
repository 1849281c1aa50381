-- One row per request that changed something. request_key = HMAC(caller, method, request id), body_tag = HMAC(body):
-- neither says who asked what. answer (sealed) holds the leaves and, unless it is never kept, the reply.
CREATE TABLE idempotency (
    request_key BYTEA NOT NULL PRIMARY KEY,
    body_tag BYTEA NOT NULL,
    answer BYTEA,
    expires BIGINT NOT NULL -- a whole hour, so that it joins no rows of one transaction
);

CREATE INDEX idempotency_expires ON idempotency (expires);
