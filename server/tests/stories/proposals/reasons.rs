//! The reasons of what is done by hand: taken out everywhere, while all else of what was decided stays as it is.

use model::api::bodies::{ListEntries, ReadBody};
use model::api::calls::{AssignByHand, GrantExtra};
use model::api::credits::proposals::RefuseProposal;
use model::causes::EntryCause;
use model::ids::ProposalId;

use super::{assign, confirm, grant, list};
use crate::policy::whole;
use crate::test_app::{TestApp, done, proposed};

const REASON: &str = "Su richiesta di Anna Bianchi";

/// A manual assignment that one person made, a grant that two did, and one that was refused.
async fn decided(app: &TestApp) -> ProposalId {
    let (first, second) = (app.administrator(), app.second_administrator());
    let reason = || REASON.to_owned();
    let by_hand = AssignByHand { reason: reason(), ..assign(app, "Bellagio", 25, 20) };
    done(first.call(by_hand).await.expect("alone"));
    let propose = async || {
        let grant = GrantExtra { reason: reason(), ..grant(app, "Bellagio", 50) };
        proposed(first.call(grant).await.expect("proposed"))
    };
    confirm(&second, propose().await).await.expect("confirmed");
    let proposal = propose().await;
    second.call(RefuseProposal { proposal, reason: reason() }).await.expect("refused");
    proposal
}

#[tokio::test]
async fn of_what_was_decided_only_the_reasons_can_be_changed() {
    let app = TestApp::new().await;
    let proposal = decided(&app).await;
    let texts = ["kind", "package", "state", "reason", "decision_reason", "package_before", "digest"];
    let mut raw = app.database.raw().await;
    let columns = raw.columns("proposal").await;
    assert_eq!(columns.len(), 21, "{columns:?}");
    for (column, _) in columns {
        let other = if texts.contains(&column.as_str()) {
            format!("COALESCE({column}, '') || 'x'")
        } else {
            format!("COALESCE({column}, 0) + 1")
        };
        let change = format!("UPDATE proposal SET {column} = {other} WHERE id = {proposal}");
        let reason = ["reason", "decision_reason"].contains(&column.as_str());
        assert_eq!(raw.is_refused(&change).await, !reason, "{column}");
    }
}

#[tokio::test]
async fn the_reason_of_what_was_done_by_hand_can_be_taken_out_everywhere() {
    let app = TestApp::new().await;
    decided(&app).await;
    let (call, body) = (app.call, app.body("Bellagio"));
    let place = format!("call = {call} AND body = {body}");
    // As OPERATING.md says it.
    let statements = [
        "UPDATE entry_note SET salt = NULL, text = NULL".to_owned(),
        format!("UPDATE proposal SET reason = '', decision_reason = '' WHERE {place} AND state <> 'waiting'"),
        if app.database.is_postgres() {
            format!(
                "UPDATE assignment SET explanation = jsonb_set(explanation::jsonb, '{{reason}}', '\"\"')::text
                 WHERE {place}"
            )
        } else {
            format!("UPDATE assignment SET explanation = json_set(explanation, '$.reason', '') WHERE {place}")
        },
    ];
    let mut raw = app.database.raw().await;
    for statement in &statements {
        assert!(!raw.is_refused(statement).await, "{statement}");
    }
    // The answers to writes go by themselves.
    raw.execute("DELETE FROM idempotency_record").await;
    for (table, rows) in app.dump().await {
        assert!(rows.iter().all(|row| !row.contains("Anna Bianchi")), "{table}: {rows:?}");
    }

    // What was done is told as before.
    let officer = app.officer("Bellagio");
    let entries = officer.call(ListEntries { body, kind: None }).await.expect("listed").entries;
    let causes: Vec<_> = entries.iter().map(|entry| (entry.cause.clone(), entry.reason.as_str())).collect();
    let rule = EntryCause::Rule { version: Some(1), band: None };
    assert_eq!(causes, [(EntryCause::ExtraGrant, ""), (EntryCause::ManualAssignment, ""), (rule, "")]);
    let area = officer.call(ReadBody { body }).await.expect("read");
    let why = area.assigned.expect("assigned").explanation;
    assert_eq!((why.reason.as_deref(), why.band), (Some(""), None), "a person decided");
    let decided = list(&app.administrator()).await.decided;
    assert!(decided.iter().all(|one| one.reason.is_empty() && one.decision_reason.is_empty()), "{decided:?}");
    let (site, _folder) = whole(&app);
    let page = app.administrator().at(site.clone()).get("/proposte").await;
    assert!(page.status.is_success() && !page.body.contains("Motivo:"), "{}", page.body);
    let page = officer.at(site).get(&format!("/comuni/{body}")).await;
    assert!(page.status.is_success(), "{}", page.body);
    app.assert_sound().await;
}
