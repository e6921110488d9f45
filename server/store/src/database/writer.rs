//! The only way to write. On SQLite units of work wait in a queue and run in turn inside one transaction; each gets its
//! outcome after COMMIT. On PostgreSQL each has a transaction of its own, and is tried again where another try may succeed.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use model::api::{ApiError, Problem};
use sqlx::Connection as _;
use sqlx::postgres::PgPool;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;

use crate::database::block_on::block_on;
use crate::database::dialect::{FailedStatement, Failure, LockMode};
use crate::database::file::OpenedFile;
use crate::database::open_error::OpenError;
use crate::database::{Connection, Scope};
use crate::{Store, StoreError, Transaction};
use metrics::Metrics;

/// Something to be done in one transaction. Inside it only the store is awaited: a password hash or a network call
/// would stop every other writer.
pub trait UnitOfWork: Clone + Send + Sync + 'static {
    type Answer: Send + 'static;
    /// It concerns many bodies: nobody else may write in its aggregator meanwhile.
    const EXCLUSIVE: bool = false;
    /// Done twice it leaves what done once does: it may be tried again when nobody knows whether it was stored.
    const IDEMPOTENT: bool = false;
    fn run(self, tx: &mut Transaction) -> impl Future<Output = Result<Self::Answer, Problem>> + Send;
}

/// A unit of work that waits in the queue, whatever its type.
pub(crate) trait QueuedUnit: Send {
    fn scope(&self) -> Scope;
    /// Answers whether its changes are to be stored.
    fn run<'w>(&'w mut self, tx: &'w mut Transaction) -> BoxFuture<'w, bool>;
    fn reply(self: Box<Self>, saved: bool);
}

struct QueuedWrite<E: UnitOfWork> {
    scope: Scope,
    unit: Option<E>,
    outcome: Option<Result<E::Answer, Problem>>,
    reply: oneshot::Sender<Result<E::Answer, Problem>>,
}

impl<E: UnitOfWork> QueuedUnit for QueuedWrite<E> {
    fn scope(&self) -> Scope {
        self.scope
    }

    fn run<'w>(&'w mut self, tx: &'w mut Transaction) -> BoxFuture<'w, bool> {
        async move {
            let Some(unit) = self.unit.take() else {
                return false;
            };
            let outcome = run_unit(unit, tx).await;
            let to_store = outcome.is_ok();
            self.outcome = Some(outcome);
            to_store
        }
        .boxed()
    }

    fn reply(self: Box<Self>, saved: bool) {
        // Where nothing was stored, a refusal is not proven either: it may rest on what another unit of work of the batch
        // changed.
        let outcome = self.outcome.filter(|_| saved).unwrap_or_else(|| Err(ApiError::Unavailable.into()));
        // The caller may be gone; what was written is stored all the same.
        let _ = self.reply.send(outcome);
    }
}

/// Runs a unit of work. One that panics is refused, and so is one that goes on after a statement failed.
async fn run_unit<E: UnitOfWork>(unit: E, tx: &mut Transaction) -> Result<E::Answer, Problem> {
    (tx.failure, tx.moved, tx.changed) = (None, 0, false);
    let outcome = AssertUnwindSafe(unit.run(tx)).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!(operation = operation::<E>(), "a unit of work panicked; nothing of it is stored");
        Err(ApiError::Internal.into())
    });
    match tx.failure {
        Some(_) if outcome.is_ok() => Err(ApiError::Unavailable.into()),
        _ => outcome,
    }
}

pub(crate) async fn enter<E: UnitOfWork>(
    queue: &mpsc::Sender<Box<dyn QueuedUnit>>,
    scope: Scope,
    unit: E,
) -> Result<E::Answer, Problem> {
    let (reply, answer) = oneshot::channel();
    let queued = QueuedWrite { scope, unit: Some(unit), outcome: None, reply };
    let shut = |()| Problem::from(ApiError::Unavailable);
    queue.send(Box::new(queued)).await.map_err(|_| shut(()))?;
    answer.await.map_err(|_| shut(()))?
}

