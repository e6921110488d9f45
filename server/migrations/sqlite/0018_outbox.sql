-- What is to happen outside the database: written in the transaction that it follows from, delivered by a job.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    recipient INTEGER NOT NULL REFERENCES person (id),
    -- What is to be done, as JSON; it names things by their ids.
    effect TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- Which server is at it, and until when nobody else may be.
    lease TEXT,
    leased_until INTEGER,
    -- The end: delivered, dropped (it was out of date), given_up.
    settled_at INTEGER,
    outcome TEXT,
    error TEXT NOT NULL DEFAULT ''
) STRICT;
-- What is due, and what goes before it for the same recipient.
CREATE INDEX outbox_waiting ON outbox (aggregator, due_at) WHERE settled_at IS NULL;
CREATE INDEX outbox_of_recipient ON outbox (aggregator, recipient, id) WHERE settled_at IS NULL;
