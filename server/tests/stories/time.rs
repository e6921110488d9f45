//! *Scadenze*: what may happen until when, what the clock does by itself, and who gets more time.

use handlers::calls::time::TickOutcome;
use model::api::baskets::ReadBasket;
use model::api::bodies::{CallWindow, ReadBody, Todo};
use model::api::calls::{ExtendBody, ReadBoard};
use model::api::requests::{Cancel, Reject, Revoke};
use model::api::submissions::{ListSubmissions, ReadSubmission, SendBack, SubmissionState, SubmissionView};
use model::api::{FieldError, FieldErrorKind, Problem};
use model::basket::Change;
use model::calendar::Day;
use model::calls::CallStatus;
use model::credits::{Account, EntryKind};
use model::refusals::Refusal;
use model::requests::{Event, State};

use crate::metrics::whole;
use crate::test_app::{TestApp, refused, rome};

async fn window(app: &TestApp, body: &str) -> CallWindow {
    let body_id = app.body(body);
    let basket = app.officer(body).call(ReadBasket { body: body_id }).await;
    basket.expect("the basket is read").call
}

async fn latest(app: &TestApp, body: &str) -> SubmissionView {
    let operator = app.operator();
    let list = operator.call(ListSubmissions { body: app.body(body) }).await;
    let submission = list.expect("listed").submissions[0].id;
    operator.call(ReadSubmission { submission }).await.expect("read")
}

