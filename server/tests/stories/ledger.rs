//! The ledger is proven: whoever alters it behind the server's back is found, by the server and by a body alone.

use handlers::context::Identity;
use handlers::credits::anchor::{MakeAnchor, held_elsewhere, write_elsewhere};
use handlers::credits::check;
use model::api::Operation as _;
use model::api::credits::{CheckLedger, Ledger, LedgerCheck, ReadAnchor, ReadLedger, ReadLedgerProof};
use model::api::submissions::SendBack;
use model::basket::Change;
use model::calendar::{Day, Instant};
use model::ledger::{Anchor, Wrong};
use server::commands::verify::judge;
use server::http::{Site, api};
use server::jobs::proof::Proof;
use store::hashing::{anchor_reference, chained, placed};

use crate::test_app::{NEIGHBOUR, OURS, TestApp, refused};

/// An app in which Bellagio's account has holds, a spending, a release and a renounced value.
async fn eventful() -> TestApp {
    let app = TestApp::new().await;
    let (officer, body) = (app.officer("Bellagio"), app.body("Bellagio"));
    officer.change(body, Change::Drop, "scuola").await.expect("dropped");
    app.authorised("Bellagio", &["tributi", "formazione"], &[]).await;
    let operator = app.operator();
    let tributi = app.request("Bellagio", "tributi").await;
    operator.take_in_charge(&tributi).await.expect("taken");
    app
}

async fn checked(app: &TestApp, elsewhere: &[Anchor]) -> LedgerCheck {
    let found = check::run(&app.marketplace, app.tenant(OURS).id, &Identity::System, elsewhere).await;
    found.expect("the check is made")
}

async fn anchored(app: &TestApp) -> Anchor {
    let unit = MakeAnchor { aggregator: "Provincia".to_owned(), now: app.now() };
    app.write(unit).await.expect("it is done").expect("the anchor is made")
}

#[tokio::test]
async fn every_column_of_an_entry_that_is_altered_is_found_at_that_entry() {
    let app = eventful().await;
    assert_eq!(checked(&app, &[]).await.fault, None);
    let account = app.account_id("Bellagio").await;
    for change in [
        "amount = amount + 1",
        "kind = 'correct'",
        "kind = 'gift'",
        "at = at + 1",
        "actor = 999",
        "reason = 'altro'",
        "service = 'altro'",
        "request = NULL",
        "submission = NULL",
        "settles = id",
        "hash = 'altro'",
        "sequence = 99",
    ] {
        app.tamper(&format!("UPDATE entry SET {change} WHERE account = {account} AND sequence = 3")).await;
        let found = checked(&app, &[]).await.fault.expect(change);
        assert_eq!((found.account.0, found.sequence), (account, Some(3)), "{change}");
        app.restore().await;
    }
    assert_eq!(checked(&app, &[]).await.fault, None, "what was altered was put back");
}

#[tokio::test]
async fn what_the_entries_do_not_say_is_found_too() {
    let app = eventful().await;
    let account = app.account_id("Bellagio").await;
    for (change, wrong) in [
        (format!("UPDATE account SET granted = granted + 5 WHERE id = {account}"), "sums"),
        (format!("DELETE FROM entry WHERE account = {account} AND sequence = 2"), "missing"),
        (format!("UPDATE account SET last_hash = 'altro' WHERE id = {account}"), "cut"),
        (format!("UPDATE account SET pledged = pledged + 1 WHERE id = {account}"), "pledged"),
        ("UPDATE request SET state = 'live' WHERE service = 'tributi'".to_owned(), "request"),
        ("UPDATE request SET state = 'nowhere' WHERE service = 'tributi'".to_owned(), "request"),
        ("UPDATE request SET price = price + 1 WHERE service = 'tributi'".to_owned(), "request"),
    ] {
        app.tamper(&change).await;
        let found = checked(&app, &[]).await.fault.expect(&change);
        let document = serde_json::to_value(&found).expect("it has a document");
        assert_eq!(document["wrong"], wrong, "{change}");
        assert_eq!(document["account"], account, "{change}");
        app.restore().await;
    }
}

