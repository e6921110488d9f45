//! Forms without the browser's program: a redirect, and a notice that waits for its page and its writer.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use handlers::context::Identity;
use model::api::baskets::{ChangeBasket, ReadBasket};
use model::api::people::{ChangePassword, SignIn};
use model::api::submissions::{SendBack, Submit};
use model::api::{ApiError, Notice, Operation, Problem};
use model::basket::Change;
use model::ids::{BodyId, SubmissionId};
use model::people::Role;
use server::http::cookies::Cookie;
use server::http::notices;
use store::hashing::token_hash;

use crate::test_app::{OURS, PASSWORD, Reply, TestApp, TestClient, address};

/// Sends a form as a browser does, and keeps the cookies it gets.
async fn send(client: &mut TestClient, path: &str, fields: &[(&str, &str)]) -> Reply {
    let key = client.fresh_key();
    let fields: Vec<_> = fields.iter().copied().chain([("_key", key.as_str())]).collect();
    let request = Request::builder()
        .method("POST")
        .uri(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(serde_html_form::to_string(&fields).expect("a form")));
    let reply = client.send(request.expect("a request")).await;
    client.keep_cookies(&reply);
    reply
}

/// The same, where the form leads to a page.
async fn fill_in(client: &mut TestClient, path: &str, fields: &[(&str, &str)]) -> Reply {
    let reply = send(client, path, fields).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.body);
    reply
}

/// What a page finds waiting for it, as the pages ask for it.
async fn notice(app: &TestApp, client: &mut TestClient, page: &str) -> Option<Notice> {
    let headers = client.cookie_headers();
    let identity = match Cookie::Session.values(&headers, app.site.secure).first() {
        Some(token) => Identity::Session(token_hash(token)),
        None => Identity::Nobody,
    };
    let aggregator = app.tenant(OURS).id;
    let (notice, cookie) = notices::take(&app.site, aggregator, &identity, &headers, page).await?;
    client.keep_cookie(cookie.to_str().expect("a cookie"));
    Some(notice)
}

/// What the summary of a basket shows, as its form carries it.
async fn seen(officer: &TestClient, body: BodyId) -> Vec<String> {
    let basket = officer.call(ReadBasket { body }).await.expect("read");
    basket.seen().into_iter().map(String::from).collect()
}

fn basket_path(app: &TestApp) -> String {
    format!("/api/v1/bodies/{}/basket", app.body("Bellagio"))
}

#[tokio::test]
async fn what_was_done_leads_on_and_says_so_once() {
    let app = TestApp::new().await;
    let mut officer = app.officer("Bellagio");
    let fields =
        [("change", "add"), ("service", "sms"), ("_from", "/pacchetto?vista=tutto"), ("_form", "sms")];
    let reply = fill_in(&mut officer, &basket_path(&app), &fields).await;
    assert_eq!(reply.header("location"), "/pacchetto?vista=tutto", "back to where it was sent from");
    let done = notice(&app, &mut officer, "/pacchetto").await.expect("a notice");
    assert_eq!((done.operation.as_str(), done.form.as_str()), (ChangeBasket::PATH, "sms"));
    assert_eq!((done.problem, done.entered), (None, Vec::new()));
    assert_eq!(notice(&app, &mut officer, "/pacchetto").await, None, "once");

    let submissions = format!("/api/v1/bodies/{}/submissions", app.body("Bellagio"));
    let seen = seen(&officer, app.body("Bellagio")).await;
    let mut fields = vec![
        ("version", "1"),
        ("reason", "Più servizi"),
        ("contact", "Ufficio, 031 000000"),
        ("_from", "/pacchetto/riepilogo"),
        ("_then", "/pratiche/{id}"),
    ];
    fields.extend(seen.iter().map(|seen| ("seen", seen.as_str())));
    let reply = fill_in(&mut officer, &submissions, &fields).await;
    let submission = SubmissionId(1);
    assert_eq!(reply.header("location"), format!("/pratiche/{submission}"), "named by the answer");
    app.mayor("Bellagio").authorise(submission).await.expect("it was sent");
}

