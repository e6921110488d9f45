//! The one door for writes: errands wait here, run in turn inside one transaction, and hear the outcome after COMMIT.

use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use model::api::{Problem, Trouble};
use model::ids::AggregatorId;
use tokio::sync::{mpsc, oneshot};

use super::Work;

/// Something to be done in one transaction. Inside it only the store is awaited: a password hash or a network call
/// would stop every other writer.
pub trait Errand: Send + 'static {
    type Answer: Send + 'static;
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
            let outcome = AssertUnwindSafe(errand.run(work)).catch_unwind().await.unwrap_or_else(|_| {
                tracing::error!("an errand panicked; nothing of it is kept");
                Err(Trouble::Internal.into())
            });
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

/// Runs what waits, `most` at a time, until the last door is closed.
pub(super) async fn write_all(mut work: Work, mut waiting: mpsc::Receiver<Box<dyn Waiting>>, most: usize) {
    let mut batch = Vec::with_capacity(most);
    while waiting.recv_many(&mut batch, most).await > 0 {
        let saved = match together(&mut work, &mut waiting, &mut batch, most).await {
            Ok(()) => true,
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
}

async fn together(
    work: &mut Work,
    waiting: &mut mpsc::Receiver<Box<dyn Waiting>>,
    batch: &mut Vec<Box<dyn Waiting>>,
    most: usize,
) -> sqlx::Result<()> {
    work.say("BEGIN IMMEDIATE").await?;
    let mut next = 0;
    while next < batch.len() {
        work.aggregator = batch[next].aggregator();
        work.say("SAVEPOINT errand").await?;
        if !batch[next].run(work).await {
            work.say("ROLLBACK TO errand").await?;
        }
        work.say("RELEASE errand").await?;
        next += 1;
        // Those who came in the meantime ride along.
        while batch.len() < most {
            match waiting.try_recv() {
                Ok(letter) => batch.push(letter),
                Err(_) => break,
            }
        }
    }
    work.say("COMMIT").await
}
