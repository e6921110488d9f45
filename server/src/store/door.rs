//! The one door for writes. On SQLite errands wait here, run in turn inside one transaction, and hear the outcome
//! after COMMIT; on PostgreSQL each has its own.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use model::api::{Problem, Trouble};
use model::ids::AggregatorId;
use sqlx::Connection as _;
use sqlx::postgres::PgPool;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;

use super::address::said;
use super::attend::attend;
use super::dialect::{Failure, Share};
use super::file::OpenedFile;
use super::{Link, Store, StoreError, Work};
use crate::measures::Measures;

/// Something to be done in one transaction. Inside it only the store is awaited: a password hash or a network call
/// would stop every other writer.
pub trait Errand: Clone + Send + Sync + 'static {
    type Answer: Send + 'static;
    /// It concerns many bodies: nobody else may write in its aggregator meanwhile.
    const ALONE: bool = false;
    /// Done twice it leaves what done once does: it may be tried again when nobody knows whether it was stored.
    const REPEATABLE: bool = false;
    fn run(self, work: &mut Work) -> impl Future<Output = Result<Self::Answer, Problem>> + Send;
}

/// An errand that waits, its type forgotten.
pub(super) trait Waiting: Send {
    fn aggregator(&self) -> AggregatorId;
    /// Whether what it did is to be kept.
    fn run<'w>(&'w mut self, work: &'w mut Work) -> BoxFuture<'w, bool>;
    fn tell(self: Box<Self>, saved: bool);
}

struct Letter<E: Errand> {
    aggregator: AggregatorId,
    errand: Option<E>,
    outcome: Option<Result<E::Answer, Problem>>,
    reply: oneshot::Sender<Result<E::Answer, Problem>>,
}

impl<E: Errand> Waiting for Letter<E> {
    fn aggregator(&self) -> AggregatorId {
        self.aggregator
    }

    fn run<'w>(&'w mut self, work: &'w mut Work) -> BoxFuture<'w, bool> {
        async move {
            let Some(errand) = self.errand.take() else {
                return false;
            };
            let outcome = carried_out(errand, work).await;
            let keep = outcome.is_ok();
            self.outcome = Some(outcome);
            keep
        }
        .boxed()
    }

    fn tell(self: Box<Self>, saved: bool) {
        // Unsaved means that refusals too are unproven: they may rest on what another errand of the batch did.
        let outcome = self.outcome.filter(|_| saved).unwrap_or_else(|| Err(Trouble::Unavailable.into()));
        // The caller may have gone: what was written stands.
        let _ = self.reply.send(outcome);
    }
}

/// Runs an errand; one that panics is refused, and so is one that goes on after a statement failed.
async fn carried_out<E: Errand>(errand: E, work: &mut Work) -> Result<E::Answer, Problem> {
    (work.failure, work.moved, work.changed) = (None, 0, false);
    let outcome = AssertUnwindSafe(errand.run(work)).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!("an errand panicked; nothing of it is kept");
        Err(Trouble::Internal.into())
    });
    match work.failure {
        Some(_) if outcome.is_ok() => Err(Trouble::Unavailable.into()),
        _ => outcome,
    }
}

pub(super) async fn enter<E: Errand>(
    door: &mpsc::Sender<Box<dyn Waiting>>,
    aggregator: AggregatorId,
    errand: E,
) -> Result<E::Answer, Problem> {
    let (reply, answer) = oneshot::channel();
    let letter = Letter { aggregator, errand: Some(errand), outcome: None, reply };
    let shut = |()| Problem::from(Trouble::Unavailable);
    door.send(Box::new(letter)).await.map_err(|_| shut(()))?;
    answer.await.map_err(|_| shut(()))?
}

/// Keeps the door on a thread of its own: between two statements nothing but the database and this thread wake each
/// other, and no other task comes between.
pub(super) fn keep(
    work: Work,
    waiting: mpsc::Receiver<Box<dyn Waiting>>,
    (shut, file, measures): (Arc<Notify>, OpenedFile, Measures),
    most: usize,
) -> Result<(), String> {
    std::thread::Builder::new()
        .name("writer".to_owned())
        .spawn(move || attend(write_all(work, waiting, (&shut, &file, &measures), most)))
        .map(drop)
        .map_err(|error| format!("The thread that writes can't be started: {error}."))
}