#[tokio::test]
async fn what_was_refused_keeps_what_was_entered() {
    let app = TestApp::new().await;
    let mut officer = app.officer("Bellagio");
    app.officer("Bellagio").change(app.body("Bellagio"), Change::Add, "sms").await.expect("added");
    let submissions = format!("/api/v1/bodies/{}/submissions", app.body("Bellagio"));
    let seen = seen(&officer, app.body("Bellagio")).await;
    let mut fields = vec![
        ("version", "1"),
        ("reason", "Una motivazione scritta a lungo"),
        ("contact", ""),
        ("_from", "/pacchetto/riepilogo?passo=2"),
        ("_then", "/pratiche/{id}"),
    ];
    fields.extend(seen.iter().map(|seen| ("seen", seen.as_str())));
    let reply = fill_in(&mut officer, &submissions, &fields).await;
    assert_eq!(reply.header("location"), "/pacchetto/riepilogo?passo=2");
    assert_eq!(notice(&app, &mut officer, "/pacchetto").await, None, "it is for another page");
    let mut stranger = app.mayor("Bellagio");
    let (_, theirs) = officer.cookie("notice").expect("a notice waits");
    stranger.keep_cookie(&format!("notice={theirs}"));
    assert_eq!(notice(&app, &mut stranger, "/pacchetto/riepilogo").await, None, "and for another person");
    let mut nobody = app.stranger();
    nobody.keep_cookie(&format!("notice={theirs}"));
    assert_eq!(notice(&app, &mut nobody, "/pacchetto/riepilogo").await, None);
    let waiting = notice(&app, &mut officer, "/pacchetto/riepilogo").await.expect("it waited");
    assert_eq!(waiting.operation, Submit::PATH);
    assert!(matches!(waiting.problem, Some(Problem::ApiError(ApiError::Faulty { .. }))));
    let entered =
        |name: &str| waiting.entered.iter().find(|(found, _)| found == name).map(|(_, text)| text.as_str());
    assert_eq!(entered("reason"), Some("Una motivazione scritta a lungo"));
    assert!(waiting.entered.iter().all(|(name, _)| !name.starts_with('_')));
    assert_eq!(notice(&app, &mut officer, "/pacchetto/riepilogo").await, None, "once");
    let expired = fill_in(&mut officer, &submissions, &fields).await;
    assert_eq!(expired.header("location"), "/pacchetto/riepilogo?passo=2");
    app.marketplace.clock.move_to(app.now().plus_seconds(3_600));
    assert_eq!(notice(&app, &mut officer, "/pacchetto/riepilogo").await, None, "an hour, no longer");
}

#[tokio::test]
async fn passwords_are_never_kept() {
    let app = TestApp::new().await;
    let mut client = app.stranger();
    let secret = "segreta-ma-sbagliata";
    let email = address(Role::Officer, "Bellagio");
    let fields = [("email", email.as_str()), ("password", secret), ("_from", "/accedi")];
    fill_in(&mut client, SignIn::PATH, &fields).await;
    let mut officer = app.officer("Bellagio");
    let fields = [("current_password", secret), ("new_password", secret), ("_from", "/profilo")];
    fill_in(&mut officer, ChangePassword::PATH, &fields).await;
    for (table, rows) in app.dump().await {
        assert!(rows.iter().all(|row| !row.contains(secret)), "{table} keeps a password");
    }
    let waiting = notice(&app, &mut client, "/accedi").await.expect("a notice");
    assert_eq!(waiting.problem, Some(ApiError::WrongCredentials.into()));
    assert_eq!(waiting.entered, [("email".to_owned(), email)]);
    let waiting = notice(&app, &mut officer, "/profilo").await.expect("a notice");
    assert!(waiting.problem.is_some() && waiting.entered.is_empty());
}

