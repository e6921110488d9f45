//! PostgreSQL restarted under load, and a standby promoted in the place of its primary, reached through a way that
//! cuts what is under way. Callers notice nothing: the writer waits and tries again under the same keys.

use super::cluster::{Cluster, Stop};
use super::load::{Load, Purse};
use super::proxy::Proxy;
use super::{Line, now};
use crate::test_app::{TestApp, TestDatabase};

/// An app on a database that is reached by way of the proxy only.
pub async fn town_behind(proxy: &Proxy, cluster: &Cluster) -> TestApp {
    cluster.says("CREATE ROLE comunanza LOGIN CREATEDB").await;
    let server = cluster.options().port(proxy.port).username("comunanza");
    let database = TestDatabase::on(server, tempfile::tempdir().expect("a folder")).await;
    TestApp::chartered(|config| config.database = Some(database)).await
}

/// At most five of a thousand answers are an error.
#[track_caller]
fn assert_few_errors(line: &Line) {
    assert!(line.errors * 200 < line.acknowledged, "{line:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_restarts_under_load_loses_and_doubles_nothing() {
    let Some(cluster) = Cluster::found() else { return };
    let proxy = Proxy::to(cluster.port).await;
    let app = town_behind(&proxy, &cluster).await;
    let purse = Purse::filled(&app).await;
    let mut line = Line::of("database restarted", true);
    let load = Load::on(&app.marketplace, &purse);
    for how in [Stop::Fast, Stop::Immediate] {
        load.more(200).await;
        for _ in 0..3 {
            proxy.cut();
            load.more(40).await;
        }
        let stopped = now();
        tokio::task::block_in_place(|| {
            cluster.stop(how);
            cluster.start();
        });
        load.recovered(stopped).await;
        line.recovered(stopped);
    }
    load.more(200).await;
    let heard = load.end().await;
    line.count(&app.database, &heard).await;
    app.assert_sound().await;
    assert_few_errors(&line);
    line.report();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_promoted_under_load_has_all_that_was_acknowledged() {
    let Some(primary) = Cluster::found() else { return };
    let proxy = Proxy::to(primary.port).await;
    let app = town_behind(&proxy, &primary).await;
    let purse = Purse::filled(&app).await;
    let standby = primary.standby().await;
    let mut line = Line::of("standby promoted", true);
    let load = Load::on(&app.marketplace, &purse);
    load.more(300).await;
    let failed = now();
    tokio::task::block_in_place(|| primary.stop(Stop::Immediate));
    // Found gone by all, the standby is there first, and can only be read.
    proxy.lead_to(standby.port);
    tokio::task::block_in_place(|| standby.promote());
    load.recovered(failed).await;
    line.recovered(failed);
    load.more(300).await;
    let heard = load.end().await;
    line.count(&app.database, &heard).await;
    app.assert_sound().await;
    assert_few_errors(&line);
    line.report();
}
