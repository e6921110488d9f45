//! Signing in: tries and where they come from, what a person is told of them, the key of browsers that are known.

use model::calendar::Instant;
use model::ids::PersonId;

use crate::database::row::row;
use crate::{StoreResult, Transaction};

row! {
    /// Tries for one account from one origin.
    #[derive(Copy, Default)]
    pub struct TriesRow of "sign_in_try" {
        pub count: i64,
        pub latest: Option<Instant>,
    }
}

impl Transaction {
    /// Has the tries from an origin, then those for an account, to itself until the transaction ends, also with several
    /// servers: many at once are counted too.
    pub async fn hold_tries(&mut self, origin_hash: &str, account_hash: &str) -> StoreResult<()> {
        self.lock_hashed(origin_hash).await?;
        self.lock_hashed(account_hash).await
    }

    /// Tries for an account from one origin after an instant; what a clock that was far ahead counted is left out.
    pub async fn tries(
        &mut self,
        account_hash: &str,
        origin_hash: &str,
        after: Instant,
        before: Instant,
    ) -> StoreResult<TriesRow> {
        self.one(
            self.sql(
                "SELECT COUNT(*) AS count, MAX(at) AS latest FROM sign_in_try
             WHERE aggregator = $1 AND account_hash = $2 AND origin_hash = $3 AND at > $4 AND at < $5",
            )
            .bind(account_hash)
            .bind(origin_hash)
            .bind(after)
            .bind(before),
        )
        .await
    }

    /// When the try was, counted back from the latest, that makes as many as these for an account: by strangers, or by
    /// browsers that are known. None where there were fewer.
    pub async fn try_on_account(
        &mut self,
        account_hash: &str,
        known: bool,
        many: i64,
        (after, before): (Instant, Instant),
    ) -> StoreResult<Option<Instant>> {
        let at = self
            .scalar_optional(
                self.sql(
                    "SELECT at FROM sign_in_try
             WHERE aggregator = $1 AND account_hash = $2 AND known = $3 AND at > $4 AND at < $5
             ORDER BY at DESC LIMIT 1 OFFSET $6",
                )
                .bind(account_hash)
                .bind(known)
                .bind(after)
                .bind(before)
                .bind(many - 1),
            )
            .await?;
        Ok(at.map(Instant))
    }

    /// The same for the tries from one origin, for whatever account.
    pub async fn try_from(
        &mut self,
        origin_hash: &str,
        many: i64,
        (after, before): (Instant, Instant),
    ) -> StoreResult<Option<Instant>> {
        let at = self.scalar_optional(
            self.sql("SELECT at FROM sign_in_try WHERE aggregator = $1 AND origin_hash = $2 AND at > $3 AND at < $4
             ORDER BY at DESC LIMIT 1 OFFSET $5")
            .bind(origin_hash)
            .bind(after)
            .bind(before)
            .bind(many - 1),
        )
        .await?;
        Ok(at.map(Instant))
    }

    /// Its number, higher than those of the tries before it.
    pub async fn add_try(
        &mut self,
        account_hash: &str,
        origin_hash: &str,
        known: bool,
        at: Instant,
    ) -> StoreResult<i64> {
        self.scalar(
            self.sql(
                "INSERT INTO sign_in_try (aggregator, account_hash, origin_hash, known, at)
             VALUES ($1, $2, $3, $4, $5) RETURNING id",
            )
            .bind(account_hash)
            .bind(origin_hash)
            .bind(known)
            .bind(at),
        )
        .await
    }

    pub async fn forget_tries_up_to(&mut self, number: i64) -> StoreResult<()> {
        let old = self.sql("DELETE FROM sign_in_try WHERE aggregator = $1 AND id <= $2");
        self.run(old.bind(number)).await.map(drop)
    }

    /// Removes the tries that are not between two instants: those that are old, and those that a clock which was far ahead
    /// counted.
    pub async fn keep_tries_between(&mut self, after: Instant, before: Instant) -> StoreResult<()> {
        let others = self.sql("DELETE FROM sign_in_try WHERE aggregator = $1 AND (at <= $2 OR at >= $3)");
        self.run(others.bind(after).bind(before)).await.map(drop)
    }

    pub async fn forget_tries(&mut self, account_hash: &str, origin_hash: &str) -> StoreResult<()> {
        self.run(
            self.sql(
                "DELETE FROM sign_in_try WHERE aggregator = $1 AND account_hash = $2 AND origin_hash = $3",
            )
            .bind(account_hash)
            .bind(origin_hash),
        )
        .await?;
        Ok(())
    }

    /// Counts a try as failed for whoever has this address, if anybody has: it is taken back when it succeeds.
    pub async fn count_failed(&mut self, email: &str) -> StoreResult<()> {
        self.run(
            self.sql(
                "UPDATE person SET failed_tries = failed_tries + 1 WHERE aggregator = $1 AND email = $2",
            )
            .bind(email),
        )
        .await?;
        Ok(())
    }

    /// Notes that a person signed in with the password of this hash; false where it is no longer theirs. Whoever sets
    /// another one meanwhile waits, and then finds and ends the session that is opened here.
    pub async fn note_sign_in(
        &mut self,
        person: PersonId,
        password_hash: &str,
        now: Instant,
    ) -> StoreResult<bool> {
        let noted = self
            .run(
                self.sql(
                    "UPDATE person SET signed_in_before = signed_in_at, signed_in_at = $4,
                 failed_before = CASE WHEN failed_tries > 0 THEN failed_tries - 1 ELSE 0 END, failed_tries = 0
                 WHERE aggregator = $1 AND id = $2 AND password_hash = $3",
                )
                .bind(person)
                .bind(password_hash)
                .bind(now),
            )
            .await?;
        Ok(noted > 0)
    }

    /// The key of browsers that are known; none before the first sign-in.
    pub async fn device_key(&mut self) -> StoreResult<Option<String>> {
        self.scalar_optional(self.sql("SELECT secret FROM device_key WHERE aggregator = $1")).await
    }

    /// Keeps the key where there is none, and answers with the one that holds.
    pub async fn keep_device_key(&mut self, secret: &str) -> StoreResult<String> {
        let key = "INSERT INTO device_key (aggregator, secret) VALUES ($1, $2)
                   ON CONFLICT (aggregator) DO UPDATE SET secret = device_key.secret RETURNING secret";
        self.scalar(self.sql(key).bind(secret)).await
    }
}
