//! The security log: what is done, refused and read is kept, once and without secrets, and no flood fills the disk.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use model::access::Audit;
use model::api::bodies::{ListEntries, ReadBody};
use model::api::calls::{GrantExtra, ProposeCorrection};
use model::api::catalogue::ReadService;
use model::api::people::{ChangePassword, ReadProfile, SignIn, SignOut};
use model::api::requests::ReadRequest;
use model::api::security::{EventKind, ReadSecurityEvents, SecurityEvent};
use model::api::{Method, Operation};
use model::calendar::Day;
use model::people::Role;
use model::requests::State;

use crate::access::fixture::{AccessFixture, for_each_operation, verdict};
use crate::access::matrix::{Tried, text};
use crate::test_app::{PASSWORD, Reply, TestApp, TestClient, address, refused};

mod writing;

impl TestApp {
    /// Every event of this kind, oldest first, but for the readings of this story; what was only noted is written before.
    async fn events(&self, kind: EventKind) -> Vec<SecurityEvent> {
        self.marketplace.write_security_log(false).await;
        let read = ReadSecurityEvents { kind: Some(kind), ..ReadSecurityEvents::default() };
        let mut events = self.system(read).await.expect("the log is read").events;
        events.retain(|event| event.operation != "ReadSecurityEvents" || event.actor.is_some());
        events
    }
}

/// Sends a form or JSON from an address, as over a connection.
async fn from(client: &TestClient, source: &str, method: &str, path: &str, body: String) -> Reply {
    let peer: SocketAddr = format!("{source}:4711").parse().expect("an address");
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", client.fresh_key())
        .extension(ConnectInfo(peer));
    client.send(request.body(Body::from(body)).expect("a request")).await
}

fn summary(event: &SecurityEvent) -> (&str, &str, i64) {
    (&event.operation, &event.outcome, event.times)
}

#[tokio::test]
async fn a_grant_is_kept_with_who_gave_it_once_for_its_key_and_not_when_it_was_refused() {
    let app = TestApp::new().await;
    let (administrator, body) = (app.administrator(), app.body("Bellagio"));
    let before = app.events(EventKind::Credits).await.len();
    let grant = |credits| GrantExtra { body, credits, seen: None, reason: text() };
    let once = administrator.with_key("granted-once");
    once.call(grant(5)).await.expect("granted");
    once.call(grant(5)).await.expect("the same answer");
    administrator.call(grant(-5)).await.expect_err("no amount");
    let events = app.events(EventKind::Credits).await;
    let [event] = &events[before..] else { panic!("one event: {events:?}") };
    assert_eq!(event.actor, Some(app.person(&administrator)));
    assert_eq!((summary(event), event.credits, event.body), (("GrantExtra", "done", 1), 5, Some(body)));
    assert_eq!(event.at, app.now());
    // What moves no credits yet is kept too.
    administrator.call(ProposeCorrection::by(body, 20, text())).await.expect("proposed");
    let done = app.events(EventKind::Done).await;
    assert_eq!(summary(done.last().expect("one")), ("ProposeCorrection", "done", 1));
}

