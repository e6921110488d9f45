-- A closed call that was opened again: until when, why, and by whom (NULL: the command line of the machine's owner).
CREATE TABLE reopening (
    id INTEGER PRIMARY KEY,
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    call INTEGER NOT NULL REFERENCES call (id),
    until INTEGER NOT NULL,
    reason TEXT NOT NULL,
    actor INTEGER,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX reopening_of ON reopening (call);
