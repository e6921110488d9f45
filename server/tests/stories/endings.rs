//! How requests end: rejected, withdrawn, cancelled, revoked, ended; with what needs them, and what comes back.

use model::api::requests::{
    AskChanges, Cancel, EndService, Reject, RequestRow, RequestView, Revoke, WithdrawRequest,
};
use model::api::{Operation, Problem};
use model::catalogue::HighRange;
use model::credits::{Account, EntryKind};
use model::refusals::Refusal;
use model::requests::{Event, State};
use store::{Transaction, UnitOfWork};

use crate::test_app::{TestApp, TestClient, assert_same, refused};

/// One of the five ways, as each is written.
macro_rules! ending {
    ($name:ident, $operation:ident, $event:ident) => {
        #[allow(clippy::needless_update, reason = "only some of them name the owner too")]
        async fn $name(
            who: &TestClient,
            seen: &RequestRow,
            take_along: bool,
        ) -> Result<RequestView, Problem> {
            let along = if take_along { who.sees_along(seen.id, Event::$event).await } else { Vec::new() };
            who.call($operation {
                request: seen.id,
                version: seen.version,
                reason: "Così è deciso".to_owned(),
                take_along,
                seen: along,
                ..$operation::default()
            })
            .await
        }
    };
}
ending!(reject, Reject, Reject);
ending!(withdraw, WithdrawRequest, Withdraw);
ending!(cancel, Cancel, Cancel);
ending!(revoke, Revoke, Revoke);
ending!(end, EndService, End);

/// The services that a refusal names as needing this one.
fn dependants(outcome: Result<RequestView, Problem>) -> Vec<String> {
    match outcome {
        Err(Problem::Refused(Refusal::HasDependants { services })) => {
            services.into_iter().map(|service| service.code.0).collect()
        }
        other => panic!("others need it: {other:?}"),
    }
}

/// Changes the catalogue after something was asked for.
#[derive(Clone)]
struct Reprice(&'static str, i64);

impl UnitOfWork for Reprice {
    type Answer = ();
    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        let mut service = tx.catalogue().await?.services[&self.0.into()].clone();
        service.price = self.1;
        tx.save_service(&service).await?;
        Ok(())
    }
}

#[tokio::test]
async fn each_ending_gives_back_exactly_what_was_held() {
    let app = TestApp::new().await;
    let (operator, officer) = (app.operator(), app.officer("Bellagio"));
    app.authorised("Bellagio", &["tributi", "formazione", "formazione", "sms"], &["scuola"]).await;
    assert_eq!(app.account("Bellagio").await, Account { granted: 28, held: 19, ..Account::default() });
    // Prices are those of the submission, whatever the catalogue says later.
    for (service, price) in [("tributi", 99), ("formazione", 1), ("sms", 50)] {
        app.write(Reprice(service, price)).await.expect("repriced");
    }
    let first = app.request("Bellagio", "formazione").await;
    withdraw(&officer, &first, false).await.expect("before anybody looked at it");
    assert_eq!(app.account("Bellagio").await.held, 16);
    let taxes = app.bring("Bellagio", "tributi", State::Approved).await;
    assert_eq!(app.account("Bellagio").await, Account { granted: 28, held: 4, spent: 12, pledged: 0 });
    for (outcome, what) in [
        (reject(&operator, &taxes, false).await, "reject"),
        (cancel(&operator, &taxes, false).await, "cancel"),
        (withdraw(&officer, &taxes, false).await, "withdraw"),
        (end(&operator, &taxes, false).await, "end"),
    ] {
        assert_eq!(refused(outcome), "transition_refused", "{what}, when it is approved");
    }
    revoke(&operator, &taxes, false).await.expect("revoked");
    let sms = app.bring("Bellagio", "sms", State::InReview).await;
    reject(&operator, &sms, false).await.expect("rejected");
    assert_eq!(
        app.movements("Bellagio").await[6..],
        [(EntryKind::Release, 3), (EntryKind::Spend, 12), (EntryKind::Refund, 12), (EntryKind::Release, 1)]
    );
    let second = app.requests("Bellagio").await;
    let second =
        second.iter().find(|row| row.service.code.as_str() == "formazione" && row.state == State::Submitted);
    cancel(&operator, second.expect("the other block"), false).await.expect("cancelled");
    assert_eq!(app.account("Bellagio").await, Account { granted: 28, ..Account::default() });
    app.assert_sound().await;
}

