-- What somebody means to buy, with the personal data that it came with. A guest's have the empty
-- owner. What has no time to run out is kept for good.
CREATE TABLE carts (
    partition  smallint NOT NULL DEFAULT 0,
    owner      text COLLATE "C" NOT NULL,
    cart_id    text COLLATE "C" NOT NULL,
    expires_at bigint,
    document   text NOT NULL,
    PRIMARY KEY (partition, owner, cart_id)
);
CREATE INDEX carts_by_expiry ON carts (partition, expires_at, owner, cart_id)
    WHERE expires_at IS NOT NULL;
