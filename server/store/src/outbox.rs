//! The outbox: what is to happen outside the database, written in the transaction that it follows from.
//!
//! A job takes what is due under a lease, does it, and notes how it ended. What a server that died had taken is taken
//! again when its lease is over: everything is delivered at least once. For one recipient it goes in order.

use model::calendar::Instant;
use model::ids::{PersonId, SubmissionId};
use serde::{Deserialize, Serialize};

use crate::database::row::row;
use crate::{StoreResult, Transaction, counted, to_json};

/// Something to be done outside the database. It holds ids alone: what a letter says is read when it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Effect {
    /// A letter to a mayor: a submission waits for the authorisation.
    AuthorisationNeeded { submission: SubmissionId },
    /// What this version can't read: added by a newer version of the server, which delivers it, or damaged.
    #[serde(skip)]
    Unknown,
}

impl Effect {
    fn read(stored: &str) -> Self {
        serde_json::from_str(stored).unwrap_or(Self::Unknown)
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Self::AuthorisationNeeded { .. } => "authorisation_needed",
            Self::Unknown => "unknown",
        }
    }
}

/// An effect that a server has under its lease.
#[derive(Clone, Debug)]
pub struct LeasedEffect {
    pub id: i64,
    pub recipient: PersonId,
    pub effect: Effect,
    pub created_at: Instant,
    /// This one included.
    pub attempts: u32,
}

/// How the delivery of an effect ended for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Delivered,
    /// It was out of date.
    Dropped,
    /// It failed for too long.
    GivenUp,
}

impl Outcome {
    pub fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Dropped => "dropped",
            Self::GivenUp => "given_up",
        }
    }
}

row! {
    /// An effect that waits or was given up, as an operator of the server sees it.
    pub struct OutboxRow of "outbox" {
        pub id: i64,
        effect: String,
        pub created_at: Instant,
        pub due_at: Instant,
        pub attempts: i64,
        pub given_up: bool,
        pub error: String,
    }
}

impl OutboxRow {
    pub fn effect(&self) -> Effect {
        Effect::read(&self.effect)
    }
}

row! {
    struct LeasedRow of "outbox" {
        id: i64,
        recipient: PersonId,
        effect: String,
        created_at: Instant,
        attempts: i64,
    }
}

/// Effects that are leased together.
const MOST_LEASED: i64 = 20;

impl Transaction {
    /// Adds an effect for each recipient; it is done only if this transaction is stored.
    pub async fn add_effects(
        &mut self,
        effect: &Effect,
        recipients: &[PersonId],
        now: Instant,
    ) -> StoreResult<()> {
        let effect = to_json(effect);
        let row = |person: &PersonId| [person.0.into(), (&effect).into(), now.0.into(), now.0.into()];
        let rows: Vec<_> = recipients.iter().map(row).collect();
        let text = "INSERT INTO outbox (aggregator, recipient, effect, created_at, due_at) VALUES {rows}";
        self.run_rows(text, &rows).await.map(drop)
    }

