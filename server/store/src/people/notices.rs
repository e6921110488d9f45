//! One-time notices: what a refused form said, until it is shown.

use model::calendar::Instant;
use model::ids::PersonId;

use crate::{StoreResult, Transaction};

impl Transaction {
    pub async fn keep_notice(
        &mut self,
        token_hash: &str,
        person: Option<PersonId>,
        source_hash: Option<&str>,
        content: &str,
        expires: Instant,
    ) -> StoreResult<()> {
        self.run(
            self.sql(
                "INSERT INTO notice (aggregator, token_hash, person, source_hash, content, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(token_hash)
            .bind(person)
            .bind(source_hash)
            .bind(content)
            .bind(expires),
        )
        .await?;
        Ok(())
    }

    pub async fn remove_notices_over(&mut self, now: Instant) -> StoreResult<()> {
        self.run(self.sql("DELETE FROM notice WHERE aggregator = $1 AND expires_at <= $2").bind(now)).await?;
        Ok(())
    }

    /// Removes the notices that last longer than any does: they were kept while the clock was far ahead.
    pub async fn remove_notices_after(&mut self, longest: Instant) -> StoreResult<()> {
        let ahead = self.sql("DELETE FROM notice WHERE aggregator = $1 AND expires_at > $2");
        self.run(ahead.bind(longest)).await.map(drop)
    }

    /// How many of nobody's notices wait, for no longer than until `longest`: from this source, and in all.
    pub async fn notices_of_nobody(
        &mut self,
        source_hash: &str,
        longest: Instant,
    ) -> StoreResult<(i64, i64)> {
        self.one(
            self.sql(
                "SELECT COUNT(CASE WHEN source_hash = $2 THEN 1 END), COUNT(*) FROM notice
                 WHERE aggregator = $1 AND person IS NULL AND expires_at <= $3",
            )
            .bind(source_hash)
            .bind(longest),
        )
        .await
    }

    /// Removes a person's oldest notices, so that at most so many are left, and those that last until after `longest`.
    pub async fn keep_latest_notices(
        &mut self,
        person: PersonId,
        most: i64,
        longest: Instant,
    ) -> StoreResult<()> {
        self.run(
            self.sql(
                "DELETE FROM notice WHERE aggregator = $1 AND person = $2 AND token_hash NOT IN
                 (SELECT token_hash FROM notice WHERE aggregator = $1 AND person = $2 AND expires_at <= $4
                  ORDER BY expires_at DESC, token_hash LIMIT $3)",
            )
            .bind(person)
            .bind(most)
            .bind(longest),
        )
        .await?;
        Ok(())
    }

    /// Whose it is, and what it says.
    pub async fn notice(
        &mut self,
        token_hash: &str,
        now: Instant,
    ) -> StoreResult<Option<(Option<PersonId>, String)>> {
        let found: Option<(Option<i64>, String)> = self.optional(self.sql(
            "SELECT person, content FROM notice WHERE aggregator = $1 AND token_hash = $2 AND expires_at > $3",
        )
        .bind(token_hash)
        .bind(now)).await?;
        Ok(found.map(|(person, content)| (person.map(PersonId), content)))
    }

    pub async fn remove_notice(&mut self, token_hash: &str) -> StoreResult<()> {
        self.run(self.sql("DELETE FROM notice WHERE aggregator = $1 AND token_hash = $2").bind(token_hash))
            .await?;
        Ok(())
    }
}
