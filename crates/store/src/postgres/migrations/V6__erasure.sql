-- People who are being erased, until nothing of them is left.
CREATE TABLE erasures (
    partition   smallint NOT NULL DEFAULT 0,
    customer_id text COLLATE "C" NOT NULL,
    document    text NOT NULL,
    PRIMARY KEY (partition, customer_id)
);

-- Whose person a stored answer shows. Most show nobody's, and are in no tree by it.
ALTER TABLE idempotency ADD COLUMN shows text COLLATE "C";
CREATE INDEX idempotency_by_person ON idempotency (partition, shows) WHERE shows IS NOT NULL;