#[tokio::test]
async fn who_comes_in_and_goes_is_kept_and_whose_password_was_tried_but_no_address() {
    let app = TestApp::new().await;
    let sign_in = |email: &str, password: &str| {
        let sign_in = SignIn { email: email.to_owned(), password: password.to_owned() };
        serde_json::to_string(&sign_in).expect("JSON")
    };
    let officer = address(Role::Officer, "Bellagio");
    let mut client = app.stranger();
    for (email, password) in [
        (officer.as_str(), "sbagliata"),
        ("nessuno@example.org", "sbagliata"),
        (officer.to_uppercase().as_str(), PASSWORD),
    ] {
        let reply = from(&client, "198.51.100.7", "POST", SignIn::PATH, sign_in(email, password)).await;
        client.keep_cookies(&reply);
    }
    let person = app.officer("Bellagio").person.expect("somebody");
    let failed = app.events(EventKind::SignInFailed).await;
    let [known, unknown] = failed.as_slice() else { panic!("two: {failed:?}") };
    for event in [known, unknown] {
        assert_eq!(
            (summary(event), event.source.as_str()),
            (("SignIn", "wrong_credentials", 1), "198.51.100.7")
        );
    }
    assert_eq!(
        known.subject.as_ref().map(|subject| (subject.kind.as_str(), subject.id)),
        Some(("person", person.0))
    );
    assert_eq!(unknown.subject, None);
    let came = app.events(EventKind::SignIn).await;
    let [came] = came.as_slice() else { panic!("one: {came:?}") };
    assert_eq!(came.actor.as_ref().map(|actor| actor.id), Some(person));
    assert_eq!(came.source, "198.51.100.7");
    let change = ChangePassword {
        current_password: PASSWORD.to_owned(),
        new_password: "un'altra-frase-lunga".to_owned(),
    };
    client.call(change).await.expect("changed");
    client.call(SignOut {}).await.expect("out");
    client.call(SignOut {}).await.expect("out already");
    for (kind, operation) in [(EventKind::Password, "ChangePassword"), (EventKind::SignOut, "SignOut")] {
        let events = app.events(kind).await;
        let [event] = events.as_slice() else { panic!("one: {events:?}") };
        assert_eq!(
            (summary(event), event.actor.as_ref().map(|actor| actor.id)),
            ((operation, "done", 1), Some(person))
        );
    }
    // Too many tries are told as such.
    for _ in 0..12 {
        from(&app.stranger(), "198.51.100.8", "POST", SignIn::PATH, sign_in(&officer, "sbagliata")).await;
    }
    let outcomes: Vec<_> =
        app.events(EventKind::SignInFailed).await.into_iter().map(|event| event.outcome).collect();
    assert!(outcomes.contains(&"too_many".to_owned()), "{outcomes:?}");
    let kept = app.dump().await["security_event"].join("\n");
    for secret in ["@", "sbagliata", PASSWORD, "frase"] {
        assert!(!kept.contains(secret), "{secret} is kept:\n{kept}");
    }
}

#[tokio::test]
async fn what_the_policy_refuses_is_kept_and_what_happens_to_everybody_is_not() {
    let app = TestApp::new().await;
    let (officer, como) = (app.officer("Bellagio"), app.body("Como"));
    let grant = GrantExtra { body: app.body("Bellagio"), credits: 5, seen: None, reason: text() };
    assert_eq!(refused(officer.call(grant.clone()).await), "forbidden");
    assert_eq!(refused(officer.call(ReadBody { body: como }).await), "not_found");
    assert_eq!(officer.get(&format!("/api/v1/bodies/{como}/entries.csv")).await.status, 404);
    // A form that another site sends, and one of ours that the browser sends by itself.
    let forged = Request::builder()
        .method("POST")
        .uri(SignOut::PATH)
        .header("sec-fetch-site", "cross-site")
        .body(Body::empty());
    assert_eq!(officer.send(forged.expect("a request")).await.status, 403);
    let form = Request::builder()
        .method("POST")
        .uri(GrantExtra::PATH.replace("{body}", &app.body("Bellagio").to_string()))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "text/html")
        .body(Body::from(format!("credits=5&reason=prova&_key={}", officer.fresh_key())));
    assert_eq!(officer.send(form.expect("a request")).await.status, 303);
    // Of these nothing is kept.
    let stranger = app.stranger();
    assert_eq!(refused(stranger.call(ReadBody { body: como }).await), "sign_in_needed");
    assert_eq!(refused(stranger.call(grant).await), "sign_in_needed");
    assert_eq!(stranger.get("/api/v1/bodies/abc").await.status, 404);
    assert_eq!(officer.get("/api/v1/non-esiste").await.status, 404);
    let read = ReadService { code: "non-esiste".into(), body: None };
    assert_eq!(refused(officer.call(read).await), "not_found");

    let events = app.events(EventKind::Refused).await;
    let found: Vec<_> = events.iter().map(summary).collect();
    assert_eq!(
        found,
        [
            ("GrantExtra", "forbidden", 1),
            ("ReadBody", "not_found", 1),
            ("/api/v1/bodies/{body}/entries.csv", "not_found", 1),
            ("SignOut", "cross_site", 1),
            ("GrantExtra", "forbidden", 1),
        ]
    );
    assert_eq!(events[1].body, Some(como));
    for (event, actor) in events.iter().zip([true, true, true, false, true]) {
        assert_eq!(event.actor, actor.then(|| app.person(&officer)), "{event:?}");
    }
    // Whoever goes at once is known all the same.
    let mayor = app.mayor("Bellagio");
    assert_eq!(refused(mayor.call(ReadSecurityEvents::default()).await), "forbidden");
    mayor.call(SignOut {}).await.expect("out");
    let last = app.events(EventKind::Refused).await.pop().expect("an event");
    assert_eq!(last.actor, Some(app.person(&mayor)));
}