/// Cuts the last entry of an account, and makes the rest look whole.
async fn cut(app: &TestApp, account: i64) {
    for change in [
        format!("DELETE FROM entry WHERE account = {account} AND sequence > 1"),
        format!(
            "UPDATE account SET sequence = 1, held = 0, spent = 0, granted = (SELECT amount FROM entry WHERE account = {account}),
                    last_hash = (SELECT hash FROM entry WHERE account = {account}) WHERE id = {account}"
        ),
        "UPDATE request SET price = 0".to_owned(),
    ] {
        app.tamper(&change).await;
    }
}

#[tokio::test]
async fn a_tail_that_was_cut_off_is_found_by_the_anchor() {
    let app = eventful().await;
    let anchor = anchored(&app).await;
    assert_eq!(anchored(&app).await, anchor, "one a day");
    assert_eq!(checked(&app, &[]).await.fault, None);
    let account = app.account_id("Bellagio").await;
    cut(&app, account).await;
    let expected = Wrong::Anchored { day: anchor.day };
    assert_eq!(checked(&app, &[]).await.fault.map(|fault| fault.what), Some(expected.clone()));
    // Who can cut the ledger can cut the anchors: that is what the second place is for.
    app.tamper("DELETE FROM anchor").await;
    assert_eq!(checked(&app, &[]).await.fault, None);
    let folder = tempfile::tempdir().expect("a folder");
    let second = folder.path().join("altrove");
    write_elsewhere(&second, "como", &anchor).expect("written");
    write_elsewhere(&second, "como", &Anchor { tips: Vec::new(), ..anchor.clone() }).expect("left alone");
    let held = |host| held_elsewhere(&second, host, app.today()).expect("read");
    assert_eq!(held("lecco"), []);
    let known = held("como");
    assert_eq!(known, std::slice::from_ref(&anchor));
    assert_eq!(checked(&app, &known).await.fault.map(|fault| fault.what), Some(expected));
    // One that a wrong clock dated later does not stand in the place of today's.
    let later = Anchor { day: Day(anchor.day.0 + 400), ..anchor.clone() };
    write_elsewhere(&second, "como", &later).expect("written");
    write_elsewhere(&second, "como", &Anchor { day: Day(anchor.day.0 - 1), ..anchor.clone() })
        .expect("written");
    assert_eq!(held("como"), [anchor, later]);
}

#[tokio::test]
async fn a_cut_that_was_found_stays_found_and_no_anchor_hides_it() {
    let app = eventful().await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut proof = Proof::with(Some(folder.path().to_owned()));
    let written = || std::fs::read_dir(folder.path()).expect("it is there").count();
    proof.run(&app.marketplace).await;
    assert_eq!(written(), 2, "an anchor for each aggregator");
    let account = app.account_id("Bellagio").await;
    cut(&app, account).await;
    let administrator = app.administrator();
    for day in 1..=3 {
        app.pass(1);
        proof.run(&app.marketplace).await;
        proof.run(&app.marketplace).await;
        let told = administrator.call(ReadLedgerProof {}).await.expect("told");
        let check = told.check.expect("there was a check");
        assert_eq!(check.at, app.now(), "day {day}");
        assert!(check.fault.is_some(), "day {day}");
        assert_eq!(told.anchors.len(), 1, "day {day}: no anchor of what was cut");
        assert_eq!(written(), 2 + day, "day {day}: the other aggregator's only");
    }
    // While the second place is not there nothing is made that it would have to be compared with.
    let away = folder.path().with_extension("away");
    std::fs::rename(folder.path(), &away).expect("unmounted");
    app.tamper("DELETE FROM ledger_check").await;
    proof.run(&app.marketplace).await;
    std::fs::rename(&away, folder.path()).expect("mounted again");
    assert_eq!(written(), 5, "nothing new");
    // Whoever can cut the ledger can remove what was published of it here; not what is in the second place.
    app.tamper("DELETE FROM anchor").await;
    let site = Site { anchors: Some(folder.path().to_owned()), ..app.site.clone() };
    let found = administrator.at(api(&site).with_state(())).call(CheckLedger {}).await.expect("checked");
    assert!(found.fault.is_some(), "the button compares with the second place too");
    // A second place that is no folder is told as what it is.
    let file = tempfile::NamedTempFile::new().expect("a file");
    let site = Site { anchors: Some(file.path().to_owned()), ..app.site.clone() };
    let refused_there = administrator.at(api(&site).with_state(())).call(CheckLedger {}).await;
    assert_eq!(refused(refused_there), "anchors_unreadable");
    app.restore().await;
    app.pass(1);
    proof.run(&app.marketplace).await;
    let told = administrator.call(ReadLedgerProof {}).await.expect("told");
    assert_eq!(
        (told.check.expect("checked").fault, told.anchors.len()),
        (None, 2),
        "it goes on once it is sound"
    );
}