/// Keeps the writer on a thread of its own: between two statements nothing but the database and this thread wake each
/// other, and no other task comes between.
pub(crate) fn keep(
    tx: Transaction,
    waiting: mpsc::Receiver<Box<dyn QueuedUnit>>,
    (shut, file, metrics): (Arc<Notify>, OpenedFile, Metrics),
    most: usize,
) -> Result<(), OpenError> {
    std::thread::Builder::new()
        .name("writer".to_owned())
        .spawn(move || block_on(write_all(tx, waiting, (&shut, &file, &metrics), most)))
        .map(drop)
        .map_err(OpenError::WriterThread)
}

/// Runs what waits, `most` at a time, until the writer is shut or nobody is left who could send more; then the database's
/// file holds all of it.
async fn write_all(
    mut tx: Transaction,
    mut waiting: mpsc::Receiver<Box<dyn QueuedUnit>>,
    (shut, file, metrics): (&Notify, &OpenedFile, &Metrics),
    most: usize,
) {
    let mut batch = Vec::with_capacity(most);
    loop {
        let come = tokio::select! {
            biased;
            come = waiting.recv_many(&mut batch, most) => come,
            () = shut.notified() => 0,
        };
        if come == 0 {
            break;
        }
        // The file is checked again after COMMIT: what was written to a removed file must not be acknowledged.
        let stored = match file.check() {
            Ok(()) => run_batch(&mut tx, &mut waiting, &mut batch, most).await.map_err(StoreError::from),
            Err(gone) => Err(gone),
        };
        let saved = match stored.and_then(|changed| file.check().map(|()| changed)) {
            Ok(changed) => {
                if changed {
                    metrics.changed();
                }
                true
            }
            Err(StoreError::FileGone(_)) => false,
            Err(error) => {
                tracing::error!(%error, "a batch of writes was not stored");
                let _ = tx.execute_raw("ROLLBACK").await;
                false
            }
        };
        for queued in batch.drain(..) {
            queued.reply(saved);
        }
    }
    if let Connection::Sqlite(connection) = tx.connection
        && let Err(error) = connection.close().await
    {
        tracing::error!(%error, "the database was not closed");
    }
    drop(waiting);
}

/// Runs a batch in one transaction; answers whether it changed anything.
async fn run_batch(
    tx: &mut Transaction,
    waiting: &mut mpsc::Receiver<Box<dyn QueuedUnit>>,
    batch: &mut Vec<Box<dyn QueuedUnit>>,
    most: usize,
) -> sqlx::Result<bool> {
    let (mut next, mut mark) = (0, "BEGIN IMMEDIATE; SAVEPOINT unit_of_work");
    let mut changed = false;
    while next < batch.len() {
        tx.scope = batch[next].scope();
        tx.execute_raw(mark).await?;
        if batch[next].run(tx).await {
            changed |= tx.changed;
        } else {
            tx.execute_raw("ROLLBACK TO unit_of_work").await?;
        }
        (next, mark) = (next + 1, "RELEASE unit_of_work; SAVEPOINT unit_of_work");
        // Units of work that came in the meantime join the batch.
        while batch.len() < most {
            match waiting.try_recv() {
                Ok(queued) => batch.push(queued),
                Err(_) => break,
            }
        }
    }
    tx.execute_raw("COMMIT").await.map(|()| changed)
}

/// How long a unit of work is tried again on PostgreSQL: long enough for a database that restarts, or for another that
/// takes its place.
const PERSEVERANCE: Duration = Duration::from_secs(10);

/// Runs a unit of work in a transaction of its own, in a task that goes on when the caller is gone.
pub(crate) async fn run_with_retry<E: UnitOfWork>(
    store: Store,
    pool: PgPool,
    scope: Scope,
    unit: E,
) -> Result<E::Answer, Problem> {
    let task = tokio::spawn(async move {
        let mut attempt = 0;
        let began = now();
        loop {
            attempt += 1;
            let failed = match once(&store, &pool, scope, unit.clone()).await {
                Ok(outcome) => return outcome,
                Err(failed) => failed,
            };
            let FailedStatement { failure, sqlstate, reason } = failed;
            let (operation, sqlstate) = (operation::<E>(), sqlstate.as_deref().unwrap_or("none"));
            if failure == Failure::Permanent || began.elapsed() > PERSEVERANCE {
                tracing::error!(operation, sqlstate, attempt, reason, "a write was given up");
                return Err(ApiError::Unavailable.into());
            }
            tracing::warn!(operation, sqlstate, attempt, reason, "a write failed and is tried again");
            store.metrics.retries.inc();
            tokio::time::sleep(pause(attempt)).await;
        }
    });
    task.await.unwrap_or_else(|_| Err(ApiError::Internal.into()))
}

