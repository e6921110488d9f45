-- A try to sign in is counted by account and by where it comes from: an address, a browser that signed in before
-- (known), or a session in which the password is changed (known).
ALTER TABLE sign_in_try ADD COLUMN origin_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_in_try ADD COLUMN known INTEGER NOT NULL DEFAULT 0;
CREATE INDEX sign_in_try_from ON sign_in_try (aggregator, origin_hash, at);

-- The key that signs what a browser holds to show that it signed in before. Made once, at the first sign-in.
CREATE TABLE device_key (
    aggregator INTEGER PRIMARY KEY REFERENCES aggregator (id),
    secret TEXT NOT NULL
) STRICT;

-- What a person is told at a sign-in: tries with a wrong password since the last one, and between the two before.
ALTER TABLE person ADD COLUMN failed_tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN signed_in_at INTEGER;
ALTER TABLE person ADD COLUMN failed_before INTEGER NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN signed_in_before INTEGER;

-- A session that is not used until then is over. Those that are open already go on for their ten hours.
ALTER TABLE session ADD COLUMN idle_expires_at INTEGER NOT NULL DEFAULT 9223372036854775807;
