-- What is not yet to be worked, and what is over, is in no list of the operators: it need not be in their index.
DROP INDEX request_by_state;
CREATE INDEX request_to_be_worked ON request (aggregator, state, service, operator, body, stopped_on, due)
    WHERE state IN ('submitted', 'in_review', 'needs_changes', 'approved', 'activating');
