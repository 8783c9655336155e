-- What shall happen outside, in the order in which it was decided. The columns beside the document
-- are what is searched; closed ones are looked up by their ids alone.
CREATE TABLE effects (
    effect_id TEXT NOT NULL PRIMARY KEY,
    order_no  INTEGER NOT NULL,
    due_at    INTEGER NOT NULL,
    is_open   INTEGER NOT NULL,
    document  TEXT NOT NULL
);
CREATE INDEX effects_by_due ON effects (due_at, effect_id) WHERE is_open;

-- Until when an order's stock is kept for a payment.
ALTER TABLE orders ADD COLUMN expires_at INTEGER;
CREATE INDEX orders_by_expiry ON orders (expires_at, no) WHERE expires_at IS NOT NULL;
