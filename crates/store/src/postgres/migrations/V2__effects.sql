-- What shall happen outside. The columns beside the document are what is searched; closed ones are
-- looked up by their ids alone.
CREATE TABLE effects (
    partition smallint NOT NULL DEFAULT 0,
    effect_id text COLLATE "C" NOT NULL,
    order_no  bigint NOT NULL,
    due_at    bigint NOT NULL,
    is_open   boolean NOT NULL,
    document  text NOT NULL,
    PRIMARY KEY (partition, effect_id)
);
CREATE INDEX effects_by_due ON effects (partition, due_at, effect_id) WHERE is_open;

-- Until when an order's stock is kept for a payment.
ALTER TABLE orders ADD COLUMN expires_at bigint;
CREATE INDEX orders_by_expiry ON orders (partition, expires_at, no) WHERE expires_at IS NOT NULL;
