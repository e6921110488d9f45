//! What an operator watches: the numbers that matter, and nothing of a person or a body.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use leptos::config::LeptosOptions;
use model::api::Problem;
use model::api::calls::CloseCall;
use model::api::credits::proposals::ConfirmProposal;
use model::api::people::SignIn;
use model::api::security::ReadSecurityEvents;
use model::basket::Change;
use model::calendar::Instant;
use model::ids::ProposalId;
use model::people::Role;
use server::jobs::backup::Backups;
use server::jobs::clock::Watch;
use server::jobs::proof::Proof;
use server::metrics_endpoint::routes;
use server::serve::router;
use server::settings::Settings;
use store::{Transaction, UnitOfWork};
use tower::ServiceExt as _;

use crate::test_app::{TestApp, address, refused};

async fn ask(router: &Router, path: &str) -> (StatusCode, String, String) {
    let request = Request::builder().uri(path).header("host", "servizi.como.example.org").body(Body::empty());
    let request = request.expect("a request");
    let response = router.clone().oneshot(request).await.expect("the router answers");
    let (parts, body) = response.into_parts();
    let kind = parts.headers.get("content-type").map_or("", |kind| kind.to_str().expect("text")).to_owned();
    let body = body.collect().await.expect("the answer ends").to_bytes();
    (parts.status, kind, String::from_utf8(body.to_vec()).expect("an answer is text"))
}

