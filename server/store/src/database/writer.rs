//! The one way for writes. On SQLite units of work wait here, run in turn inside one transaction, and hear the outcome
//! after COMMIT; on PostgreSQL each has its own.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use model::api::{ApiError, Problem};
use model::ids::AggregatorId;
use sqlx::Connection as _;
use sqlx::postgres::PgPool;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;

use crate::database::Connection;
use crate::database::address::describe;
use crate::database::block_on::block_on;
use crate::database::dialect::{Failure, LockMode};
use crate::database::file::OpenedFile;
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

/// An unit of work that waits, its type forgotten.
pub(crate) trait Waiting: Send {
    fn aggregator(&self) -> AggregatorId;
    /// Whether what it did is to be kept.
    fn run<'w>(&'w mut self, tx: &'w mut Transaction) -> BoxFuture<'w, bool>;
    fn reply(self: Box<Self>, saved: bool);
}

struct QueuedWrite<E: UnitOfWork> {
    aggregator: AggregatorId,
    unit: Option<E>,
    outcome: Option<Result<E::Answer, Problem>>,
    reply: oneshot::Sender<Result<E::Answer, Problem>>,
}

impl<E: UnitOfWork> Waiting for QueuedWrite<E> {
    fn aggregator(&self) -> AggregatorId {
        self.aggregator
    }

    fn run<'w>(&'w mut self, tx: &'w mut Transaction) -> BoxFuture<'w, bool> {
        async move {
            let Some(unit) = self.unit.take() else {
                return false;
            };
            let outcome = carried_out(unit, tx).await;
            let keep = outcome.is_ok();
            self.outcome = Some(outcome);
            keep
        }
        .boxed()
    }

    fn reply(self: Box<Self>, saved: bool) {
        // Unsaved means that refusals too are unproven: they may rest on what another unit of work of the batch did.
        let outcome = self.outcome.filter(|_| saved).unwrap_or_else(|| Err(ApiError::Unavailable.into()));
        // The caller may have gone: what was written stands.
        let _ = self.reply.send(outcome);
    }
}

/// Runs an unit of work; one that panics is refused, and so is one that goes on after a statement failed.
async fn carried_out<E: UnitOfWork>(unit: E, tx: &mut Transaction) -> Result<E::Answer, Problem> {
    (tx.failure, tx.moved, tx.changed) = (None, 0, false);
    let outcome = AssertUnwindSafe(unit.run(tx)).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!("an errand panicked; nothing of it is kept");
        Err(ApiError::Internal.into())
    });
    match tx.failure {
        Some(_) if outcome.is_ok() => Err(ApiError::Unavailable.into()),
        _ => outcome,
    }
}

pub(crate) async fn enter<E: UnitOfWork>(
    queue: &mpsc::Sender<Box<dyn Waiting>>,
    aggregator: AggregatorId,
    unit: E,
) -> Result<E::Answer, Problem> {
    let (reply, answer) = oneshot::channel();
    let queued = QueuedWrite { aggregator, unit: Some(unit), outcome: None, reply };
    let shut = |()| Problem::from(ApiError::Unavailable);
    queue.send(Box::new(queued)).await.map_err(|_| shut(()))?;
    answer.await.map_err(|_| shut(()))?
}

/// Keeps the writer on a thread of its own: between two statements nothing but the database and this thread wake each
/// other, and no other task comes between.
pub(crate) fn keep(
    tx: Transaction,
    waiting: mpsc::Receiver<Box<dyn Waiting>>,
    (shut, file, metrics): (Arc<Notify>, OpenedFile, Metrics),
    most: usize,
) -> Result<(), String> {
    std::thread::Builder::new()
        .name("writer".to_owned())
        .spawn(move || block_on(write_all(tx, waiting, (&shut, &file, &metrics), most)))
        .map(drop)
        .map_err(|error| format!("The thread that writes can't be started: {error}."))
}

