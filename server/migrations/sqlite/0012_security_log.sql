-- The security log: who signed in or failed to, what was refused, which operations were done. Events name people by their
-- number; they are never changed, and removed only when they are old.
CREATE TABLE security_event (
    id INTEGER PRIMARY KEY,
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor INTEGER,
    -- A network address, 'command', 'clock', or empty.
    source TEXT NOT NULL,
    operation TEXT NOT NULL,
    body INTEGER,
    subject_kind TEXT NOT NULL,
    subject INTEGER,
    outcome TEXT NOT NULL,
    credits INTEGER NOT NULL CHECK (credits >= 0),
    -- More than 1 where events beyond the limit of a source are told together.
    times INTEGER NOT NULL CHECK (times > 0)
) STRICT;
CREATE INDEX security_event_at ON security_event (aggregator, at);

CREATE TRIGGER security_event_is_never_changed BEFORE UPDATE ON security_event
BEGIN SELECT RAISE(ABORT, 'an event of the security log is never changed'); END;
CREATE TRIGGER security_event_is_kept BEFORE DELETE ON security_event
WHEN OLD.at > (SELECT MAX(at) FROM security_event WHERE aggregator = OLD.aggregator) - 2592000000
BEGIN SELECT RAISE(ABORT, 'an event of the security log is kept for thirty days at least'); END;
