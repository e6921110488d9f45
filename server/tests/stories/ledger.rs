//! The ledger is proven: whoever alters it behind the server's back is found, by the server and by a body alone.

use model::api::Operation as _;
use model::api::ledger::{CheckLedger, Ledger, LedgerCheck, ReadAnchor, ReadLedger, ReadLedgerProof};
use model::basket::Change;
use model::ledger::{Anchor, Wrong};
use server::desk::Identity;
use server::ledger::anchor::{MakeAnchor, hash, newest_elsewhere, write_elsewhere};
use server::ledger::{chained, check};

use crate::town::{OURS, Town, refused};

/// A town in which Bellagio's account has holds, a spending, a release and a renounced value.
async fn eventful() -> Town {
    let town = Town::found().await;
    let (officer, body) = (town.officer("Bellagio"), town.body("Bellagio"));
    officer.change(body, Change::Drop, "scuola").await.expect("dropped");
    town.authorised("Bellagio", &["tributi", "formazione"], &[]).await;
    let operator = town.operator();
    let tributi = town.request("Bellagio", "tributi").await;
    operator.take_in_charge(&tributi).await.expect("taken");
    town
}

async fn checked(town: &Town, elsewhere: Option<&Anchor>) -> LedgerCheck {
    let found = check::run(&town.office, town.tenant(OURS).id, &Identity::System, elsewhere).await;
    found.expect("the check is made")
}

async fn anchored(town: &Town) -> Anchor {
    let errand = MakeAnchor { aggregator: "Provincia".to_owned(), now: town.now() };
    town.write(errand).await.expect("the anchor is made")
}

#[tokio::test]
async fn every_column_of_an_entry_that_is_altered_is_found_at_that_entry() {
    let town = eventful().await;
    assert_eq!(checked(&town, None).await.fault, None);
    let account = town.account_id("Bellagio").await;
    for change in [
        "amount = amount + 1",
        "kind = 'correct'",
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
        town.tamper(&format!("UPDATE entry SET {change} WHERE account = {account} AND sequence = 3")).await;
        let found = checked(&town, None).await.fault.expect(change);
        assert_eq!((found.account.0, found.sequence), (account, Some(3)), "{change}");
        town.restore().await;
    }
    assert_eq!(checked(&town, None).await.fault, None, "what was altered was put back");
}

#[tokio::test]
async fn what_the_entries_do_not_say_is_found_too() {
    let town = eventful().await;
    let account = town.account_id("Bellagio").await;
    for (change, wrong) in [
        (format!("UPDATE account SET granted = granted + 5 WHERE id = {account}"), "sums"),
        (format!("DELETE FROM entry WHERE account = {account} AND sequence = 2"), "missing"),
        (format!("UPDATE account SET last_hash = 'altro' WHERE id = {account}"), "cut"),
        ("UPDATE request SET state = 'live' WHERE service = 'tributi'".to_owned(), "request"),
        ("UPDATE request SET price = price + 1 WHERE service = 'tributi'".to_owned(), "request"),
    ] {
        town.tamper(&change).await;
        let found = checked(&town, None).await.fault.expect(&change);
        let document = serde_json::to_value(&found).expect("it has a document");
        assert_eq!(document["wrong"], wrong, "{change}");
        assert_eq!(document["account"], account, "{change}");
        town.restore().await;
    }
}

/// Cuts the last entry of an account, and makes the rest look whole.
async fn cut(town: &Town, account: i64) {
    for change in [
        format!("DELETE FROM entry WHERE account = {account} AND sequence > 1"),
        format!(
            "UPDATE account SET sequence = 1, held = 0, spent = 0, granted = (SELECT amount FROM entry WHERE account = {account}),
                    last_hash = (SELECT hash FROM entry WHERE account = {account}) WHERE id = {account}"
        ),
        "UPDATE request SET price = 0".to_owned(),
    ] {
        town.tamper(&change).await;
    }
}

#[tokio::test]
async fn a_tail_that_was_cut_off_is_found_by_the_anchor() {
    let town = eventful().await;
    let anchor = anchored(&town).await;
    assert_eq!(anchored(&town).await, anchor, "one a day");
    assert_eq!(checked(&town, None).await.fault, None);
    let account = town.account_id("Bellagio").await;
    cut(&town, account).await;
    let expected = Wrong::Anchored { day: anchor.day };
    assert_eq!(checked(&town, None).await.fault.map(|fault| fault.what), Some(expected.clone()));
    // Who can cut the ledger can cut the anchors: that is what the second place is for.
    town.tamper("DELETE FROM anchor").await;
    assert_eq!(checked(&town, None).await.fault, None);
    let folder = tempfile::tempdir().expect("a folder");
    let second = folder.path().join("altrove");
    write_elsewhere(&second, "como", &anchor).expect("written");
    write_elsewhere(&second, "como", &Anchor { tips: Vec::new(), ..anchor.clone() }).expect("left alone");
    let known = newest_elsewhere(&second, "como").expect("read");
    assert_eq!(known.as_ref(), Some(&anchor));
    assert_eq!(newest_elsewhere(&second, "lecco").expect("read"), None);
    assert_eq!(checked(&town, known.as_ref()).await.fault.map(|fault| fault.what), Some(expected));
}

#[tokio::test]
async fn a_body_checks_its_own_copy_without_the_database() {
    let town = eventful().await;
    let body = town.body("Bellagio");
    let ledger: Ledger = town.officer("Bellagio").call(ReadLedger { body }).await.expect("read");
    assert_eq!(ledger.books.len(), 1);
    assert!(ledger.books[0].entries.len() >= 4);
    // As it comes back from a file.
    let text = serde_json::to_string(&ledger).expect("it has a document");
    assert!(!text.contains("example.org"), "nobody is named");
    let copy: Ledger = serde_json::from_str(&text).expect("it is read");
    assert_eq!(copy, ledger);
    assert_eq!(copy.books[0].check(chained), Ok(()));
    assert_eq!(copy.books[0].check_anchor(&anchored(&town).await), Ok(()));
    let mut altered = copy;
    altered.books[0].entries[1].entry.amount += 1;
    let fault = altered.books[0].check(chained).expect_err("it is found");
    assert_eq!((fault.sequence, fault.what), (Some(2), Wrong::Altered));
}

#[tokio::test]
async fn anchors_are_for_everybody_and_the_check_for_administrators() {
    let town = eventful().await;
    let anchor = anchored(&town).await;
    let stranger = town.stranger();
    let proof = stranger.call(ReadLedgerProof {}).await.expect("public");
    assert_eq!((proof.anchors.len(), proof.may_check, proof.check), (1, false, None));
    let got = stranger.raw(&ReadAnchor { day: anchor.day }).await;
    // The hash that is listed is that of the bytes that anybody downloads.
    assert_eq!(server::passwords::token_hash(&got.body), proof.anchors[0].hash);
    assert_eq!(hash(&anchor), proof.anchors[0].hash);
    let absent = ReadAnchor { day: model::calendar::Day(1) };
    assert_eq!(refused(stranger.call(absent).await), "not_found");
    let administrator = town.administrator();
    let found = administrator.call(CheckLedger {}).await.expect("checked");
    assert_eq!((found.fault.clone(), found.accounts > 0, found.entries > 0), (None, true, true));
    let proof = administrator.call(ReadLedgerProof {}).await.expect("public");
    assert_eq!((proof.may_check, proof.check), (true, Some(found)));
    assert!(CheckLedger::PATH.ends_with("/ledger/check"));
}
