//! The security log: written with what it tells of, or in batches; never changed, and pruned by its age alone.

use model::api::security::EventKind;
use model::calendar::Instant;
use model::ids::{BodyId, PersonId};

use crate::database::row::row;
use crate::{StoreResult, Transaction};

/// An event that is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    pub at: Instant,
    pub kind: EventKind,
    pub actor: Option<PersonId>,
    pub source: String,
    pub operation: String,
    pub body: Option<BodyId>,
    pub subject: Option<(&'static str, i64)>,
    pub outcome: String,
    pub credits: i64,
    pub times: i64,
}

impl NewEvent {
    /// Something that was done once, by nobody in particular, to nothing in particular.
    pub fn done(operation: &str, kind: EventKind, at: Instant) -> Self {
        Self {
            at,
            kind,
            actor: None,
            source: String::new(),
            operation: operation.to_owned(),
            body: None,
            subject: None,
            outcome: "done".to_owned(),
            credits: 0,
            times: 1,
        }
    }
}

row! {
    /// An event that is kept, with the name of who did it.
    pub struct EventRow of "security_event" {
        pub id: i64,
        pub at: Instant,
        pub kind: EventKind,
        pub actor: Option<PersonId>,
        pub actor_name: Option<String>,
        pub source: String,
        pub operation: String,
        pub body: Option<BodyId>,
        pub subject_kind: String,
        pub subject: Option<i64>,
        pub outcome: String,
        pub credits: i64,
        pub times: i64,
    }
}

/// Which events are read: from an instant to before another, with a higher number, and so many.
#[derive(Clone, Copy, Debug)]
pub struct EventFilter {
    pub from: Instant,
    pub before: Instant,
    pub kind: Option<EventKind>,
    pub after: i64,
    pub limit: i64,
}

impl Transaction {
    pub async fn add_events(&mut self, events: &[NewEvent]) -> StoreResult<()> {
        let row = |event: &NewEvent| {
            let (subject_kind, subject) = event.subject.unzip();
            [
                event.at.into(),
                event.kind.name().into(),
                event.actor.into(),
                (&event.source).into(),
                (&event.operation).into(),
                event.body.into(),
                subject_kind.unwrap_or_default().into(),
                subject.into(),
                (&event.outcome).into(),
                event.credits.into(),
                event.times.into(),
            ]
        };
        let rows: Vec<_> = events.iter().map(row).collect();
        self.run_rows(
            "INSERT INTO security_event (aggregator, at, kind, actor, source, operation, body, subject_kind, subject,
                                         outcome, credits, times) VALUES {rows}",
            &rows,
        )
        .await?;
        Ok(())
    }

    /// Events in the order in which they were written.
    pub async fn events(&mut self, which: EventFilter) -> StoreResult<Vec<EventRow>> {
        // Between two texts: no index serves a condition that is there or not.
        let (first, last) = which.kind.map_or(("", "~"), |kind| (kind.name(), kind.name()));
        self.all(
            self.sql(
                "SELECT e.id, e.at, e.kind, e.actor, p.name AS actor_name, e.source, e.operation, e.body,
                    e.subject_kind, e.subject, e.outcome, e.credits, e.times
             FROM security_event e LEFT JOIN person p ON p.id = e.actor
             WHERE e.aggregator = $1 AND e.id > $2 AND e.at >= $3 AND e.at < $4 AND e.kind BETWEEN $5 AND $6
             ORDER BY e.id LIMIT $7",
            )
            .bind(which.after)
            .bind(which.from)
            .bind(which.before)
            .bind(first)
            .bind(last)
            .bind(which.limit),
        )
        .await
    }

    /// Removes events from before an instant, but none of the last thirty days before the newest: a clock that leaps
    /// empties no log.
    pub async fn prune_events(&mut self, before: Instant) -> StoreResult<u64> {
        let old = self.sql(
            "DELETE FROM security_event WHERE aggregator = $1 AND at < $2
               AND at <= (SELECT MAX(at) - 2592000000 FROM security_event WHERE aggregator = $1)",
        );
        self.run(old.bind(before)).await
    }

    /// The highest number of sign-ins from one source that failed since an instant.
    pub async fn most_failures(&mut self, since: Instant) -> StoreResult<i64> {
        self.scalar(
            self.sql("SELECT CAST(COALESCE(MAX(n), 0) AS BIGINT) FROM (
                 SELECT SUM(times) AS n FROM security_event
                 WHERE aggregator = $1 AND at >= $2 AND kind = 'sign_in_failed' GROUP BY source) AS by_source")
            .bind(since),
        )
        .await
    }
}
