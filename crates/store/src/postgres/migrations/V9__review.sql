-- How many orders came lately of one customer, address or e-mail address. The digest names nobody;
-- a row is let go when nobody looks back so far any more.
CREATE TABLE velocities (
    partition  smallint NOT NULL DEFAULT 0,
    digest     bytea NOT NULL,
    kept_until bigint NOT NULL,
    document   text NOT NULL,
    PRIMARY KEY (partition, digest)
);
CREATE INDEX velocities_by_end ON velocities (partition, kept_until, digest);