#[tokio::test]
async fn a_flood_of_refusals_leaves_a_few_events_and_their_number() {
    let app = TestApp::new().await;
    let officer = app.officer("Bellagio");
    for source in ["198.51.100.7", "198.51.100.8"] {
        for _ in 0..60 {
            from(&officer, source, "GET", "/api/v1/security-events", String::new()).await;
        }
    }
    assert_eq!(app.events(EventKind::Refused).await.len(), 40);
    app.move_to("2026-03-02 10:01:00");
    let events = app.events(EventKind::Refused).await;
    let outcomes: Vec<_> = events[40..].iter().map(|event| (event.outcome.as_str(), event.times)).collect();
    assert_eq!(outcomes, [("suppressed", 40), ("suppressed", 40)]);
}

#[tokio::test]
async fn who_reads_somebody_elses_personal_data_is_kept_once_in_a_while() {
    let app = TestApp::new().await;
    app.authorised("Bellagio", &["tributi"], &[]).await;
    let request = app.request("Bellagio", "tributi").await.id;
    let (officer, operator) = (app.officer("Bellagio"), app.operator());
    officer.call(ReadRequest { request }).await.expect("one's own");
    assert_eq!(app.events(EventKind::PersonalData).await, []);
    for _ in 0..3 {
        operator.call(ReadRequest { request }).await.expect("read");
    }
    operator.call(ListEntries { body: app.body("Bellagio"), kind: None }).await.expect("nothing personal");
    let events = app.events(EventKind::PersonalData).await;
    let [event] = events.as_slice() else { panic!("one: {events:?}") };
    assert_eq!((summary(event), event.body), (("ReadRequest", "done", 1), Some(app.body("Bellagio"))));
    assert_eq!(event.subject.as_ref().map(|subject| subject.id), Some(request.0));
    assert_eq!(event.actor, Some(app.person(&operator)));
    app.move_to("2026-03-02 11:00:00");
    operator.call(ReadRequest { request }).await.expect("read");
    app.administrator().call(ReadSecurityEvents::default()).await.expect("read");
    let events = app.events(EventKind::PersonalData).await;
    let operations: Vec<_> = events.iter().map(|event| event.operation.as_str()).collect();
    assert_eq!(operations, ["ReadRequest", "ReadRequest", "ReadSecurityEvents"], "whoever reads the log too");
}

#[tokio::test]
async fn the_clock_is_named_when_it_moves_credits() {
    let app = TestApp::new().await;
    app.sent("Bellagio", &["tributi"], &[]).await;
    app.tick().await;
    assert_eq!(
        app.events(EventKind::Credits).await.last().map(|event| event.operation.clone()),
        Some("Submit".into())
    );
    // The mayor's ten days are over: what was held is released, the other packages are kept.
    app.pass(200);
    assert_eq!(app.tick().await.lapsed, 1);
    let events = app.events(EventKind::Credits).await;
    let event = events.last().expect("one");
    assert_eq!(
        (summary(event), event.source.as_str(), event.actor.clone()),
        (("Beat", "done", 1), "clock", None)
    );
    assert!(event.credits > 0);
}

/// The events, and the sum of all entries without their signs.
async fn counted(app: &TestApp) -> (usize, i64) {
    app.marketplace.write_security_log(false).await;
    let mut raw = app.database.raw().await;
    let sum: Vec<(i64,)> =
        raw.all("SELECT CAST(COALESCE(SUM(ABS(amount)), 0) AS BIGINT) AS moved FROM entry").await;
    let events: Vec<(i64,)> = raw.all("SELECT COUNT(*) AS n FROM security_event").await;
    (usize::try_from(events[0].0).expect("a count"), sum[0].0)
}

