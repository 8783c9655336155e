-- What lists search beside the other columns.
ALTER TABLE orders ADD COLUMN review_status text COLLATE "C" NOT NULL DEFAULT 'none';
ALTER TABLE orders ADD COLUMN on_hold boolean NOT NULL DEFAULT false;
UPDATE orders SET
    review_status = coalesce(document::json ->> 'review_status', 'none'),
    on_hold = coalesce((document::json ->> 'on_hold')::boolean, false)
WHERE document LIKE '%"review_status"%' OR document LIKE '%"on_hold"%';

-- One run of numbers for each state in which there are orders. It takes the place of the index by
-- status.
DROP INDEX orders_by_status;
CREATE INDEX orders_by_state ON orders (partition, store_id, status, payment_status,
    shipping_status, review_status, on_hold, no);

-- Grows at its end: the newest change is the last.
CREATE INDEX orders_by_change ON orders (partition, updated_at, no);

-- How far what is fed behind the writers has come. Whoever feeds holds the row meanwhile.
CREATE TABLE projections (
    partition smallint NOT NULL DEFAULT 0,
    name      text COLLATE "C" NOT NULL,
    position  bigint NOT NULL,
    PRIMARY KEY (partition, name)
);
INSERT INTO projections (name, position) VALUES ('lists', 0);

-- Fed from the log behind the writers, up to the event that the position of `lists` in projections
-- names. A segment is a run of orders; what is fed together stands together.
CREATE TABLE order_products (
    partition  smallint NOT NULL DEFAULT 0,
    segment    bigint NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    no         bigint NOT NULL,
    PRIMARY KEY (partition, segment, product_id, no)
);
-- Words of names, companies, e-mail addresses and tracking numbers: personal data, to be erased
-- with the order's person.
CREATE TABLE order_words (
    partition smallint NOT NULL DEFAULT 0,
    segment   bigint NOT NULL,
    word      text COLLATE "C" NOT NULL,
    no        bigint NOT NULL,
    PRIMARY KEY (partition, segment, word, no)
);
-- A segment is longer here: a list by total looks into each.
CREATE TABLE order_totals (
    partition smallint NOT NULL DEFAULT 0,
    segment   bigint NOT NULL,
    total     bigint NOT NULL,
    no        bigint NOT NULL,
    PRIMARY KEY (partition, segment, total, no)
);
