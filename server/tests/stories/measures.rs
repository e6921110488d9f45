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
use model::api::call::CloseCall;
use model::api::people::SignIn;
use model::api::proposal::ConfirmProposal;
use model::api::security::ReadSecurityEvents;
use model::basket::Change;
use model::calendar::Instant;
use model::ids::ProposalId;
use model::people::Role;
use server::jobs::backup::Backups;
use server::jobs::clock::Watch;
use server::jobs::proof::Proof;
use server::measures::routes;
use server::serve::router;
use server::settings::Settings;
use server::store::{Errand, Work};
use tower::ServiceExt as _;

use crate::town::{Town, address, refused};

async fn ask(router: &Router, path: &str) -> (StatusCode, String, String) {
    let request = Request::builder().uri(path).header("host", "servizi.como.example.org").body(Body::empty());
    let request = request.expect("a request");
    let response = router.clone().oneshot(request).await.expect("the router answers");
    let (parts, body) = response.into_parts();
    let kind = parts.headers.get("content-type").map_or("", |kind| kind.to_str().expect("text")).to_owned();
    let body = body.collect().await.expect("the answer ends").to_bytes();
    (parts.status, kind, String::from_utf8(body.to_vec()).expect("an answer is text"))
}

async fn told(town: &Town) -> String {
    let (status, kind, text) = ask(&routes(town.office.clone()), "/metrics").await;
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
pub fn whole(town: &Town) -> (Router, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().to_string_lossy().into_owned();
    let options = LeptosOptions::builder().output_name("comunanza").site_root(root).build();
    (router(&town.site, &options).expect("the router is made"), folder)
}

#[tokio::test]
async fn requests_are_counted_by_the_template_of_their_route() {
    let town = Town::found().await;
    let (site, _folder) = whole(&town);
    for path in ["/api/v1/services/sms", "/api/v1/services/multe", "/api/v1/services/niente"] {
        ask(&site, path).await;
    }
    for path in ["/non-esiste", "/neppure-questa", "/status"] {
        ask(&site, path).await;
    }
    let text = told(&town).await;
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
    let town = Town::found().await;
    let (site, _folder) = whole(&town);
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
    let text = told(&town).await;
    let series =
        "http_request_seconds_count{method=\"GET\",route=\"/api/v1/services/{code}\",status=\"abandoned\"}";
    assert_eq!(number(&text, series), Some(1.0), "{text}");
}

#[tokio::test]
async fn writes_ledger_jobs_and_database_are_told_and_nobody_is_named() {
    let town = Town::found().await;
    let before = told(&town).await;
    let written = |text: &str, outcome: &str| {
        number(text, &format!("write_seconds_count{{outcome=\"{outcome}\"}}")).unwrap_or_default()
    };
    let (officer, body) = (town.officer("Bellagio"), town.body("Bellagio"));
    officer.change(body, Change::Add, "formazione").await.expect("added");
    officer.change(body, Change::Add, "occupazione").await.expect("added");
    officer.change(body, Change::Add, "dehors").await.expect_err("it excludes the other");
    town.authorised("Bellagio", &[], &[]).await;
    let elsewhere = tempfile::tempdir().expect("a folder");
    let mut proof = Proof::with(Some(elsewhere.path().to_owned()));
    proof.run(&town.office).await;
    let text = told(&town).await;
    assert!(written(&text, "stored") >= written(&before, "stored") + 4.0, "{text}");
    assert_eq!(Some(written(&text, "refused")), Some(written(&before, "refused") + 1.0));
    assert_eq!(number(&text, "database_up "), Some(1.0));
    assert_eq!(number(&text, "started_timestamp_seconds "), seconds(town.now()));
    assert_eq!(number(&text, "write_retries_total "), Some(0.0));
    assert_eq!(number(&text, "writes_waiting "), Some(0.0));
    assert!(number(&text, "database_connections{state=\"idle\"}").is_some_and(|idle| idle >= 1.0));
    for host in ["servizi.como.example.org", "servizi.lecco.example.org"] {
        let of = |name: &str| number(&text, &format!("{name}{{aggregator=\"{host}\"}}"));
        assert_eq!(of("ledger_verified_timestamp_seconds"), seconds(town.now()));
        assert_eq!(of("ledger_sound"), Some(1.0));
        let midnight = Instant::from_rome(town.today(), 0, 0, 0);
        assert_eq!(of("ledger_anchor_timestamp_seconds"), seconds(midnight));
    }
    assert!(text.contains(&format!("version=\"{}\"", env!("CARGO_PKG_VERSION"))));
    for personal in ["Bellagio", "Referente", &address(Role::Officer, "Bellagio"), "013250", "formazione"] {
        assert!(!text.contains(personal), "{personal} is told:\n{text}");
    }
}

#[tokio::test]
async fn sign_ins_that_fail_and_refusals_are_counted() {
    let town = Town::found().await;
    let stranger = town.stranger();
    for _ in 0..25 {
        let wrong = SignIn { email: "nessuno@example.org".to_owned(), password: "sbagliata".to_owned() };
        stranger.call(wrong).await.expect_err("refused");
    }
    town.officer("Bellagio").call(ReadSecurityEvents::default()).await.expect_err("refused");
    let events = |text: &str, kind: &str| number(text, &format!("security_events_total{{kind=\"{kind}\"}}"));
    town.office.security.write_out(&town.office, true).await;
    let text = told(&town).await;
    assert_eq!(events(&text, "sign_in_failed"), Some(25.0), "{text}");
    assert_eq!((events(&text, "refused"), events(&text, "password")), (Some(1.0), Some(0.0)));
    let most =
        |text: &str| number(text, "sign_in_failures_by_source_max{aggregator=\"servizi.como.example.org\"}");
    assert_eq!(most(&text), Some(25.0), "also those that are told together");
    town.move_to("2026-03-02 10:15:01");
    assert_eq!(most(&told(&town).await), Some(0.0));
}

#[tokio::test]
async fn a_ledger_that_was_altered_and_a_job_that_fails_are_seen() {
    let town = Town::found().await;
    let account = town.account_id("Bellagio").await;
    town.tamper(&format!("UPDATE entry SET amount = amount + 1 WHERE account = {account}")).await;
    // A second place that is no folder.
    let file = tempfile::NamedTempFile::new().expect("a file");
    Proof::with(Some(file.path().to_owned())).run(&town.office).await;
    let text = told(&town).await;
    let sound = |host: &str| number(&text, &format!("ledger_sound{{aggregator=\"{host}\"}}"));
    assert_eq!(sound("servizi.como.example.org"), Some(0.0), "{text}");
    assert_eq!(sound("servizi.lecco.example.org"), Some(1.0));
    assert_eq!(number(&text, "job_errors_total{job=\"proof\"}"), Some(2.0), "one for each aggregator");
}

#[tokio::test]
async fn a_clock_behind_what_was_checked_is_seen_until_it_is_right() {
    let town = Town::found().await;
    Proof::with(None).run(&town.office).await;
    let mut watch = Watch::default();
    let errors = async || number(&told(&town).await, "job_errors_total{job=\"clock\"}");
    watch.run(&town.office).await;
    assert_eq!(errors().await, Some(0.0));
    let right = town.now();
    town.office.clock.move_to(right.plus_seconds(-3_600));
    watch.run(&town.office).await;
    watch.run(&town.office).await;
    assert_eq!(errors().await, Some(2.0), "in each round");
    town.office.clock.move_to(right);
    watch.run(&town.office).await;
    assert_eq!(errors().await, Some(2.0));
}

/// Settings by which the database of a town is copied into a folder, where two copies are kept.
fn copied_to(town: &Town, folder: &Path) -> Settings {
    let get = |name: &str| match name {
        "DATABASE_URL" => Some(town.ground.url.clone()),
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
    let town = Town::found().await;
    if town.ground.is_postgres() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut backups = Backups::with(&copied_to(&town, folder.path()), &town.office.store);
    let night = async |backups: &mut Backups, is_right: bool| {
        town.pass(1);
        backups.run(&town.office, is_right).await;
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
    let town = Town::found().await;
    let folder = tempfile::tempdir().expect("a folder");
    let copies = folder.path().join("copie");
    let names = || names(&copies);
    let mut backups = Backups::with(&copied_to(&town, &copies), &town.office.store);
    let mut days = Vec::new();
    for _ in 0..3 {
        town.pass(1);
        days.push(format!("comunanza-{}.db", town.today()));
        backups.run(&town.office, true).await;
        backups.run(&town.office, true).await;
    }
    let made = number(&told(&town).await, "backup_timestamp_seconds ");
    if town.ground.is_postgres() {
        assert_eq!((names().len(), made), (0, Some(0.0)), "it has its own tools");
        return;
    }
    assert_eq!(names(), days[1..].iter().cloned().collect());
    assert!(made > Some(0.0));
    // A folder that can't be: nothing is left there, and it is seen.
    let file = folder.path().join("comunanza.txt");
    std::fs::write(&file, "no folder").expect("written");
    Backups::with(&copied_to(&town, &file), &town.office.store).run(&town.office, true).await;
    assert_eq!(number(&told(&town).await, "job_errors_total{job=\"backup\"}"), Some(1.0));
}

#[tokio::test]
async fn without_the_database_the_status_says_so_and_the_metrics_go_on() {
    let town = Town::found().await;
    Proof::with(None).run(&town.office).await;
    let before = told(&town).await;
    town.office.store.close().await;
    let reply = town.stranger().get("/status").await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        (reply.header("content-type"), reply.code()),
        ("application/problem+json", "unavailable".into())
    );
    let text = told(&town).await;
    assert_eq!((number(&before, "database_up "), number(&text, "database_up ")), (Some(1.0), Some(0.0)));
    let verified = "ledger_verified_timestamp_seconds{aggregator=\"servizi.como.example.org\"}";
    assert_eq!(number(&text, verified), number(&before, verified), "what was known stands");
}

/// A write that the database does not take, or one that changes nothing.
#[derive(Clone)]
struct Probe {
    fails: bool,
}

impl Errand for Probe {
    type Answer = ();

    async fn run(self, work: &mut Work) -> Result<(), Problem> {
        if self.fails {
            // The address is there already.
            work.add_person(&address(Role::Officer, "Bellagio"), "Referente", "", false, 0).await?;
        }
        Ok(work.end_session("of nobody").await?)
    }
}

#[tokio::test]
async fn a_write_that_changes_nothing_does_not_tell_that_writing_is_possible_again() {
    let town = Town::found().await;
    let status = async || town.stranger().get("/status").await.status;
    assert_eq!(status().await, StatusCode::OK);
    for _ in 0..3 {
        assert_eq!(refused(town.write(Probe { fails: true }).await), "unavailable");
    }
    assert_eq!(status().await, StatusCode::SERVICE_UNAVAILABLE);
    town.write(Probe { fails: false }).await.expect("nothing is there to be changed");
    assert_eq!(status().await, StatusCode::SERVICE_UNAVAILABLE);
    let body = town.body("Bellagio");
    town.officer("Bellagio").change(body, Change::Add, "formazione").await.expect("added");
    assert_eq!(status().await, StatusCode::OK);
}

#[tokio::test]
async fn who_may_not_run_a_call_never_waits_to_write() {
    let town = Town::found().await;
    let writes = async || {
        told(&town)
            .await
            .lines()
            .filter(|line| line.contains("write_seconds_count"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let before = writes().await;
    let close = CloseCall { call: town.call };
    let confirm = ConfirmProposal { proposal: ProposalId(1), before: None, change: 1 };
    assert_eq!(refused(town.stranger().call(close.clone()).await), "sign_in_needed");
    assert_eq!(refused(town.stranger().call(confirm).await), "sign_in_needed");
    for who in [town.officer("Bellagio"), town.operator(), town.observer()] {
        assert_eq!(refused(who.call(close.clone()).await), "forbidden");
        assert_eq!(refused(who.call(confirm).await), "forbidden");
    }
    assert_eq!(writes().await, before);
}

#[tokio::test]
async fn the_site_itself_tells_no_metrics() {
    let town = Town::found().await;
    let (site, _folder) = whole(&town);
    let (status, _, text) = ask(&site, "/metrics").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(!text.contains("comunanza_"), "{text}");
}
