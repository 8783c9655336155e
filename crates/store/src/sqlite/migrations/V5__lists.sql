-- Store, status, payment, shipping, review and hold as one number, and one run of orders for each
-- such state. It takes the place of the index by status. What the digits mean stands in state.rs.
ALTER TABLE orders ADD COLUMN state INTEGER NOT NULL DEFAULT 0;
UPDATE orders SET state = store_id * 4096
    + CASE status WHEN 'pending' THEN 0 WHEN 'confirmed' THEN 1 WHEN 'shipped' THEN 2
        WHEN 'delivered' THEN 3 WHEN 'cancelled' THEN 4 END
    + CASE payment_status WHEN 'unpaid' THEN 0 WHEN 'authorized' THEN 8 WHEN 'paid' THEN 16
        WHEN 'partially_refunded' THEN 24 WHEN 'refunded' THEN 32 END
    + CASE shipping_status WHEN 'pending' THEN 0 WHEN 'processing' THEN 64
        WHEN 'partially_shipped' THEN 128 WHEN 'shipped' THEN 192 WHEN 'delivered' THEN 256
        WHEN 'cancelled' THEN 320 END
    + CASE json_extract(document, '$.review_status') WHEN 'under_review' THEN 512
        WHEN 'passed' THEN 1024 WHEN 'failed' THEN 1536 ELSE 0 END
    + 2048 * coalesce(json_extract(document, '$.on_hold'), 0);
DROP INDEX orders_by_status;
CREATE INDEX orders_by_state ON orders (state);

-- Grows at its end: the newest change is the last.
CREATE INDEX orders_by_change ON orders (updated_at);

-- Fed from the log behind the writer, up to the event that the position of `lists` in projections
-- names. A segment is a run of orders; what is fed together stands together.
CREATE TABLE order_products (
    segment    INTEGER NOT NULL,
    product_id TEXT NOT NULL,
    no         INTEGER NOT NULL,
    PRIMARY KEY (segment, product_id, no)
) WITHOUT ROWID;
-- Words of names, companies, e-mail addresses and tracking numbers: personal data, to be erased
-- with the order's person.
CREATE TABLE order_words (
    segment INTEGER NOT NULL,
    word    TEXT NOT NULL,
    no      INTEGER NOT NULL,
    PRIMARY KEY (segment, word, no)
) WITHOUT ROWID;
-- A segment is longer here: a list by total looks into each.
CREATE TABLE order_totals (
    segment INTEGER NOT NULL,
    total   INTEGER NOT NULL,
    no      INTEGER NOT NULL,
    PRIMARY KEY (segment, total, no)
) WITHOUT ROWID;
