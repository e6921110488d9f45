-- What the list of anchors tells of each, without its document; anchors made before have neither.
ALTER TABLE anchor ADD COLUMN accounts BIGINT;
ALTER TABLE anchor ADD COLUMN hash TEXT COLLATE "C" CHECK ((accounts IS NULL) = (hash IS NULL));
-- As request_in_turn of 0005, by a number: a condition on "is null" would not be looked up in it on PostgreSQL.
DROP INDEX request_in_turn;
CREATE INDEX request_in_turn ON request (aggregator, (CASE WHEN stopped_on IS NULL THEN 0 ELSE 1 END), due, id, state, service, operator, body)
    WHERE state IN ('submitted', 'in_review', 'needs_changes', 'approved', 'activating');
