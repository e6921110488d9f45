-- At once and in the order in which a body is read, so that no server that goes on meanwhile waits crosswise.
LOCK TABLE aggregator, request, assigned_item, basket_line, basket_step, milestone IN ACCESS EXCLUSIVE MODE;
-- For how many bodies a service is live, as its sheet says.
CREATE INDEX request_live_of ON request (aggregator, service, body) WHERE state = 'live';
-- What hangs from a package, a basket or a request was still checked for its aggregator too: see 0006.
ALTER TABLE assigned_item DROP CONSTRAINT assigned_item_aggregator_fkey;
ALTER TABLE basket_line DROP CONSTRAINT basket_line_aggregator_fkey;
ALTER TABLE basket_step DROP CONSTRAINT basket_step_aggregator_fkey;
ALTER TABLE milestone DROP CONSTRAINT milestone_aggregator_fkey;