/// Runs what waits, `most` at a time, until the door is shut or nobody is left who could knock; then the database's file
/// holds all of it.
async fn write_all(
    mut work: Work,
    mut waiting: mpsc::Receiver<Box<dyn Waiting>>,
    (shut, file, measures): (&Notify, &OpenedFile, &Measures),
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
            Ok(()) => together(&mut work, &mut waiting, &mut batch, most).await.map_err(StoreError::from),
            Err(gone) => Err(gone),
        };
        let saved = match stored.and_then(|changed| file.check().map(|()| changed)) {
            Ok(changed) => {
                if changed {
                    measures.changed();
                }
                true
            }
            Err(StoreError::FileGone(_)) => false,
            Err(error) => {
                tracing::error!(%error, "a batch of writes was not stored");
                let _ = work.say("ROLLBACK").await;
                false
            }
        };
        for letter in batch.drain(..) {
            letter.tell(saved);
        }
    }
    if let Link::Sqlite(connection) = work.connection
        && let Err(error) = connection.close().await
    {
        tracing::error!(%error, "the database was not closed");
    }
    drop(waiting);
}

/// Runs a batch in one transaction; answers whether it changed anything.
async fn together(
    work: &mut Work,
    waiting: &mut mpsc::Receiver<Box<dyn Waiting>>,
    batch: &mut Vec<Box<dyn Waiting>>,
    most: usize,
) -> sqlx::Result<bool> {
    let (mut next, mut mark) = (0, "BEGIN IMMEDIATE; SAVEPOINT errand");
    let mut changed = false;
    while next < batch.len() {
        work.aggregator = batch[next].aggregator();
        work.say(mark).await?;
        if batch[next].run(work).await {
            changed |= work.changed;
        } else {
            work.say("ROLLBACK TO errand").await?;
        }
        (next, mark) = (next + 1, "RELEASE errand; SAVEPOINT errand");
        // Those who came in the meantime ride along.
        while batch.len() < most {
            match waiting.try_recv() {
                Ok(letter) => batch.push(letter),
                Err(_) => break,
            }
        }
    }
    work.say("COMMIT").await.map(|()| changed)
}

/// How long an errand is tried again on PostgreSQL: a database that starts anew, or another that takes its place,
/// is waited for.
const PERSEVERANCE: Duration = Duration::from_secs(10);

/// Runs an errand in a transaction of its own, in a task that goes on when the caller has gone.
pub(super) async fn alone<E: Errand>(
    store: Store,
    pool: PgPool,
    aggregator: AggregatorId,
    errand: E,
) -> Result<E::Answer, Problem> {
    let task = tokio::spawn(async move {
        let mut tries = 0;
        let began = now();
        loop {
            match once(&store, &pool, aggregator, errand.clone()).await {
                Ok(outcome) => return outcome,
                Err((failure, why)) => {
                    tries += 1;
                    if failure == Failure::Lasting || began.elapsed() > PERSEVERANCE {
                        tracing::error!(tries, why, "a write was given up");
                        return Err(Trouble::Unavailable.into());
                    }
                    store.measures.retries.inc();
                    tokio::time::sleep(pause(tries)).await;
                }
            }
        }
    });
    task.await.unwrap_or_else(|_| Err(Trouble::Internal.into()))
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

/// One try: the errand's own outcome, or how the database failed it and what it said.
async fn once<E: Errand>(
    store: &Store,
    pool: &PgPool,
    aggregator: AggregatorId,
    errand: E,
) -> Result<Result<E::Answer, Problem>, (Failure, String)> {
    let failed = |error: sqlx::Error| (Failure::of(&error), said(&error));
    let connection = pool.acquire().await.map_err(|error| match error {
        // Every connection is at work: who comes later would wait no less.
        sqlx::Error::PoolTimedOut if pool.size() >= pool.options().get_max_connections() => {
            (Failure::Lasting, "every connection is at work".to_owned())
        }
        error => failed(error),
    })?;
    let mut work = store.work(Link::Postgres(connection), aggregator);
    let share = if E::ALONE { Share::None } else { Share::OtherBodies };
    work.begin_on_postgres(share).await.map_err(failed)?;
    let outcome = carried_out(errand, &mut work).await;
    if let Some(failure) = work.failure {
        let _ = work.say("ROLLBACK").await;
        // The log has heard what it was when it came.
        return match failure {
            Failure::Passing => Err((failure, "a statement failed".to_owned())),
            Failure::Lasting => Ok(outcome),
        };
    }
    if outcome.is_err() {
        let _ = work.say("ROLLBACK").await;
        return Ok(outcome);
    }
    match work.say("COMMIT").await {
        Ok(()) => {
            if work.changed {
                store.measures.changed();
            }
            Ok(outcome)
        }
        // Stored or not, nobody knows: only what may be done twice is tried again.
        Err(error) if E::REPEATABLE => Err(failed(error)),
        Err(error) => Err((Failure::Lasting, said(&error))),
    }
}
