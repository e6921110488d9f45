//! The file of an SQLite database is removed or replaced under a running server: nothing more is acknowledged, nothing is
//! made in its place, and once it is back all that was acknowledged is there.

use std::path::{Path, PathBuf};

use model::api::baskets::ReadBasket;
use model::basket::Change;
use store::backup::file_of;

use crate::test_app::{TestApp, refused};

/// An app on SQLite, with its file.
async fn on_a_file() -> Option<(TestApp, PathBuf)> {
    let app = TestApp::new().await;
    if app.database.is_postgres() {
        return None;
    }
    let file = file_of(&app.database.url).expect("a file");
    Some((app, file))
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}

#[tokio::test]
async fn what_is_written_to_a_file_that_is_gone_is_never_acknowledged() {
    let Some((app, file)) = on_a_file().await else { return };
    let (officer, body) = (app.officer("Bellagio"), app.body("Bellagio"));
    officer.change(body, Change::Add, "formazione").await.expect("one");
    let (log, aside) = (beside(&file, "-wal"), beside(&file, ".aside"));
    for gone in [&file, &log] {
        std::fs::rename(gone, &aside).expect("moved away");
        for _ in 0..2 {
            assert_eq!(refused(officer.change(body, Change::Add, "formazione").await), "unavailable");
            assert_eq!(refused(officer.call(ReadBasket { body }).await), "unavailable");
        }
        assert!(!gone.exists(), "nobody makes it anew");
        assert!(
            app.marketplace.store.back_up(&beside(&file, ".copy")).await.is_err(),
            "nor a copy of nothing"
        );
        // Another in its place, whole as it may be.
        std::fs::copy(&aside, gone).expect("copied");
        assert_eq!(refused(officer.change(body, Change::Add, "formazione").await), "unavailable");
        std::fs::rename(&aside, gone).expect("put back");
        officer.change(body, Change::Add, "formazione").await.expect("as before");
    }
    let basket = officer.call(ReadBasket { body }).await.expect("read");
    assert_eq!((basket.added[0].count, basket.version), (3, 3), "what was acknowledged, and no more");
    app.assert_sound().await;
}
