-- Programs that get their tokens for an id and a secret, of which only the hash stands here.
CREATE TABLE clients (
    client_id TEXT PRIMARY KEY,
    document  TEXT NOT NULL
) WITHOUT ROWID;

-- Keys of the server's own tokens. The one that began to sign last, and is not withdrawn, signs.
CREATE TABLE signing_keys (
    key_id       TEXT PRIMARY KEY,
    seed         BLOB NOT NULL,
    created_at   INTEGER NOT NULL,
    signs_from   INTEGER,
    withdrawn_at INTEGER
) WITHOUT ROWID;
