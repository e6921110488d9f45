-- The table has the name of what it holds. Its row-level security goes with it.
ALTER TABLE deed RENAME TO idempotency_record;
ALTER TABLE idempotency_record RENAME CONSTRAINT deed_pkey TO idempotency_record_pkey;
ALTER INDEX deed_by_time RENAME TO idempotency_record_by_time;
