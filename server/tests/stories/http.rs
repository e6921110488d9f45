//! The wire: what is refused before any rule is asked, and how a refusal is told.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use handlers::marketplace::Marketplace;
use model::api::baskets::ReadBasket;
use model::api::catalogue::{ReadStatus, Status};
use model::api::{ApiError, FieldError, FieldErrorKind, Problem};
use model::territory::Aggregator;
use serde_json::json;
use server::http::Site;
use server::http::layers::MOST_BODY;
use server::imports::aggregator::SaveAggregator;

use crate::test_app::{OURS, Reply, TestApp, TestClient, assert_same};

fn basket_path(app: &TestApp) -> String {
    format!("/api/v1/bodies/{}/basket", app.body("Bellagio"))
}

const ADD: &str = r#"{"change":"add","service":"sms"}"#;

/// What a refusal tells a program.
fn status_and_code(reply: &Reply) -> (u16, String) {
    assert_eq!(reply.header("content-type"), "application/problem+json", "{}", reply.body);
    let told = reply.json();
    assert_eq!(told["status"], reply.status.as_u16());
    assert_eq!(told["type"], format!("urn:comunanza:problem:{}", reply.code()));
    assert!(told["title"].as_str().is_some_and(|title| !title.is_empty()));
    (reply.status.as_u16(), reply.code())
}

fn faults(reply: &Reply) -> Vec<FieldError> {
    assert_eq!(status_and_code(reply), (422, "faulty".to_owned()));
    match serde_json::from_str(&reply.body).expect("a problem") {
        Problem::ApiError(ApiError::Faulty { faults }) => faults,
        other => panic!("no faults: {other:?}"),
    }
}

async fn post(client: &TestClient, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Reply {
    let mut request = Request::builder().method("POST").uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    client.send(request.body(body.into()).expect("a request")).await
}

#[tokio::test]
async fn a_write_that_another_site_sends_is_refused() {
    let app = TestApp::new().await;
    let officer = app.officer("Bellagio");
    let before = app.dump().await;
    let home = format!("http://{}", officer.host);
    let json = ("content-type", "application/json");
    for forged in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://altrove.example.org"),
        ("origin", "https://servizi.como.example.org.altrove.example.org"),
        ("origin", "null"),
    ] {
        let key = officer.fresh_key();
        let headers = [json, ("idempotency-key", &key), forged];
        let reply = post(&officer, &basket_path(&app), &headers, ADD).await;
        assert_eq!(status_and_code(&reply), (403, "cross_site".to_owned()), "{forged:?}");
        for path in ["/lingua", "/api/v1/session", "/api/v1/session/end"] {
            let reply = post(&officer, path, &headers, "{}").await;
            assert_eq!(status_and_code(&reply), (403, "cross_site".to_owned()), "{forged:?} {path}");
        }
    }
    // What the browser says of the sites counts more than what it says of the origin.
    let key = officer.fresh_key();
    let mixed = [json, ("idempotency-key", &key), ("sec-fetch-site", "cross-site"), ("origin", &home)];
    assert_eq!(post(&officer, &basket_path(&app), &mixed, ADD).await.status, StatusCode::FORBIDDEN);
    assert_same(&before, &app.dump().await, "a write from another site");
    for own in [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "none"), ("origin", &home)] {
        let key = officer.fresh_key();
        let headers = [json, ("idempotency-key", &key), own];
        let reply =
            post(&officer, &basket_path(&app), &headers, r#"{"change":"add","service":"formazione"}"#).await;
        assert_eq!(reply.status, StatusCode::OK, "{own:?}: {}", reply.body);
    }
    let read = Request::builder().uri(basket_path(&app)).header("sec-fetch-site", "cross-site");
    let read = officer.send(read.body(Body::empty()).expect("a request")).await;
    assert_eq!(read.status, StatusCode::OK, "a link from elsewhere may lead here");
}

