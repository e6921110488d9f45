-- What proves the ledger: the last entry of each account day by day, and what each check found.

CREATE TABLE anchor (
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    day INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (aggregator, day)
) STRICT;

CREATE TABLE ledger_check (
    id INTEGER PRIMARY KEY,
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    at INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX ledger_check_of ON ledger_check (aggregator, at);
