-- Where a notice of nobody comes from, so that one source can't fill the database: a hash, for as long as the notice waits.
ALTER TABLE notice ADD COLUMN source_hash TEXT;

-- Those that are over are removed whenever one is kept.
CREATE INDEX notice_until ON notice (aggregator, expires_at);
CREATE INDEX notice_of ON notice (aggregator, person, source_hash);
