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

-- What a proposal changes in the value of packages, beside the credits; of a rule the sum of all changes, without signs. The
-- package that the body had when an assignment was proposed, empty where it had none; unknown of what was proposed before
-- this column. Of a rule the digest of what it gives to whom.
ALTER TABLE proposal ADD COLUMN value_change INTEGER NOT NULL DEFAULT 0;
ALTER TABLE proposal ADD COLUMN package_before TEXT;
ALTER TABLE proposal ADD COLUMN digest TEXT;

-- What is decided stays as it is, except for the reasons that people wrote, which can be taken out.
DROP TRIGGER proposal_is_decided_once;
CREATE TRIGGER proposal_is_decided_once BEFORE UPDATE ON proposal WHEN OLD.state <> 'waiting' AND
    (OLD.id, OLD.aggregator, OLD.call, OLD.body, OLD.kind, OLD.credits, OLD.granted, OLD.package, OLD.total,
     OLD.rule_version, OLD.bodies, OLD.state, OLD.proposed_by, OLD.proposed_at, OLD.decided_by, OLD.decided_at,
     OLD.value_change, OLD.package_before, OLD.digest)
    IS NOT
    (NEW.id, NEW.aggregator, NEW.call, NEW.body, NEW.kind, NEW.credits, NEW.granted, NEW.package, NEW.total,
     NEW.rule_version, NEW.bodies, NEW.state, NEW.proposed_by, NEW.proposed_at, NEW.decided_by, NEW.decided_at,
     NEW.value_change, NEW.package_before, NEW.digest)
BEGIN SELECT RAISE(ABORT, 'a proposal is decided once'); END;