pub async fn metrics_text(app: &TestApp) -> String {
    let (status, kind, text) = ask(&routes(app.marketplace.clone()), "/metrics").await;
    assert_eq!((status, kind.as_str()), (StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8"));
    text
}

/// The number of a series; none where there is no such series.
fn number(text: &str, series: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix("comunanza_")?.strip_prefix(series));
    line.map(|rest| rest.trim().parse().expect("a number"))
}

fn seconds(at: Instant) -> Option<f64> {
    i32::try_from(at.0 / 1_000).ok().map(f64::from)
}

/// The whole server, with a site that has no files.
pub fn whole(app: &TestApp) -> (Router, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().to_string_lossy().into_owned();
    let options = LeptosOptions::builder().output_name("comunanza").site_root(root).build();
    (router(&app.site, &options).expect("the router is made"), folder)
}

#[tokio::test]
async fn requests_are_counted_by_the_template_of_their_route() {
    let app = TestApp::new().await;
    let (site, _folder) = whole(&app);
    for path in ["/api/v1/services/sms", "/api/v1/services/multe", "/api/v1/services/niente"] {
        ask(&site, path).await;
    }
    for path in ["/non-esiste", "/neppure-questa", "/status"] {
        ask(&site, path).await;
    }
    let text = metrics_text(&app).await;
    let count = |labels: &str| number(&text, &format!("http_request_seconds_count{{{labels}}}"));
    let service = "method=\"GET\",route=\"/api/v1/services/{code}\"";
    assert_eq!(count(&format!("{service},status=\"2xx\"")), Some(2.0), "{text}");
    assert_eq!(count(&format!("{service},status=\"4xx\"")), Some(1.0));
    assert_eq!(
        count("method=\"GET\",route=\"none\",status=\"4xx\""),
        Some(2.0),
        "strange addresses are one series"
    );
    assert_eq!(count("method=\"GET\",route=\"/status\",status=\"2xx\""), Some(1.0));
    assert!(!text.contains("multe") && !text.contains("non-esiste"), "{text}");
}

#[tokio::test]
async fn who_goes_away_before_the_answer_is_counted_too() {
    let app = TestApp::new().await;
    let (site, _folder) = whole(&app);
    // What it says never comes to its end: no answer can be quicker than its leaving.
    let endless = Body::from_stream(futures::stream::pending::<Result<Vec<u8>, Infallible>>());
    let request = Request::builder()
        .uri("/api/v1/services/sms")
        .header("host", "servizi.como.example.org")
        .body(endless)
        .expect("a request");
    let mut asking = Box::pin(site.oneshot(request));
    assert!(futures::poll!(&mut asking).is_pending(), "the request has not ended");
    drop(asking);
    let text = metrics_text(&app).await;
    let series =
        "http_request_seconds_count{method=\"GET\",route=\"/api/v1/services/{code}\",status=\"abandoned\"}";
    assert_eq!(number(&text, series), Some(1.0), "{text}");
}

#[tokio::test]
async fn writes_ledger_jobs_and_database_are_told_and_nobody_is_named() {
    let app = TestApp::new().await;
    let before = metrics_text(&app).await;
    let written = |text: &str, outcome: &str| {
        number(text, &format!("write_seconds_count{{outcome=\"{outcome}\"}}")).unwrap_or_default()
    };
    let (officer, body) = (app.officer("Bellagio"), app.body("Bellagio"));
    officer.change(body, Change::Add, "formazione").await.expect("added");
    officer.change(body, Change::Add, "occupazione").await.expect("added");
    officer.change(body, Change::Add, "dehors").await.expect_err("it excludes the other");
    app.authorised("Bellagio", &[], &[]).await;
    let elsewhere = tempfile::tempdir().expect("a folder");
    let mut proof = Proof::with(Some(elsewhere.path().to_owned()));
    proof.run(&app.marketplace).await;
    let text = metrics_text(&app).await;
    assert!(written(&text, "stored") >= written(&before, "stored") + 4.0, "{text}");
    assert_eq!(Some(written(&text, "refused")), Some(written(&before, "refused") + 1.0));
    assert_eq!(number(&text, "database_up "), Some(1.0));
    assert_eq!(number(&text, "started_timestamp_seconds "), seconds(app.now()));
    assert_eq!(number(&text, "write_retries_total "), Some(0.0));
    assert_eq!(number(&text, "writes_waiting "), Some(0.0));
    assert!(number(&text, "database_connections{state=\"idle\"}").is_some_and(|idle| idle >= 1.0));
    for host in ["servizi.como.example.org", "servizi.lecco.example.org"] {
        let of = |name: &str| number(&text, &format!("{name}{{aggregator=\"{host}\"}}"));
        assert_eq!(of("ledger_verified_timestamp_seconds"), seconds(app.now()));
        assert_eq!(of("ledger_sound"), Some(1.0));
        let midnight = Instant::from_rome(app.today(), 0, 0, 0);
        assert_eq!(of("ledger_anchor_timestamp_seconds"), seconds(midnight));
    }
    assert!(text.contains(&format!("version=\"{}\"", env!("CARGO_PKG_VERSION"))));
    for personal in ["Bellagio", "Referente", &address(Role::Officer, "Bellagio"), "013250", "formazione"] {
        assert!(!text.contains(personal), "{personal} is told:\n{text}");
    }
}

#[tokio::test]
async fn sign_ins_that_fail_and_refusals_are_counted() {
    let app = TestApp::new().await;
    let stranger = app.stranger();
    for _ in 0..25 {
        let wrong = SignIn { email: "nessuno@example.org".to_owned(), password: "sbagliata".to_owned() };
        stranger.call(wrong).await.expect_err("refused");
    }
    app.officer("Bellagio").call(ReadSecurityEvents::default()).await.expect_err("refused");
    let events = |text: &str, kind: &str| number(text, &format!("security_events_total{{kind=\"{kind}\"}}"));
    app.marketplace.write_security_log(true).await;
    let text = metrics_text(&app).await;
    assert_eq!(events(&text, "sign_in_failed"), Some(25.0), "{text}");
    assert_eq!((events(&text, "refused"), events(&text, "password")), (Some(1.0), Some(0.0)));
    let most =
        |text: &str| number(text, "sign_in_failures_by_source_max{aggregator=\"servizi.como.example.org\"}");
    assert_eq!(most(&text), Some(25.0), "also those that are told together");
    app.move_to("2026-03-02 10:15:01");
    assert_eq!(most(&metrics_text(&app).await), Some(0.0));
}

#[tokio::test]
async fn a_ledger_that_was_altered_and_a_job_that_fails_are_seen() {
    let app = TestApp::new().await;
    let account = app.account_id("Bellagio").await;
    app.tamper(&format!("UPDATE entry SET amount = amount + 1 WHERE account = {account}")).await;
    // A second place that is no folder.
    let file = tempfile::NamedTempFile::new().expect("a file");
    Proof::with(Some(file.path().to_owned())).run(&app.marketplace).await;
    let text = metrics_text(&app).await;
    let sound = |host: &str| number(&text, &format!("ledger_sound{{aggregator=\"{host}\"}}"));
    assert_eq!(sound("servizi.como.example.org"), Some(0.0), "{text}");
    assert_eq!(sound("servizi.lecco.example.org"), Some(1.0));
    assert_eq!(number(&text, "job_errors_total{job=\"proof\"}"), Some(2.0), "one for each aggregator");
}

#[tokio::test]
async fn a_clock_behind_what_was_checked_is_seen_until_it_is_right() {
    let app = TestApp::new().await;
    Proof::with(None).run(&app.marketplace).await;
    let mut watch = Watch::default();
    let errors = async || number(&metrics_text(&app).await, "job_errors_total{job=\"clock\"}");
    watch.run(&app.marketplace).await;
    assert_eq!(errors().await, Some(0.0));
    let right = app.now();
    app.marketplace.clock.move_to(right.plus_seconds(-3_600));
    watch.run(&app.marketplace).await;
    watch.run(&app.marketplace).await;
    assert_eq!(errors().await, Some(2.0), "in each round");
    app.marketplace.clock.move_to(right);
    watch.run(&app.marketplace).await;
    assert_eq!(errors().await, Some(2.0));
}

/// Settings by which the database of an app is copied into a folder, where two copies are kept.
fn copied_to(app: &TestApp, folder: &Path) -> Settings {
    let get = |name: &str| match name {
        "DATABASE_URL" => Some(app.database.url.clone()),
        "BACKUP_FOLDER" => Some(folder.display().to_string()),
        "BACKUP_KEEP" => Some("2".to_owned()),
        _ => None,
    };
    Settings::read(get).expect("good settings")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[tokio::test]
async fn no_copy_is_removed_by_a_clock_that_may_be_wrong() {
    let app = TestApp::new().await;
    if app.database.is_postgres() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut backups = Backups::with(&copied_to(&app, folder.path()), &app.marketplace.store);
    let night = async |backups: &mut Backups, is_right: bool| {
        app.pass(1);
        backups.run(&app.marketplace, is_right).await;
        names(folder.path()).len()
    };
    for copies in 1..=4 {
        assert_eq!(night(&mut backups, false).await, copies, "each night has its copy all the same");
    }
    // A copy from a time when the clock was ahead.
    let ahead = folder.path().join("comunanza-2099-01-01.db");
    std::fs::write(&ahead, "").expect("written");
    assert_eq!(night(&mut backups, true).await, 4 + 1 + 1);
    std::fs::remove_file(ahead).expect("moved away");
    assert_eq!(night(&mut backups, true).await, 2);
}

#[tokio::test]
async fn each_night_has_its_copy_and_the_oldest_go() {
    let app = TestApp::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    let copies = folder.path().join("copie");
    let names = || names(&copies);
    let mut backups = Backups::with(&copied_to(&app, &copies), &app.marketplace.store);
    let mut days = Vec::new();
    for _ in 0..3 {
        app.pass(1);
        days.push(format!("comunanza-{}.db", app.today()));
        backups.run(&app.marketplace, true).await;
        backups.run(&app.marketplace, true).await;
    }
    let made = number(&metrics_text(&app).await, "backup_timestamp_seconds ");
    if app.database.is_postgres() {
        assert_eq!((names().len(), made), (0, Some(0.0)), "it has its own tools");
        return;
    }
    assert_eq!(names(), days[1..].iter().cloned().collect());
    assert!(made > Some(0.0));
    // A folder that can't be: nothing is left there, and it is seen.
    let file = folder.path().join("comunanza.txt");
    std::fs::write(&file, "no folder").expect("written");
    Backups::with(&copied_to(&app, &file), &app.marketplace.store).run(&app.marketplace, true).await;
    assert_eq!(number(&metrics_text(&app).await, "job_errors_total{job=\"backup\"}"), Some(1.0));
}

#[tokio::test]
async fn without_the_database_the_status_says_so_and_the_metrics_go_on() {
    let app = TestApp::new().await;
    Proof::with(None).run(&app.marketplace).await;
    let before = metrics_text(&app).await;
    app.marketplace.store.close().await;
    let reply = app.stranger().get("/status").await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        (reply.header("content-type"), reply.code()),
        ("application/problem+json", "unavailable".into())
    );
    let text = metrics_text(&app).await;
    assert_eq!((number(&before, "database_up "), number(&text, "database_up ")), (Some(1.0), Some(0.0)));
    let verified = "ledger_verified_timestamp_seconds{aggregator=\"servizi.como.example.org\"}";
    assert_eq!(number(&text, verified), number(&before, verified), "what was known stands");
}

/// A write that the database does not take, or one that changes nothing.
#[derive(Clone)]
struct Probe {
    fails: bool,
}

impl UnitOfWork for Probe {
    type Answer = ();

    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        if self.fails {
            // The address is there already.
            tx.add_person(&address(Role::Officer, "Bellagio"), "Referente", "", false, Instant(0)).await?;
        }
        Ok(tx.end_session("of nobody").await?)
    }
}

