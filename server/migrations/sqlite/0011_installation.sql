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

-- Personal data do not stand in person alone, as 0001 says: the answers below, submissions, steps and the reasons of
-- entries may hold what people write. OPERATING.md lists where they are, and for how long.
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
