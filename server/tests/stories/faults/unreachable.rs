//! A database that is there and can't be used: locked by another, made read-only, out of reach. Callers are told so
//! in plain words, and need nobody to start the server again.

use std::time::Duration;

use handlers::marketplace::Marketplace;
use model::api::bodies::ReadBody;
use model::api::{ApiError, Problem};

use super::cluster::Cluster;
use super::failover::town_behind;
use super::load::Purse;
use super::proxy::Proxy;
use super::{Line, now};
use crate::test_app::TestApp;

/// Longer than anybody waits for a page.
const PATIENCE: Duration = Duration::from_secs(25);

async fn writes(marketplace: &Marketplace, purse: &Purse, key: &str) -> Result<(), Problem> {
    let spend = purse.spend(0, key);
    let done = marketplace.execute(purse.tenant, purse.administrator.clone(), Some(key.to_owned()), spend);
    tokio::time::timeout(PATIENCE, done).await.expect("it is answered in time").map(drop)
}

async fn reads(marketplace: &Marketplace, purse: &Purse) -> Result<(), Problem> {
    let body = purse.little.0;
    let done = marketplace.execute(purse.tenant, purse.administrator.clone(), None, ReadBody { body });
    tokio::time::timeout(PATIENCE, done).await.expect("it is answered in time").map(drop)
}

const UNAVAILABLE: Result<(), Problem> = Err(Problem::ApiError(ApiError::Unavailable));

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_another_program_locks_is_unavailable_to_writers_until_it_lets_go() {
    let app = TestApp::new().await;
    if app.database.is_postgres() {
        return;
    }
    let purse = Purse::filled(&app).await;
    let mut line = Line::of("database locked", false);
    let mut raw = app.database.raw().await;
    raw.execute("BEGIN IMMEDIATE").await;
    line.injected = 1;
    assert_eq!(writes(&app.marketplace, &purse, "locked-out-1").await, UNAVAILABLE);
    assert_eq!(reads(&app.marketplace, &purse).await, Ok(()));
    raw.execute("ROLLBACK").await;
    let free = now();
    assert_eq!(writes(&app.marketplace, &purse, "locked-out-1").await, Ok(()));
    line.recovery.push(free.elapsed().as_secs_f64());
    line.errors = 1;
    app.assert_sound().await;
    line.report();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_out_of_reach_or_read_only_is_unavailable_until_it_is_back() {
    let Some(cluster) = Cluster::found() else { return };
    let proxy = Proxy::to(cluster.port).await;
    let app = town_behind(&proxy, &cluster).await;
    let purse = Purse::filled(&app).await;
    let mut line = Line::of("database out of reach", true);
    proxy.close();
    let (written, read) =
        tokio::join!(writes(&app.marketplace, &purse, "no-way-there"), reads(&app.marketplace, &purse));
    assert_eq!((written, read), (UNAVAILABLE, UNAVAILABLE));
    proxy.lead_to(cluster.port);
    let back = now();
    assert_eq!(writes(&app.marketplace, &purse, "no-way-there").await, Ok(()));
    assert_eq!(reads(&app.marketplace, &purse).await, Ok(()));
    line.recovered(back);

    cluster.says("ALTER SYSTEM SET default_transaction_read_only = on").await;
    cluster.says("SELECT pg_reload_conf()").await;
    proxy.cut();
    assert_eq!(writes(&app.marketplace, &purse, "only-reading").await, UNAVAILABLE);
    assert_eq!(reads(&app.marketplace, &purse).await, Ok(()));
    cluster.says("ALTER SYSTEM RESET default_transaction_read_only").await;
    cluster.says("SELECT pg_reload_conf()").await;
    let back = now();
    // Whoever was connected hears of it a moment later.
    while writes(&app.marketplace, &purse, "only-reading").await.is_err() {
        assert!(back.elapsed() < PATIENCE, "it is back");
    }
    line.recovered(back);
    line.errors = 3;
    app.assert_sound().await;
    line.report();
}
