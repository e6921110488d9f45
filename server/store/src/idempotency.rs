//! Idempotency records: what was asked under a key, and what was answered. A key is the person's own: the same key of
//! somebody else is another key.

use crate::hashing::hash;
use model::ids::BodyId;
use sqlx::FromRow;

use crate::{StoreResult, Transaction};

/// The body for which the policy was asked; none where the operation concerns no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedFor(pub Option<BodyId>);

#[derive(Clone, Debug, FromRow)]
pub struct IdempotencyRecord {
    pub asked_hash: String,
    pub answer: String,
    body: Option<i64>,
}

impl IdempotencyRecord {
    pub fn new(asked_hash: String, answer: String, AskedFor(body): AskedFor) -> Self {
        Self { asked_hash, answer, body: Some(body.map_or(NOTHING, |body| body.0)) }
    }

    /// Not known of a record of an earlier version.
    pub fn asked_for(&self) -> Option<AskedFor> {
        self.body.map(|body| AskedFor((body != NOTHING).then_some(BodyId(body))))
    }
}

/// Days for which a request that is sent again hears what was answered.
pub(crate) const DAYS_KEPT: i64 = 30;

/// In the place of a person or a body where there is none: no row has this number.
const NOTHING: i64 = 0;

impl Transaction {
    /// What a person did under a key, which is theirs alone from here on: the same request that comes meanwhile waits,
    /// and then hears what was answered.
    pub async fn idempotency_record(
        &mut self,
        person: Option<i64>,
        key: &str,
    ) -> StoreResult<Option<IdempotencyRecord>> {
        let person = person.unwrap_or(NOTHING);
        self.lock_hashed(&hash(format!("{person} {key}"))).await?;
        let record = self.sql(
            "SELECT asked_hash, answer, body FROM idempotency_record WHERE aggregator = $1 AND person = $2 AND key = $3",
        );
        self.optional(record.bind(person).bind(key)).await
    }

    /// Removes the records of what was done before an instant.
    pub async fn forget_idempotency_records(&mut self, before: i64) -> StoreResult<()> {
        let old = self.sql("DELETE FROM idempotency_record WHERE aggregator = $1 AND at < $2");
        self.run(old.bind(before)).await.map(drop)
    }

    pub async fn keep_idempotency_record(
        &mut self,
        person: Option<i64>,
        key: &str,
        record: &IdempotencyRecord,
        at: i64,
    ) -> StoreResult<()> {
        self.run(self.sql(
            "INSERT INTO idempotency_record (aggregator, key, person, asked_hash, answer, at, body) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(key)
        .bind(person.unwrap_or(NOTHING))
        .bind(&record.asked_hash)
        .bind(&record.answer)
        .bind(at)
        .bind(record.body)).await?;
        Ok(())
    }
}
