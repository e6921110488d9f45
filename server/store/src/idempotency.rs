//! Idempotency records: the request that was sent under a key, and its answer. Each person has keys of their own: the same
//! key of another person is another key.

use crate::hashing::hash;
use model::calendar::Instant;
use model::ids::{BodyId, PersonId};
use sqlx::FromRow;

use crate::{StoreResult, Transaction};

/// The body on which the operation was authorised; none where it concerns no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthorizedBody(pub Option<BodyId>);

#[derive(Clone, Debug, FromRow)]
pub struct IdempotencyRecord {
    /// Of the path of the operation and its fields.
    pub request_hash: String,
    pub answer: String,
    body: Option<i64>,
}

impl IdempotencyRecord {
    pub fn new(request_hash: String, answer: String, AuthorizedBody(body): AuthorizedBody) -> Self {
        Self { request_hash, answer, body: Some(to_column(body.map(|body| body.0))) }
    }

    /// None for a record of an earlier version, which did not store it.
    pub fn authorized_body(&self) -> Option<AuthorizedBody> {
        self.body.map(|body| AuthorizedBody(from_column(body).map(BodyId)))
    }
}

/// Days for which a request that is sent again gets the same answer.
pub(crate) const DAYS_STORED: i64 = 30;

/// The columns `person` and `body` have 0 where there is nobody and no body: no row has this number. They can't have NULL,
/// since `person` is a part of the key, and NULL as a body means that it was not stored.
fn to_column(id: Option<i64>) -> i64 {
    id.unwrap_or(0)
}

/// The other way round.
fn from_column(number: i64) -> Option<i64> {
    (number != 0).then_some(number)
}

impl Transaction {
    /// What a person did under a key. From here on the key is locked: the same request waits if it comes meanwhile, and
    /// then gets the same answer.
    pub async fn idempotency_record(
        &mut self,
        person: Option<PersonId>,
        key: &str,
    ) -> StoreResult<Option<IdempotencyRecord>> {
        let person = to_column(person.map(|person| person.0));
        self.lock_hashed(&hash(format!("{person} {key}"))).await?;
        let record = self.sql(
            "SELECT asked_hash AS request_hash, answer, body FROM idempotency_record
             WHERE aggregator = $1 AND person = $2 AND key = $3",
        );
        self.optional(record.bind(person).bind(key)).await
    }

    /// Removes the records of what was done before an instant.
    pub async fn remove_idempotency_records(&mut self, before: Instant) -> StoreResult<()> {
        let old = self.sql("DELETE FROM idempotency_record WHERE aggregator = $1 AND at < $2");
        self.run(old.bind(before)).await.map(drop)
    }

    pub async fn add_idempotency_record(
        &mut self,
        person: Option<PersonId>,
        key: &str,
        record: &IdempotencyRecord,
        at: Instant,
    ) -> StoreResult<()> {
        self.run(self.sql(
            "INSERT INTO idempotency_record (aggregator, key, person, asked_hash, answer, at, body) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(key)
        .bind(to_column(person.map(|person| person.0)))
        .bind(&record.request_hash)
        .bind(&record.answer)
        .bind(at)
        .bind(record.body)).await?;
        Ok(())
    }
}
