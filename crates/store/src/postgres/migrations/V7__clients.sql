-- Programs that get their tokens for an id and a secret, of which only the hash stands here.
CREATE TABLE clients (
    partition smallint NOT NULL DEFAULT 0,
    client_id text COLLATE "C" NOT NULL,
    document  text NOT NULL,
    PRIMARY KEY (partition, client_id)
);

-- Keys of the server's own tokens. The one that began to sign last, and is not withdrawn, signs.
CREATE TABLE signing_keys (
    key_id       text COLLATE "C" PRIMARY KEY,
    seed         bytea NOT NULL,
    created_at   bigint NOT NULL,
    signs_from   bigint,
    withdrawn_at bigint
);
