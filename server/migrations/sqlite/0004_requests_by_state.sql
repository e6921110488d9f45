-- The list of what is to be worked is counted and ordered from this index alone, however many requests have ended.
DROP INDEX request_queue;
CREATE INDEX request_by_state ON request (aggregator, state, service, operator, body, stopped_on, due);
-- The latest services to go live, without sorting all that ever did.
CREATE INDEX request_live ON request (aggregator, changed_at, id) WHERE state = 'live';
