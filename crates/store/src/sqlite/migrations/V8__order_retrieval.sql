-- The shop's own name of an order, of those that have one. Of several orders of one name the shop
-- is shown the one that became complete last.
ALTER TABLE orders ADD COLUMN reference_id TEXT;
CREATE INDEX orders_by_reference ON orders (store_id, reference_id, retrieval_no)
    WHERE reference_id IS NOT NULL;
