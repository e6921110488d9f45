//! The ledger by hand: extra grants, corrections by one and by two people; and every way in which a story would make
//! what is available negative.

use model::api::bodies::ListEntries;
use model::api::calls::{AssignByHand, GrantExtra, ProposeCorrection};
use model::api::credits::proposals::{ConfirmProposal, MoveOutcome, Proposal};
use model::api::submissions::SendBack;
use model::api::{ApiError, Problem};
use model::basket::Change;
use model::credits::{Account, Credits, EntryKind};
use model::ids::ProposalId;
use model::proposals::ProposalState;
use model::refusals::Refusal;
use model::requests::State;
use model::seen::Difference;

use crate::test_app::{TestApp, TestClient, assert_same, done, proposed, refused};

async fn propose(
    who: &TestClient,
    app: &TestApp,
    body: &str,
    credits: Credits,
) -> Result<MoveOutcome, Problem> {
    let propose = ProposeCorrection::by(app.body(body), credits, "Delibera n. 7".to_owned());
    who.call(propose).await
}

/// Confirms what waits for Bellagio, by the figures as they are now.
async fn confirm(
    who: &TestClient,
    app: &TestApp,
    proposal: ProposalId,
    change: Credits,
) -> Result<Proposal, Problem> {
    let before = Some(app.account("Bellagio").await.granted);
    who.call(ConfirmProposal { proposal, before, change }).await
}

fn short<A>(missing: Credits) -> Result<A, Problem> {
    Err(Refusal::CreditsShort { missing }.into())
}