#[tokio::test]
async fn no_field_sets_what_is_not_asked_for() {
    let app = TestApp::new().await;
    let officer = app.officer("Bellagio");
    let before = app.dump().await;
    for extra in ["aggregator", "state", "price", "actor", "version", "granted", "person", "now"] {
        let mut fields = json!({ "change": "add", "service": "sms" });
        fields[extra] = json!(1);
        let reply = officer.post_json(&basket_path(&app), &fields.to_string()).await;
        let [fault] = &faults(&reply)[..] else { panic!("one fault: {}", reply.body) };
        assert!(
            matches!(&fault.what, FieldErrorKind::Unreadable { detail } if detail.contains(extra)),
            "{fault:?}"
        );
        let form = format!("change=add&service=sms&{extra}=1");
        assert_eq!(faults(&officer.post_form(&basket_path(&app), &form).await).len(), 1, "{extra}");
    }
    for (path, body) in [
        (
            format!("/api/v1/bodies/{}/submissions", app.body("Bellagio")),
            r#"{"version":0,"state":"authorised"}"#,
        ),
        (format!("/api/v1/bodies/{}/submissions", app.body("Bellagio")), r#"{"version":0,"held":0}"#),
        ("/api/v1/session".to_owned(), r#"{"email":"a@example.org","password":"b","person":1}"#),
        (
            "/api/v1/profile/password".to_owned(),
            r#"{"current_password":"a","new_password":"bbbbbbbbbbbb","person":1}"#,
        ),
    ] {
        assert_eq!(faults(&officer.post_json(&path, body).await).len(), 1, "{body}");
    }
    let call = serde_json::to_value(crate::test_app::call()).expect("JSON");
    for extra in ["status", "id", "aggregator"] {
        let mut call = call.clone();
        call[extra] = json!("open");
        let reply = app.administrator().post_json("/api/v1/calls", &call.to_string()).await;
        assert_eq!(faults(&reply).len(), 1, "{extra}");
    }
    assert_same(&before, &app.dump().await, "a field too many");
    // What the path says is not said again: the path counts.
    let elsewhere = format!(r#"{{"change":"add","service":"sms","body":{}}}"#, app.body("Como"));
    let reply = officer.post_json(&basket_path(&app), &elsewhere).await;
    assert_eq!(reply.json()["body"]["name"], "Bellagio");
    let elsewhere = format!("change=undo&service=sms&body={}", app.body("Como"));
    let reply = officer.post_form(&basket_path(&app), &elsewhere).await;
    assert_eq!(reply.json()["body"]["name"], "Bellagio");
    let como = app.officer("Como").call(ReadBasket { body: app.body("Como") }).await;
    assert_eq!(como.expect("read").version, 0);
}

#[tokio::test]
async fn what_can_not_be_read_is_named_by_its_field() {
    let app = TestApp::new().await;
    let officer = app.officer("Bellagio");
    let submissions = format!("/api/v1/bodies/{}/submissions", app.body("Bellagio"));
    let unreadable = |fault: &FieldError| matches!(fault.what, FieldErrorKind::Unreadable { .. });
    for (path, json, form, field) in [
        (&submissions, r#"{"version":"abc"}"#, "version=abc", "version"),
        (&basket_path(&app), r#"{"change":"burn","service":"sms"}"#, "change=burn&service=sms", "change"),
    ] {
        for reply in [officer.post_json(path, json).await, officer.post_form(path, form).await] {
            let [fault] = &faults(&reply)[..] else { panic!("one fault: {}", reply.body) };
            assert_eq!((fault.field.as_str(), unreadable(fault)), (field, true));
        }
    }
    let missing = [FieldError::new("version", FieldErrorKind::Missing)];
    assert_eq!(faults(&officer.post_json(&submissions, "{}").await), missing);
    assert_eq!(faults(&officer.post_form(&submissions, "version=&reason=x").await), missing, "left empty");
    for broken in ["{", "[]", "7", "\"text\"", "", "{\"version\":1}x"] {
        let [fault] = &faults(&officer.post_json(&submissions, broken).await)[..] else { panic!("{broken}") };
        assert_eq!((fault.field.as_str(), unreadable(fault)), ("", true), "{broken}");
    }
    let grants = format!("/api/v1/bodies/{}/grants", app.body("Bellagio"));
    let all = faults(&app.administrator().post_form(&grants, "credits=-4").await);
    let out = FieldErrorKind::OutOfRange { least: 1, most: 10_000 };
    assert_eq!(
        all,
        [FieldError::new("credits", out), FieldError::new("reason", FieldErrorKind::Missing)],
        "all at once"
    );
    let long = json!({ "credits": 1, "reason": "é".repeat(2_001) });
    let long = faults(&app.administrator().post_json(&grants, &long.to_string()).await);
    assert_eq!(long, [FieldError::new("reason", FieldErrorKind::TooLong { most: 2_000 })]);
}

#[tokio::test]
async fn what_is_no_address_is_not_found() {
    let app = TestApp::new().await;
    let officer = app.officer("Bellagio");
    for path in [
        "/api/v1/bodies/abc",
        "/api/v1/bodies/99999999999999999999",
        "/api/v1/bodies/-1",
        "/api/v1/bodies/1%00",
        "/api/v1/bodies/%FF",
        "/api/v1/requests/1.5",
        "/api/v1/services/non-esiste",
    ] {
        assert_eq!(status_and_code(&officer.get(path).await), (404, "not_found".to_owned()), "{path}");
    }
    let reply = officer.post_json("/api/v1/requests/abc/approve", r#"{"version":1}"#).await;
    assert_eq!(status_and_code(&reply), (404, "not_found".to_owned()));
    let wrong = Request::builder().method("DELETE").uri(basket_path(&app)).body(Body::empty());
    let reply = officer.send(wrong.expect("a request")).await;
    assert_eq!(status_and_code(&reply), (405, "method_not_allowed".to_owned()));
    for query in
        ["state=nonsense", "state=live&state=live", "page=abc", "page=after.0.2026-02-30.1", "whose=all"]
    {
        let reply = app.operator().get(&format!("/api/v1/requests?{query}")).await;
        let field = query.split('=').next().expect("a name");
        assert_eq!(faults(&reply)[0].field, field, "{query}");
    }
    let reply = app.operator().get("/api/v1/requests?page=&state=&utm_source=x").await;
    assert_eq!(reply.status, StatusCode::OK, "what is left empty, or is not ours, is not asked");
}

#[tokio::test]
async fn bodies_have_a_size_and_a_kind() {
    let app = TestApp::new().await;
    let officer = app.officer("Bellagio");
    let path = basket_path(&app);
    let key = officer.fresh_key();
    let key = ("idempotency-key", key.as_str());
    let json = ("content-type", "application/json");
    let large = "x".repeat(MOST_BODY + 1);
    for kind in [json, ("content-type", "application/x-www-form-urlencoded")] {
        let reply = post(&officer, &path, &[kind, key], large.clone()).await;
        assert_eq!(status_and_code(&reply), (413, "too_large".to_owned()));
    }
    let padded = format!("{ADD}{}", " ".repeat(MOST_BODY - ADD.len()));
    let reply =
        post(&officer, &path, &[("content-type", "application/json; charset=utf-8"), key], padded).await;
    assert_eq!(reply.status, StatusCode::OK, "to the last byte");
    assert_eq!(
        (reply.header("content-type"), reply.header("cache-control")),
        ("application/json", "no-store")
    );
    for kind in ["text/plain", "multipart/form-data; boundary=x", "application/xml", ""] {
        let reply = post(&officer, &path, &[("content-type", kind), key], ADD).await;
        assert_eq!(status_and_code(&reply), (415, "unsupported_media".to_owned()), "{kind}");
    }
}

#[tokio::test]
async fn a_write_carries_a_key_of_a_decent_length() {
    let app = TestApp::new().await;
    let officer = app.officer("Bellagio");
    let json = ("content-type", "application/json");
    let long = "k".repeat(81);
    for headers in
        [vec![json], vec![json, ("idempotency-key", "short")], vec![json, ("idempotency-key", &long)]]
    {
        let reply = post(&officer, &basket_path(&app), &headers, ADD).await;
        assert_eq!(status_and_code(&reply), (400, "key_missing".to_owned()));
    }
    let form = ("content-type", "application/x-www-form-urlencoded");
    let reply =
        post(&officer, &basket_path(&app), &[form], "change=add&service=sms&_key=from-the-form").await;
    assert_eq!(reply.status, StatusCode::OK);
    let again =
        post(&officer, &basket_path(&app), &[form], "change=add&service=sms&_key=from-the-form").await;
    assert_eq!(again.body, reply.body, "a second click");
    let other =
        post(&officer, &basket_path(&app), &[form], "change=drop&service=scuola&_key=from-the-form").await;
    assert_eq!(status_and_code(&other), (422, "key_reused".to_owned()));
}

#[tokio::test]
async fn the_status_is_told_to_anybody() {
    let app = TestApp::new().await;
    let told: Status = app.stranger().call(ReadStatus {}).await.expect("told");
    assert_eq!(told.status, "ok");
    let reply = app.stranger().get("/status").await;
    assert_eq!(serde_json::from_str::<Status>(&reply.body).expect("JSON"), told);
}

#[tokio::test]
async fn the_language_is_a_cookie_and_the_way_back_stays_here() {
    let app = TestApp::chartered(|config| config.secure = true).await;
    let client = app.stranger();
    for (form, language, location) in [
        ("lang=en&_from=/catalogo?q=multe", "en", "/catalogo?q=multe"),
        ("lang=it&_from=/", "it", "/"),
        ("lang=de&_from=/catalogo", "it", "/catalogo"),
        ("lang=en&_from=//altrove.example.org", "en", "/"),
        ("lang=en&_from=https://altrove.example.org", "en", "/"),
        ("lang=en&_from=/\\altrove.example.org", "en", "/"),
        ("lang=en&_from=/%0d%0aset-cookie:x", "en", "/"),
        ("lang=en&_from=/%09/altrove.example.org", "en", "/"),
        ("lang=en", "en", "/"),
    ] {
        let kind = (header::CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded");
        let reply = post(&client, "/lingua", &[kind], form).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER);
        assert_eq!(reply.header("location"), location, "{form}");
        let cookie =
            format!("__Host-lang={language}; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=31536000");
        assert_eq!(reply.header("set-cookie"), cookie, "{form}");
    }
}

#[tokio::test]
async fn whom_to_tell_of_a_weakness_is_told_by_aggregator_and_never_out_of_date() {
    let app = TestApp::new().await;
    assert_eq!(app.stranger().get("/.well-known/security.txt").await.status, 404, "no contact is known");
    let profile =
        Aggregator { email: "assistenza@como.example.org".to_owned(), ..app.tenant(OURS).profile.clone() };
    let host = app.tenant(OURS).host.clone();
    app.write(SaveAggregator { host, profile, now: app.now() }).await.expect("saved");
    let marketplace =
        Marketplace::open(app.marketplace.store.clone(), app.marketplace.clock.clone(), false).await;
    let site = Site { marketplace: marketplace.expect("it opens"), secure: true, ..app.site.clone() };
    let client = app.stranger_at(&site);
    for (at, expires) in
        [("2026-03-02 10:00:00", "2026-08-29T10:00:00Z"), ("2027-03-02 10:00:00", "2027-08-29T10:00:00Z")]
    {
        app.move_to(at);
        let reply = client.get("/.well-known/security.txt").await;
        assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, "text/plain; charset=utf-8"));
        let lines: Vec<_> = reply.body.lines().collect();
        assert_eq!(
            lines,
            [
                "Contact: mailto:assistenza@como.example.org".to_owned(),
                format!("Expires: {expires}"),
                "Preferred-Languages: it, en".to_owned(),
                "Canonical: https://servizi.como.example.org/.well-known/security.txt".to_owned(),
            ]
        );
    }
}
