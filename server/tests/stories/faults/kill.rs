//! *Kill -9* while credits are spent: the server is killed in the middle of whatever it does and started again, and
//! callers who did not hear ask again with the same keys.

use std::time::Duration;

use handlers::clock::Clock;
use handlers::marketplace::Marketplace;
use store::Store;

use super::child::Server;
use super::load::Purse;
use super::{Line, now};
use crate::test_app::{TestApp, TestDatabase, assert_sound, rome};

const KILLS: u32 = 10;
/// Within which a server must answer again. Unoptimised it takes longer, beside everything else that is tested.
const SOON: Duration = Duration::from_secs(if cfg!(debug_assertions) { 15 } else { 2 });

/// An app whose call lasts, and which nobody here has open any more: its servers are elsewhere.
pub async fn left_alone(database: Option<TestDatabase>) -> (TestDatabase, Purse) {
    let app = TestApp::chartered(|config| config.database = database).await;
    app.lasts("2026-03-02 09:00:00", "2099-12-31 12:00:00").await;
    let purse = Purse::filled(&app).await;
    app.marketplace.store.close().await;
    (app.database, purse)
}

/// Opens the app's books again.
pub async fn reopened(database: &TestDatabase) -> Marketplace {
    let store = Store::open(&database.url).await.expect("it opens again");
    let clock = Clock::set(rome("2026-03-02 10:00:00"));
    Marketplace::open(store, clock, false).await.expect("the marketplace opens")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_loses_and_doubles_nothing() {
    let (database, purse) = left_alone(None).await;
    let mut line = Line::of("server killed", database.is_postgres());
    let mut server = Server::start(&database.url);
    server.answers().await;
    let load = server.load(&purse);
    for kill in 0..KILLS {
        // Each time at another moment: within the first writes, or when everything is warm.
        load.more([1, 40, 5, 90, 13][kill as usize % 5]).await;
        server.kill();
        let killed = now();
        server.start_again();
        if kill % 4 == 3 {
            // Again, while it starts: before, in or after what it does to the database then.
            tokio::time::sleep(Duration::from_millis(u64::from(kill) * 8)).await;
            server.kill();
            server.start_again();
        }
        server.answers().await;
        line.recovered(killed);
        load.recovered(killed).await;
    }
    let heard = load.end().await;
    drop(server);
    line.count(&database, &heard).await;
    assert_sound(&reopened(&database).await, &database).await;
    assert!(line.slowest() < SOON.as_secs_f64(), "{line:?}");
    assert!(line.acknowledged > KILLS as usize * 20, "{line:?}");
    line.report();
}
