-- The whole marketplace. Every table carries the aggregator; instants are milliseconds since 1970 (UTC), days are
-- days since 1970; codes and states are the names that the model gives them.

CREATE TABLE aggregator (
    id INTEGER PRIMARY KEY,
    host TEXT NOT NULL UNIQUE,
    profile TEXT NOT NULL,
    -- Goes up when areas, services or packages change.
    catalogue_version INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE body (
    id INTEGER PRIMARY KEY,
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    kind TEXT NOT NULL CHECK (kind IN ('municipality', 'union')),
    istat TEXT NOT NULL,
    name TEXT NOT NULL,
    other_name TEXT NOT NULL,
    cadastral TEXT NOT NULL,
    province TEXT NOT NULL,
    province_name TEXT NOT NULL,
    region TEXT NOT NULL,
    capital INTEGER NOT NULL,
    ipa TEXT NOT NULL DEFAULT '',
    population INTEGER CHECK (population >= 0),
    population_year INTEGER,
    population_source TEXT NOT NULL,
    joined_on INTEGER,
    joined_act TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX body_istat ON body (aggregator, istat) WHERE istat <> '';
CREATE INDEX body_joined ON body (aggregator, joined_on) WHERE joined_on IS NOT NULL;
CREATE INDEX body_province ON body (aggregator, province);

CREATE TABLE body_variable (
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    body INTEGER NOT NULL REFERENCES body (id),
    variable TEXT NOT NULL,
    known TEXT NOT NULL CHECK (known IN ('yes', 'no', 'unknown')),
    PRIMARY KEY (body, variable)
) STRICT;

-- Personal data stand here alone: they can be erased without touching the ledger.
CREATE TABLE person (
    id INTEGER PRIMARY KEY,
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    persona INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX person_email ON person (aggregator, email);

CREATE TABLE role_held (
    id INTEGER PRIMARY KEY,
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    person INTEGER NOT NULL REFERENCES person (id),
    role TEXT NOT NULL,
    body INTEGER REFERENCES body (id),
    held_from INTEGER NOT NULL,
    held_until INTEGER
) STRICT;
CREATE INDEX role_of_person ON role_held (person);
CREATE INDEX role_on_body ON role_held (body) WHERE body IS NOT NULL;

CREATE TABLE session (
    token_hash TEXT PRIMARY KEY,
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    person INTEGER NOT NULL REFERENCES person (id),
    opened_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX session_of_person ON session (person);

CREATE TABLE sign_in_try (
    id INTEGER PRIMARY KEY,
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    account_hash TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_try_of ON sign_in_try (aggregator, account_hash, at);

-- What a page shows once; belongs to whoever holds the cookie, and to the person who wrote it.
CREATE TABLE notice (
    token_hash TEXT PRIMARY KEY,
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    person INTEGER REFERENCES person (id),
    content TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE area (
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    code TEXT NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    summary TEXT NOT NULL,
    PRIMARY KEY (aggregator, code)
) STRICT;

-- The sheet and all that is only read travel as one document; what SQL asks for stands in columns.
CREATE TABLE service (
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    code TEXT NOT NULL,
    area TEXT NOT NULL,
    name TEXT NOT NULL,
    price INTEGER NOT NULL CHECK (price >= 0),
    interaction_level INTEGER NOT NULL CHECK (interaction_level BETWEEN 1 AND 4),
    status TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (aggregator, code),
    FOREIGN KEY (aggregator, area) REFERENCES area (aggregator, code)
) STRICT;

CREATE TABLE package (
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    code TEXT NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    summary TEXT NOT NULL,
    PRIMARY KEY (aggregator, code)
) STRICT;

CREATE TABLE package_item (
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    package TEXT NOT NULL,
    position INTEGER NOT NULL,
    service TEXT NOT NULL,
    value INTEGER NOT NULL CHECK (value >= 0),
    PRIMARY KEY (aggregator, package, service),
    FOREIGN KEY (aggregator, package) REFERENCES package (aggregator, code),
    FOREIGN KEY (aggregator, service) REFERENCES service (aggregator, code)
) STRICT;

CREATE TABLE call (
    id INTEGER PRIMARY KEY,
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    title TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft', 'open', 'closed', 'archived')),
    opens INTEGER NOT NULL,
    closes INTEGER NOT NULL CHECK (closes > opens),
    terms TEXT NOT NULL
) STRICT;
-- One call at a time is in the open; drafts and the archive may be many.
CREATE UNIQUE INDEX call_open ON call (aggregator) WHERE status = 'open';

CREATE TABLE rule (
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    call INTEGER NOT NULL REFERENCES call (id),
    version INTEGER NOT NULL,
    bands TEXT NOT NULL,
    modifiers TEXT NOT NULL,
    PRIMARY KEY (call, version)
) STRICT;

CREATE TABLE extension (
    id INTEGER PRIMARY KEY,
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    call INTEGER NOT NULL REFERENCES call (id),
    body INTEGER NOT NULL REFERENCES body (id),
    until INTEGER NOT NULL,
    reason TEXT NOT NULL,
    actor INTEGER,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX extension_of ON extension (call, body);

CREATE TABLE assignment (
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    call INTEGER NOT NULL REFERENCES call (id),
    body INTEGER NOT NULL REFERENCES body (id),
    package TEXT NOT NULL,
    -- By assignment alone: extra grants and corrections are not in it.
    credits INTEGER NOT NULL CHECK (credits >= 0),
    explanation TEXT NOT NULL,
    -- A person decided: assignment manual, extra grant, correction.
    by_hand INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (call, body),
    FOREIGN KEY (aggregator, package) REFERENCES package (aggregator, code)
) STRICT;

-- The package as it was given: what happens later to the standard package does not change it.
CREATE TABLE assigned_item (
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    call INTEGER NOT NULL,
    body INTEGER NOT NULL,
    position INTEGER NOT NULL,
    service TEXT NOT NULL,
    value INTEGER NOT NULL CHECK (value >= 0),
    PRIMARY KEY (call, body, service),
    FOREIGN KEY (call, body) REFERENCES assignment (call, body),
    FOREIGN KEY (aggregator, service) REFERENCES service (aggregator, code)
) STRICT;

CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    call INTEGER NOT NULL REFERENCES call (id),
    body INTEGER NOT NULL REFERENCES body (id),
    granted INTEGER NOT NULL DEFAULT 0 CHECK (granted >= 0),
    held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
    spent INTEGER NOT NULL DEFAULT 0 CHECK (spent >= 0),
    pledged INTEGER NOT NULL DEFAULT 0 CHECK (pledged >= 0),
    -- The chain's end, locked and read by the same UPDATE that moves the numbers.
    sequence INTEGER NOT NULL DEFAULT 0,
    last_hash TEXT NOT NULL DEFAULT '',
    CHECK (granted - held - spent >= 0),
    UNIQUE (call, body)
) STRICT;

CREATE TABLE submission (
    id INTEGER PRIMARY KEY,
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    call INTEGER NOT NULL REFERENCES call (id),
    body INTEGER NOT NULL REFERENCES body (id),
    year INTEGER NOT NULL,
    number INTEGER NOT NULL,
    protocol TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    contact TEXT NOT NULL,
    prepared_by INTEGER,
    submitted_at INTEGER NOT NULL,
    settled_by INTEGER,
    settled_at INTEGER,
    sent_back_reason TEXT NOT NULL DEFAULT '',
    UNIQUE (aggregator, year, number)
) STRICT;
CREATE INDEX submission_of ON submission (body, call);
CREATE UNIQUE INDEX submission_waiting ON submission (call, body) WHERE state = 'awaiting_authorisation';

CREATE TABLE submission_line (
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    submission INTEGER NOT NULL REFERENCES submission (id),
    position INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('add', 'keep', 'drop')),
    service TEXT NOT NULL,
    credits INTEGER NOT NULL CHECK (credits >= 0),
    request INTEGER,
    PRIMARY KEY (submission, position)
) STRICT;

-- The last number given in a year: a row, so that numbers have no gaps.
CREATE TABLE numbering (
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    year INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (aggregator, year)
) STRICT;

CREATE TABLE request (
    id INTEGER PRIMARY KEY,
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    call INTEGER NOT NULL REFERENCES call (id),
    body INTEGER NOT NULL REFERENCES body (id),
    submission INTEGER NOT NULL REFERENCES submission (id),
    service TEXT NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('package', 'added')),
    price INTEGER NOT NULL CHECK (price >= 0),
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    operator INTEGER,
    arrived_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    due INTEGER,
    -- Since when the clock stands still: the day.
    stopped_on INTEGER,
    reminded_on INTEGER,
    FOREIGN KEY (aggregator, service) REFERENCES service (aggregator, code)
) STRICT;
CREATE INDEX request_of_body ON request (body, call);
CREATE INDEX request_of_submission ON request (submission);
CREATE INDEX request_queue ON request (aggregator, state, stopped_on, due);

CREATE TABLE request_step (
    id INTEGER PRIMARY KEY,
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    request INTEGER NOT NULL REFERENCES request (id),
    event TEXT NOT NULL,
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor INTEGER,
    note TEXT NOT NULL
) STRICT;
CREATE INDEX request_step_of ON request_step (request);

CREATE TABLE milestone (
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    request INTEGER NOT NULL REFERENCES request (id),
    position INTEGER NOT NULL,
    title TEXT NOT NULL,
    by_body INTEGER NOT NULL,
    done_at INTEGER,
    done_by INTEGER,
    PRIMARY KEY (request, position)
) STRICT;

-- The ledger: append-only, chained, each entry exactly once.
CREATE TABLE entry (
    id INTEGER PRIMARY KEY,
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    account INTEGER NOT NULL REFERENCES account (id),
    sequence INTEGER NOT NULL,
    kind TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount <> 0),
    at INTEGER NOT NULL,
    actor INTEGER,
    reason TEXT NOT NULL,
    service TEXT,
    request INTEGER REFERENCES request (id),
    submission INTEGER REFERENCES submission (id),
    -- The hold that this entry resolves; at most one does.
    settles INTEGER REFERENCES entry (id),
    hash TEXT NOT NULL,
    UNIQUE (account, sequence)
) STRICT;
CREATE UNIQUE INDEX entry_settles ON entry (settles) WHERE settles IS NOT NULL AND kind IN ('spend', 'release');
CREATE UNIQUE INDEX entry_refunds ON entry (settles) WHERE settles IS NOT NULL AND kind = 'refund';
CREATE UNIQUE INDEX entry_reinstates ON entry (settles) WHERE settles IS NOT NULL AND kind = 'reinstate';
CREATE INDEX entry_of_request ON entry (request) WHERE request IS NOT NULL;
CREATE INDEX entry_of_submission ON entry (submission) WHERE submission IS NOT NULL;

CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'an entry of the ledger is never changed'); END;
CREATE TRIGGER entry_is_never_removed BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'an entry of the ledger is never removed'); END;

CREATE TABLE basket (
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    call INTEGER NOT NULL REFERENCES call (id),
    body INTEGER NOT NULL REFERENCES body (id),
    version INTEGER NOT NULL,
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (call, body)
) STRICT;

CREATE TABLE basket_line (
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    call INTEGER NOT NULL,
    body INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('add', 'drop')),
    service TEXT NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (call, body, kind, service),
    FOREIGN KEY (call, body) REFERENCES basket (call, body),
    FOREIGN KEY (aggregator, service) REFERENCES service (aggregator, code)
) STRICT;

-- What was commanded, so that a conflict can say what changed.
CREATE TABLE basket_step (
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    call INTEGER NOT NULL,
    body INTEGER NOT NULL,
    version INTEGER NOT NULL,
    change TEXT NOT NULL,
    service TEXT NOT NULL,
    actor INTEGER,
    at INTEGER NOT NULL,
    PRIMARY KEY (call, body, version),
    FOREIGN KEY (call, body) REFERENCES basket (call, body)
) STRICT;

CREATE TABLE correction (
    id INTEGER PRIMARY KEY,
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    call INTEGER NOT NULL REFERENCES call (id),
    body INTEGER NOT NULL REFERENCES body (id),
    credits INTEGER NOT NULL CHECK (credits <> 0),
    reason TEXT NOT NULL,
    proposed_by INTEGER NOT NULL,
    proposed_at INTEGER NOT NULL,
    confirmed_by INTEGER,
    confirmed_at INTEGER
) STRICT;

-- One row a write that was done: its key, what was asked, what was answered.
CREATE TABLE deed (
    aggregator INTEGER NOT NULL REFERENCES aggregator (id),
    key TEXT NOT NULL,
    person INTEGER,
    asked_hash TEXT NOT NULL,
    answer TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (aggregator, key)
) STRICT;
