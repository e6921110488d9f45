//! What must be true at any time, counted again from the entries: called at the end of each story.

use handlers::context::Identity;
use handlers::credits::check;
use handlers::marketplace::Marketplace;
use sqlx::FromRow;

use super::TestApp;
use super::database::{Raw, TestDatabase};

#[derive(Debug, FromRow)]
struct Asked {
    id: i64,
    call: i64,
    body: i64,
    submission: i64,
    service: String,
    state: String,
    version: i64,
    submission_state: String,
}

impl TestApp {
    pub async fn assert_sound(&self) {
        assert_sound(&self.marketplace, &self.database).await;
    }
}

/// Counts everything again: numbers, chains, holds, requests, submissions, numbering.
pub async fn assert_sound(marketplace: &Marketplace, database: &TestDatabase) {
    let mut raw = database.raw().await;
    let asked: Vec<Asked> = raw
        .all(
            "SELECT r.id, r.call, r.body, r.submission, r.service, r.state, r.version,
                s.state AS submission_state
             FROM request r JOIN submission s ON s.id = r.submission",
        )
        .await;
    for tenant in marketplace.tenants.iter() {
        let found = check::run(marketplace, tenant.id, &Identity::System, &[]).await;
        assert_eq!(found.expect("it is checked").fault, None, "{}", tenant.host);
    }
    submissions_agree(&mut raw).await;
    pledges_wait(&mut raw).await;
    steps_agree(&mut raw, &asked).await;
    nothing_twice(&mut raw).await;
    numbers_have_no_gap(&mut raw).await;
}

/// Until it is authorised a submission is one act; undone, nothing of it is left in the account.
async fn submissions_agree(raw: &mut Raw) {
    let rows: Vec<(i64, String, String)> = raw
        .all("SELECT s.id, s.state, r.state FROM submission s JOIN request r ON r.submission = s.id")
        .await;
    for (id, submission, request) in rows {
        let whole = ["awaiting_authorisation", "sent_back", "lapsed"];
        if whole.contains(&submission.as_str()) {
            assert_eq!(request, submission, "submission {id}");
        } else if submission == "withdrawn" {
            assert_eq!(request, "withdrawn", "submission {id}");
        } else {
            assert!(!whole.contains(&request.as_str()), "submission {id}: {request}");
        }
    }
    let unresolved: Vec<(i64, String, String)> = raw
        .all(
            "SELECT s.id, s.state, e.kind FROM entry e JOIN submission s ON s.id = e.submission
         WHERE e.kind IN ('hold', 'renounce') AND s.state IN ('sent_back', 'lapsed', 'withdrawn')
           AND NOT EXISTS (SELECT 1 FROM entry x WHERE x.settles = e.id)",
        )
        .await;
    assert_eq!(unresolved, [], "undone submissions left entries open");
    let reinstated: Vec<(i64,)> = raw.all("SELECT e.id FROM entry e JOIN entry r ON r.id = e.settles JOIN submission s ON s.id = r.submission
         WHERE e.kind = 'reinstate' AND s.state IN ('awaiting_authorisation', 'authorised')").await;
    assert_eq!(reinstated, [], "drops that stand were reinstated");
}

/// What is pledged is what the submission that waits renounced.
async fn pledges_wait(raw: &mut Raw) {
    let wrong: Vec<(i64, i64, i64)> = raw
        .all(
            "SELECT id, pledged, expected FROM (
             SELECT a.id, a.pledged, COALESCE((
                 SELECT CAST(SUM(e.amount) AS BIGINT) FROM entry e JOIN submission s ON s.id = e.submission
                 WHERE e.account = a.id AND e.kind = 'renounce' AND s.state = 'awaiting_authorisation'
             ), 0) AS expected FROM account a) AS counted
         WHERE pledged <> expected",
        )
        .await;
    assert_eq!(wrong, [], "account, pledged, renounced by what waits");
}

/// Each change of a request is one line of its timeline, and the last says its state.
async fn steps_agree(raw: &mut Raw, asked: &[Asked]) {
    for request in asked {
        let steps: Vec<(String,)> = raw
            .all(&format!("SELECT state FROM request_step WHERE request = {} ORDER BY id", request.id))
            .await;
        assert_eq!(i64::try_from(steps.len()).expect("few"), request.version, "{request:?}");
        assert_eq!(steps.last().map(|(state,)| state.as_str()), Some(request.state.as_str()), "{request:?}");
        assert!(request.submission > 0 && request.call > 0 && request.body > 0);
        assert!(!request.service.is_empty() && !request.submission_state.is_empty());
    }
}

/// No service twice on its way or live for a body, unless it is repeatable.
async fn nothing_twice(raw: &mut Raw) {
    let twice: Vec<(i64, String, String)> = raw
        .all(
            "SELECT r.body, r.service, s.document FROM request r
             JOIN service s ON s.aggregator = r.aggregator AND s.code = r.service
             WHERE r.state IN ('awaiting_authorisation', 'submitted', 'in_review', 'needs_changes', 'approved',
                               'activating', 'live')
             GROUP BY r.body, r.service, s.document HAVING COUNT(*) > 1",
        )
        .await;
    for (body, service, document) in twice {
        let document: serde_json::Value = serde_json::from_str(&document).expect("a document");
        assert_eq!(document["repeatable"], true, "body {body}, {service}");
    }
}

/// *Numeri di pratica* run from 1 without gaps, for each aggregator and year.
async fn numbers_have_no_gap(raw: &mut Raw) {
    let gaps: Vec<(i64, i64, i64, i64)> = raw
        .all(
            "SELECT aggregator, year, COUNT(*), MAX(number) FROM submission GROUP BY aggregator, year
         HAVING COUNT(*) <> MAX(number) OR MIN(number) <> 1",
        )
        .await;
    assert_eq!(gaps, [], "aggregator, year, submissions, last number");
}
