-- The request whose end took this one along.
ALTER TABLE request_step ADD COLUMN along_with INTEGER REFERENCES request (id);

-- Steps that somebody else made on an operator's request, until the operator dismisses them.
CREATE TABLE request_news (
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    person INTEGER NOT NULL REFERENCES person (id),
    step INTEGER NOT NULL REFERENCES request_step (id),
    PRIMARY KEY (person, step)
) STRICT;