#[tokio::test]
async fn an_extra_grant_has_a_reason_and_an_author() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    let grant = |credits, reason: &str| GrantExtra {
        body: app.body("Bellagio"),
        credits,
        seen: None,
        reason: reason.to_owned(),
    };
    for wrong in [grant(5, " "), grant(0, "Fondo"), grant(-5, "Fondo"), grant(10_001, "Fondo")] {
        assert_eq!(refused(administrator.call(wrong).await), "faulty");
    }
    let account = administrator.call(grant(5, " Fondo regionale ")).await.expect("granted");
    assert_eq!(done(account), Account { granted: 25, ..Account::default() });
    let list = ListEntries { body: app.body("Bellagio"), kind: Some(EntryKind::Grant) };
    let entries = app.officer("Bellagio").call(list).await.expect("listed").entries;
    let newest = &entries[0];
    assert_eq!((entries.len(), newest.amount, newest.reason.as_str()), (2, 5, "Fondo regionale"));
    assert_eq!((newest.actor.as_deref(), newest.after.granted), (Some("Amministratore"), 25));
    let unassigned =
        GrantExtra { body: app.body("Cantù"), credits: 5, seen: None, reason: "Fondo".to_owned() };
    assert_eq!(refused(administrator.call(unassigned).await), "not_assigned");
    let stranger = GrantExtra { body: app.body("Erba"), credits: 5, seen: None, reason: "Fondo".to_owned() };
    assert_eq!(refused(administrator.call(stranger).await), "not_joined");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_large_correction_takes_two_people() {
    let app = TestApp::new().await;
    let (first, second) = (app.administrator(), app.second_administrator());
    assert_eq!(refused(propose(&first, &app, "Bellagio", 0).await), "faulty");
    done(propose(&first, &app, "Bellagio", -10).await.expect("at the threshold"));
    assert_eq!(app.account("Bellagio").await.granted, 10);
    let large = proposed(propose(&first, &app, "Bellagio", 11).await.expect("only proposed"));
    assert_eq!(app.account("Bellagio").await.granted, 10);
    let alone = confirm(&first, &app, large, 11).await;
    assert_eq!(alone, Err(Refusal::SecondPersonNeeded { threshold: 10 }.into()));
    let confirmed = confirm(&second, &app, large, 11).await.expect("by another");
    assert_eq!(confirmed.state, ProposalState::Confirmed);
    assert_eq!(app.account("Bellagio").await.granted, 21);
    let nothing = ApiError::Conflict { changes: Vec::new(), state: None };
    assert_eq!(confirm(&second, &app, large, 11).await, Err(nothing.into()), "it is confirmed once");
    assert_eq!(refused(confirm(&second, &app, ProposalId(999), 11).await), "not_found");
    assert_eq!(
        app.movements("Bellagio").await,
        [(EntryKind::Grant, 20), (EntryKind::Correct, -10), (EntryKind::Correct, 11)]
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn a_correction_that_meets_a_hold_waits_until_there_is_enough() {
    let app = TestApp::chartered(|config| config.call.terms.correction_threshold = 12).await;
    let (first, second) = (app.administrator(), app.second_administrator());
    // When it is proposed there would be enough.
    let correction = proposed(propose(&first, &app, "Bellagio", -15).await.expect("proposed"));
    let sent = app.sent("Bellagio", &["tributi"], &[]).await;
    let before = app.dump().await;
    assert_eq!(confirm(&second, &app, correction, -15).await, short(7));
    assert_eq!(propose(&first, &app, "Bellagio", -9).await, short(1));
    assert_eq!(propose(&first, &app, "Bellagio", -13).await, short(5), "nor is it proposed any more");
    assert_same(&before, &app.dump().await, "a correction that was refused");
    done(propose(&first, &app, "Bellagio", -8).await.expect("what is left, to the last"));
    assert_eq!(app.account("Bellagio").await, Account { granted: 12, held: 12, spent: 0, pledged: 0 });
    let reason = "Costa troppo".to_owned();
    app.mayor("Bellagio").call(SendBack { submission: sent.id, reason }).await.expect("sent back");
    assert_eq!(confirm(&second, &app, correction, -15).await, short(3), "12 are there");
    done(propose(&first, &app, "Bellagio", 3).await.expect("given again"));
    confirm(&second, &app, correction, -15).await.expect("now there is enough");
    assert_eq!(app.account("Bellagio").await, Account::default());
    app.assert_sound().await;
}

#[tokio::test]
async fn what_a_waiting_submission_renounced_can_not_be_taken_before_it_is_settled() {
    let app = TestApp::new().await;
    app.trust_one_person().await;
    let administrator = app.administrator();
    // 20 + 17 renounced, 12 held: 25 available, of which 17 must be there if the mayor sends it back.
    let sent = app.sent("Como", &["occupazione"], &["scuola", "multe"]).await;
    let account = app.account("Como").await;
    assert_eq!(account, Account { granted: 58, held: 5, spent: 0, pledged: 18 });
    for _ in 0..3 {
        propose(&administrator, &app, "Como", -10).await.expect("within what is free");
    }
    propose(&administrator, &app, "Como", -5).await.expect("to the last");
    assert_eq!(propose(&administrator, &app, "Como", -1).await, short(1));
    let by_hand = AssignByHand {
        body: app.body("Como"),
        package: "medio".into(),
        credits: 0,
        seen: 23,
        seen_package: "grande".into(),
        reason: "Errore".to_owned(),
    };
    assert_eq!(refused(administrator.call(by_hand).await), "submission_waiting");
    let reason = "Non ora".to_owned();
    let back = app.mayor("Como").call(SendBack { submission: sent.id, reason }).await;
    back.expect("a submission can always be sent back");
    assert_eq!(app.account("Como").await, Account { granted: 5, ..Account::default() });
    app.assert_sound().await;
}

#[tokio::test]
async fn renounced_values_that_were_used_come_back_in_the_right_order() {
    let app = TestApp::new().await;
    // All 20 and the 13 renounced are held: 12 + 5 + 4 × 3 + 4 of 33.
    let additions =
        ["tributi", "occupazione", "formazione", "formazione", "formazione", "formazione", "rate", "sms"];
    let sent = app.sent("Bellagio", &additions, &["anagrafe", "scuola"]).await;
    assert_eq!(app.account("Bellagio").await, Account { granted: 33, held: 33, spent: 0, pledged: 13 });
    let reason = "Troppo".to_owned();
    app.mayor("Bellagio").call(SendBack { submission: sent.id, reason }).await.expect("sent back");
    assert_eq!(app.account("Bellagio").await, Account { granted: 20, ..Account::default() });
    // Once authorised the drops are final, and what they gave stays with the body.
    let again = app.officer("Bellagio").submit(app.body("Bellagio")).await.expect("sent again");
    app.mayor("Bellagio").authorise(again.id).await.expect("authorised");
    for row in app.requests("Bellagio").await {
        if row.service.code.as_str() == "formazione" && row.state == State::Submitted {
            let withdraw = model::api::requests::WithdrawRequest {
                request: row.id,
                version: row.version,
                ..model::api::requests::WithdrawRequest::default()
            };
            app.officer("Bellagio").call(withdraw).await.expect("one by one");
        }
    }
    assert_eq!(app.account("Bellagio").await, Account { granted: 33, held: 21, spent: 0, pledged: 0 });
    app.assert_sound().await;
}

#[tokio::test]
async fn a_smaller_assignment_by_hand_never_takes_what_is_used() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    app.authorised("Bellagio", &["tributi"], &[]).await;
    app.bring("Bellagio", "tributi", State::Approved).await;
    let by_hand = |credits| AssignByHand {
        body: app.body("Bellagio"),
        package: "medio".into(),
        credits,
        seen: 20,
        seen_package: "medio".into(),
        reason: "Ricalcolo".to_owned(),
    };
    let before = app.dump().await;
    assert_eq!(administrator.call(by_hand(11)).await, short(1));
    assert_same(&before, &app.dump().await, "a refused assignment");
    administrator.call(by_hand(12)).await.expect("to the last");
    assert_eq!(app.account("Bellagio").await, Account { granted: 12, held: 0, spent: 12, pledged: 0 });
    assert_eq!(app.movements("Bellagio").await.last(), Some(&(EntryKind::Reduce, 8)));
    app.assert_sound().await;
}

#[tokio::test]
async fn credits_taken_while_a_basket_is_composed_are_missed_when_it_is_sent() {
    let app = TestApp::new().await;
    let (officer, body) = (app.officer("Bellagio"), app.body("Bellagio"));
    officer.change(body, Change::Add, "tributi").await.expect("12 of 20");
    let seen = officer.change(body, Change::Add, "formazione").await.expect("15 of 20");
    propose(&app.administrator(), &app, "Bellagio", -6).await.expect("14 are left");
    let before = app.dump().await;
    let changes = vec![Difference::Available { seen: Some(20), now: 14 }];
    let conflict = ApiError::Conflict { changes, state: None };
    assert_eq!(officer.submit_seen(&seen).await, Err(conflict.into()));
    assert_eq!(officer.submit(body).await, short(1), "seen again as it is");
    assert_same(&before, &app.dump().await, "a refused submission");
    officer.change(body, Change::Undo, "formazione").await.expect("undone");
    officer.submit(body).await.expect("12 of 14");
    app.assert_sound().await;
}
