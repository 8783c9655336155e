-- People who are being erased, until nothing of them is left.
CREATE TABLE erasures (
    customer_id TEXT PRIMARY KEY,
    document    TEXT NOT NULL
) WITHOUT ROWID;

-- Whose person a stored answer shows. Most show nobody's, and are in no tree by it.
ALTER TABLE idempotency ADD COLUMN shows TEXT;
CREATE INDEX idempotency_by_person ON idempotency (shows) WHERE shows IS NOT NULL;