#[tokio::test]
async fn an_account_that_is_gone_or_given_to_another_body_is_found() {
    let app = eventful().await;
    let day = anchored(&app).await.day;
    let (one, other) = (app.account_id("Bellagio").await, app.account_id("Como").await);
    let swap = format!(
        "UPDATE account SET call = -call WHERE id = {one};
         UPDATE account SET body = (SELECT body FROM account WHERE id = {one}) WHERE id = {other};
         UPDATE account SET body = {}, call = -call WHERE id = {one}",
        app.body("Como").0
    );
    let elsewhere = format!("UPDATE account SET aggregator = {} WHERE id = {one}", app.tenant(NEIGHBOUR).id);
    for (change, without_anchor, expected) in [
        (swap, false, Wrong::Anchored { day }),
        (elsewhere.clone(), false, Wrong::Anchored { day }),
        (elsewhere, true, Wrong::Missing),
    ] {
        for statement in change.split(';') {
            app.tamper(statement).await;
        }
        if without_anchor {
            app.tamper("DELETE FROM anchor").await;
        }
        let found = checked(&app, &[]).await.fault.expect(&change);
        assert_eq!((found.sequence.filter(|_| without_anchor), found.what), (None, expected), "{change}");
        app.restore().await;
    }
    assert_eq!(checked(&app, &[]).await.fault, None, "what was altered was put back");
}

#[tokio::test]
async fn a_body_checks_its_own_copy_without_the_database() {
    let app = eventful().await;
    let body = app.body("Bellagio");
    let ledger: Ledger = app.officer("Bellagio").call(ReadLedger { body }).await.expect("read");
    assert_eq!(ledger.books.len(), 1);
    assert!(ledger.books[0].entries.len() >= 4);
    // As it comes back from a file.
    let text = serde_json::to_string(&ledger).expect("it has a document");
    assert!(!text.contains("example.org"), "nobody is named");
    let copy: Ledger = serde_json::from_str(&text).expect("it is read");
    assert_eq!(copy, ledger);
    assert_eq!(copy.books[0].check(chained), Ok(()));
    let anchor = anchored(&app).await;
    assert_eq!(copy.books[0].check_anchor(&anchor, placed), Ok(true));
    assert_eq!(copy.books[0].check_anchor(&Anchor { tips: Vec::new(), ..anchor }, placed), Ok(false));
    let mut altered = copy;
    altered.books[0].entries[1].entry.amount += 1;
    let fault = altered.books[0].check(chained).expect_err("it is found");
    assert_eq!((fault.sequence, fault.what), (Some(2), Wrong::Altered));
}

#[tokio::test]
async fn anchors_are_for_everybody_and_the_check_for_administrators() {
    let app = eventful().await;
    let anchor = anchored(&app).await;
    let stranger = app.stranger();
    let proof = stranger.call(ReadLedgerProof {}).await.expect("public");
    assert_eq!((proof.anchors.len(), proof.may_check, proof.check), (1, false, None));
    let got = stranger.raw(&ReadAnchor { day: anchor.day }).await;
    // The hash that is listed is that of the bytes that anybody downloads.
    assert_eq!(store::hashing::token_hash(&got.body), proof.anchors[0].hash);
    assert_eq!(anchor_reference(&anchor).hash, proof.anchors[0].hash);
    let absent = ReadAnchor { day: model::calendar::Day(1) };
    assert_eq!(refused(stranger.call(absent).await), "not_found");
    let administrator = app.administrator();
    let found = administrator.call(CheckLedger {}).await.expect("checked");
    assert_eq!((found.fault.clone(), found.accounts > 0, found.entries > 0), (None, true, true));
    let proof = administrator.call(ReadLedgerProof {}).await.expect("public");
    assert_eq!((proof.may_check, proof.check), (true, Some(found)));
    assert!(CheckLedger::PATH.ends_with("/ledger/check"));
    assert_eq!(proof.clock_behind, None);
    let earlier = Instant(app.now().0 - 3_600_000);
    app.marketplace.clock.move_to(earlier);
    assert_eq!(administrator.call(ReadLedgerProof {}).await.expect("public").clock_behind, Some(earlier));
    assert_eq!(stranger.call(ReadLedgerProof {}).await.expect("public").clock_behind, None);
}

