//! A server that starts under a wrong clock, or whose clock leaps: nothing is decided by time until somebody says that
//! the clock is right.

use std::process::Command;

use model::api::call::{ArchiveCall, CloseCall, ReadBoard};
use model::api::ledger::{ClockDoubt, ReadLedgerProof};
use model::calendar::Instant;
use model::calls::CallStatus;
use model::ids::AggregatorId;
use server::flows::time::{Beat, Beaten};
use server::jobs::clock::{NoteTime, Watch};
use server::jobs::{beat, sweep};

use crate::town::{OURS, Town, assert_same, refused};

const HOUR: i64 = 3_600;
/// How long the security log is kept.
const DAYS_OF_SECURITY_LOG: u32 = 730;

async fn confirmed(town: &Town) {
    let note = NoteTime { now: town.now(), confirmed: true };
    let noted = town.office.write(AggregatorId(0), note).await;
    assert_eq!(noted, Ok(None));
}

#[tokio::test]
async fn after_a_leap_nothing_is_decided_until_the_clock_is_confirmed() {
    let town = Town::found().await;
    let mut watch = Watch::default();
    assert!(watch.run(&town.office).await, "a new database has noted no time yet");
    let last = town.now();
    town.sent("Brunate", &[], &["scuola"]).await;
    let before = town.dump().await;
    let now = last.plus_seconds(365 * 24 * HOUR);
    town.office.clock.move_to(now);
    for _ in 0..2 {
        assert!(!watch.run(&town.office).await, "in each round");
        beat::run(&town.office).await;
    }
    assert_eq!(refused(town.write(Beat { now }).await), "clock_in_doubt");
    assert_same(&before, &town.dump().await, "a clock that leapt");
    assert!(!Watch::default().run(&town.office).await, "a server that starts anew knows it too");

    let administrator = town.administrator();
    let doubt = Some(ClockDoubt { now, last });
    assert_eq!(administrator.call(ReadBoard::default()).await.expect("read").clock_doubt, doubt);
    assert_eq!(administrator.call(ReadLedgerProof {}).await.expect("read").clock_doubt, doubt);
    assert_eq!(town.observer().call(ReadBoard::default()).await.expect("read").clock_doubt, None);
    assert_eq!(town.stranger().call(ReadLedgerProof {}).await.expect("read").clock_doubt, None);
    administrator.call(CloseCall { call: town.call }).await.expect("what people decide goes on");
    assert_eq!(refused(administrator.call(ArchiveCall { call: town.call }).await), "clock_in_doubt");

    confirmed(&town).await;
    assert!(watch.run(&town.office).await);
    assert_eq!(administrator.call(ReadBoard::default()).await.expect("read").clock_doubt, None);
    let beaten = town.beat().await;
    assert_eq!((beaten.lapsed, beaten.kept), (1, 7), "all that waited, at once");
    town.assert_sound().await;
}

#[tokio::test]
async fn a_weekend_or_a_clock_set_right_by_minutes_is_no_leap() {
    let town = Town::found().await;
    let mut watch = Watch::default();
    let begins = town.now();
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
        town.office.clock.move_to(begins.plus_seconds(seconds));
        assert_eq!(watch.run(&town.office).await, trusted, "{seconds}");
    }
}

#[tokio::test]
async fn the_demonstration_may_be_off_for_weeks() {
    let town = Town::chartered(|charter| charter.demo = true).await;
    let mut watch = Watch::default();
    assert!(watch.run(&town.office).await);
    town.pass(60);
    assert!(watch.run(&town.office).await, "nothing hangs from it");
}

/// What the program says to whoever runs the machine.
fn said(town: &Town, arguments: &[&str]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_server"));
    let program = program.args(arguments).env("DATABASE_URL", &town.ground.url);
    let output = program.output().expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[tokio::test]
async fn the_machine_s_owner_hears_what_will_be_decided_and_confirms() {
    let town = Town::found().await;
    // Over whatever the machine's clock says.
    town.meddle(format!("UPDATE call SET opens = 1000, closes = 2000 WHERE id = {}", town.call)).await;
    town.meddle("INSERT INTO installation (key, value) VALUES ('clock', '3000')".to_owned()).await;
    let before = town.dump().await;
    let told = said(&town, &["clock", "confirm", "--dry-run"]);
    assert!(told.contains("It was last found right on 1970-01-01 01:00:03."), "{told}");
    let due = "Provincia di Como: 1 call closes, 0 submissions lapse, 7 packages are kept by silence.\n";
    assert!(told.contains(due), "{told}");
    assert!(told.ends_with("Nothing was changed.\n"), "{told}");
    assert_same(&before, &town.dump().await, "a rehearsal");
    let told = said(&town, &["clock", "confirm"]);
    assert!(told.contains(due) && told.contains("The clock is confirmed"), "{told}");
    assert!(town.read().await.last_beat().await.expect("read") > Some(Instant(3_000)));
    let told = said(&town, &["clock", "confirm"]);
    assert!(told.contains("Nothing waits for it to be confirmed."), "{told}");
    town.office.clock.move_to(town.read().await.last_beat().await.expect("read").expect("noted"));
    let Beaten { closed, kept, .. } = town.beat().await;
    assert_eq!((closed, kept), (1, 7), "as it was told");
    let row = town.read().await.call(town.call).await.expect("read").expect("it is there");
    assert_eq!(row.status().expect("a status"), CallStatus::Closed);
    assert_eq!(town.tenant(OURS).profile.name, "Provincia di Como");
    town.assert_sound().await;
}

#[tokio::test]
async fn what_was_done_is_forgotten_after_thirty_days_and_no_sooner() {
    let town = Town::found().await;
    let records = async || town.dump().await["deed"].len();
    let officer = town.officer("Bellagio").with_key("thirty-days-ago");
    officer.change(town.body("Bellagio"), model::basket::Change::Add, "sms").await.expect("added");
    let all = records().await;
    let done = town.now();
    town.office.clock.move_to(done.plus_seconds(30 * 24 * HOUR));
    sweep::run(&town.office, DAYS_OF_SECURITY_LOG).await;
    assert_eq!(records().await, all, "an answer is heard again for thirty days");
    town.office.clock.move_to(done.plus_seconds(30 * 24 * HOUR + 1));
    sweep::run(&town.office, DAYS_OF_SECURITY_LOG).await;
    assert_eq!(records().await, 0);
}
