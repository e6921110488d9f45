//! What a browser may load, and from where: on every page, and on whatever else may be answered.
//!
//! The pages are walked by the front end's own table, each as several people see it, those that refuse included.

use std::sync::Arc;

use app::App;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use leptos::config::LeptosOptions;
use server::serve::router;

use crate::access::fixture::AccessFixture;
use crate::test_app::{Reply, TestApp, TestClient};

/// The whole site, pages and files included; the folder stands in for what a build would leave.
pub fn whole(app: &TestApp) -> (Router, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("pkg")).expect("its folder");
    std::fs::write(folder.path().join("robots.txt"), "User-agent: *\n").expect("a file");
    let root: Arc<str> = folder.path().display().to_string().into();
    let options = LeptosOptions::builder().output_name("comunanza").site_root(root).build();
    (router(&app.site, &options).expect("the site"), folder)
}

/// What the policy must say, but for the scripts: theirs changes with each page.
const SAID: [&str; 9] = [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
];

/// Fails unless nothing of this page could be somebody else's; answers with its nonce.
fn strict(reply: &Reply, what: &str) -> String {
    let policy = reply.header("content-security-policy");
    let parts: Vec<_> = policy.split(';').map(str::trim).collect();
    for said in SAID {
        assert!(parts.contains(&said), "{what}: {said} is not in {policy}");
    }
    let scripts = parts.iter().find(|part| part.starts_with("script-src")).expect("of scripts");
    let nonce = scripts.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next());
    let nonce = nonce.unwrap_or_else(|| panic!("{what}: no nonce in {scripts}")).to_owned();
    assert_eq!(*scripts, format!("script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'"), "{what}");
    assert_eq!(parts.len(), SAID.len() + 1, "{what}: {policy} says nothing else");
    for lax in ["unsafe-inline", "unsafe-eval'", "*", "http:", "https:", "data:", "blob:"] {
        assert!(!policy.replace("'wasm-unsafe-eval'", "").contains(lax), "{what}: {lax} in {policy}");
    }
    for script in reply.body.split("<script").skip(1) {
        let tag = script.split('>').next().unwrap_or_default();
        assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{what}: <script{tag}>");
    }
    for inline in [" style=\"", " onclick=", " onload=", " onerror=", "href=\"javascript:", "<style"] {
        assert!(!reply.body.contains(inline), "{what} has {inline}");
    }
    nonce
}

fn hardened(reply: &Reply, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(reply.header(name), value, "{what}: {name}");
    }
}

/// Every page of the front end's table, aimed at what is there and at what is not.
fn pages(trial: &AccessFixture) -> Vec<String> {
    let mut pages = Vec::new();
    for listing in leptos_axum::generate_route_list(App) {
        for place in [&trial.own, &trial.absent] {
            let path = listing.path().replace("{body}", &place.body.to_string());
            let path = path.replace("{submission}", &place.submission.to_string());
            let path = path.replace("{request}", &place.request.to_string());
            pages.push(path.replace("{code}", place.service));
        }
    }
    pages.dedup();
    pages.extend(["/non-esiste", "/comuni/abc", "/accedi?next=//altrove.example.org"].map(str::to_owned));
    pages
}

#[tokio::test]
async fn every_page_lets_nothing_in_from_elsewhere_whoever_sees_it() {
    let trial = AccessFixture::prepare().await;
    let (site, _folder) = whole(&trial.app);
    let pages = pages(&trial);
    assert!(pages.len() > 30, "{pages:?}");
    let mut nonces = Vec::new();
    let mut statuses = Vec::new();
    for letter in ['N', 'O', 'M', 'P', 'A', 'V'] {
        let client = trial.caller(letter).at(site.clone());
        for page in &pages {
            let what = format!("{page} for {letter}");
            let reply = client.get(page).await;
            hardened(&reply, &what);
            statuses.push(reply.status.as_u16());
            if reply.status.is_redirection() {
                assert!(reply.header("location").starts_with('/'), "{what}");
                continue;
            }
            assert_eq!(reply.header("content-type"), "text/html; charset=utf-8", "{what}");
            assert_eq!(reply.header("cache-control"), "no-store", "{what}");
            nonces.push(strict(&reply, &what));
        }
    }
    for seen in [200, 404] {
        assert!(statuses.contains(&seen), "no page answered {seen}: {statuses:?}");
    }
    assert!(statuses.iter().all(|status| *status < 500), "{statuses:?}");
    let all = nonces.len();
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), all, "a nonce is used once");
}

#[tokio::test]
async fn a_page_that_can_not_be_made_is_as_strict() {
    let trial = AccessFixture::prepare().await;
    let (site, _folder) = whole(&trial.app);
    // The database is there, and what it holds makes no sense any more.
    trial.app.raw_sql("UPDATE request SET state = 'nonsense'".to_owned()).await;
    trial.app.raw_sql("UPDATE call SET terms = 'nonsense'".to_owned()).await;
    let officer = trial.caller('O').at(site);
    let mut broken = 0;
    for page in [
        "/".to_owned(),
        "/servizi".to_owned(),
        format!("/comuni/{}", trial.own.body),
        format!("/richieste/{}", trial.own.request),
    ] {
        let reply = officer.get(&page).await;
        hardened(&reply, &page);
        strict(&reply, &page);
        broken += u32::from(reply.status.is_server_error());
    }
    assert!(broken > 0, "at least one says that something is wrong");
}

#[tokio::test]
async fn what_is_no_page_may_load_nothing_at_all() {
    let app = TestApp::new().await;
    let (site, _folder) = whole(&app);
    let (officer, stranger) = (app.officer("Bellagio").at(site.clone()), app.stranger().at(site));
    let entries = format!("/api/v1/bodies/{}/entries.csv", app.body("Bellagio"));
    let nothing = "default-src 'none'; frame-ancestors 'none'";
    for (client, path, status) in [
        (&officer, "/api/v1/profile", 200),
        (&officer, "/api/v1/non-esiste", 404),
        (&officer, "/status", 200),
        (&officer, "/api/v1/openapi.json", 200),
        (&officer, "/robots.txt", 200),
        (&officer, &*entries, 200),
        (&stranger, "/api/v1/profile", 401),
        (&stranger, &*entries, 401),
        (&stranger, "/api/v1/bodies/abc", 404),
    ] {
        let reply = client.get(path).await;
        assert_eq!(reply.status, status, "{path}");
        assert_eq!(reply.header("content-security-policy"), nothing, "{path}");
        hardened(&reply, path);
    }
    for (method, path, status) in [("POST", "/api/v1/session", 415), ("DELETE", "/api/v1/session", 405)] {
        let reply = send(&stranger, method, path).await;
        assert_eq!((reply.status.as_u16(), reply.header("content-security-policy")), (status, nothing));
    }
    let lost = stranger.get("/pkg/non-esiste.js").await;
    assert_eq!(lost.status, 404);
    hardened(&lost, "a file that is not there");
}

async fn send(client: &TestClient, method: &str, path: &str) -> Reply {
    let request = Request::builder().method(method).uri(path).header("content-type", "text/plain");
    client.send(request.body(Body::from("x")).expect("a request")).await
}
