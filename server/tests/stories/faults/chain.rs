//! Edits of the ledger behind the server's back, whatever they are: the check finds every one.

use handlers::context::Identity;
use handlers::credits::check;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::{Line, times};
use crate::test_app::{OURS, Raw, TestApp};

/// From any number there is to one that nothing has: edits that the tables themselves forbid prove nothing.
const FAR: i64 = 10_000;

/// Something that whoever has the database in hand may do to an entry, or to an account.
#[derive(Clone, Debug)]
struct Edit {
    table: &'static str,
    which: Index,
    how: How,
}

#[derive(Clone, Debug)]
enum How {
    Set(String),
    Remove,
}

fn edits() -> impl Strategy<Value = Edit> {
    let number = (FAR..1_000_000, any::<bool>()).prop_map(|(by, more)| if more { by } else { -by });
    let word = "[a-z0-9]{1,12}";
    let of_entry = prop_oneof![
        (select(vec!["amount", "at", "account", "sequence"]), number.clone())
            .prop_map(|(column, by)| format!("{column} = {column} + {by}")),
        (select(vec!["actor", "request", "submission", "settles"]), FAR..1_000_000)
            .prop_map(|(column, by)| format!("{column} = COALESCE({column}, 0) + {by}")),
        (select(vec!["reason", "service", "hash"]), word)
            .prop_map(|(column, text)| format!("{column} = COALESCE({column}, '') || '{text}'")),
        select(vec![
            "amount = -amount",
            "hash = ''",
            "kind = CASE kind WHEN 'grant' THEN 'refund' ELSE 'grant' END",
            "kind = 'gift'"
        ])
        .prop_map(str::to_owned),
    ];
    let of_account = prop_oneof![
        (select(vec!["granted", "held", "spent", "pledged", "sequence"]), number)
            .prop_map(|(column, by)| format!("{column} = {column} + {by}")),
        word.prop_map(|text| format!("last_hash = last_hash || '{text}'")),
    ];
    let edit = |table| move |(which, how)| Edit { table, which, how };
    prop_oneof![
        8 => (any::<Index>(), of_entry.prop_map(How::Set)).prop_map(edit("entry")),
        1 => (any::<Index>(), Just(How::Remove)).prop_map(edit("entry")),
        2 => (any::<Index>(), of_account.prop_map(How::Set)).prop_map(edit("account")),
    ]
}

/// An app with holds, spendings, releases and renounced values in several accounts.
async fn eventful() -> TestApp {
    let app = TestApp::new().await;
    for body in ["Bellagio", "Como", "Cernobbio"] {
        app.authorised(body, &["formazione", "sms"], &["scuola"]).await;
        app.bring(body, "formazione", model::requests::State::Approved).await;
    }
    app
}

/// The books as they were, so that each edit can be undone.
async fn note_everything(raw: &mut Raw, on_postgres: bool) {
    let quick = if on_postgres { "SET synchronous_commit = off" } else { "PRAGMA synchronous = OFF" };
    raw.execute(quick).await;
    for table in ["entry", "account"] {
        raw.execute(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
    }
    if on_postgres {
        let checks = "SELECT CAST(conrelid AS regclass)::text, CAST(conname AS TEXT) FROM pg_constraint
                      WHERE contype = 'c' AND CAST(conrelid AS regclass)::text IN ('entry', 'account')";
        let checks: Vec<(String, String)> = raw.all(checks).await;
        for (table, check) in checks {
            raw.execute(&format!("ALTER TABLE {table} DROP CONSTRAINT {check}")).await;
        }
    } else {
        for trigger in ["entry_is_never_changed", "entry_is_never_removed"] {
            raw.execute(&format!("DROP TRIGGER {trigger}")).await;
        }
    }
}

#[tokio::test]
async fn any_edit_of_the_ledger_is_found() {
    let app = eventful().await;
    let on_postgres = app.database.is_postgres();
    let mut line = Line::of("ledger edited", on_postgres);
    let mut raw = app.database.raw().await;
    note_everything(&mut raw, on_postgres).await;
    let tenant = app.tenant(OURS).id;
    let found =
        async || check::run(&app.marketplace, tenant, &Identity::System, &[]).await.expect("checked").fault;
    let mut runner = TestRunner::default();
    for _ in 0..times(1_000) {
        let edit = edits().new_tree(&mut runner).expect("an edit").current();
        let text = format!("SELECT id FROM {} WHERE aggregator = {tenant} ORDER BY id", edit.table);
        let ids: Vec<(i64,)> = raw.all(&text).await;
        let (table, id) = (edit.table, edit.which.get(&ids).0);
        let change = match edit.how {
            How::Set(change) => format!("UPDATE {table} SET {change} WHERE id = {id}"),
            How::Remove => format!("DELETE FROM {table} WHERE id = {id}"),
        };
        raw.execute(&change).await;
        line.injected += 1;
        if found().await.is_none() {
            line.lost += 1;
            println!("not found: {change}");
        }
        raw.execute(&format!("DELETE FROM {table} WHERE id = {id}")).await;
        raw.execute(&format!("INSERT INTO {table} SELECT * FROM kept_{table} WHERE id = {id}")).await;
    }
    assert_eq!(found().await, None, "each was undone");
    line.report();
}