/// A write that is done stands in the log when the table says so, and whenever it moved credits, with their sum.
async fn events_of<O: Tried>(trial: &AccessFixture, letter: char) -> u32 {
    if !O::WHO.contains(letter) || O::METHOD == Method::Get {
        return 0;
    }
    let name = std::any::type_name::<O>();
    let app = &trial.app;
    let caller = app.anew(&trial.caller(letter)).await;
    let (events, sum) = counted(app).await;
    let (status, _) = verdict(&caller.raw(&O::at(&trial.own)).await);
    let (events_then, sum_then) = counted(app).await;
    let audit = O::PERMISSION.audit();
    let moved = sum_then - sum;
    if status != 200 {
        assert_eq!((events_then, moved), (events, 0), "{name} by {letter}, refused");
        return 0;
    }
    if moved > 0 {
        assert!(matches!(audit, Audit::Done | Audit::Credits), "{name} moves credits, and is {audit:?}");
        let event = app.events(EventKind::Credits).await.pop().expect("an event");
        assert_eq!(event.credits, moved, "{name} by {letter}");
    }
    let expected = usize::from(moved > 0 || audit == Audit::Done);
    assert_eq!(events_then - events, expected, "{name} by {letter}");
    u32::try_from(expected).expect("one")
}

for_each_operation!(every_write, events_of);

#[tokio::test]
async fn no_credit_moves_and_nothing_of_weight_is_done_without_an_event() {
    let mut kept = 0;
    for letter in ['O', 'M', 'P', 'A'] {
        let trial = AccessFixture::prepare().await;
        kept += every_write(&trial, letter).await;
    }
    assert!(kept >= 20, "{kept}");
}

#[tokio::test]
async fn the_log_is_turned_over_by_administrators_and_by_nobody_else() {
    let trial = AccessFixture::prepare().await;
    let app = &trial.app;
    let administrator = app.administrator();
    let all = administrator.call(ReadSecurityEvents::default()).await.expect("read");
    assert!(all.events.len() > 10 && all.next.is_none());
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let read = ReadSecurityEvents { after, limit: Some(4), ..ReadSecurityEvents::default() };
        let page = administrator.call(read).await.expect("read");
        assert!(page.events.len() <= 4);
        found.extend(page.events);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found[..all.events.len()], all.events);
    let day = |text| Day::parse(text);
    for (from, to, none) in [
        (day("2026-03-02"), day("2026-03-02"), false),
        (day("2026-03-03"), None, true),
        (None, day("2026-03-01"), true),
    ] {
        let read = ReadSecurityEvents { from, to, ..ReadSecurityEvents::default() };
        assert_eq!(administrator.call(read).await.expect("read").events.is_empty(), none, "{from:?} {to:?}");
    }
    let others = app.holder(crate::test_app::NEIGHBOUR, Role::Administrator, "");
    let theirs = others.call(ReadSecurityEvents::default()).await.expect("read").events;
    assert!(theirs.iter().all(|event| !all.events.contains(event)), "each aggregator has its own");
    app.operator().call(ReadProfile {}).await.expect("signed in");
    assert_eq!(refused(app.operator().call(ReadSecurityEvents::default()).await), "forbidden");
}

#[tokio::test]
async fn an_event_is_never_changed_and_goes_only_when_it_is_old() {
    let app = TestApp::new().await;
    app.bring_to_review().await;
    let (first, days) = (app.now(), 30);
    let mut raw = app.database.raw().await;
    for statement in ["UPDATE security_event SET outcome = 'other'", "DELETE FROM security_event"] {
        assert!(raw.is_refused(statement).await, "{statement}");
    }
    drop(raw);
    let number = async || app.dump().await["security_event"].len();
    let before = number().await;
    // The clock leaps: nothing newer was written, and all of it stays.
    app.pass(60);
    assert!(app.now().minus(first) > i64::from(days) * 24 * 3_600 * 1_000);
    server::jobs::sweep::run(&app.marketplace, days).await;
    assert_eq!(number().await, before);
    // Time goes by: what is older than it is kept goes, once something newer is there.
    let grant = GrantExtra { body: app.body("Bellagio"), credits: 1, seen: None, reason: text() };
    app.administrator().call(grant).await.expect("granted");
    server::jobs::sweep::run(&app.marketplace, 3_650).await;
    assert_eq!(number().await, before + 1);
    server::jobs::sweep::run(&app.marketplace, days).await;
    let left = app.events(EventKind::Credits).await;
    assert_eq!(left.iter().map(|event| event.operation.as_str()).collect::<Vec<_>>(), ["GrantExtra"]);
}

impl TestApp {
    /// Something of every day: a submission, its authorisation, a request in review.
    async fn bring_to_review(&self) {
        self.authorised("Bellagio", &["tributi"], &[]).await;
        self.bring("Bellagio", "tributi", State::InReview).await;
    }
}
