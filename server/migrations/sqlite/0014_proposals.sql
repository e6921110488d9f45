-- What moves credits by hand. Up to the call's threshold, in sum for a body, an administrator does it alone; above it a
-- proposal waits for another one. Only numbers of persons stand here, and the reasons that they wrote.
CREATE TABLE proposal (
    id INTEGER PRIMARY KEY,
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    call INTEGER NOT NULL REFERENCES call (id),
    -- None for the application of a rule, which concerns every body of the call.
    body INTEGER REFERENCES body (id),
    kind TEXT NOT NULL CHECK (kind IN ('grant', 'assignment', 'correction', 'rule')),
    -- The change of the credits granted; of a rule the sum of all changes, without signs.
    credits INTEGER NOT NULL,
    -- Credits granted before: when it was proposed, and once it is confirmed when it was done. Unknown of corrections
    -- that were made before this table.
    granted INTEGER,
    -- Of an assignment: the package, and the credits that it gives in all.
    package TEXT,
    total INTEGER CHECK (total >= 0),
    -- Of a rule: its version, and how many bodies it changes.
    rule_version INTEGER,
    bodies INTEGER,
    reason TEXT NOT NULL,
    -- 'alone': done at once by one person, and never proposed.
    state TEXT NOT NULL CHECK (state IN ('alone', 'waiting', 'confirmed', 'refused', 'withdrawn')),
    proposed_by INTEGER NOT NULL,
    proposed_at INTEGER NOT NULL,
    decided_by INTEGER,
    decided_at INTEGER,
    decision_reason TEXT NOT NULL DEFAULT '',
    CHECK ((kind = 'rule') = (body IS NULL)),
    CHECK ((kind = 'assignment') = (package IS NOT NULL AND total IS NOT NULL)),
    CHECK ((state IN ('alone', 'waiting')) = (decided_by IS NULL AND decided_at IS NULL)),
    CHECK (state <> 'confirmed' OR decided_by <> proposed_by)
) STRICT;
-- The second pair of eyes, kept by the database too: what is decided stays as it is.
CREATE TRIGGER proposal_is_decided_once BEFORE UPDATE ON proposal WHEN OLD.state <> 'waiting'
BEGIN SELECT RAISE(ABORT, 'a proposal is decided once'); END;
-- What was done alone, for a body or by rules.
CREATE INDEX proposal_alone ON proposal (call, body) WHERE state = 'alone';
CREATE INDEX proposal_waiting ON proposal (aggregator, id) WHERE state = 'waiting';
CREATE INDEX proposal_decided ON proposal (aggregator, id) WHERE state IN ('confirmed', 'refused', 'withdrawn');

-- Which entries of the ledger came of it: an entry names who confirmed, and through this who proposed.
CREATE TABLE proposal_entry (
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    entry INTEGER PRIMARY KEY REFERENCES entry (id),
    proposal INTEGER NOT NULL REFERENCES proposal (id)
) STRICT;

INSERT INTO proposal (id, aggregator, call, body, kind, credits, reason, state, proposed_by, proposed_at, decided_by, decided_at)
SELECT id, aggregator, call, body, 'correction', credits, reason,
       CASE WHEN confirmed_by IS NULL THEN 'waiting' WHEN confirmed_by = proposed_by THEN 'alone' ELSE 'confirmed' END,
       proposed_by, proposed_at,
       CASE WHEN confirmed_by <> proposed_by THEN confirmed_by END,
       CASE WHEN confirmed_by <> proposed_by THEN confirmed_at END
FROM correction;
-- A correction did not name its entry: it is the one of the same instant, amount, person and reason.
INSERT INTO proposal_entry (aggregator, entry, proposal)
SELECT c.aggregator, MIN(e.id), c.id
FROM correction c
JOIN account a ON a.call = c.call AND a.body = c.body
JOIN entry e ON e.account = a.id AND e.kind = 'correct' AND e.amount = c.credits AND e.at = c.confirmed_at
    AND e.actor = c.confirmed_by AND e.reason = c.reason
GROUP BY c.aggregator, c.id
HAVING COUNT(*) = 1;
DROP TABLE correction;
