//! A database in which there were corrections, and no proposals yet.

use handlers::marketplace::Marketplace;
use model::api::bodies::ListEntries;
use model::api::credits::proposals::{ConfirmProposal, Proposal};
use model::ids::ProposalId;
use model::proposals::{ProposalKind, ProposalState};
use server::http::Site;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _};
use store::Store;

use super::{confirm, correct, list};
use crate::test_app::{OURS, TestApp, TestDatabase, assert_sound, done, proposed, refused};

/// As the tables were before there were proposals, with corrections of every kind.
const BEFORE: &str =
    "CREATE TABLE correction (id INTEGER PRIMARY KEY, aggregator INTEGER NOT NULL, call INTEGER NOT NULL,
    body INTEGER NOT NULL, credits INTEGER NOT NULL, reason TEXT NOT NULL, proposed_by INTEGER NOT NULL,
    proposed_at BIGINT NOT NULL, confirmed_by INTEGER, confirmed_at BIGINT)";

#[tokio::test]
async fn corrections_from_before_there_were_proposals_are_proposals() {
    let app = TestApp::new().await;
    let (first, second) = (app.administrator(), app.second_administrator());
    let (one, two) = (first.person.expect("somebody"), second.person.expect("somebody"));
    done(first.call(correct(&app, "Bellagio", 6)).await.expect("alone"));
    let large = proposed(first.call(correct(&app, "Bellagio", 15)).await.expect("proposed"));
    confirm(&second, large).await.expect("confirmed");
    let (call, body, at) = (app.call, app.body("Bellagio"), app.now().0);
    let aggregator = app.tenant(OURS).id;
    let dropped = ["proposal_entry", "proposal", "entry_note"].map(|table| format!("DROP TABLE {table}"));
    let mut statements = dropped.to_vec();
    statements.push(BEFORE.to_owned());
    // At that time an entry held the reason itself: here the correction holds what stands in the entry now.
    let reasons: Vec<(i64, String)> =
        app.database.raw().await.all("SELECT amount, reason FROM entry WHERE kind = 'correct'").await;
    let row = |id: i64, credits: i64, by: i64, settled: &str| {
        let reason =
            reasons.iter().find(|(amount, _)| *amount == credits).map_or("Errore", |(_, reason)| reason);
        format!(
            "INSERT INTO correction VALUES ({id}, {aggregator}, {call}, {body}, {credits}, '{reason}', {by}, {at}, {settled})"
        )
    };
    statements.push(row(1, 6, one.0, &format!("{one}, {at}")));
    statements.push(row(2, 15, one.0, &format!("{two}, {at}")));
    statements.push(row(3, -12, two.0, "NULL, NULL"));
    statements.push("DELETE FROM _sqlx_migrations WHERE version IN (14, 16)".to_owned());
    if app.database.is_postgres() {
        statements.insert(2, "DROP FUNCTION refuse_decided_proposal()".to_owned());
    }
    app.marketplace.store.close().await;
    say_as_owner(&app.database, statements).await;

    let store = Store::open(&app.database.url).await.expect("it is brought up to date");
    let marketplace =
        Marketplace::open(store, app.marketplace.clock.clone(), false).await.expect("the marketplace opens");
    let site = Site { marketplace, ..app.site.clone() };
    let there = |person| app.stranger_at(&site).signed_in(person, false);
    let (first, second) = (there(one), there(two));
    let told = list(&first).await;
    let figures = |one: &Proposal| (one.id.0, one.kind, one.change, one.state);
    let waiting: Vec<_> = told.waiting.iter().map(figures).collect();
    let decided: Vec<_> = told.decided.iter().map(figures).collect();
    let kind = ProposalKind::Correction;
    assert_eq!(waiting, [(3, kind, -12, ProposalState::Waiting)]);
    assert_eq!(decided, [(2, kind, 15, ProposalState::Confirmed)]);
    let entries = first.call(ListEntries { body, kind: None }).await.expect("listed").entries;
    let proposers: Vec<_> = entries.iter().map(|entry| entry.proposed_by.as_deref()).collect();
    assert_eq!(proposers, [Some("Amministratore"), None, None], "15, 6, and the rule");
    // What was done alone counts on, and so do the numbers.
    let next = proposed(first.call(correct(&app, "Bellagio", 5)).await.expect("6 and 5 are 11"));
    assert_eq!(next, ProposalId(4));
    confirm(&first, ProposalId(3)).await.expect("the other one's");
    let again = ConfirmProposal { proposal: ProposalId(2), before: Some(41), change: 15 };
    assert_eq!(refused(second.call(again).await), "conflict");
    assert_sound(&site.marketplace, &app.database).await;
}

/// As the role that the tables belong to; behind the store's back.
async fn say_as_owner(database: &TestDatabase, statements: Vec<String>) {
    if !database.is_postgres() {
        let mut raw = database.raw().await;
        for statement in statements {
            raw.execute(&statement).await;
        }
        return;
    }
    let options: PgConnectOptions = database.url.parse().expect("an address");
    let mut connection = options.connect().await.expect("it opens");
    for statement in statements {
        let said = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await;
        said.expect("it is said");
    }
}
