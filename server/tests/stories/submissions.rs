//! *Pratiche*: from the basket to the mayor's yes, the ways back, and what is final afterwards.

use model::api::baskets::ReadBasket;
use model::api::bodies::{ReadBody, Todo};
use model::api::submissions::{
    LineKind, ListSubmissions, ReadSubmission, SendBack, SubmissionState, Submit, WithdrawSubmission,
};
use model::api::{ApiError, FieldError, FieldErrorKind, Problem};
use model::basket::{Change, Standing};
use model::calls::Authorisation;
use model::catalogue::ServiceRef;
use model::credits::{Account, EntryKind};
use model::refusals::Refusal;
use model::requests::{Event, State};
use model::seen::Difference;

use crate::test_app::{NEIGHBOUR, TestApp, assert_same, refused, rome};

#[tokio::test]
async fn from_the_basket_to_a_live_service() {
    let app = TestApp::new().await;
    let (officer, mayor) = (app.officer("Bellagio"), app.mayor("Bellagio"));
    let body = app.body("Bellagio");
    officer.change(body, Change::Drop, "scuola").await.expect("8 come back");
    officer.change(body, Change::Add, "formazione").await.expect("3 credits");
    let basket = officer.change(body, Change::Add, "tributi").await.expect("12 credits");
    assert_eq!((basket.cost, basket.left, basket.high), (7, 13, 3));
    assert!(basket.objections.is_empty() && basket.needs_authorisation);

    let sent = officer.submit(body).await.expect("the basket is sent");
    assert_eq!((sent.number.as_str(), sent.state), ("2026/000001", SubmissionState::AwaitingAuthorisation));
    assert_eq!((sent.held, sent.renounced, sent.available, sent.granted), (15, 8, 13, 28));
    assert_eq!(sent.prepared_by.as_deref(), Some("Referente, Comune di Bellagio"));
    assert!(!sent.may_authorise && sent.may_withdraw, "the officer reads the receipt");
    assert_eq!(
        app.movements("Bellagio").await,
        [(EntryKind::Grant, 20), (EntryKind::Renounce, 8), (EntryKind::Hold, 3), (EntryKind::Hold, 12)]
    );
    assert_eq!(app.account("Bellagio").await.pledged, 8);

    let area = mayor.call(ReadBody { body }).await.expect("the mayor's area");
    let [Todo::Authorise { submission, services: 2, credits: 15, .. }] = area.todo.as_slice() else {
        panic!("the mayor has one thing to do: {:?}", area.todo);
    };
    assert_eq!(*submission, sent.id);
    let authorised = mayor.authorise(sent.id).await.expect("the mayor authorises");
    assert_eq!(authorised.state, SubmissionState::Authorised);
    assert_eq!(authorised.authorised_by.as_deref(), Some("Sindaco, Comune di Bellagio"));
    for kept in ["anagrafe", "nodo", "multe", "portale"] {
        assert_eq!(app.request("Bellagio", kept).await.state, State::Approved, "{kept}");
    }
    assert_eq!(app.request("Bellagio", "tributi").await.state, State::Submitted);

    let live = app.bring("Bellagio", "tributi", State::Live).await;
    assert_eq!((live.price, live.due, live.owner), (12, None, Some(app.person(&app.operator()))));
    let view = officer.look_at(live.id).await.expect("the officer follows");
    let events: Vec<_> = view.timeline.iter().rev().map(|step| step.event).collect();
    assert_eq!(
        events,
        [
            Event::Submit,
            Event::Authorise,
            Event::TakeInCharge,
            Event::Approve,
            Event::Start,
            Event::CompleteMilestone,
            Event::CompleteMilestone,
            Event::CompleteMilestone,
            Event::GoLive
        ]
    );
    assert_eq!(app.account("Bellagio").await, Account { granted: 28, held: 3, spent: 12, pledged: 0 });
    app.assert_sound().await;
}