#[tokio::test]
async fn submitting_ends_with_the_closing_instant() {
    let app = TestApp::new().await;
    let submit = async |body: &str| app.officer(body).submit(app.body(body)).await;
    app.move_to("2026-03-02 08:59:59");
    assert_eq!(refused(submit("Bellagio").await), "call_closed", "a second before it opens");
    app.move_to("2026-03-02 09:00:00");
    submit("Bellagio").await.expect("it is open");
    app.move_to("2026-05-29 11:59:59");
    submit("Brunate").await.expect("a second before it closes");
    for at in ["2026-05-29 12:00:00", "2026-05-29 12:00:01"] {
        app.move_to(at);
        assert_eq!(refused(submit("Como").await), "call_closed", "{at}");
        let prepared = app.officer("Como").change(app.body("Como"), Change::Add, "sms").await;
        let undone = app.officer("Como").change(app.body("Como"), Change::Undo, "sms").await;
        assert!(prepared.is_ok() && undone.is_ok(), "only submitting needs an open call");
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn silence_keeps_the_package() {
    let app = TestApp::new().await;
    let (officer, body) = (app.officer("Bellagio"), app.body("Bellagio"));
    officer.change(body, Change::Add, "tributi").await.expect("composed");
    officer.change(body, Change::Drop, "scuola").await.expect("and never sent");
    app.authorised("Brunate", &["sms"], &[]).await;
    app.sent("Como", &["sms"], &[]).await;
    app.move_to("2026-05-29 11:59:59");
    assert_eq!(app.tick().await, TickOutcome::default());
    app.move_to("2026-05-29 12:00:00");
    // Cantù has no package, Erba did not join, Brunate and Como have spoken.
    assert_eq!(app.tick().await, TickOutcome { closed: 1, lapsed: 0, kept: 5 });
    let kept = latest(&app, "Bellagio").await;
    assert_eq!((kept.state, kept.prepared_by, kept.authorised_by), (SubmissionState::Authorised, None, None));
    assert_eq!((kept.held, kept.renounced, kept.lines.len()), (0, 0, 5));
    assert_eq!(app.movements("Bellagio").await, [(EntryKind::Grant, 20)]);
    assert_eq!(app.request("Bellagio", "scuola").await.state, State::Approved);
    let basket = officer.call(ReadBasket { body }).await.expect("read");
    assert!(basket.items.iter().all(|item| !item.dropped));
    let area = officer.call(ReadBody { body }).await.expect("read");
    let draft = area.draft.expect("what was to be added is stored");
    assert_eq!((draft.added, draft.dropped, basket.added.len()), (1, 0, 1));
    let high = app.observer().call(ReadBoard::default()).await.expect("read");
    let high = high.rows.iter().find(|row| row.body.name == "Bellagio").expect("listed").high;
    assert_eq!((area.high, high), (3, 3), "a draft is no part of what the body has");
    let (site, _folder) = whole(&app);
    let page = officer.at(site).get(&format!("/comuni/{body}")).await.body;
    assert!(page.contains("Una scelta non è stata inviata"), "it is told");
    assert!(page.contains("Bozza non inviata: 1"), "with what it was");
    assert!(area.todo.is_empty(), "nothing can be sent now");
    assert_eq!(basket.call.status, CallStatus::Closed);
    assert_eq!(app.tick().await, TickOutcome::default(), "once");
    let board = app.observer().call(ReadBoard::default()).await.expect("read");
    let unassigned = board.rows.iter().find(|row| row.body.name == "Cantù").expect("listed");
    assert_eq!(unassigned.account, None);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_choice_that_was_not_sent_can_be_sent_when_the_body_gets_more_time() {
    let app = TestApp::new().await;
    let (officer, body) = (app.officer("Bellagio"), app.body("Bellagio"));
    officer.change(body, Change::Add, "tributi").await.expect("composed, and never sent");
    app.move_to("2026-05-29 12:00:00");
    app.tick().await;
    let until = Some(rome("2026-06-12 00:00:00").day_in_rome());
    let extend = ExtendBody { body, until, reason: "Il referente era assente".to_owned() };
    app.administrator().call(extend).await.expect("extended");
    let area = officer.call(ReadBody { body }).await.expect("read");
    assert_eq!(area.draft.map(|draft| (draft.added, draft.left)), Some((1, 8)));
    assert!(matches!(area.todo[..], [Todo::Compose { .. }]), "{:?}", area.todo);
    let sent = officer.submit(body).await.expect("sent");
    app.mayor("Bellagio").authorise(sent.id).await.expect("authorised");
    assert_eq!(app.request("Bellagio", "tributi").await.state, State::Submitted);
    assert_eq!(officer.call(ReadBody { body }).await.expect("read").draft, None);
    app.assert_sound().await;
}

#[tokio::test]
async fn what_nobody_authorises_lapses_and_the_package_stays() {
    let app = TestApp::new().await;
    app.move_to("2026-05-29 11:00:00");
    app.sent("Brunate", &["tributi"], &["scuola"]).await;
    app.move_to("2026-06-15 12:00:00");
    assert_eq!(app.tick().await.lapsed, 0);
    assert_eq!(app.request("Brunate", "tributi").await.state, State::AwaitingAuthorisation);
    app.move_to("2026-06-15 12:00:01");
    let outcome = app.tick().await;
    assert_eq!((outcome.lapsed, outcome.kept), (1, 1), "in the same beat");
    assert_eq!(app.request("Brunate", "tributi").await.state, State::Lapsed);
    assert_eq!(app.request("Brunate", "scuola").await.state, State::Approved);
    assert_eq!(app.account("Brunate").await, Account { granted: 20, ..Account::default() });
    assert_eq!(
        app.movements("Brunate").await[1..],
        [
            (EntryKind::Renounce, 8),
            (EntryKind::Hold, 12),
            (EntryKind::Release, 12),
            (EntryKind::Reinstate, 8)
        ]
    );
    assert_eq!(app.tick().await, TickOutcome::default());
    app.assert_sound().await;
}

#[tokio::test]
async fn a_submission_withdrawn_after_the_closing_leaves_the_package() {
    let app = TestApp::new().await;
    let sent = app.sent("Brunate", &["tributi"], &[]).await;
    app.move_to("2026-06-01 09:00:00");
    app.tick().await;
    let withdraw = model::api::submissions::WithdrawSubmission { submission: sent.id };
    app.officer("Brunate").call(withdraw).await.expect("withdrawn");
    assert_eq!(app.tick().await.kept, 1);
    assert_eq!(app.request("Brunate", "scuola").await.state, State::Approved);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_late_send_back_gives_ten_working_days_by_itself() {
    let app = TestApp::new().await;
    let closes = rome("2026-05-29 12:00:00");
    let back = async |body: &str, submission| {
        let reason = "Da rivedere".to_owned();
        let done = app.mayor(body).call(SendBack { submission, reason }).await;
        done.expect("sent back");
        window(&app, body).await
    };
    let early = app.sent("Bellagio", &["sms"], &[]).await.id;
    let late = app.sent("Brunate", &["sms"], &[]).await.id;
    let after = app.sent("Como", &["sms"], &[]).await.id;
    app.move_to("2026-05-15 12:00:00");
    let seen = back("Bellagio", early).await;
    assert_eq!((seen.closes, seen.extension_reason), (closes, None), "ten working days are left");
    app.move_to("2026-05-28 10:00:00");
    let seen = back("Brunate", late).await;
    assert_eq!(seen.closes, rome("2026-06-12 10:00:00"), "2 June is a holiday");
    assert!(seen.open && seen.extension_reason.is_some());
    assert_eq!(seen.authorise_until, rome("2026-06-26 10:00:00"));

    app.move_to("2026-06-12 09:59:59");
    let outcome = app.tick().await;
    assert_eq!(outcome.kept, 5, "not Brunate, whose time goes on, nor Como, which waits");
    let again = app.officer("Brunate").submit(app.body("Brunate")).await.expect("in time");
    app.mayor("Brunate").authorise(again.id).await.expect("authorised");
    // In the mayor's days of grace: the body's own time is over, and begins again.
    let seen = back("Como", after).await;
    assert_eq!(seen.closes, rome("2026-06-26 09:59:59"));
    assert_eq!(app.tick().await.kept, 0);
    app.move_to("2026-06-26 09:59:59");
    let over = app.officer("Como").submit(app.body("Como")).await;
    assert_eq!(refused(over), "call_closed");
    assert_eq!(app.tick().await.kept, 1);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_late_refusal_gives_ten_working_days_and_one_after_the_closing_none() {
    let app = TestApp::new().await;
    let operator = app.operator();
    for body in ["Bellagio", "Brunate", "Como", "Cernobbio"] {
        app.authorised(body, &["occupazione"], &[]).await;
        app.bring(body, "occupazione", State::InReview).await;
    }
    let reject = async |body: &str| {
        let seen = app.request(body, "occupazione").await;
        let (request, version, reason) = (seen.id, seen.version, "Manca il regolamento".to_owned());
        let done = operator.call(Reject { request, version, reason, ..Reject::default() }).await;
        done.expect("rejected");
        window(&app, body).await.closes
    };
    let closes = rome("2026-05-29 12:00:00");
    app.move_to("2026-05-15 12:00:00");
    assert_eq!(reject("Bellagio").await, closes);
    app.move_to("2026-05-20 12:00:00");
    assert_eq!(reject("Brunate").await, rome("2026-06-04 12:00:00"));
    let seen = app.request("Como", "occupazione").await;
    let (request, version, reason) = (seen.id, seen.version, "Chiesta per errore".to_owned());
    let cancel = operator.call(Cancel { request, version, reason, ..Cancel::default() }).await;
    cancel.expect("cancelled");
    assert_eq!(window(&app, "Como").await.closes, rome("2026-06-04 12:00:00"));
    app.move_to("2026-05-29 12:00:01");
    assert_eq!(reject("Cernobbio").await, closes, "a review may take months");
    // The time that was given is to choose something else.
    let brunate = app.body("Brunate");
    app.officer("Brunate").change(brunate, Change::Add, "dehors").await.expect("instead");
    app.officer("Brunate").submit(brunate).await.expect("still open");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_request_cancelled_along_with_another_gives_the_time_too() {
    let app = TestApp::new().await;
    app.authorised("Bellagio", &["tributi"], &[]).await;
    app.move_to("2026-05-20 12:00:00");
    let node = app.request("Bellagio", "nodo").await;
    let revoke = Revoke {
        request: node.id,
        version: node.version,
        reason: "Il nodo cambia gestore".to_owned(),
        take_along: true,
        seen: app.operator().sees_along(node.id, Event::Revoke).await,
        owner: None,
    };
    app.operator().call(revoke).await.expect("revoked with what needs it");
    assert_eq!(app.request("Bellagio", "tributi").await.state, State::Cancelled);
    assert_eq!(window(&app, "Bellagio").await.closes, rome("2026-06-04 12:00:00"));
    app.assert_sound().await;
}

#[tokio::test]
async fn an_administrator_gives_one_body_more_time() {
    let app = TestApp::new().await;
    let extend = async |until: &str, reason: &str| {
        let extension =
            ExtendBody { body: app.body("Brunate"), until: Day::parse(until), reason: reason.to_owned() };
        app.administrator().call(extension).await
    };
    assert_eq!(refused(extend("2026-06-05", " ").await), "faulty", "always with a reason");
    assert_eq!(refused(extend("soon", "Elezioni").await), "faulty");
    let early = extend("2026-05-28", "Elezioni").await;
    assert_eq!(early, Err(Refusal::NotAnExtension { until: rome("2026-05-29 12:00:00") }.into()));
    let given = extend("2026-06-05", "Elezioni").await.expect("extended");
    assert_eq!(given.closes, rome("2026-06-05 23:59:59"));
    assert_eq!(given.extension_reason.as_deref(), Some("Elezioni"));
    // What was given may be shortened, but to nothing that is over, nor below what every body has.
    assert_eq!(
        extend("2028-03-02", "Commissario").await.expect("two years").closes,
        rome("2028-03-02 23:59:59")
    );
    let day = |text| Day::parse(text).expect("a day");
    let fault = |what| Err(Problem::faulty(FieldError::new("until", what)));
    let beyond = fault(FieldErrorKind::NotBeyond { day: day("2028-03-02") });
    assert_eq!(extend("2028-03-03", "Commissario").await, beyond);
    assert_eq!(extend("9999-12-31", "Commissario").await, beyond);
    assert_eq!(
        extend("2026-05-28", "Errore").await,
        fault(FieldErrorKind::NotAfter { day: day("2026-05-28") })
    );
    assert_eq!(refused(extend("2026-06-05", " ").await), "faulty", "this too with a reason");
    let shortened = extend("2026-06-05", "Elezioni anticipate").await.expect("shortened");
    assert_eq!(shortened.closes, rome("2026-06-05 23:59:59"));
    assert_eq!(window(&app, "Brunate").await.extension_reason.as_deref(), Some("Elezioni anticipate"));
    app.move_to("2026-06-05 23:59:58");
    assert_eq!(app.tick().await.kept, 6, "all but Brunate and Cantù");
    app.officer("Brunate").submit(app.body("Brunate")).await.expect("in time");
    let other = app.officer("Como").change(app.body("Como"), Change::Add, "sms").await;
    assert!(!other.expect("prepared").call.open, "the extension is one body's");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_body_that_left_does_not_stop_the_clock_for_the_others() {
    let app = TestApp::new().await;
    let leave = format!("UPDATE body SET joined_on = NULL WHERE id = {}", app.body("Como"));
    app.raw_sql(leave).await;
    app.move_to("2026-05-29 12:00:00");
    assert_eq!(app.tick().await.kept, 6, "only joined bodies, and all of them");
    app.assert_sound().await;
}
