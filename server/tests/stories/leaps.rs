//! A server that starts under a wrong clock, or whose clock leaps: nothing is decided by time until somebody says that
//! the clock is right.

use std::process::Command;

use handlers::calls::time::{Tick, TickOutcome};
use model::api::calls::{ArchiveCall, CloseCall, ReadBoard};
use model::api::credits::{ClockDoubt, ReadLedgerProof};
use model::calendar::Instant;
use model::calls::CallStatus;
use server::jobs::clock::{NoteTime, Watch};
use server::jobs::{sweep, tick};
use store::Scope;

use crate::test_app::{OURS, TestApp, assert_same, refused};

const HOUR: i64 = 3_600;
/// How long the security log is kept.
const DAYS_OF_SECURITY_LOG: u32 = 730;

async fn confirmed(app: &TestApp) {
    let note = NoteTime { now: app.now(), leapt: false, confirmed: true };
    let noted = app.marketplace.write(Scope::Installation, note).await;
    assert_eq!(noted, Ok(None));
}

#[tokio::test]
async fn after_a_leap_nothing_is_decided_until_the_clock_is_confirmed() {
    let app = TestApp::new().await;
    let mut watch = Watch::default();
    assert!(watch.run(&app.marketplace).await, "nothing was written later than now");
    let last = app.now();
    app.sent("Brunate", &[], &["scuola"]).await;
    let before = app.dump().await;
    let now = last.plus_seconds(365 * 24 * HOUR);
    app.marketplace.clock.move_to(now);
    for _ in 0..2 {
        assert!(!watch.run(&app.marketplace).await, "in each round");
        tick::run(&app.marketplace).await;
    }
    assert_eq!(refused(app.write(Tick { now }).await), "clock_in_doubt");
    let mut after = app.dump().await;
    // But for the note of the leap.
    after.insert("installation".to_owned(), before["installation"].clone());
    assert_same(&before, &after, "a clock that leapt");
    assert!(!Watch::default().run(&app.marketplace).await, "a server that starts anew knows it too");

    let administrator = app.administrator();
    let doubt = Some(ClockDoubt { now, last });
    assert_eq!(administrator.call(ReadBoard::default()).await.expect("read").clock_doubt, doubt);
    assert_eq!(administrator.call(ReadLedgerProof {}).await.expect("read").clock_doubt, doubt);
    assert_eq!(app.observer().call(ReadBoard::default()).await.expect("read").clock_doubt, None);
    assert_eq!(app.stranger().call(ReadLedgerProof {}).await.expect("read").clock_doubt, None);
    administrator.call(CloseCall { call: app.call }).await.expect("what people decide goes on");
    assert_eq!(refused(administrator.call(ArchiveCall { call: app.call }).await), "clock_in_doubt");

    confirmed(&app).await;
    assert!(watch.run(&app.marketplace).await);
    assert_eq!(administrator.call(ReadBoard::default()).await.expect("read").clock_doubt, None);
    let outcome = app.tick().await;
    assert_eq!((outcome.lapsed, outcome.kept), (1, 7), "all that waited, at once");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_weekend_or_a_clock_set_right_by_minutes_is_no_leap_at_a_start() {
    let app = TestApp::new().await;
    let begins = app.now();
    for (seconds, trusted) in [
        (0, true),
        (36 * HOUR, true),
        (36 * HOUR - 4 * 60, true),
        (36 * HOUR + 30, true),
        // Noted was the latest, not the one before.
        (36 * HOUR - 6 * 60, false),
        (35 * HOUR, false),
        (36 * HOUR + 60, true),
        (73 * HOUR, false),
        (72 * HOUR, true),
    ] {
        app.marketplace.clock.move_to(begins.plus_seconds(seconds));
        assert_eq!(Watch::default().run(&app.marketplace).await, trusted, "{seconds}");
    }
}

#[tokio::test]
async fn a_clock_that_is_set_while_a_server_runs_waits_and_a_machine_that_slept_goes_on() {
    let app = TestApp::new().await;
    let (marketplace, clock, begins) = (&app.marketplace, &app.marketplace.clock, app.now());
    let mut watch = Watch::default();
    for seconds in [0, 30, 8 * HOUR, 8 * HOUR + 30] {
        clock.run_to(begins.plus_seconds(seconds));
        assert!(watch.run(marketplace).await, "the machine ran or slept as long: {seconds}");
    }
    let right = app.now();
    clock.move_to(right.plus_seconds(4 * 60));
    assert!(watch.run(marketplace).await, "some minutes are no leap");
    clock.move_to(right.plus_seconds(HOUR));
    for _ in 0..2 {
        assert!(!watch.run(marketplace).await, "an hour is one");
        clock.run_to(app.now().plus_seconds(30));
    }
    assert!(!Watch::default().run(marketplace).await, "a server that starts anew knows it too");
    assert_eq!(refused(app.write(Tick { now: app.now() }).await), "clock_in_doubt");
    let board = app.administrator().call(ReadBoard::default()).await.expect("read");
    let last = right.plus_seconds(4 * 60);
    assert_eq!(board.clock_doubt, Some(ClockDoubt { now: app.now(), last }));
    // Set right by hand it is believed again.
    clock.move_to(right.plus_seconds(4 * 60 + 60));
    assert!(watch.run(marketplace).await);
    app.tick().await;
    // Or somebody says that it was right.
    clock.move_to(right.plus_seconds(2 * HOUR));
    assert!(!watch.run(marketplace).await);
    confirmed(&app).await;
    for _ in 0..2 {
        assert!(watch.run(marketplace).await);
        clock.run_to(app.now().plus_seconds(30));
    }
}

#[tokio::test]
async fn where_no_time_was_noted_what_was_written_last_tells_it() {
    let app = TestApp::new().await;
    let written = app.now();
    app.marketplace.clock.move_to(written.plus_seconds(365 * 24 * HOUR));
    for _ in 0..2 {
        assert!(!Watch::default().run(&app.marketplace).await, "as at the first start after an upgrade");
    }
    let noted = async || app.read().await.clock_noted().await.expect("read").last;
    assert_eq!(noted().await, Some(written));
    let now = written.plus_seconds(36 * HOUR);
    app.marketplace.clock.move_to(now);
    assert!(Watch::default().run(&app.marketplace).await);
    assert_eq!(noted().await, Some(now));
}

#[tokio::test]
async fn the_demonstration_may_be_off_for_weeks() {
    let app = TestApp::chartered(|config| config.demo = true).await;
    let mut watch = Watch::default();
    assert!(watch.run(&app.marketplace).await);
    app.pass(60);
    assert!(watch.run(&app.marketplace).await, "nothing hangs from it");
}

/// What the program says to whoever runs the machine.
fn output_of(app: &TestApp, arguments: &[&str]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_server"));
    let program = program.args(arguments).env("DATABASE_URL", &app.database.url);
    let output = program.output().expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[tokio::test]
async fn the_machine_s_owner_hears_what_will_be_decided_and_confirms() {
    let app = TestApp::new().await;
    // Over whatever the machine's clock says.
    app.raw_sql(format!("UPDATE call SET opens = 1000, closes = 2000 WHERE id = {}", app.call)).await;
    app.raw_sql("INSERT INTO installation (key, value) VALUES ('clock', '3000')".to_owned()).await;
    let before = app.dump().await;
    let told = output_of(&app, &["clock", "confirm", "--dry-run"]);
    assert!(told.contains("It was last found right on 1970-01-01 01:00:03."), "{told}");
    let due = "Provincia di Como: 1 call closes, 0 submissions lapse, 7 packages are kept by silence.\n";
    assert!(told.contains(due), "{told}");
    assert!(told.ends_with("Nothing was changed.\n"), "{told}");
    assert_same(&before, &app.dump().await, "a rehearsal");
    let told = output_of(&app, &["clock", "confirm"]);
    assert!(told.contains(due) && told.contains("The clock is confirmed"), "{told}");
    let noted = async || app.read().await.clock_noted().await.expect("read").last;
    assert!(noted().await > Some(Instant(3_000)));
    let events =
        "SELECT COUNT(*), COUNT(DISTINCT aggregator) FROM security_event WHERE operation = 'clock confirm'";
    let events: Vec<(i64, i64)> = app.database.raw().await.all(events).await;
    assert_eq!(events, [(2, 2)], "one in the log of each aggregator");
    let told = output_of(&app, &["clock", "confirm"]);
    assert!(told.contains("Nothing waits for it to be confirmed."), "{told}");
    app.marketplace.clock.move_to(noted().await.expect("noted"));
    let TickOutcome { closed, kept, .. } = app.tick().await;
    assert_eq!((closed, kept), (1, 7), "as it was told");
    let row = app.read().await.call(app.call).await.expect("read").expect("it is there");
    assert_eq!(row.status, CallStatus::Closed);
    assert_eq!(app.tenant(OURS).profile.name, "Provincia di Como");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_was_done_is_forgotten_after_thirty_days_and_no_sooner() {
    let app = TestApp::new().await;
    let records = async || app.dump().await["idempotency_record"].len();
    let officer = app.officer("Bellagio").with_key("thirty-days-ago");
    officer.change(app.body("Bellagio"), model::basket::Change::Add, "sms").await.expect("added");
    let all = records().await;
    let done = app.now();
    app.marketplace.clock.move_to(done.plus_seconds(30 * 24 * HOUR));
    sweep::run(&app.marketplace, DAYS_OF_SECURITY_LOG).await;
    assert_eq!(records().await, all, "an answer is heard again for thirty days");
    app.marketplace.clock.move_to(done.plus_seconds(30 * 24 * HOUR + 1));
    sweep::run(&app.marketplace, DAYS_OF_SECURITY_LOG).await;
    assert_eq!(records().await, 0);
}
