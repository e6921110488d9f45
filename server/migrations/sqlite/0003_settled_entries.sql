-- Whether an entry is resolved, whatever resolved it: without this each answer reads the whole ledger.
CREATE INDEX entry_settled ON entry (settles) WHERE settles IS NOT NULL;
