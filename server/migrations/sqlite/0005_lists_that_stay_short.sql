-- The list of what is to be worked in its order: a page of it reads no more than its own rows.
CREATE INDEX request_in_turn ON request (aggregator, stopped_on IS NOT NULL, due, id, state, service, operator, body)
    WHERE state IN ('submitted', 'in_review', 'needs_changes', 'approved', 'activating');
-- Who works for the aggregator itself, without going through the officers and mayors of every municipality.
CREATE INDEX role_of_aggregator ON role_held (aggregator, role) WHERE body IS NULL;
-- The accounts of one municipality, for its ledger.
CREATE INDEX account_of_body ON account (body);
