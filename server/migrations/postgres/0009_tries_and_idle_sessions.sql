-- A try to sign in is counted by account and by where it comes from: an address, a browser that signed in before
-- (known), or a session in which the password is changed (known).
ALTER TABLE sign_in_try
    ADD COLUMN origin_hash TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN known BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX sign_in_try_from ON sign_in_try (aggregator, origin_hash, at);

-- The key that signs what a browser holds to show that it signed in before. Made once, at the first sign-in.
CREATE TABLE device_key (
    aggregator BIGINT PRIMARY KEY REFERENCES aggregator (id),
    secret TEXT COLLATE "C" NOT NULL
);
ALTER TABLE device_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE device_key FORCE ROW LEVEL SECURITY;
CREATE POLICY own_aggregator ON device_key
    USING (aggregator = current_setting('comunanza.aggregator')::BIGINT);

-- What a person is told at a sign-in: tries with a wrong password since the last one, and between the two before.
ALTER TABLE person
    ADD COLUMN failed_tries BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN signed_in_at BIGINT,
    ADD COLUMN failed_before BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN signed_in_before BIGINT;

-- A session that is not used until then is over. Those that are open already go on for their ten hours.
ALTER TABLE session ADD COLUMN idle_expires_at BIGINT NOT NULL DEFAULT 9223372036854775807;
