-- What the program notes about this whole installation: how far the demonstration was made, when the clock was last
-- found right. No request can write here: before, the demonstration was known by idempotency keys, which any client
-- chooses.
CREATE TABLE installation (
    key TEXT COLLATE "C" PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

-- In the order in which a write takes them, so that no server that goes on meanwhile waits crosswise.
LOCK TABLE entry, deed IN ACCESS EXCLUSIVE MODE;
-- Read and changed past row-level security, which names no aggregator here.
ALTER TABLE deed NO FORCE ROW LEVEL SECURITY;
-- Only what the program itself wrote is a mark: a record of a request always has a hash.
INSERT INTO installation (key, value)
    SELECT 'demonstration', CASE WHEN MAX(CASE WHEN key = 'demonstration-made' THEN 1 ELSE 0 END) = 1 THEN 'made' ELSE 'begun' END
    FROM deed
    WHERE key IN ('demonstration-begun', 'demonstration-made') AND person IS NULL AND asked_hash = ''
    HAVING COUNT(*) > 0;
DELETE FROM deed WHERE key IN ('demonstration-begun', 'demonstration-made') AND person IS NULL AND asked_hash = '';

-- One row a write that was done, kept for 30 days: its idempotency key, what was asked, what was answered. A key
-- belongs to the person who chose it; 0 is nobody: the command line.
UPDATE deed SET person = 0 WHERE person IS NULL;
ALTER TABLE deed
    ALTER COLUMN person SET DEFAULT 0,
    ALTER COLUMN person SET NOT NULL,
    -- The body for which the policy was asked, 0 for none; unknown in rows of an earlier version.
    ADD COLUMN body BIGINT,
    DROP CONSTRAINT deed_pkey,
    ADD CONSTRAINT deed_pkey PRIMARY KEY (aggregator, person, key);
ALTER TABLE deed FORCE ROW LEVEL SECURITY;
CREATE INDEX deed_by_time ON deed (aggregator, at);

-- What a person wrote as the reason of an entry. It may hold personal data, and can be taken out (salt and text to NULL)
-- without breaking the chain: the entry itself holds "sha256:" and the hash of salt and text. Entries of an earlier
-- version have no row here, and their reason in themselves. So person is not the only table with personal data, as 0001
-- says: OPERATING.md lists where they are.
CREATE TABLE entry_note (
    aggregator BIGINT NOT NULL,
    account BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    salt TEXT COLLATE "C",
    text TEXT COLLATE "C",
    PRIMARY KEY (account, sequence),
    FOREIGN KEY (account, sequence) REFERENCES entry (account, sequence),
    CHECK ((salt IS NULL) = (text IS NULL))
);
ALTER TABLE entry_note ENABLE ROW LEVEL SECURITY;
ALTER TABLE entry_note FORCE ROW LEVEL SECURITY;
CREATE POLICY own_aggregator ON entry_note USING (aggregator = current_setting('comunanza.aggregator')::BIGINT);