    /// Takes what is due, oldest first, until the end of the lease: nothing for whose recipient something else goes first.
    /// The conditions stand twice, because PostgreSQL looks only at the outer ones again after it waited for a row.
    pub async fn lease_effects(
        &mut self,
        lease: &str,
        now: Instant,
        until: Instant,
    ) -> StoreResult<Vec<LeasedEffect>> {
        let leased = self.sql(
            "UPDATE outbox SET lease = $3, leased_until = $4, attempts = attempts + 1
             WHERE aggregator = $1 AND settled_at IS NULL AND due_at <= $2
               AND (leased_until IS NULL OR leased_until <= $2) AND id IN (
                 SELECT o.id FROM outbox o
                 WHERE o.aggregator = $1 AND o.settled_at IS NULL AND o.due_at <= $2
                   AND (o.leased_until IS NULL OR o.leased_until <= $2)
                   AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.aggregator = $1 AND e.recipient = o.recipient
                                     AND e.settled_at IS NULL AND e.id < o.id)
                 ORDER BY o.due_at, o.id LIMIT $5)
             RETURNING id, recipient, effect, created_at, attempts",
        );
        let leased = leased.bind(now).bind(lease).bind(until).bind(MOST_LEASED);
        let mut rows: Vec<LeasedRow> = self.all(leased).await?;
        rows.sort_by_key(|row| row.id);
        let read = |row: &LeasedRow| LeasedEffect {
            id: row.id,
            recipient: row.recipient,
            effect: Effect::read(&row.effect),
            created_at: row.created_at,
            attempts: counted(row.attempts),
        };
        Ok(rows.iter().map(read).collect())
    }

    /// Notes the end of an effect; answers whether it was still under this lease.
    pub async fn settle_effect(
        &mut self,
        id: i64,
        lease: &str,
        outcome: Outcome,
        error: &str,
        now: Instant,
    ) -> StoreResult<bool> {
        let settle = self.sql(
            "UPDATE outbox SET settled_at = $4, outcome = $5, error = $6, lease = NULL, leased_until = NULL
             WHERE aggregator = $1 AND id = $2 AND lease = $3 AND settled_at IS NULL",
        );
        let settle = settle.bind(id).bind(lease).bind(now).bind(outcome.name()).bind(error);
        Ok(self.run(settle).await? == 1)
    }

    /// Lets an effect that failed be tried again from an instant on.
    pub async fn postpone_effect(
        &mut self,
        id: i64,
        lease: &str,
        error: &str,
        due: Instant,
    ) -> StoreResult<()> {
        let postpone = self.sql(
            "UPDATE outbox SET due_at = $4, error = $5, lease = NULL, leased_until = NULL
             WHERE aggregator = $1 AND id = $2 AND lease = $3 AND settled_at IS NULL",
        );
        self.run(postpone.bind(id).bind(lease).bind(due).bind(error)).await.map(drop)
    }

    /// How many effects wait, and how many were given up.
    pub async fn outbox_counts(&mut self) -> StoreResult<(i64, i64)> {
        let count = self.sql(
            "SELECT (SELECT COUNT(*) FROM outbox WHERE aggregator = $1 AND settled_at IS NULL),
                    (SELECT COUNT(*) FROM outbox WHERE aggregator = $1 AND outcome = 'given_up')",
        );
        self.one(count).await
    }

    /// What waits and what was given up, oldest first.
    pub async fn outbox(&mut self, limit: i64) -> StoreResult<Vec<OutboxRow>> {
        let list = self.sql(
            "SELECT id, effect, created_at, due_at, attempts, settled_at IS NOT NULL AS given_up, error FROM outbox
             WHERE aggregator = $1 AND (settled_at IS NULL OR outcome = 'given_up') ORDER BY id LIMIT $2",
        );
        self.all(list.bind(limit)).await
    }

    /// Tries an effect that waits or was given up again at once; answers whether there is one. It stays as old as it is:
    /// its Message-ID is made of that, and what fails once more after three days is given up again.
    pub async fn retry_effect(&mut self, id: i64, now: Instant) -> StoreResult<bool> {
        let retry = self.sql(
            "UPDATE outbox SET due_at = $3, attempts = 0, settled_at = NULL, outcome = NULL
             WHERE aggregator = $1 AND id = $2 AND (settled_at IS NULL OR outcome = 'given_up')",
        );
        Ok(self.run(retry.bind(id).bind(now)).await? == 1)
    }

    /// Removes what ended before an instant, but not what was given up: that waits for an operator.
    pub async fn remove_settled_effects(&mut self, before: Instant) -> StoreResult<()> {
        let old = self
            .sql("DELETE FROM outbox WHERE aggregator = $1 AND settled_at < $2 AND outcome <> 'given_up'");
        self.run(old.bind(before)).await.map(drop)
    }
}