#[tokio::test]
async fn a_form_leads_nowhere_else() {
    let app = TestApp::new().await;
    let mut officer = app.officer("Bellagio");
    for away in [
        "https://altrove.example.org",
        "//altrove.example.org",
        "/\\altrove.example.org",
        "altrove",
        "javascript:alert(1)",
        "/pacchetto\r\nset-cookie: x=1",
        "",
    ] {
        for fields in [
            [("change", "add"), ("service", "formazione"), ("_from", "/"), ("_then", away)],
            [("change", "add"), ("service", "wifi"), ("_from", away), ("_then", "/pacchetto")],
        ] {
            let reply = fill_in(&mut officer, &basket_path(&app), &fields).await;
            assert_eq!(reply.header("location"), "/", "{fields:?}");
            assert_eq!(reply.headers.get("x"), None);
        }
        officer.change(app.body("Bellagio"), Change::Undo, "formazione").await.expect("it was added");
    }
    // What the answer does not name leaves two slashes.
    let then = ("_then", "/{nobody}/altrove.example.org");
    let fields = [("change", "add"), ("service", "sms"), ("_from", "/"), then];
    let reply = fill_in(&mut officer, &basket_path(&app), &fields).await;
    assert_eq!(reply.header("location"), "/");
}

#[tokio::test]
async fn a_form_sent_by_our_own_program_is_answered_as_to_a_program() {
    let app = TestApp::new().await;
    let officer = app.officer("Bellagio");
    let done = officer.post_form(&basket_path(&app), "change=add&service=sms&_from=/pacchetto").await;
    assert_eq!((done.status, done.json()["cost"].as_i64()), (StatusCode::OK, Some(1)));
    let refused = officer.post_form(&basket_path(&app), "change=add&service=sms&_from=/pacchetto").await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::CONFLICT, "already_chosen"));
    assert!(app.dump().await["notice"].is_empty());
}

#[tokio::test]
async fn while_the_database_is_away_a_form_is_answered_with_a_page_that_leads_back() {
    let app = TestApp::new().await;
    let mut officer = app.officer("Bellagio");
    app.marketplace.store.close().await;
    let fields = [("change", "add"), ("service", "sms"), ("_from", "/pacchetto?q=\"<b>")];
    let reply = send(&mut officer, &basket_path(&app), &fields).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(reply.header("content-type"), "text/html; charset=utf-8");
    for part in ["Servizio non disponibile", "<a href=\"/pacchetto?q=&quot;&lt;b&gt;\">Riprova</a>"] {
        assert!(reply.body.contains(part), "“{part}” is not in {}", reply.body);
    }
}

#[tokio::test]
async fn what_was_written_survives_an_expired_session() {
    let app = TestApp::new().await;
    let sent = app.sent("Bellagio", &["sms"], &[]).await;
    let mut mayor = app.stranger();
    let email = address(Role::Mayor, "Bellagio");
    let sign_in = async |client: &mut TestClient, password: &str, then: &str| {
        let fields =
            [("email", email.as_str()), ("password", password), ("_from", "/accedi"), ("_then", then)];
        fill_in(client, SignIn::PATH, &fields).await.header("location").to_owned()
    };
    sign_in(&mut mayor, PASSWORD, "/pratiche/1").await;
    app.marketplace.clock.move_to(app.now().plus_seconds(36_000));
    let page = format!("/pratiche/{}", sent.id);
    let path = format!("/api/v1/submissions/{}/send-back", sent.id);
    let fields = [("reason", "Parole scelte con cura"), ("_from", page.as_str()), ("_then", page.as_str())];
    let reply = fill_in(&mut mayor, &path, &fields).await;
    assert_eq!(reply.header("location"), "/accedi?next=%2Fpratiche%2F1&scaduta=1");

    // A wrong password on the way does not lose it, nor do two.
    for _ in 0..2 {
        assert_eq!(sign_in(&mut mayor, "sbagliata", &page).await, "/accedi");
        let wrong = notice(&app, &mut mayor, "/accedi").await.expect("the page says what was wrong");
        assert_eq!(wrong.problem, Some(ApiError::WrongCredentials.into()));
    }
    assert_eq!(sign_in(&mut mayor, PASSWORD, &page).await, page);
    let waiting = notice(&app, &mut mayor, &page).await.expect("what was written");
    assert_eq!(waiting.operation, SendBack::PATH);
    assert_eq!(waiting.problem, Some(ApiError::SignInNeeded.into()));
    assert_eq!(waiting.entered, [("reason".to_owned(), "Parole scelte con cura".to_owned())]);
    let waits = app.officer("Bellagio").call(ReadBasket { body: app.body("Bellagio") }).await;
    assert_eq!(waits.expect("read").waiting, Some(sent.id), "it is kept, and nothing was done");
}

