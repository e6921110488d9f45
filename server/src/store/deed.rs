//! Deeds done, by idempotency key: what was asked and what was answered.

use sha2::{Digest as _, Sha256};

use super::{Stored, Work, hexadecimal, sql};

#[derive(Debug, sqlx::FromRow)]
pub struct DeedRow {
    pub person: Option<i64>,
    pub asked_hash: String,
    pub answer: String,
}

impl Work {
    /// What was done under a key, which is ours alone from here on: who comes with the same key meanwhile waits, and
    /// then hears what was answered.
    pub async fn deed(&mut self, key: &str) -> Stored<Option<DeedRow>> {
        self.hold_hashed(&hexadecimal(&Sha256::digest(key))).await?;
        let aggregator = self.aggregator().0;
        self.optional(
            sql("SELECT person, asked_hash, answer FROM deed WHERE aggregator = $1 AND key = $2")
                .bind(aggregator)
                .bind(key),
        )
        .await
    }

    pub async fn keep_deed(&mut self, key: &str, deed: &DeedRow, at: i64) -> Stored<()> {
        let aggregator = self.aggregator().0;
        self.run(sql(
            "INSERT INTO deed (aggregator, key, person, asked_hash, answer, at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(aggregator)
        .bind(key)
        .bind(deed.person)
        .bind(&deed.asked_hash)
        .bind(&deed.answer)
        .bind(at)).await?;
        Ok(())
    }
}