#[tokio::test]
async fn an_anchor_is_listed_by_the_hash_that_it_was_made_with() {
    let app = eventful().await;
    anchored(&app).await;
    let stranger = app.stranger();
    let listed = stranger.call(ReadLedgerProof {}).await.expect("public").anchors;
    // One of an earlier version has none beside it.
    app.raw_sql("UPDATE anchor SET accounts = NULL, hash = NULL".to_owned()).await;
    assert_eq!(stranger.call(ReadLedgerProof {}).await.expect("public").anchors, listed);
    let check = async || app.administrator().call(CheckLedger {}).await;
    assert_eq!(check().await.expect("checked").fault, None);
    // Nor is one the same that was published under another hash, or of another number of accounts.
    let told = format!("UPDATE anchor SET accounts = {}, hash = '{}'", listed[0].accounts, listed[0].hash);
    app.raw_sql(told.clone()).await;
    assert_eq!(check().await.expect("checked").fault, None);
    for change in ["accounts = accounts + 1", "hash = 'x' || substr(hash, 2)", "hash = ''"] {
        app.raw_sql(told.clone()).await;
        app.raw_sql(format!("UPDATE anchor SET {change}")).await;
        let fault = check().await.expect("checked").fault.expect(change);
        assert_eq!(fault.what, Wrong::Anchored { day: listed[0].day }, "{change}");
    }
}

#[tokio::test]
async fn a_reason_stands_beside_its_entry_and_can_be_taken_out() {
    let app = TestApp::new().await;
    let body = app.body("Bellagio");
    let reason = "Su richiesta di Anna Bianchi";
    let submission = app.sent("Bellagio", &["tributi"], &[]).await.id;
    app.mayor("Bellagio").call(SendBack { submission, reason: reason.to_owned() }).await.expect("sent back");
    let entry = app.entries("Bellagio").await.pop().expect("an entry");
    assert_eq!(entry.note.as_deref(), Some(reason), "as it was written");
    assert!(entry.reason.starts_with("sha256:") && entry.reason.len() == 71, "{}", entry.reason);
    // A body's own copy holds the reason, and proves it.
    let mut copy = app.officer("Bellagio").call(ReadLedger { body }).await.expect("downloaded");
    judge(&copy, &[]).expect("sound");
    let note = copy.books[0].entries.last_mut().and_then(|last| last.note.as_mut()).expect("a note");
    assert_eq!(note.text, reason);
    note.text.push('!');
    let told = judge(&copy, &[]).expect_err("it is found");
    assert!(told.contains("its hash does not follow"), "{told}");
    // Altered behind the server's back it is found; taken out the ledger stays sound.
    app.raw_sql("UPDATE entry_note SET text = text || '!'".to_owned()).await;
    assert_eq!(checked(&app, &[]).await.fault.expect("it is found").sequence, Some(entry.sequence));
    app.raw_sql("UPDATE entry_note SET salt = NULL, text = NULL".to_owned()).await;
    assert_eq!(checked(&app, &[]).await.fault, None);
    assert_eq!(app.entries("Bellagio").await.pop().expect("an entry").note, None);
    // An entry of an earlier version has no note, and its reason in itself.
    app.raw_sql("DELETE FROM entry_note".to_owned()).await;
    assert_eq!(checked(&app, &[]).await.fault, None);
    assert_eq!(app.entries("Bellagio").await.pop().expect("an entry").reason, entry.reason);
}
