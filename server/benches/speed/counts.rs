//! What one submission asks of the database: SQL statements, and syncs of the disk.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use handlers::context::Identity;
use model::api::requests::ReadQueue;
use model::api::submissions::WithdrawSubmission;

use crate::world::World;
use crate::writes::submit;

static STATEMENTS: AtomicUsize = AtomicUsize::new(0);

/// Counts what sqlx says of each statement.
struct Count;

impl<S: Subscriber> Layer<S> for Count {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            STATEMENTS.fetch_add(1, Ordering::Relaxed);
        }
    }
}

pub fn begin() {
    tracing_subscriber::registry().with(Count).init();
}

pub async fn run(world: &World) {
    let officer = &world.officers[0];
    let composed = world.compose(officer, "supporto-spid").await;
    let before = (STATEMENTS.load(Ordering::Relaxed), syncs());
    let sent = submit(world, officer, &composed).await;
    let statements = STATEMENTS.load(Ordering::Relaxed) - before.0;
    let synced = syncs().zip(before.1).map(|(now, before)| now - before);
    println!("one submission alone: {statements} SQL statements, {} syncs of the disk", format_count(synced));
    world.execute(officer, WithdrawSubmission { submission: sent }).await.unwrap();
    let operator = world
        .marketplace
        .store
        .read(world.tenant)
        .await
        .unwrap()
        .holders(model::people::Role::Operator, model::calendar::Instant(i64::MAX))
        .await;
    let identity = Identity::Person(operator.unwrap()[0].id);
    // What was read from there ends by itself, a moment later.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let before = STATEMENTS.load(Ordering::Relaxed);
    world.marketplace.execute(world.tenant, identity, None, ReadQueue::default()).await.unwrap();
    println!("the operator's list: {} SQL statements", STATEMENTS.load(Ordering::Relaxed) - before);
}

fn format_count(count: Option<u64>) -> String {
    count.map_or_else(|| "uncounted".to_owned(), |count| count.to_string())
}

/// How often the disk was synced, as the library counts that `make bench` loads before this program.
#[expect(clippy::disallowed_methods, reason = "a bench is told where its counter is")]
fn syncs() -> Option<u64> {
    let counter = std::fs::read(std::env::var("SYNC_COUNT").ok()?).ok()?;
    Some(u64::from_ne_bytes(counter.get(..8)?.try_into().ok()?))
}
