//! *Movimenti*: every entry says why it was made and by whom, on the page, in the file and to programs.

use model::api::bodies::{Entries, ListEntries};
use model::api::calls::{AssignByHand, GrantExtra, ProposeCorrection};
use model::api::requests::{Cancel, Reject, Revoke, WithdrawRequest};
use model::api::submissions::{SendBack, WithdrawSubmission};
use model::basket::Change;
use model::causes::EntryCause;
use model::credits::EntryKind;
use model::ids::PackageCode;
use model::requests::State;

use crate::policy::whole;
use crate::test_app::{TestApp, band};

/// Carries Bellagio through everything that moves credits while a call goes on.
async fn everything(app: &TestApp) {
    let (officer, mayor, operator) = (app.officer("Bellagio"), app.mayor("Bellagio"), app.operator());
    let (administrator, body) = (app.administrator(), app.body("Bellagio"));
    let sent = app.sent("Bellagio", &["tributi", "sms"], &["scuola"]).await;
    let reason = "Prima la scuola".to_owned();
    mayor.call(SendBack { submission: sent.id, reason }).await.expect("sent back");
    let again = officer.submit(body).await.expect("sent again");
    officer.call(WithdrawSubmission { submission: again.id }).await.expect("withdrawn");
    let last = officer.submit(body).await.expect("sent once more");
    mayor.authorise(last.id).await.expect("authorised");

    let seen = app.bring("Bellagio", "tributi", State::Approved).await;
    let reason = "Il fornitore ha cessato".to_owned();
    let revoke =
        Revoke { request: seen.id, version: seen.version, reason: reason.clone(), ..Revoke::default() };
    operator.call(revoke).await.expect("revoked");
    let seen = app.request("Bellagio", "sms").await;
    let withdraw = WithdrawRequest { request: seen.id, version: seen.version, ..WithdrawRequest::default() };
    officer.call(withdraw).await.expect("withdrawn");
    app.authorised("Bellagio", &["occupazione", "formazione"], &[]).await;
    let seen = app.bring("Bellagio", "occupazione", State::InReview).await;
    let reject =
        Reject { request: seen.id, version: seen.version, reason: reason.clone(), ..Reject::default() };
    operator.call(reject).await.expect("rejected");
    let seen = app.request("Bellagio", "formazione").await;
    let cancel = Cancel { request: seen.id, version: seen.version, reason, ..Cancel::default() };
    operator.call(cancel).await.expect("cancelled");

    let reason = || "Delibera".to_owned();
    administrator.call(GrantExtra { body, credits: 2, seen: None, reason: reason() }).await.expect("granted");
    administrator.call(ProposeCorrection::by(body, -1, reason())).await.expect("corrected");
    let seen = app.account("Bellagio").await.granted;
    let package = || PackageCode::from("medio");
    let by_hand = AssignByHand {
        body,
        package: package(),
        credits: 18,
        seen,
        seen_package: package(),
        reason: reason(),
    };
    administrator.call(by_hand).await.expect("assigned");
    app.sent("Bellagio", &["sms"], &[]).await;
    app.move_to("2026-07-01 09:00:00");
    assert_eq!(app.tick().await.lapsed, 1);
}

async fn listed(app: &TestApp) -> Entries {
    let read = ListEntries { body: app.body("Bellagio"), kind: None };
    app.officer("Bellagio").call(read).await.expect("listed")
}

