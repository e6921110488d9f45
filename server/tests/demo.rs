//! The demonstration, made in a temporary file.

use model::calendar::Instant;
use server::clock::Clock;
use server::demo;
use server::office::Office;
use server::store::Store;

/// A Monday in November: 20 working days before it and after lie in the same year.
fn now() -> Instant {
    Instant::parse("2026-11-23T09:00:00Z").expect("an instant")
}

async fn made() -> (tempfile::TempDir, Office) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("deep/demo.db").display());
    let store = Store::open(&url).await.expect("the database opens");
    demo::make(&store, now()).await.expect("the demonstration is made");
    let office = Office::open(store, Clock::set(now()), true).await.expect("the office opens");
    (folder, office)
}

#[tokio::test]
async fn the_demonstration_is_made() {
    let (_folder, office) = made().await;
    assert_eq!(office.tenants.len(), 1);
}
