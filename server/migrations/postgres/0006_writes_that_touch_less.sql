-- What is not yet to be worked, and what is over, is in no list of the operators: it need not be in their index.
DROP INDEX request_by_state;
CREATE INDEX request_to_be_worked ON request (aggregator, state, service, operator, body, stopped_on, due, id)
    WHERE state IN ('submitted', 'in_review', 'needs_changes', 'approved', 'activating');
-- Each row that is written was checked for its aggregator, its call, its body and its submission, though the submission
-- has all of them: a package sent made a hundred such checks, most of them locking one and the same row. What a row
-- hangs from is still checked, and row-level security lets no transaction write for another aggregator than its own.
-- What is there is compared past that wall, which names no aggregator here.
ALTER TABLE account NO FORCE ROW LEVEL SECURITY;
ALTER TABLE submission NO FORCE ROW LEVEL SECURITY;
ALTER TABLE request NO FORCE ROW LEVEL SECURITY;
ALTER TABLE submission
    DROP CONSTRAINT submission_aggregator_fkey,
    DROP CONSTRAINT submission_call_fkey,
    DROP CONSTRAINT submission_body_fkey,
    ADD CONSTRAINT submission_account FOREIGN KEY (call, body) REFERENCES account (call, body),
    ADD CONSTRAINT submission_place UNIQUE (id, call, body);
ALTER TABLE request
    DROP CONSTRAINT request_aggregator_fkey,
    DROP CONSTRAINT request_call_fkey,
    DROP CONSTRAINT request_body_fkey,
    DROP CONSTRAINT request_submission_fkey,
    ADD CONSTRAINT request_place FOREIGN KEY (submission, call, body) REFERENCES submission (id, call, body);
ALTER TABLE request_step DROP CONSTRAINT request_step_aggregator_fkey;
ALTER TABLE submission_line DROP CONSTRAINT submission_line_aggregator_fkey;
ALTER TABLE entry DROP CONSTRAINT entry_aggregator_fkey;
ALTER TABLE deed DROP CONSTRAINT deed_aggregator_fkey;
ALTER TABLE account FORCE ROW LEVEL SECURITY;
ALTER TABLE submission FORCE ROW LEVEL SECURITY;
ALTER TABLE request FORCE ROW LEVEL SECURITY;
