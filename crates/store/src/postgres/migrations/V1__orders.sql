-- Every key begins with the partition: one until writing is spread over several. Texts that are
-- searched or ordered compare as bytes, as in the other stores, whatever the database's locale.

-- Numbers without gaps, and the last committed moment. A batch holds the row of `event` from its
-- first statement to its commit: that is the write lock.
CREATE TABLE counters (
    partition smallint NOT NULL DEFAULT 0,
    name      text COLLATE "C" NOT NULL,
    value     bigint NOT NULL,
    PRIMARY KEY (partition, name)
) WITH (fillfactor = 50);
INSERT INTO counters (name, value) VALUES ('event', 0);

CREATE TABLE stores (
    partition smallint NOT NULL DEFAULT 0,
    store_id  bigint NOT NULL,
    document  text NOT NULL,
    PRIMARY KEY (partition, store_id)
);

-- The document is the order, folded from its events; the columns beside it are what lists search.
CREATE TABLE orders (
    partition       smallint NOT NULL DEFAULT 0,
    no              bigint NOT NULL,
    store_id        bigint NOT NULL,
    customer_id     text COLLATE "C",
    status          text COLLATE "C" NOT NULL,
    payment_status  text COLLATE "C" NOT NULL,
    shipping_status text COLLATE "C" NOT NULL,
    total           bigint NOT NULL,
    retrieval_no    bigint,
    version         bigint NOT NULL,
    created_at      bigint NOT NULL,
    updated_at      bigint NOT NULL,
    document        text NOT NULL,
    PRIMARY KEY (partition, no)
);
CREATE INDEX orders_by_status ON orders (partition, status, no);
CREATE INDEX orders_by_customer ON orders (partition, customer_id, no)
    WHERE customer_id IS NOT NULL;
CREATE INDEX orders_by_time ON orders (partition, created_at, no);
CREATE UNIQUE INDEX orders_by_retrieval ON orders (partition, store_id, retrieval_no)
    WHERE retrieval_no IS NOT NULL;

-- The one erasable place of an order's personal data.
CREATE TABLE persons (
    partition smallint NOT NULL DEFAULT 0,
    order_no  bigint NOT NULL,
    document  text NOT NULL,
    PRIMARY KEY (partition, order_no)
);

CREATE TABLE events (
    partition  smallint NOT NULL DEFAULT 0,
    seq        bigint NOT NULL,
    at         bigint NOT NULL,
    store_id   bigint NOT NULL,
    order_no   bigint,
    type       text NOT NULL,
    version    integer NOT NULL,
    actor      text NOT NULL,
    request_id text NOT NULL,
    data       text NOT NULL,
    PRIMARY KEY (partition, seq)
);
CREATE INDEX events_by_order ON events (partition, order_no, seq) WHERE order_no IS NOT NULL;

CREATE TABLE admin_events (
    partition  smallint NOT NULL DEFAULT 0,
    seq        bigint NOT NULL,
    at         bigint NOT NULL,
    type       text NOT NULL,
    version    integer NOT NULL,
    actor      text NOT NULL,
    request_id text NOT NULL,
    data       text NOT NULL,
    PRIMARY KEY (partition, seq)
);

CREATE TABLE products (
    partition  smallint NOT NULL DEFAULT 0,
    product_id text COLLATE "C" NOT NULL,
    active     boolean NOT NULL,
    document   text NOT NULL,
    PRIMARY KEY (partition, product_id)
);

-- Narrow, and half empty, so that a new version of a row finds room beside the old one and no index
-- has to change.
CREATE TABLE stock (
    partition   smallint NOT NULL DEFAULT 0,
    product_id  text COLLATE "C" NOT NULL,
    variant_id  text COLLATE "C" NOT NULL,
    location_id text COLLATE "C" NOT NULL,
    on_hand     bigint NOT NULL,
    reserved    bigint NOT NULL CHECK (reserved >= 0),
    version     bigint NOT NULL,
    PRIMARY KEY (partition, product_id, variant_id, location_id),
    CHECK (on_hand >= reserved)
) WITH (fillfactor = 50);

CREATE TABLE delivery_methods (
    partition          smallint NOT NULL DEFAULT 0,
    delivery_method_id text COLLATE "C" NOT NULL,
    document           text NOT NULL,
    PRIMARY KEY (partition, delivery_method_id)
);

CREATE TABLE customers (
    partition   smallint NOT NULL DEFAULT 0,
    customer_id text COLLATE "C" NOT NULL,
    document    text NOT NULL,
    PRIMARY KEY (partition, customer_id)
);

CREATE TABLE idempotency (
    partition   smallint NOT NULL DEFAULT 0,
    hash        bytea NOT NULL,
    fingerprint bytea NOT NULL,
    at          bigint NOT NULL,
    answer      bytea NOT NULL,
    PRIMARY KEY (partition, hash)
);
CREATE INDEX idempotency_by_age ON idempotency (partition, at);

CREATE TABLE secrets (
    name  text PRIMARY KEY,
    value bytea NOT NULL
);