#[tokio::test]
async fn every_entry_says_why_and_by_whom() {
    let app = TestApp::new().await;
    everything(&app).await;
    let list = listed(&app).await;
    let mut told: Vec<_> = list
        .entries
        .iter()
        .rev()
        .map(|entry| (entry.kind, entry.cause.clone(), entry.reason.as_str()))
        .collect();
    // The order of the holds of one submission is the store's.
    told.dedup();
    let rule = EntryCause::Rule { version: Some(1), band: None };
    let (hold, release) = (EntryKind::Hold, EntryKind::Release);
    let sent_back = |kind| (kind, EntryCause::SentBack, "Prima la scuola");
    let undone = |kind| (kind, EntryCause::SubmissionWithdrawn, "");
    let over = "Il fornitore ha cessato";
    assert_eq!(
        told,
        [
            (EntryKind::Grant, rule, ""),
            (EntryKind::Renounce, EntryCause::Submitted, ""),
            (hold, EntryCause::Submitted, ""),
            sent_back(release),
            sent_back(EntryKind::Reinstate),
            (EntryKind::Renounce, EntryCause::Submitted, ""),
            (hold, EntryCause::Submitted, ""),
            undone(release),
            undone(EntryKind::Reinstate),
            (EntryKind::Renounce, EntryCause::Submitted, ""),
            (hold, EntryCause::Submitted, ""),
            (EntryKind::Spend, EntryCause::Approved, ""),
            (EntryKind::Refund, EntryCause::Revoked, over),
            (release, EntryCause::Withdrawn, ""),
            (hold, EntryCause::Submitted, ""),
            (release, EntryCause::Rejected, over),
            (release, EntryCause::Cancelled, over),
            (EntryKind::Grant, EntryCause::ExtraGrant, "Delibera"),
            (EntryKind::Correct, EntryCause::Corrected, "Delibera"),
            (EntryKind::Reduce, EntryCause::ManualAssignment, "Delibera"),
            (hold, EntryCause::Submitted, ""),
            (release, EntryCause::Lapsed, ""),
        ]
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn page_and_file_say_it_in_words() {
    let app = TestApp::new().await;
    everything(&app).await;
    let list = listed(&app).await;
    let body = app.body("Bellagio");
    let officer = app.officer("Bellagio");
    let file = officer.get(&format!("/api/v1/bodies/{body}/entries.csv")).await.body;
    let mut rows =
        csv::ReaderBuilder::new().delimiter(b';').from_reader(file.trim_start_matches('\u{feff}').as_bytes());
    let head = rows.headers().expect("a head").clone();
    let at = |name: &str| head.iter().position(|found| found == name).expect("a column");
    let (who, why) = (at("chi"), at("causale"));
    let rows: Vec<_> = rows.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), list.entries.len());
    assert!(rows.iter().all(|row| !row[who].is_empty() && !row[why].is_empty()), "{rows:?}");
    assert_eq!((&rows[0][who], &rows[0][why]), ("Sistema", "Regola di assegnazione, versione 1"));
    assert_eq!(&rows[1][why], "Invio della pratica 2026/000001");
    let lapsed = rows.last().expect("the last");
    assert_eq!((&lapsed[who], &lapsed[why]), ("Sistema", "Decadenza della pratica 2026/000005"));
    for words in ["Assegnazione aggiuntiva", "Assegnazione manuale"] {
        assert_eq!(rows.iter().filter(|row| &row[why] == words).count(), 1, "{words}");
    }

    let (site, _folder) = whole(&app);
    let page = officer.at(site).get(&format!("/comuni/{body}/movimenti")).await.body;
    let page = page.replace("&#x27;", "'");
    for row in &rows {
        assert!(page.contains(&row[why]), "{} is not on the page", &row[why]);
        assert!(page.contains(&row[who]), "{} is not on the page", &row[who]);
    }
}

#[tokio::test]
async fn an_assignment_says_the_version_of_its_rule_and_the_band() {
    let app = TestApp::new().await;
    let bands = vec![band(0, Some(1001), "piccolo", 10), band(1001, None, "medio", 25)];
    let revise =
        model::api::calls::ReviseRule { call: app.call, bands: bands.clone(), modifiers: Vec::new() };
    app.administrator().call(revise).await.expect("revised");
    app.assign().await;
    let list = app.officer("Brunate").call(ListEntries { body: app.body("Brunate"), kind: None }).await;
    let causes: Vec<_> = list.expect("listed").entries.into_iter().map(|entry| entry.cause).collect();
    assert_eq!(
        causes,
        [
            EntryCause::Rule { version: Some(2), band: Some(bands[1].clone()) },
            EntryCause::Rule { version: Some(1), band: None },
        ]
    );
    // What a person writes is never taken for it.
    let grant =
        GrantExtra { body: app.body("Brunate"), credits: 1, seen: None, reason: " rule:2".to_owned() };
    app.administrator().call(grant).await.expect("granted");
    let list = app.officer("Brunate").call(ListEntries { body: app.body("Brunate"), kind: None }).await;
    let newest = list.expect("listed").entries.into_iter().next().expect("an entry");
    assert_eq!((newest.cause, newest.reason.as_str()), (EntryCause::ExtraGrant, "rule:2"));
    app.officer("Brunate").change(app.body("Brunate"), Change::Add, "sms").await.expect("added");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_reason_that_was_taken_out_leaves_the_action_as_it_is_told() {
    let app = TestApp::new().await;
    everything(&app).await;
    let causes = async || {
        let told = listed(&app).await.entries.into_iter().map(|entry| (entry.kind, entry.cause));
        told.collect::<Vec<_>>()
    };
    let before = causes().await;
    app.raw_sql("UPDATE entry_note SET salt = NULL, text = NULL".to_owned()).await;
    assert_eq!(causes().await, before);
    let list = listed(&app).await;
    assert!(list.entries.iter().all(|entry| entry.reason.is_empty()), "{:?}", list.entries);
    app.assert_sound().await;
}

#[tokio::test]
async fn where_nothing_tells_a_grant_from_an_assignment_both_are_told_alike() {
    let app = TestApp::new().await;
    let body = app.body("Bellagio");
    let grant = GrantExtra { body, credits: 1, seen: None, reason: "Delibera".to_owned() };
    app.administrator().call(grant).await.expect("granted");
    // As in entries of an earlier version.
    app.raw_sql("DELETE FROM proposal_entry".to_owned()).await;
    let newest = listed(&app).await.entries.remove(0);
    assert_eq!((newest.cause, newest.reason.as_str()), (EntryCause::ByHand, "Delibera"));
    let file = app.officer("Bellagio").get(&format!("/api/v1/bodies/{body}/entries.csv")).await.body;
    assert!(file.contains(";Decisione dell'ente aggregatore;Delibera;"), "{file}");
}