#[tokio::test]
async fn the_aggregator_cancels_at_any_point_of_the_review() {
    let app = TestApp::new().await;
    let operator = app.operator();
    for (body, state) in
        [("Bellagio", State::Submitted), ("Brunate", State::InReview), ("Como", State::NeedsChanges)]
    {
        app.authorised(body, &["sms"], &[]).await;
        let mut seen = app.request(body, "sms").await;
        if state != State::Submitted {
            seen = operator.take_in_charge(&seen).await.expect("taken").row;
        }
        if state == State::NeedsChanges {
            let (request, version, message) = (seen.id, seen.version, "Che numero?".to_owned());
            seen = operator
                .call(AskChanges { request, version, message, owner: None })
                .await
                .expect("asked")
                .row;
        }
        assert_eq!(seen.state, state);
        let ended = cancel(&operator, &seen, false).await.expect("cancelled").row;
        assert_eq!((ended.state, ended.due), (State::Cancelled, None));
        assert_eq!(app.account(body).await.held, 0);
    }
    let silent = Cancel {
        request: app.request("Como", "sms").await.id,
        version: 1,
        reason: "   ".to_owned(),
        ..Cancel::default()
    };
    assert_eq!(silent.faults().len(), 1, "never without a reason");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_others_need_goes_only_together_with_them() {
    let app = TestApp::new().await;
    let operator = app.operator();
    app.authorised("Brienno", &["nodo", "multe", "rate"], &["scuola", "sms"]).await;
    assert_eq!(app.account("Brienno").await.held, 15);
    let node = app.bring("Brienno", "nodo", State::InReview).await;
    let before = app.dump().await;
    assert_eq!(dependants(reject(&operator, &node, false).await), ["multe", "rate"], "all that hangs on it");
    assert_same(&before, &app.dump().await, "a refused rejection");
    reject(&operator, &node, true).await.expect("with all that needs it");
    for (service, state) in
        [("nodo", State::Rejected), ("multe", State::Cancelled), ("rate", State::Cancelled)]
    {
        assert_eq!(app.request("Brienno", service).await.state, state, "{service}");
    }
    let movements = app.movements("Brienno").await;
    assert_eq!(
        movements[movements.len() - 3..],
        [(EntryKind::Release, 3), (EntryKind::Release, 10), (EntryKind::Release, 2)],
        "each its own entry, the last to be built on goes first"
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn a_live_service_ends_with_what_is_on_its_way_on_top_of_it() {
    let app = TestApp::new().await;
    let operator = app.operator();
    app.authorised("Bellagio", &["rate", "tributi"], &[]).await;
    let node = app.bring("Bellagio", "nodo", State::Live).await;
    app.bring("Bellagio", "tributi", State::Activating).await;
    assert_eq!(dependants(end(&operator, &node, false).await), ["multe", "tributi", "rate"]);
    end(&operator, &node, true).await.expect("ended with them");
    for (service, state) in [
        ("nodo", State::Ended),
        ("multe", State::Revoked),
        ("tributi", State::Revoked),
        ("rate", State::Cancelled),
    ] {
        assert_eq!(app.request("Bellagio", service).await.state, state, "{service}");
    }
    assert_eq!(app.account("Bellagio").await, Account { granted: 20, ..Account::default() });
    let basket = app.officer("Bellagio").submit(app.body("Bellagio")).await;
    assert_eq!(refused(basket), "prerequisite_missing", "multe is open again, and the node is gone");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_submission_that_waits_is_never_cut() {
    let app = TestApp::new().await;
    let (operator, officer) = (app.operator(), app.officer("Bellagio"));
    app.authorised("Bellagio", &[], &["multe"]).await;
    let node = app.bring("Bellagio", "nodo", State::Approved).await;
    let sent = app.sent("Bellagio", &["tributi"], &[]).await;
    let before = app.dump().await;
    for take_along in [false, true] {
        assert_eq!(dependants(revoke(&operator, &node, take_along).await), ["tributi"]);
    }
    assert_same(&before, &app.dump().await, "a refused revocation");
    app.mayor("Bellagio").authorise(sent.id).await.expect("it is the mayor's");
    revoke(&operator, &node, true).await.expect("now it may go");
    assert_eq!(app.request("Bellagio", "tributi").await.state, State::Cancelled);
    drop(officer);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_body_takes_back_only_what_it_may_with_all_that_needs_it() {
    let app = TestApp::new().await;
    let officer = app.officer("Carate Urio");
    let grant = model::api::calls::GrantExtra {
        body: app.body("Carate Urio"),
        credits: 10,
        seen: None,
        reason: "Fondo regionale".to_owned(),
    };
    app.administrator().call(grant).await.expect("granted");
    app.authorised("Carate Urio", &["nodo", "multe", "rate"], &[]).await;
    let node = app.bring("Carate Urio", "nodo", State::InReview).await;
    assert_eq!(dependants(withdraw(&officer, &node, false).await), ["multe", "rate"]);
    // What is approved is not the body's to take back any more, and nothing of the rest is.
    let approved = app.bring("Carate Urio", "nodo", State::Approved).await;
    assert_eq!(refused(withdraw(&officer, &approved, true).await), "transition_refused");
    let fine = app.bring("Carate Urio", "multe", State::InReview).await;
    withdraw(&officer, &fine, true).await.expect("with rate");
    assert_eq!(app.request("Carate Urio", "rate").await.state, State::Withdrawn);
    assert_eq!(app.account("Carate Urio").await, Account { granted: 20, held: 0, spent: 2, pledged: 0 });
    app.assert_sound().await;
}

#[tokio::test]
async fn withdrawing_one_by_one_stops_at_the_minimum() {
    let app = TestApp::new().await;
    let officer = app.officer("Bellagio");
    let below = |missing| {
        let range = HighRange { minimum: 2, maximum: 5 };
        Err(Refusal::InteractivityBelow { missing, range }.into())
    };
    // Of high interactivity: multe from the package, tributi and occupazione added.
    app.authorised("Bellagio", &["tributi", "occupazione"], &["anagrafe", "scuola"]).await;
    let taxes = app.request("Bellagio", "tributi").await;
    withdraw(&officer, &taxes, false).await.expect("two are left");
    let database = app.request("Bellagio", "occupazione").await;
    let before = app.dump().await;
    assert_eq!(withdraw(&officer, &database, false).await, below(1));
    assert_eq!(withdraw(&app.mayor("Bellagio"), &database, false).await, below(1));
    assert_same(&before, &app.dump().await, "a refused withdrawal");
    // The aggregator may, and what it refused still counts for the body.
    let database = app.operator().take_in_charge(&database).await.expect("taken").row;
    reject(&app.operator(), &database, false).await.expect("rejected");
    app.authorised("Bellagio", &["dehors"], &[]).await;
    let terrace = app.request("Bellagio", "dehors").await;
    withdraw(&officer, &terrace, false).await.expect("multe, and the one that was rejected");
    app.assert_sound().await;
}

#[tokio::test]
async fn several_at_once_count_together_against_the_minimum() {
    let app = TestApp::new().await;
    let officer = app.officer("Brienno");
    app.authorised("Brienno", &["nodo", "multe", "rate"], &["scuola", "sms"]).await;
    let fine = app.request("Brienno", "multe").await;
    let before = app.dump().await;
    let range = HighRange { minimum: 2, maximum: 5 };
    let refusal = Refusal::InteractivityBelow { missing: 1, range };
    assert_eq!(withdraw(&officer, &fine, true).await, Err(refusal.into()), "anagrafe alone would be left");
    assert_same(&before, &app.dump().await, "a refused withdrawal of two");
    app.assert_sound().await;
}