#[tokio::test]
async fn what_is_sent_back_is_in_the_basket_as_it_was() {
    let app = TestApp::new().await;
    let (officer, mayor) = (app.officer("Bellagio"), app.mayor("Bellagio"));
    let body = app.body("Bellagio");
    let sent = app.sent("Bellagio", &["tributi", "formazione", "formazione"], &["scuola"]).await;
    let before = officer.call(ReadBasket { body }).await.expect("locked");
    assert_eq!(before.waiting, Some(sent.id));
    let refusal = refused(officer.change(body, Change::Undo, "tributi").await);
    assert_eq!(refusal, "submission_waiting");

    let reason = "Prima la scuola".to_owned();
    let back = mayor.call(SendBack { submission: sent.id, reason }).await.expect("sent back");
    assert_eq!((back.state, back.sent_back_reason.as_str()), (SubmissionState::SentBack, "Prima la scuola"));
    let movements = app.movements("Bellagio").await;
    assert_eq!(
        movements[5..],
        [
            (EntryKind::Release, 3),
            (EntryKind::Release, 3),
            (EntryKind::Release, 12),
            (EntryKind::Reinstate, 8)
        ],
        "holds first, so that what was renounced is free to go"
    );
    assert_eq!(app.account("Bellagio").await, Account { granted: 20, ..Account::default() });
    let after = officer.call(ReadBasket { body }).await.expect("open again");
    let chosen = |basket: &model::api::baskets::BasketView| {
        let dropped: Vec<_> = basket.items.iter().filter(|item| item.dropped).cloned().collect();
        (dropped.len(), basket.added.clone(), basket.cost, basket.left, basket.version)
    };
    assert_eq!(after.added.len(), 2);
    assert_eq!(chosen(&after).0, 1);
    assert_eq!((after.cost, after.left, after.waiting), (10, 10, None));
    let area = officer.call(ReadBody { body }).await.expect("the officer's area");
    assert!(matches!(&area.todo[..], [Todo::Mend { reason, .. }] if reason == "Prima la scuola"));

    let again = officer.submit(body).await.expect("sent again");
    assert_eq!(again.number, "2026/000002");
    mayor.authorise(again.id).await.expect("now yes");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_submission_that_waits_is_withdrawn_whole() {
    let app = TestApp::new().await;
    for (body, withdraws) in [("Bellagio", app.officer("Bellagio")), ("Brunate", app.mayor("Brunate"))] {
        let sent = app.sent(body, &["tributi"], &["scuola"]).await;
        // A single request of it can't be taken out.
        let request = app.request(body, "tributi").await;
        let alone = withdraws
            .call(model::api::requests::WithdrawRequest {
                request: request.id,
                version: request.version,
                ..model::api::requests::WithdrawRequest::default()
            })
            .await;
        assert_eq!(refused(alone), "transition_refused");
        let view = withdraws.call(WithdrawSubmission { submission: sent.id }).await;
        assert_eq!(view.expect("withdrawn").state, SubmissionState::Withdrawn);
        assert_eq!(app.request(body, "tributi").await.state, State::Withdrawn);
        assert_eq!(app.account(body).await, Account { granted: 20, ..Account::default() });
        let basket = app.officer(body).call(ReadBasket { body: app.body(body) }).await;
        assert_eq!(basket.expect("open again").added.len(), 1);
        let twice = withdraws.call(WithdrawSubmission { submission: sent.id }).await;
        assert_eq!(refused(twice), "transition_refused");
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn authorisation_comes_once_and_closes_the_way_back() {
    let app = TestApp::new().await;
    let mayor = app.mayor("Bellagio");
    let sent = app.authorised("Bellagio", &["tributi"], &[]).await;
    assert_eq!(refused(mayor.authorise(sent.id).await), "transition_refused");
    let reason = "Ripensamento".to_owned();
    let back = mayor.call(SendBack { submission: sent.id, reason }).await;
    assert_eq!(refused(back), "transition_refused");
    let withdrawn = mayor.call(WithdrawSubmission { submission: sent.id }).await;
    assert_eq!(refused(withdrawn), "transition_refused");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_was_dropped_is_gone_once_authorised() {
    let app = TestApp::new().await;
    let officer = app.officer("Bellagio");
    let body = app.body("Bellagio");
    app.authorised("Bellagio", &[], &["scuola"]).await;
    let basket = officer.call(ReadBasket { body }).await.expect("a new basket");
    let item = basket.items.iter().find(|item| item.service.code.as_str() == "scuola");
    assert_eq!(item.expect("still shown").standing, Standing::Gone);
    assert_eq!(refused(officer.change(body, Change::Undo, "scuola").await), "nothing_to_undo");
    assert_eq!(refused(officer.change(body, Change::Drop, "scuola").await), "not_in_package");
    assert_eq!(refused(officer.submit(body).await), "nothing_to_submit");
    // It can be bought back, at its price.
    let bought = officer.change(body, Change::Add, "scuola").await.expect("8 credits");
    assert_eq!((bought.cost, bought.left), (8, 20));
    let again = officer.submit(body).await.expect("sent");
    app.mayor("Bellagio").authorise(again.id).await.expect("authorised");
    assert_eq!(app.request("Bellagio", "scuola").await.state, State::Submitted);
    assert_eq!(app.account("Bellagio").await.held, 8);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_package_item_that_ended_otherwise_is_open_again() {
    let app = TestApp::new().await;
    let (officer, operator) = (app.officer("Bellagio"), app.operator());
    let body = app.body("Bellagio");
    app.authorised("Bellagio", &[], &[]).await;
    for service in ["anagrafe", "scuola"] {
        let seen = app.request("Bellagio", service).await;
        let revoke = model::api::requests::Revoke {
            request: seen.id,
            version: seen.version,
            reason: "Il fornitore ha cessato".to_owned(),
            ..model::api::requests::Revoke::default()
        };
        operator.call(revoke).await.expect("revoked");
    }
    assert_eq!(app.movements("Bellagio").await.len(), 1, "it had cost nothing");
    let basket = officer.change(body, Change::Drop, "anagrafe").await.expect("for its value");
    assert_eq!((basket.cost, basket.left), (-5, 25));
    let sent = officer.submit(body).await.expect("sent: multe and scuola keep the minimum");
    let kinds: Vec<_> =
        sent.lines.iter().map(|line| (line.kind, line.service.code.0.as_str(), line.credits)).collect();
    assert_eq!(kinds, [(LineKind::Drop, "anagrafe", 5), (LineKind::Keep, "scuola", 0)]);
    app.mayor("Bellagio").authorise(sent.id).await.expect("authorised");
    assert_eq!(app.request("Bellagio", "scuola").await.state, State::Approved);
    assert_eq!(app.account("Bellagio").await.granted, 25);
    app.assert_sound().await;
}

#[tokio::test]
async fn above_a_limit_the_mayor_authorises_also_when_it_is_split() {
    let app = TestApp::chartered(|config| {
        config.call.terms.authorisation = Authorisation::Above(13);
    })
    .await;
    let officer = app.officer("Bellagio");
    let body = app.body("Bellagio");
    let basket = officer.change(body, Change::Add, "tributi").await.expect("12 credits");
    assert!(!basket.needs_authorisation);
    let first = officer.submit(body).await.expect("sent");
    assert_eq!(first.state, SubmissionState::Authorised, "12 are not above 13");
    assert_eq!(first.authorised_by, None);
    assert_eq!(app.request("Bellagio", "tributi").await.state, State::Submitted);
    assert_eq!(app.request("Bellagio", "scuola").await.state, State::Approved);

    officer.change(body, Change::Add, "sms").await.expect("1 credit");
    let second = officer.submit(body).await.expect("sent");
    assert_eq!(second.state, SubmissionState::Authorised, "12 + 1 is not above 13");
    // What was spent counts as much as what is held.
    app.bring("Bellagio", "tributi", State::Approved).await;
    let basket = officer.change(body, Change::Add, "formazione").await.expect("3 credits");
    assert!(basket.needs_authorisation);
    let third = officer.submit(body).await.expect("sent");
    assert_eq!(third.state, SubmissionState::AwaitingAuthorisation, "12 + 1 + 3 is");
    app.assert_sound().await;
}

#[tokio::test]
async fn where_nobody_authorises_drops_are_final_at_once() {
    let app = TestApp::chartered(|config| config.call.terms.authorisation = Authorisation::Never).await;
    let sent = app.sent("Bellagio", &["tributi"], &["scuola"]).await;
    assert_eq!(sent.state, SubmissionState::Authorised);
    assert_eq!(app.account("Bellagio").await, Account { granted: 28, held: 12, spent: 0, pledged: 0 });
    let withdrawn = app.officer("Bellagio").call(WithdrawSubmission { submission: sent.id }).await;
    assert_eq!(refused(withdrawn), "transition_refused");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_stale_basket_says_what_changed() {
    let app = TestApp::new().await;
    let officer = app.officer("Bellagio");
    let body = app.body("Bellagio");
    let seen = officer.change(body, Change::Add, "tributi").await.expect("seen");
    officer.change(body, Change::Add, "sms").await.expect("somebody else adds");
    officer.change(body, Change::Drop, "scuola").await.expect("and drops");
    let before = app.dump().await;
    let Err(Problem::ApiError(ApiError::Conflict { changes, state: None })) =
        officer.submit_seen(&seen).await
    else {
        panic!("a conflict");
    };
    let given = |change, code: &str| Difference::Basket {
        change,
        service: ServiceRef { code: code.into(), name: format!("Servizio {code}") },
    };
    assert_eq!(changes, [given(Change::Add, "sms"), given(Change::Drop, "scuola")]);
    assert_same(&before, &app.dump().await, "a refused submission");
    officer.submit(body).await.expect("the basket as it is");
    app.assert_sound().await;
}

#[tokio::test]
async fn additions_need_a_reason_and_a_contact() {
    let app = TestApp::new().await;
    let officer = app.officer("Bellagio");
    let body = app.body("Bellagio");
    let basket = officer.change(body, Change::Add, "sms").await.expect("added");
    let bare = Submit {
        body,
        version: basket.version,
        seen: basket.seen(),
        reason: "  ".to_owned(),
        contact: String::new(),
        protocol: String::new(),
    };
    let Err(Problem::ApiError(ApiError::Faulty { faults })) = officer.call(bare.clone()).await else {
        panic!("faults");
    };
    assert_eq!(
        faults,
        [
            FieldError::new("reason", FieldErrorKind::Missing),
            FieldError::new("contact", FieldErrorKind::Missing)
        ]
    );
    let basket = officer.change(body, Change::Undo, "sms").await.expect("undone");
    let (version, seen) = (basket.version, basket.seen());
    let sent = officer.call(Submit { version, seen, protocol: " 123/2026 ".to_owned(), ..bare }).await;
    let sent = sent.expect("the package alone needs neither");
    assert_eq!((sent.protocol.as_str(), sent.held), ("123/2026", 0));
    app.assert_sound().await;
}

#[tokio::test]
async fn numbers_run_without_gaps_and_start_anew_with_the_year() {
    let app = TestApp::chartered(|config| config.call.closes = rome("2027-05-28 12:00:00")).await;
    app.move_to("2026-12-31 23:59:59");
    let first = app.sent("Bellagio", &["sms"], &[]).await;
    // A submission that is refused takes no number.
    let officer = app.officer("Brunate");
    assert_eq!(refused(officer.submit_as(app.body("Brunate"), 7, Vec::new()).await), "conflict");
    let second = app.sent("Brunate", &[], &[]).await;
    let next_door = app.holder(NEIGHBOUR, model::people::Role::Officer, "Lecco");
    let other = next_door.submit(app.body_in(NEIGHBOUR, "Lecco")).await.expect("sent");
    app.move_to("2027-01-01 00:00:00");
    let third = app.sent("Como", &[], &[]).await;
    let numbers = [&first, &second, &other, &third].map(|sent| sent.number.as_str());
    assert_eq!(numbers, ["2026/000001", "2026/000002", "2026/000001", "2027/000001"]);
    let list = app.officer("Como").call(ListSubmissions { body: app.body("Como") }).await;
    let list = list.expect("the body's submissions").submissions;
    assert_eq!((list.len(), list[0].kept), (1, 6));
    app.assert_sound().await;
}

#[tokio::test]
async fn the_mayor_has_ten_working_days_more_to_the_second() {
    let app = TestApp::new().await;
    let on_time = app.sent("Bellagio", &["tributi"], &["scuola"]).await;
    let late = app.sent("Brunate", &["tributi"], &["scuola"]).await.id;
    // 2 June is a holiday.
    app.move_to("2026-06-15 12:00:00");
    assert_eq!(app.tick().await.lapsed, 0);
    let authorised = app.mayor("Bellagio").authorise(on_time.id).await;
    authorised.expect("at the last instant");
    app.move_to("2026-06-15 12:00:01");
    let mayor = app.mayor("Brunate");
    let Err(Problem::Refused(Refusal::AuthorisationExpired { until })) = mayor.authorise(late).await else {
        panic!("too late");
    };
    assert_eq!(until, rome("2026-06-15 12:00:00"));
    let view = mayor.call(ReadSubmission { submission: late }).await.expect("read");
    assert!(!view.may_authorise);
    app.assert_sound().await;
}
