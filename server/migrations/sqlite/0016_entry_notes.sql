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
