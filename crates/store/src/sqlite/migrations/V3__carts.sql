-- What somebody means to buy, with the personal data that it came with. A guest's have the empty
-- owner. What has no time to run out is kept for good.
CREATE TABLE carts (
    owner      TEXT NOT NULL,
    cart_id    TEXT NOT NULL,
    expires_at INTEGER,
    document   TEXT NOT NULL,
    PRIMARY KEY (owner, cart_id)
) WITHOUT ROWID;
CREATE INDEX carts_by_expiry ON carts (expires_at, owner, cart_id)
    WHERE expires_at IS NOT NULL;
