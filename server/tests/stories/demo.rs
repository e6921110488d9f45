//! The demonstration, made whole: its history is played by the real operations, so a rule that
//! changes and refuses one of its steps is noticed here.

use std::collections::BTreeSet;

use handlers::clock::Clock;
use handlers::context::{Handler, Identity};
use handlers::marketplace::Marketplace;
use model::api::calls::{Progress, ReadBoard};
use model::api::requests::ReadQueue;
use model::calendar::Instant;
use model::ids::AggregatorId;
use model::requests::State;
use server::demo;
use store::{Store, Transaction};

use crate::test_app::TestDatabase;

struct Demo {
    marketplace: Marketplace,
    tenant: AggregatorId,
    _ground: TestDatabase,
}

impl Demo {
    async fn made(on: &str) -> Self {
        let now = Instant::parse(on).expect("an instant");
        let database = TestDatabase::break_new().await;
        let store = Store::open(&database.url).await.expect("a new database opens");
        demo::make(&store, now).await.expect("the demonstration is made");
        let marketplace =
            Marketplace::open(store, Clock::set(now), true).await.expect("the marketplace opens");
        let tenant = marketplace.tenants[0].id;
        Self { marketplace, tenant, _ground: database }
    }

    async fn work(&self) -> Transaction {
        self.marketplace.store.read(self.tenant).await.expect("the store answers")
    }

    async fn ask<F: Handler>(&self, email: &str, handler: F) -> F::Answer {
        let row = self.work().await.person_by_email(email).await.expect("it answers").expect(email);
        let who = Identity::Person(row.id);
        self.marketplace.execute(self.tenant, who, None, handler).await.expect("it may be read")
    }
}

async fn is_whole(on: &str) {
    let demo = Demo::made(on).await;
    let board = demo.ask("amministratore@example.org", ReadBoard::default()).await;
    assert_eq!(board.rows.len(), 82);
    assert_eq!(board.proposals, 1, "one of the other administrator waits");
    let mut states = BTreeSet::new();
    for row in &board.rows {
        for request in demo.work().await.requests_of(row.body.id).await.expect("it answers") {
            states.insert(request.state);
        }
    }
    let missing: Vec<_> = State::ALL.into_iter().filter(|state| !states.contains(state)).collect();
    assert_eq!(missing, [], "requests in every state");
    let reached: BTreeSet<_> = board.rows.iter().map(|row| row.progress).collect();
    for progress in
        [Progress::NotStarted, Progress::Composing, Progress::AwaitingAuthorisation, Progress::Submitted]
    {
        assert!(reached.contains(&progress), "a body that is {progress:?}");
    }
    assert!(board.rows.iter().any(|row| row.extended), "a body with more time");
    let queue = demo.ask("operatore@example.org", ReadQueue::default()).await;
    let late = queue.requests.iter().filter(|request| request.due.is_some_and(|due| due.late)).count();
    assert!(late > 0 && late < queue.requests.len(), "some requests are late, and not all: {late}");
}

/// A Monday of autumn.
#[tokio::test]
async fn the_demonstration_is_whole() {
    is_whole("2026-11-23T09:00:00Z").await;
}

/// The call then opens before Christmas and closes after the Epiphany.
#[tokio::test]
async fn the_demonstration_is_whole_across_the_holidays() {
    is_whole("2027-01-02T22:30:00Z").await;
}

/// On the night in which the clocks change, and the year's shortest distance to Easter.
#[tokio::test]
async fn the_demonstration_is_whole_when_the_clocks_change() {
    is_whole("2027-03-28T00:59:59Z").await;
}
