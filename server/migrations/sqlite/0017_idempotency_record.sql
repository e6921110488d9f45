-- The table has the name of what it holds.
ALTER TABLE deed RENAME TO idempotency_record;
DROP INDEX deed_by_time;
CREATE INDEX idempotency_record_by_time ON idempotency_record (aggregator, at);