/// The name of a unit of work for the log: of each type in it the last segment, as in `IdempotentCommand<ChangeBasket>`.
fn operation<E>() -> String {
    last_segments(std::any::type_name::<E>())
}

fn last_segments(type_name: &str) -> String {
    let (mut name, mut start) = (String::new(), 0);
    for character in type_name.chars() {
        match character {
            ':' => name.truncate(start),
            character => {
                name.push(character);
                if !character.is_alphanumeric() && character != '_' {
                    start = name.len();
                }
            }
        }
    }
    name
}

#[expect(clippy::disallowed_methods, reason = "how long one waits changes nothing of what is done")]
fn now() -> Instant {
    Instant::now()
}

/// The pause after a failed attempt: longer with each one up to half a second, and different for two writes that met.
#[expect(clippy::disallowed_methods, reason = "how long one waits changes nothing of what is done")]
fn pause(attempt: u32) -> Duration {
    let mut random = [0_u8; 1];
    let _ = getrandom::fill(&mut random);
    Duration::from_millis((4 << attempt.min(7)) + u64::from(random[0]) / 8)
}

/// One attempt: the outcome of the unit of work, or what failed in the database.
async fn once<E: UnitOfWork>(
    store: &Store,
    pool: &PgPool,
    scope: Scope,
    unit: E,
) -> Result<Result<E::Answer, Problem>, FailedStatement> {
    let failed = |error: sqlx::Error| FailedStatement::from(&error);
    let connection = pool.acquire().await.map_err(|error| match error {
        // Every connection is in use: another attempt would wait as long.
        sqlx::Error::PoolTimedOut if pool.size() >= pool.options().get_max_connections() => FailedStatement {
            failure: Failure::Permanent,
            sqlstate: None,
            reason: "every connection is in use".to_owned(),
        },
        error => failed(error),
    })?;
    let mut tx = store.transaction(Connection::Postgres(connection), scope);
    let share = if E::EXCLUSIVE { LockMode::None } else { LockMode::OtherBodies };
    tx.begin_on_postgres(share).await.map_err(failed)?;
    let outcome = run_unit(unit, &mut tx).await;
    if let Some(failed) = tx.failure.take() {
        let _ = tx.execute_raw("ROLLBACK").await;
        return match failed.failure {
            Failure::Transient => Err(failed),
            Failure::Permanent => Ok(outcome),
        };
    }
    if outcome.is_err() {
        let _ = tx.execute_raw("ROLLBACK").await;
        return Ok(outcome);
    }
    match tx.execute_raw("COMMIT").await {
        Ok(()) => {
            if tx.changed {
                store.metrics.changed();
            }
            Ok(outcome)
        }
        // Nobody knows whether it was stored: only what may be done twice is tried again.
        Err(error) if E::IDEMPOTENT => Err(failed(error)),
        Err(error) => Err(FailedStatement { failure: Failure::Permanent, ..failed(error) }),
    }
}

#[cfg(test)]
mod tests {
    use super::last_segments;

    #[test]
    fn an_operation_is_named_by_the_last_segments_of_its_types() {
        for (type_name, name) in [
            (
                "handlers::marketplace::IdempotentCommand<model::api::baskets::ChangeBasket>",
                "IdempotentCommand<ChangeBasket>",
            ),
            ("server::jobs::clock::NoteTime", "NoteTime"),
            ("(a::b::First, &'static c::Second)", "(First, &'static Second)"),
            ("Unit", "Unit"),
        ] {
            assert_eq!(last_segments(type_name), name);
        }
    }
}