#[tokio::test]
async fn what_one_person_wrote_is_not_shown_to_the_next_who_signs_in() {
    let app = TestApp::new().await;
    let sent = app.sent("Bellagio", &["sms"], &[]).await;
    let mut browser = app.stranger();
    let sign_in = async |client: &mut TestClient, role: Role| {
        let email = address(role, "Bellagio");
        let fields =
            [("email", email.as_str()), ("password", PASSWORD), ("_from", "/accedi"), ("_then", "/")];
        fill_in(client, SignIn::PATH, &fields).await;
    };
    sign_in(&mut browser, Role::Mayor).await;
    app.marketplace.clock.move_to(app.now().plus_seconds(36_000));
    let page = format!("/pratiche/{}", sent.id);
    let path = format!("/api/v1/submissions/{}/send-back", sent.id);
    fill_in(&mut browser, &path, &[("reason", "Non per altri occhi"), ("_from", &page)]).await;
    sign_in(&mut browser, Role::Officer).await;
    assert_eq!(notice(&app, &mut browser, &page).await, None);
    sign_in(&mut browser, Role::Mayor).await;
    assert!(notice(&app, &mut browser, &page).await.is_some(), "it still waits for its writer");
}

/// A refused form of nobody, from this address.
async fn refused_from(app: &TestApp, address: [u8; 4], fields: &[(&str, &str)]) -> Reply {
    let mut fields = fields.to_vec();
    fields.push(("_key", "from-an-address"));
    let request = Request::builder()
        .method("POST")
        .uri(SignIn::PATH)
        .extension(ConnectInfo(SocketAddr::from((address, 4_000))))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "text/html")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(serde_html_form::to_string(&fields).expect("a form")));
    app.stranger().send(request.expect("a request")).await
}