#[tokio::test]
async fn a_write_that_changes_nothing_does_not_tell_that_writing_is_possible_again() {
    let app = TestApp::new().await;
    let status = async || app.stranger().get("/status").await.status;
    assert_eq!(status().await, StatusCode::OK);
    for _ in 0..3 {
        assert_eq!(refused(app.write(Probe { fails: true }).await), "unavailable");
    }
    assert_eq!(status().await, StatusCode::SERVICE_UNAVAILABLE);
    app.write(Probe { fails: false }).await.expect("nothing is there to be changed");
    assert_eq!(status().await, StatusCode::SERVICE_UNAVAILABLE);
    let body = app.body("Bellagio");
    app.officer("Bellagio").change(body, Change::Add, "formazione").await.expect("added");
    assert_eq!(status().await, StatusCode::OK);
}

#[tokio::test]
async fn who_may_not_run_a_call_never_waits_to_write() {
    let app = TestApp::new().await;
    let writes = async || {
        metrics_text(&app)
            .await
            .lines()
            .filter(|line| line.contains("write_seconds_count"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let before = writes().await;
    let close = CloseCall { call: app.call };
    let confirm = ConfirmProposal { proposal: ProposalId(1), before: None, change: 1 };
    assert_eq!(refused(app.stranger().call(close.clone()).await), "sign_in_needed");
    assert_eq!(refused(app.stranger().call(confirm).await), "sign_in_needed");
    for who in [app.officer("Bellagio"), app.operator(), app.observer()] {
        assert_eq!(refused(who.call(close.clone()).await), "forbidden");
        assert_eq!(refused(who.call(confirm).await), "forbidden");
    }
    assert_eq!(writes().await, before);
}

#[tokio::test]
async fn the_site_itself_tells_no_metrics() {
    let app = TestApp::new().await;
    let (site, _folder) = whole(&app);
    let (status, _, text) = ask(&site, "/metrics").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(!text.contains("comunanza_"), "{text}");
}