/// Runs what waits, `most` at a time, until the writer is shut or nobody is left who could knock; then the database's file
/// holds all of it.
async fn write_all(
    mut tx: Transaction,
    mut waiting: mpsc::Receiver<Box<dyn Waiting>>,
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
        // Looked at again once it is stored: nothing is acknowledged that nobody would find.
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
    waiting: &mut mpsc::Receiver<Box<dyn Waiting>>,
    batch: &mut Vec<Box<dyn Waiting>>,
    most: usize,
) -> sqlx::Result<bool> {
    let (mut next, mut mark) = (0, "BEGIN IMMEDIATE; SAVEPOINT errand");
    let mut changed = false;
    while next < batch.len() {
        tx.aggregator = batch[next].aggregator();
        tx.execute_raw(mark).await?;
        if batch[next].run(tx).await {
            changed |= tx.changed;
        } else {
            tx.execute_raw("ROLLBACK TO errand").await?;
        }
        (next, mark) = (next + 1, "RELEASE errand; SAVEPOINT errand");
        // Those who came in the meantime ride along.
        while batch.len() < most {
            match waiting.try_recv() {
                Ok(queued) => batch.push(queued),
                Err(_) => break,
            }
        }
    }
    tx.execute_raw("COMMIT").await.map(|()| changed)
}

/// How long an unit of work is tried again on PostgreSQL: a database that starts anew, or another that takes its place,
/// is waited for.
const PERSEVERANCE: Duration = Duration::from_secs(10);

/// Runs an unit of work in a transaction of its own, in a task that goes on when the caller has gone.
pub(crate) async fn alone<E: UnitOfWork>(
    store: Store,
    pool: PgPool,
    aggregator: AggregatorId,
    unit: E,
) -> Result<E::Answer, Problem> {
    let task = tokio::spawn(async move {
        let mut tries = 0;
        let began = now();
        loop {
            match once(&store, &pool, aggregator, unit.clone()).await {
                Ok(outcome) => return outcome,
                Err((failure, why)) => {
                    tries += 1;
                    if failure == Failure::Permanent || began.elapsed() > PERSEVERANCE {
                        tracing::error!(tries, why, "a write was given up");
                        return Err(ApiError::Unavailable.into());
                    }
                    store.metrics.retries.inc();
                    tokio::time::sleep(pause(tries)).await;
                }
            }
        }
    });
    task.await.unwrap_or_else(|_| Err(ApiError::Internal.into()))
}

#[expect(clippy::disallowed_methods, reason = "how long one waits changes nothing of what is done")]
fn now() -> Instant {
    Instant::now()
}

/// Longer with each try up to half a second, and never the same for two who met.
#[expect(clippy::disallowed_methods, reason = "how long one waits changes nothing of what is done")]
fn pause(tries: u32) -> Duration {
    let mut chance = [0_u8; 1];
    let _ = getrandom::fill(&mut chance);
    Duration::from_millis((4 << tries.min(7)) + u64::from(chance[0]) / 8)
}

/// One try: the unit of work's own outcome, or how the database failed it and what it said.
async fn once<E: UnitOfWork>(
    store: &Store,
    pool: &PgPool,
    aggregator: AggregatorId,
    unit: E,
) -> Result<Result<E::Answer, Problem>, (Failure, String)> {
    let failed = |error: sqlx::Error| (Failure::of(&error), describe(&error));
    let connection = pool.acquire().await.map_err(|error| match error {
        // Every connection is at work: who comes later would wait no less.
        sqlx::Error::PoolTimedOut if pool.size() >= pool.options().get_max_connections() => {
            (Failure::Permanent, "every connection is at work".to_owned())
        }
        error => failed(error),
    })?;
    let mut tx = store.transaction(Connection::Postgres(connection), aggregator);
    let share = if E::EXCLUSIVE { LockMode::None } else { LockMode::OtherBodies };
    tx.begin_on_postgres(share).await.map_err(failed)?;
    let outcome = carried_out(unit, &mut tx).await;
    if let Some(failure) = tx.failure {
        let _ = tx.execute_raw("ROLLBACK").await;
        // The log has heard what it was when it came.
        return match failure {
            Failure::Transient => Err((failure, "a statement failed".to_owned())),
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
        // Stored or not, nobody knows: only what may be done twice is tried again.
        Err(error) if E::IDEMPOTENT => Err(failed(error)),
        Err(error) => Err((Failure::Permanent, describe(&error))),
    }
}