#[tokio::test]
async fn nobody_fills_the_database_with_forms() {
    let app = TestApp::new().await;
    let empty = [("email", "nessuno@example.org"), ("_from", "/accedi")];
    let waiting = async || app.dump().await["notice"].len();
    for _ in 0..20 {
        let reply = refused_from(&app, [203, 0, 113, 7], &empty).await;
        assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/accedi"));
    }
    assert_eq!(waiting().await, 20);
    // From then on a page says what was wrong, and nothing is kept.
    let plain = refused_from(&app, [203, 0, 113, 7], &empty).await;
    assert_eq!(plain.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(plain.header("content-type"), "text/html; charset=utf-8");
    for part in ["Campo da compilare", "<a href=\"/accedi\">"] {
        assert!(plain.body.contains(part), "“{part}” is not in {}", plain.body);
    }
    assert!(plain.headers.get("set-cookie").is_none() && waiting().await == 20);
    // Who comes from elsewhere does not suffer for it, until there are too many in all.
    assert_eq!(refused_from(&app, [203, 0, 113, 8], &empty).await.status, StatusCode::SEE_OTHER);
    let (aggregator, expires) = (app.tenant(OURS).id, app.now().plus_seconds(3_600).0);
    app.tamper(&format!(
        "INSERT INTO notice (token_hash, aggregator, content, expires_at, source_hash)
         WITH RECURSIVE more (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM more WHERE i < 1979)
         SELECT 'made-up-' || CAST(i AS TEXT), {aggregator}, '{{}}', {expires}, 'source-' || CAST(i AS TEXT) FROM more"
    ))
    .await;
    let plain = refused_from(&app, [203, 0, 113, 9], &empty).await;
    assert_eq!((plain.status, waiting().await), (StatusCode::UNPROCESSABLE_ENTITY, 2_000));
    // Those of people who are known are kept all the same.
    let mut officer = app.officer("Bellagio");
    fill_in(&mut officer, &basket_path(&app), &[("change", "burn"), ("_from", "/pacchetto")]).await;
    assert!(notice(&app, &mut officer, "/pacchetto").await.is_some());
    // They go when they are over, not a day later.
    app.marketplace.clock.move_to(app.now().plus_seconds(3_601));
    assert_eq!(refused_from(&app, [203, 0, 113, 7], &empty).await.status, StatusCode::SEE_OTHER);
    assert_eq!(waiting().await, 1);
}

#[tokio::test]
async fn notices_of_a_clock_that_was_far_ahead_take_nobodys_place() {
    let app = TestApp::new().await;
    let empty = [("email", "nessuno@example.org"), ("_from", "/accedi")];
    let waiting = async || app.dump().await["notice"].len();
    let right = app.now();
    app.marketplace.clock.move_to(right.plus_seconds(365 * 24 * 3_600));
    let mut officer = app.officer("Bellagio");
    for _ in 0..20 {
        refused_from(&app, [203, 0, 113, 7], &empty).await;
        fill_in(&mut officer, &basket_path(&app), &[("change", "burn"), ("_from", "/pacchetto")]).await;
    }
    app.marketplace.clock.move_to(right);
    for _ in 0..2 {
        let reply = refused_from(&app, [203, 0, 113, 7], &empty).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "there is room for the next ones");
    }
    let mut both = [officer.clone(), officer];
    for one in &mut both {
        fill_in(one, &basket_path(&app), &[("change", "burn"), ("_from", "/pacchetto")]).await;
    }
    for one in &mut both {
        assert!(notice(&app, one, "/pacchetto").await.is_some(), "it waits, beside the other one");
    }
    assert_eq!(waiting().await, 20 + 2);
    server::jobs::sweep::run(&app.marketplace, 730).await;
    assert_eq!(waiting().await, 2);
}

#[tokio::test]
async fn of_a_form_of_nobody_little_is_kept_and_only_its_own_fields() {
    let app = TestApp::new().await;
    let long = "x".repeat(30_000);
    let kept = async |fields: &[(&str, &str)]| {
        let reply = refused_from(&app, [203, 0, 113, 7], fields).await;
        let rows = app.dump().await["notice"].clone();
        (reply.status, rows.iter().map(String::len).sum::<usize>(), rows.join("\n"))
    };
    let fields =
        [("email", "a@example.org"), ("altro", long.as_str()), ("password", ""), ("_from", "/accedi")];
    let (status, size, rows) = kept(&fields).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(size < 4_096 && rows.contains("a@example.org") && !rows.contains("xxx"), "{rows}");
    let (status, size, rows) = kept(&[("email", &long), ("_from", "/accedi")]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(size < 2 * 4_096 && !rows.contains("xxx"), "{rows}");
    // What is not a field of the form does not make it larger either.
    let from = format!("/{long}");
    for (name, value) in [("_form", long.as_str()), ("_from", from.as_str()), (long.as_str(), "x")] {
        let (_, size, _) = kept(&[("email", ""), (name, value)]).await;
        assert!(size < 3 * 4_096, "{size} by {name:.9}");
    }
}

#[tokio::test]
async fn of_one_person_twenty_notices_wait() {
    let app = TestApp::new().await;
    let officer = app.officer("Bellagio");
    let mut last = officer.clone();
    for turn in 0..25 {
        last = officer.clone();
        let service = format!("servizio-{turn}");
        let fields = [("change", "add"), ("service", service.as_str()), ("_from", "/pacchetto")];
        fill_in(&mut last, &basket_path(&app), &fields).await;
        app.marketplace.clock.move_to(app.now().plus_seconds(1));
    }
    assert_eq!(app.dump().await["notice"].len(), 20);
    let waiting = notice(&app, &mut last, "/pacchetto").await.expect("the newest waits");
    assert!(waiting.entered.contains(&("service".to_owned(), "servizio-24".to_owned())), "{waiting:?}");
}
