-- What the program notes about this whole installation: how far the demonstration was made, when the clock was last
-- found right. No request can write here: before, the demonstration was known by idempotency keys, which any client
-- chooses.
CREATE TABLE installation (
    key TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT;
-- Only what the program itself wrote is a mark: a record of a request always has a hash.
INSERT INTO installation (key, value)
    SELECT 'demonstration', CASE WHEN MAX(CASE WHEN key = 'demonstration-made' THEN 1 ELSE 0 END) = 1 THEN 'made' ELSE 'begun' END
    FROM deed
    WHERE key IN ('demonstration-begun', 'demonstration-made') AND person IS NULL AND asked_hash = ''
    HAVING COUNT(*) > 0;
DELETE FROM deed WHERE key IN ('demonstration-begun', 'demonstration-made') AND person IS NULL AND asked_hash = '';

-- One row a write that was done, kept for 30 days: its idempotency key, what was asked, what was answered. A key
-- belongs to the person who chose it; 0 is nobody: the command line.
CREATE TABLE deed_of_person (
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    key TEXT NOT NULL,
    person INTEGER NOT NULL DEFAULT 0,
    asked_hash TEXT NOT NULL,
    answer TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- The body for which the policy was asked, 0 for none; unknown in rows of an earlier version.
    body INTEGER,
    PRIMARY KEY (aggregator, person, key)
) STRICT;
INSERT INTO deed_of_person (aggregator, key, person, asked_hash, answer, at)
    SELECT aggregator, key, COALESCE(person, 0), asked_hash, answer, at FROM deed;
DROP TABLE deed;
ALTER TABLE deed_of_person RENAME TO deed;
CREATE INDEX deed_by_time ON deed (aggregator, at);

-- What a person wrote as the reason of an entry. It may hold personal data, and can be taken out (salt and text to NULL)
-- without breaking the chain: the entry itself holds "sha256:" and the hash of salt and text. Entries of an earlier
-- version have no row here, and their reason in themselves. So person is not the only table with personal data, as 0001
-- says: OPERATING.md lists where they are.
CREATE TABLE entry_note (
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    account INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    salt TEXT,
    text TEXT,
    PRIMARY KEY (account, sequence),
    FOREIGN KEY (account, sequence) REFERENCES entry (account, sequence),
    CHECK ((salt IS NULL) = (text IS NULL))
) STRICT;
