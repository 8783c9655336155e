-- How many orders came lately of one customer, address or e-mail address. The digest names nobody;
-- a row is let go when nobody looks back so far any more.
CREATE TABLE velocities (
    digest     BLOB PRIMARY KEY,
    kept_until INTEGER NOT NULL,
    document   TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX velocities_by_end ON velocities (kept_until, digest);
