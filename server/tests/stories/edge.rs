//! What comes from outside before anything is asked of the marketplace: host names, heads, addresses that are none, and
//! characters that no text may hold.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use model::api::catalogue::{ListServices, ReadHome};
use model::api::submissions::{SendBack, Submit};
use model::api::{ApiError, FieldError, FieldErrorKind, Operation, Problem};
use model::basket::Change;
use serde_json::json;
use server::http::Site;
use server::http::host::OwnNames;
use server::http::layers::MOST_HEAD;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::metrics::whole;
use crate::pages::count_panics;
use crate::slow::{listen, until_cut};
use crate::test_app::{Reply, TestApp, TestClient, refused};

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

async fn get(site: &Router, host: &str, path: &str, accept: &str) -> Reply {
    let request =
        Request::builder().uri(path).header("host", host).header("accept", accept).body(Body::empty());
    visitor_at(site, host).send(request.expect("a request")).await
}

fn visitor_at(site: &Router, host: &str) -> TestClient {
    TestClient::new(site.clone(), host, &std::sync::Arc::default())
}

#[tokio::test]
async fn a_host_name_leads_to_its_own_marketplace_or_to_none() {
    let app = TestApp::new().await;
    let (site, _folder) = whole(&app);
    for (host, brand) in [
        ("servizi.como.example.org", "Como"),
        ("SERVIZI.Como.Example.ORG", "Como"),
        ("servizi.como.example.org.", "Como"),
        ("servizi.como.example.org:8443", "Como"),
        ("servizi.lecco.example.org.:80", "Lecco"),
    ] {
        let reply = get(&site, host, "/api/v1/session", "application/json").await;
        assert_eq!(reply.status, StatusCode::OK, "{host}");
        assert!(
            reply.json()["aggregator"]["name"].as_str().is_some_and(|name| name.contains(brand)),
            "{host}"
        );
    }
    for host in [
        "altrove.example.org",
        "servizi.como.example.org.altrove.example.org",
        "como.example.org",
        "someone@servizi.como.example.org",
        "servizi.como.example.org..",
        "127.0.0.1",
        "localhost:3000",
        "[::1]:3000",
        "",
        "a b",
    ] {
        let program = get(&site, host, "/api/v1/session", "application/json").await;
        assert_eq!(
            (program.status, program.code()),
            (StatusCode::MISDIRECTED_REQUEST, "host_unknown".into()),
            "{host}"
        );
        for path in ["/", "/servizi", "/api/v1/session", "/robots.txt", "/niente"] {
            let page = get(&site, host, path, BROWSER).await;
            assert_eq!(page.status, StatusCode::MISDIRECTED_REQUEST, "{host} {path}");
            assert!(page.body.contains("A questo indirizzo non risponde alcun servizio"), "{}", page.body);
            assert!(
                page.body.contains("<div lang=\"en\"><p>No service answers at this address"),
                "{}",
                page.body
            );
            assert!(!page.body.contains("Como"), "{}", page.body);
        }
        assert_eq!(
            get(&site, host, "/status", "*/*").await.status,
            StatusCode::OK,
            "{host}: whoever watches asks"
        );
    }
    let twice = Request::builder()
        .uri("/api/v1/session")
        .header("host", "servizi.como.example.org")
        .header("host", "servizi.lecco.example.org")
        .body(Body::empty());
    let twice = visitor_at(&site, "").send(twice.expect("a request")).await;
    assert_eq!(twice.status, StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn the_names_of_the_server_itself_lead_to_the_first_marketplace() {
    let app = TestApp::new().await;
    let names = OwnNames { public: "www.como.example.org".to_owned(), loopback: true };
    let site = server::http::api(&Site { names, ..app.site.clone() }).with_state(());
    for host in
        ["www.COMO.example.org", "localhost:3000", "LOCALHOST", "127.0.0.1:3000", "[::1]", "127.9.9.9"]
    {
        let reply = get(&site, host, "/api/v1/session", "application/json").await;
        assert_eq!(reply.status, StatusCode::OK, "{host}");
        assert!(reply.body.contains("Como"), "{host}");
    }
    for host in ["10.0.0.1", "altrove.example.org", "localhost.altrove.example.org"] {
        let reply = get(&site, host, "/api/v1/session", "application/json").await;
        assert_eq!(reply.code(), "host_unknown", "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_no_page_is_refused_and_no_task_panics() {
    let app = TestApp::new().await;
    let (site, _folder) = whole(&app);
    let panics = count_panics();
    let server = listen(site).await;
    let host = "host: servizi.como.example.org\r\n";
    for (line, status) in [
        ("CONNECT altrove.example.org:443", "405"),
        ("CONNECT servizi.como.example.org:80", "405"),
        ("OPTIONS *", "405"),
        ("GET http://servizi.como.example.org", "200"),
        ("GET //altrove.example.org/%2e%2e", "404"),
        ("TRACE /", "405"),
        ("BREW /servizi", "405"),
        ("POST /servizi", "405"),
        ("GET *", "4"),
    ] {
        let mut stream = TcpStream::connect(server.address).await.expect("it listens");
        let head = format!("{line} HTTP/1.1\r\n{host}accept: text/html\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("it is sent");
        let said = until_cut(&mut stream).await;
        assert!(said.starts_with(&format!("HTTP/1.1 {status}")), "{line}: {said}");
    }
    assert_eq!(panics.get(), 0);
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused_at_one_bound_with_a_sentence() {
    let app = TestApp::new().await;
    let (site, _folder) = whole(&app);
    let server = listen(site).await;
    let asks = async |bytes: usize| {
        // Address, names and values, and four characters for each header: as the bound counts.
        let rest = "GET/status".len()
            + "hostx".len()
            + "acceptapplication/json".len()
            + "connectionclose".len()
            + 16;
        let filling = "x".repeat(bytes - rest - "x".len());
        let head = format!(
            "GET /status HTTP/1.1\r\nhost: x\r\naccept: application/json\r\nconnection: close\r\nx: {filling}\r\n\r\n"
        );
        let mut stream = TcpStream::connect(server.address).await.expect("it listens");
        // In pieces, as they may come.
        for piece in head.as_bytes().chunks(9_000) {
            stream.write_all(piece).await.expect("it is sent");
        }
        until_cut(&mut stream).await
    };
    for _ in 0..3 {
        let said = asks(MOST_HEAD).await;
        assert!(said.starts_with("HTTP/1.1 200"), "{said}");
        let said = asks(MOST_HEAD + 1).await;
        assert!(said.starts_with("HTTP/1.1 431") && said.contains("\"head_too_large\""), "{said}");
    }
    let mut stream = TcpStream::connect(server.address).await.expect("it listens");
    let many = "x: y\r\n".repeat(200);
    let _ = stream.write_all(format!("GET /status HTTP/1.1\r\nhost: x\r\n{many}\r\n").as_bytes()).await;
    assert!(until_cut(&mut stream).await.starts_with("HTTP/1.1 431"), "so many headers are no less");
}

#[tokio::test]
async fn browsers_are_told_to_ask_over_https_only_where_the_site_is() {
    let app = TestApp::chartered(|config| config.secure = true).await;
    let (site, _folder) = whole(&app);
    for path in ["/", "/api/v1/session", "/status", "/niente", "/api/v1/niente"] {
        let reply = get(&site, "servizi.como.example.org", path, BROWSER).await;
        assert_eq!(reply.header("strict-transport-security"), "max-age=31536000", "{path}");
    }
    let app = TestApp::new().await;
    let (site, _folder) = whole(&app);
    let reply = get(&site, "servizi.como.example.org", "/", BROWSER).await;
    assert_eq!(reply.header("strict-transport-security"), "", "a browser would never come back");
}

#[tokio::test]
async fn nobody_keeps_a_refusal() {
    let app = TestApp::new().await;
    let (site, _folder) = whole(&app);
    for path in ["/api/v1/profile", "/api/v1/services/niente", "/api/v1/niente", "/api/v1/session/end"] {
        let reply = get(&site, "servizi.como.example.org", path, "application/json").await;
        assert_eq!(reply.header("content-type"), "application/problem+json", "{path}");
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn another_scheme_is_another_site() {
    for (secure, ours, theirs) in [(true, "https", "http"), (false, "http", "https")] {
        let app = TestApp::chartered(|config| config.secure = secure).await;
        let officer = app.officer("Bellagio");
        let path = format!("/api/v1/bodies/{}/basket", app.body("Bellagio"));
        for (scheme, status) in [(theirs, StatusCode::FORBIDDEN), (ours, StatusCode::OK)] {
            let request = Request::builder()
                .method("POST")
                .uri(&path)
                .header("content-type", "application/json")
                .header("idempotency-key", officer.fresh_key())
                .header("origin", format!("{scheme}://{}", officer.host))
                .body(Body::from(r#"{"change":"add","service":"sms"}"#));
            let reply = officer.send(request.expect("a request")).await;
            assert_eq!(reply.status, status, "{scheme}, secure: {secure}");
        }
    }
}

fn faults(outcome: Result<impl std::fmt::Debug, Problem>) -> Vec<FieldError> {
    match outcome.expect_err("it is refused") {
        Problem::ApiError(ApiError::Faulty { faults }) => faults,
        other => panic!("no faults: {other:?}"),
    }
}

#[tokio::test]
async fn no_text_holds_characters_that_hide_or_reverse_what_is_written() {
    let app = TestApp::new().await;
    let sent = app.sent("Bellagio", &["sms"], &[]).await;
    let mayor = app.mayor("Bellagio");
    let before = app.dump().await;
    for (reason, what) in [
        ("Respinta\0", FieldErrorKind::ControlCharacter),
        ("Respinta\u{1b}[2J", FieldErrorKind::ControlCharacter),
        ("Riga\rriga", FieldErrorKind::ControlCharacter),
        ("Approvata \u{202e}oiggalleB", FieldErrorKind::ReversedText),
        ("Approvata \u{2067}x", FieldErrorKind::ReversedText),
    ] {
        let back = SendBack { submission: sent.id, reason: reason.to_owned() };
        let expected = [FieldError::new("reason", what)];
        assert_eq!(faults(mayor.call(back).await), expected, "{reason:?}");
        let form = serde_html_form::to_string(vec![("reason", reason)]).expect("a form");
        let reply = mayor.post_form(&format!("/api/v1/submissions/{}/send-back", sent.id), &form).await;
        let told: Problem = serde_json::from_str(&reply.body).expect("a problem");
        assert_eq!(told, ApiError::Faulty { faults: expected.to_vec() }.into(), "{reason:?}");
    }
    crate::test_app::assert_same(&before, &app.dump().await, "texts that were refused");
    // Line breaks are kept as one character each, however a browser sends them.
    let form =
        serde_html_form::to_string(vec![("reason", "Perché no?\r\n\tDue righe\nעברית")]).expect("a form");
    let reply = mayor.post_form(&format!("/api/v1/submissions/{}/send-back", sent.id), &form).await;
    assert_eq!(reply.json()["sent_back_reason"], "Perché no?\n\tDue righe\nעברית");
}

#[tokio::test]
async fn a_line_is_one_line_and_texts_within_texts_are_looked_at() {
    let app = TestApp::new().await;
    let (officer, body) = (app.officer("Bellagio"), app.body("Bellagio"));
    officer.change(body, Change::Add, "sms").await.expect("added");
    let submit = Submit {
        body,
        version: 1,
        seen: Vec::new(),
        reason: "Più\nservizi".to_owned(),
        contact: "Ufficio\ntributi".to_owned(),
        protocol: "1\t2".to_owned(),
    };
    let line = |field| FieldError::new(field, FieldErrorKind::ControlCharacter);
    assert_eq!(faults(officer.call(submit).await), [line("contact"), line("protocol")]);
    let nested = json!({ "change": "add", "service": "sms", "more": [{ "text": "\u{202e}" }] });
    let reply = officer.post_json(&format!("/api/v1/bodies/{body}/basket"), &nested.to_string()).await;
    let told: Problem = serde_json::from_str(&reply.body).expect("a problem");
    assert_eq!(told, Problem::faulty(FieldError::new("more", FieldErrorKind::ReversedText)));
}

#[tokio::test]
async fn a_search_has_a_length() {
    let app = TestApp::new().await;
    let search = async |q: String| app.stranger().call(ListServices { q, ..ListServices::default() }).await;
    search("e ".repeat(100)).await.expect("so much is searched for");
    let long = search("e".repeat(201)).await;
    assert_eq!(faults(long), [FieldError::new("q", FieldErrorKind::TooLong { most: 200 })]);
    assert_eq!(refused(search("multe\u{202e}".to_owned()).await), "faulty");
}

#[tokio::test]
async fn only_what_is_posted_is_a_form() {
    let app = TestApp::new().await;
    let before = app.dump().await;
    for client in [app.stranger(), app.officer("Bellagio")] {
        for (path, status) in [
            (ReadHome::PATH.to_owned(), StatusCode::OK),
            (format!("{}?_from=/accedi&_form=x&email=a", ReadHome::PATH), StatusCode::OK),
            ("/api/v1/services/niente?_from=/servizi&reason=x".to_owned(), StatusCode::NOT_FOUND),
            ("/api/v1/requests?state=nonsense&_from=/richieste".to_owned(), StatusCode::UNPROCESSABLE_ENTITY),
        ] {
            for method in ["GET", "HEAD"] {
                let request = Request::builder().method(method).uri(&path).header("accept", BROWSER);
                let reply = client.send(request.body(Body::empty()).expect("a request")).await;
                assert_eq!(reply.status, status, "{method} {path}");
                assert!(reply.headers.get("set-cookie").is_none() && reply.headers.get("location").is_none());
                assert!(reply.header("content-type").ends_with("json"), "{method} {path}");
            }
        }
    }
    crate::test_app::assert_same(&before, &app.dump().await, "what was only read");
}

#[tokio::test]
async fn the_status_says_when_nothing_can_be_written() {
    let app = TestApp::new().await;
    let (officer, body) = (app.officer("Bellagio"), app.body("Bellagio"));
    let stranger = app.stranger();
    app.tamper("ALTER TABLE idempotency_record RENAME TO record_gone").await;
    for _ in 0..3 {
        assert_eq!(stranger.get("/status").await.status, StatusCode::OK, "once is no more than an accident");
        assert_eq!(refused(officer.change(body, Change::Add, "sms").await), "unavailable");
    }
    let told = stranger.get("/status").await;
    assert_eq!((told.status, told.code()), (StatusCode::SERVICE_UNAVAILABLE, "unavailable".to_owned()));
    assert!(
        told.json()["detail"].as_str().is_some_and(|detail| detail.contains("writes fail")),
        "{}",
        told.body
    );
    let metrics = server::metrics_endpoint::routes(app.marketplace.clone());
    let told = visitor_at(&metrics, "").get("/metrics").await.body;
    assert!(
        told.contains("comunanza_database_writable 0") && told.contains("comunanza_database_up 1"),
        "{told}"
    );
    app.tamper("ALTER TABLE record_gone RENAME TO idempotency_record").await;
    officer.change(body, Change::Add, "sms").await.expect("there is room again");
    assert_eq!(stranger.get("/status").await.status, StatusCode::OK);
}
