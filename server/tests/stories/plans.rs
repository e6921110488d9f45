//! What one municipality does is looked up by an index, however many others there are: SQLite tells how it would find
//! the rows of each statement. On PostgreSQL, which reads small tables whole, nothing is told.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use model::api::baskets::ReadBasket;
use model::api::bodies::{ListEntries, ReadBody};
use model::api::calls::ProposeCorrection;
use model::api::catalogue::{ReadHome, ReadService};
use model::api::credits::ReadLedger;
use model::api::credits::proposals::{ConfirmProposal, ListProposals};
use model::api::people::{ReadProfile, ReadSession};
use model::api::requests::{Cursor, ListRequests, PageOfQueue, ReadQueue, ReadRequest};
use model::api::submissions::{ListSubmissions, ReadSubmission, WithdrawSubmission};
use model::requests::State;
use server::jobs::outbox;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::outbox::mail_into;
use crate::test_app::TestApp;

/// Tables that grow with municipalities, people and years.
const GROWING: [&str; 23] = [
    "account",
    "assigned_item",
    "assignment",
    "basket",
    "basket_line",
    "basket_step",
    "body",
    "body_variable",
    "entry",
    "entry_note",
    "extension",
    "idempotency_record",
    "milestone",
    "outbox",
    "person",
    "proposal",
    "proposal_entry",
    "request",
    "request_step",
    "role_held",
    "session",
    "submission",
    "submission_line",
];

/// The statements that were said.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<BTreeSet<String>>>);

impl<S: Subscriber> Layer<S> for Heard {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            let mut said = Said::default();
            event.record(&mut said);
            // Short ones are their own summary.
            let text = if said.statement.is_empty() { said.summary } else { said.statement };
            self.0.lock().expect("heard").insert(text);
        }
    }
}

#[derive(Default)]
struct Said {
    summary: String,
    statement: String,
}

impl Visit for Said {
    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.statement),
            _ => {}
        }
    }
}

/// A package is composed, sent, authorised and worked until a service is live, and everybody looks at it.
async fn live_through(app: &TestApp) {
    let body = app.body("Bellagio");
    let (officer, operator) = (app.officer("Bellagio"), app.operator());
    let submission = app.authorised("Bellagio", &["tributi"], &[]).await.id;
    app.bring("Bellagio", "tributi", State::Activating).await;
    let request = app.request("Bellagio", "tributi").await;
    for client in [&officer, &app.mayor("Bellagio"), &operator] {
        client.call(ReadSession {}).await.expect("read");
        client.call(ReadProfile {}).await.expect("read");
        client.call(ReadRequest { request: request.id }).await.expect("read");
        client.call(ReadBody { body }).await.expect("read");
        client.call(ListRequests { body, state: None }).await.expect("read");
        client.call(ListSubmissions { body }).await.expect("read");
        client.call(ReadSubmission { submission }).await.expect("read");
        client.call(ListEntries { body, kind: None }).await.expect("read");
    }
    officer.call(ReadBasket { body }).await.expect("read");
    officer.call(ReadLedger { body }).await.expect("read");
    for search in ["", "bella"] {
        operator.call(ReadQueue { search: search.to_owned(), ..ReadQueue::default() }).await.expect("read");
    }
    let place = Cursor { stopped: false, due: app.today(), id: request.id };
    let page = Some(PageOfQueue::After(place));
    operator.call(ReadQueue { page, ..ReadQueue::default() }).await.expect("read");
    proposals_come_and_go(app).await;
    app.stranger().call(ReadHome {}).await.expect("read");
    app.bring("Bellagio", "tributi", State::Live).await;
    app.stranger().call(ReadService { code: "tributi".into(), body: None }).await.expect("read");
    let waiting = app.sent("Brunate", &["tributi"], &[]).await.id;
    let folder = tempfile::tempdir().expect("a folder");
    outbox::run(&app.marketplace, &mail_into(folder.path())).await;
    app.officer("Brunate").call(WithdrawSubmission { submission: waiting }).await.expect("withdrawn");
    // Past the closing, when the clock asks who stayed silent.
    app.pass(200);
    assert!(app.tick().await.kept > 0);
}

/// Credits are moved by one administrator, and by two.
async fn proposals_come_and_go(app: &TestApp) {
    let (first, second, body) = (app.administrator(), app.second_administrator(), app.body("Bellagio"));
    for change in [1, 20] {
        first.call(ProposeCorrection::by(body, change, "Conteggio")).await.expect("done or proposed");
    }
    for body in [None, Some(body)] {
        let list = second.call(ListProposals { body, before: None }).await.expect("listed");
        for seen in list.waiting {
            let confirm = ConfirmProposal { proposal: seen.id, before: seen.before, change: seen.change };
            second.call(confirm).await.expect("confirmed");
        }
    }
}

#[tokio::test]
async fn what_one_municipality_does_is_found_without_reading_all() {
    let mut app = TestApp::new().await;
    if app.database.is_postgres() {
        return;
    }
    app.deliver();
    let heard = Heard::default();
    tracing_subscriber::registry().with(heard.clone()).init();
    live_through(&app).await;
    let statements = heard.0.lock().expect("heard").clone();
    assert!(statements.len() > 40, "few were heard: {statements:#?}");
    let (mut raw, mut pages) = (app.database.raw().await, 0);
    for statement in &statements {
        let verb = statement.split_whitespace().next().unwrap_or_default();
        if !matches!(verb, "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "WITH") {
            continue;
        }
        let plan: Vec<(i64, i64, i64, String)> = raw.all(&format!("EXPLAIN QUERY PLAN {statement}")).await;
        for (_, _, _, found) in &plan {
            let whole = GROWING.iter().any(|table| reads_all(statement, found, table));
            assert!(!whole, "{found}, in\n{statement}\n{plan:#?}");
        }
        if statement.contains("(r.due, r.id) >") {
            let from_the_place = |found: &str| found.contains("request_in_turn") && found.contains("due>?");
            let begun = plan.iter().any(|(.., found)| from_the_place(found));
            let sorted = plan.iter().filter(|(.., found)| found.contains("TEMP B-TREE")).count();
            assert!(begun && sorted == 1, "only the page itself is put in order, in\n{statement}\n{plan:#?}");
            pages += 1;
        }
    }
    assert_eq!(pages, 1, "the list was turned over");
}

/// Whether a line of a plan reads all that a table has, or has of the aggregator: `SCAN r`, by whichever name. In an
/// index that has the order of a list a page of it ends early.
fn reads_all(statement: &str, line: &str, table: &str) -> bool {
    let mut words = line.split(' ');
    let (how, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let in_order = ["request_in_turn ", "request_live ", "proposal_waiting ", "proposal_decided "]
        .iter()
        .any(|index| line.contains(index));
    let all = how == "SCAN" || (how == "SEARCH" && line.ends_with("(aggregator=?)") && !in_order);
    all && (name == table || statement.contains(&format!("{table} {name} ")))
}
