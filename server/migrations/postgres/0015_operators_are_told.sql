-- The request whose end took this one along. What is there is compared past row-level security: see 0006.
LOCK TABLE request, request_step IN ACCESS EXCLUSIVE MODE;
ALTER TABLE request NO FORCE ROW LEVEL SECURITY;
ALTER TABLE request_step NO FORCE ROW LEVEL SECURITY;
ALTER TABLE request_step ADD COLUMN along_with BIGINT REFERENCES request (id);
ALTER TABLE request FORCE ROW LEVEL SECURITY;
ALTER TABLE request_step FORCE ROW LEVEL SECURITY;

-- Steps that somebody else made on an operator's request, until the operator dismisses them.
CREATE TABLE request_news (
    aggregator BIGINT NOT NULL REFERENCES aggregator (id),
    person BIGINT NOT NULL REFERENCES person (id),
    step BIGINT NOT NULL REFERENCES request_step (id),
    PRIMARY KEY (person, step)
);
ALTER TABLE request_news ENABLE ROW LEVEL SECURITY;
ALTER TABLE request_news FORCE ROW LEVEL SECURITY;
CREATE POLICY own_aggregator ON request_news USING (aggregator = current_setting('comunanza.aggregator')::BIGINT);
