-- Numbers without gaps, and the last committed moment.
CREATE TABLE counters (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE stores (
    store_id INTEGER PRIMARY KEY,
    document TEXT NOT NULL
);

-- The document is the order, folded from its events; the columns beside it are what lists search.
CREATE TABLE orders (
    no              INTEGER PRIMARY KEY,
    store_id        INTEGER NOT NULL,
    customer_id     TEXT,
    status          TEXT NOT NULL,
    payment_status  TEXT NOT NULL,
    shipping_status TEXT NOT NULL,
    total           INTEGER NOT NULL,
    retrieval_no    INTEGER,
    version         INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    document        TEXT NOT NULL
);
CREATE INDEX orders_by_status ON orders (status, no);
CREATE UNIQUE INDEX orders_by_retrieval ON orders (store_id, retrieval_no)
    WHERE retrieval_no IS NOT NULL;

-- The one erasable place of an order's personal data.
CREATE TABLE persons (
    order_no INTEGER PRIMARY KEY,
    document TEXT NOT NULL
);

CREATE TABLE events (
    seq        INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    store_id   INTEGER NOT NULL,
    order_no   INTEGER,
    type       TEXT NOT NULL,
    version    INTEGER NOT NULL,
    actor      TEXT NOT NULL,
    request_id TEXT NOT NULL,
    data       TEXT NOT NULL
);
CREATE INDEX events_by_order ON events (order_no, seq) WHERE order_no IS NOT NULL;

CREATE TABLE admin_events (
    seq        INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    type       TEXT NOT NULL,
    version    INTEGER NOT NULL,
    actor      TEXT NOT NULL,
    request_id TEXT NOT NULL,
    data       TEXT NOT NULL
);

CREATE TABLE products (
    product_id TEXT PRIMARY KEY,
    active     INTEGER NOT NULL,
    document   TEXT NOT NULL
) WITHOUT ROWID;

-- A shelf is a place that holds a product. What lies on it stands apart, in narrow rows: a batch
-- that touches many products touches few pages.
CREATE TABLE shelves (
    product_id  TEXT NOT NULL,
    variant_id  TEXT NOT NULL,
    location_id TEXT NOT NULL,
    shelf       INTEGER NOT NULL,
    PRIMARY KEY (product_id, variant_id, location_id)
) WITHOUT ROWID;
CREATE TABLE stock (
    shelf    INTEGER PRIMARY KEY,
    on_hand  INTEGER NOT NULL,
    reserved INTEGER NOT NULL CHECK (reserved >= 0),
    version  INTEGER NOT NULL,
    CHECK (on_hand >= reserved)
);

CREATE TABLE delivery_methods (
    delivery_method_id TEXT PRIMARY KEY,
    document           TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE customers (
    customer_id TEXT PRIMARY KEY,
    document    TEXT NOT NULL
) WITHOUT ROWID;

-- In the order of commit. Which row has a key is in memory for the newest, and for older ones in
-- sorted segments, each with a filter: no tree here has a random key at its hot end.
CREATE TABLE idempotency (
    id          INTEGER PRIMARY KEY,
    hash        BLOB NOT NULL,
    fingerprint BLOB NOT NULL,
    at          INTEGER NOT NULL,
    answer      BLOB NOT NULL
);
CREATE TABLE idempotency_segments (
    segment INTEGER PRIMARY KEY,
    last_id INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    filter  BLOB NOT NULL
);
CREATE TABLE idempotency_index (
    segment INTEGER NOT NULL,
    hash    BLOB NOT NULL,
    id      INTEGER NOT NULL,
    PRIMARY KEY (segment, hash)
) WITHOUT ROWID;

-- Fed in sorted batches, up to the order that its position in projections names.
CREATE TABLE orders_by_customer (
    customer_id TEXT NOT NULL,
    no          INTEGER NOT NULL,
    PRIMARY KEY (customer_id, no)
) WITHOUT ROWID;
CREATE TABLE projections (
    name     TEXT PRIMARY KEY,
    position INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE secrets (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;
