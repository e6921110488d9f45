-- What was given up, counted every few seconds, and what is old enough to be removed.
CREATE INDEX outbox_given_up ON outbox (aggregator, id) WHERE outcome = 'given_up';
CREATE INDEX outbox_settled ON outbox (aggregator, settled_at) WHERE settled_at IS NOT NULL;
