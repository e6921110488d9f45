//! Idempotency records: what was asked under a key, and what was answered. A key is the person's own: the same key of
//! somebody else is another key.

use model::ids::BodyId;
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;

use super::{Stored, Work, hexadecimal, sql};

/// The body for which the policy was asked; none where the operation concerns no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedFor(pub Option<BodyId>);

#[derive(Clone, Debug, FromRow)]
pub struct DeedRow {
    pub asked_hash: String,
    pub answer: String,
    body: Option<i64>,
}

impl DeedRow {
    pub fn new(asked_hash: String, answer: String, AskedFor(body): AskedFor) -> Self {
        Self { asked_hash, answer, body: Some(body.map_or(NOTHING, |body| body.0)) }
    }

    /// Not known of a record of an earlier version.
    pub fn asked_for(&self) -> Option<AskedFor> {
        self.body.map(|body| AskedFor((body != NOTHING).then_some(BodyId(body))))
    }
}

/// Days for which a request that is sent again hears what was answered.
pub(super) const KEPT_DEEDS: i64 = 30;

/// In the place of a person or a body where there is none: no row has this number.
const NOTHING: i64 = 0;

impl Work {
    /// What a person did under a key, which is theirs alone from here on: the same request that comes meanwhile waits,
    /// and then hears what was answered.
    pub async fn deed(&mut self, person: Option<i64>, key: &str) -> Stored<Option<DeedRow>> {
        let (aggregator, person) = (self.aggregator().0, person.unwrap_or(NOTHING));
        self.hold_hashed(&hexadecimal(&Sha256::digest(format!("{person} {key}")))).await?;
        let deed = sql(
            "SELECT asked_hash, answer, body FROM deed WHERE aggregator = $1 AND person = $2 AND key = $3",
        );
        self.optional(deed.bind(aggregator).bind(person).bind(key)).await
    }

    /// Removes the records of what was done before an instant.
    pub async fn forget_deeds(&mut self, before: i64) -> Stored<()> {
        let aggregator = self.aggregator().0;
        let old = sql("DELETE FROM deed WHERE aggregator = $1 AND at < $2");
        self.run(old.bind(aggregator).bind(before)).await.map(drop)
    }

    pub async fn keep_deed(&mut self, person: Option<i64>, key: &str, deed: &DeedRow, at: i64) -> Stored<()> {
        let aggregator = self.aggregator().0;
        self.run(sql(
            "INSERT INTO deed (aggregator, key, person, asked_hash, answer, at, body) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(aggregator)
        .bind(key)
        .bind(person.unwrap_or(NOTHING))
        .bind(&deed.asked_hash)
        .bind(&deed.answer)
        .bind(at)
        .bind(deed.body)).await?;
        Ok(())
    }
}
