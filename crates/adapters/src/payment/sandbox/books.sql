CREATE TABLE intents (
    no INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    client_secret TEXT NOT NULL,
    order_no INTEGER NOT NULL,
    payment_id TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    at_shipment INTEGER NOT NULL,
    state TEXT NOT NULL,
    message TEXT,
    created_at INTEGER NOT NULL
);
CREATE INDEX intents_by_time ON intents (created_at);

CREATE TABLE refunds (
    id TEXT PRIMARY KEY,
    intent TEXT NOT NULL,
    amount INTEGER NOT NULL,
    succeeds_at INTEGER NOT NULL
);
CREATE INDEX refunds_of_intent ON refunds (intent);

CREATE TABLE keys (
    key TEXT PRIMARY KEY,
    asked TEXT NOT NULL,
    made TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    intent TEXT NOT NULL,
    due_at INTEGER NOT NULL
);
CREATE INDEX notices_by_time ON notices (due_at, id);

CREATE TABLE behaviour (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    delay_ms INTEGER NOT NULL,
    fail_next INTEGER NOT NULL,
    lose_answer_next INTEGER NOT NULL,
    callback TEXT NOT NULL
);
INSERT INTO behaviour VALUES (1, 0, 0, 0, 'on');
