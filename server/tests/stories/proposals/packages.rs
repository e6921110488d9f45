//! The package that an assignment or a rule changes: its value counts for the threshold, and it is the one that was seen.

use std::fmt::Write as _;

use model::api::bodies::ListEntries;
use model::api::calls::{Assign, AssignByHand, AssignmentLine, PackageRef, ReviseRule};
use model::api::credits::proposals::{ConfirmProposal, ListProposals, Proposal};
use model::api::{ApiError, Problem};
use model::assignment::Band;
use model::basket::Change;
use model::credits::{Credits, EntryKind};
use model::proposals::{ProposalKind, ProposalState};
use model::seen::Difference;
use sha2::{Digest as _, Sha256};

use super::{apply, confirm, grant, list};
use crate::policy::whole;
use crate::test_app::{TestApp, TestClient, assert_same, band, call, done, proposed};

/// A package by hand, as the body's credits and package were seen.
fn give(
    app: &TestApp,
    body: &str,
    (package, credits): (&str, Credits),
    (seen, seen_package): (Credits, &str),
) -> AssignByHand {
    let (package, seen_package, reason) = (package.into(), seen_package.into(), "Fusione".to_owned());
    AssignByHand { body: app.body(body), package, credits, seen, seen_package, reason }
}

async fn town_with(threshold: Credits) -> TestApp {
    TestApp::chartered(|config| config.call.terms.correction_threshold = threshold).await
}

fn conflict<A>(changes: Vec<Difference>) -> Result<A, Problem> {
    Err(ApiError::Conflict { changes, state: None }.into())
}

fn named(code: &str) -> Option<PackageRef> {
    (!code.is_empty()).then(|| PackageRef { code: code.into(), name: format!("Pacchetto {code}") })
}

fn package(seen: &str, now: &str) -> Difference {
    Difference::Package { seen: named(seen), now: named(now) }
}

async fn done_alone(who: &TestClient, app: &TestApp, body: &str) -> Credits {
    let of_body = ListProposals { body: Some(app.body(body)), before: None };
    who.call(of_body).await.expect("listed").done_alone
}

#[tokio::test]
async fn the_value_of_a_package_counts_for_the_threshold() {
    let app = town_with(15).await;
    let (first, second) = (app.administrator(), app.second_administrator());
    // 24 come back for the services of medio, 38 for those of grande, 11 for those of piccolo.
    let more = give(&app, "Bellagio", ("grande", 22), (20, "medio"));
    proposed(first.call(more).await.expect("2 credits, and 14 of value"));
    let other = give(&app, "Bellagio", ("grande", 20), (20, "medio"));
    done(first.call(other).await.expect("14 of value"));
    assert_eq!(app.movements("Bellagio").await, [(EntryKind::Grant, 20)], "no credit was moved");
    assert_eq!(done_alone(&first, &app, "Bellagio").await, 14, "it is noted without an entry");
    proposed(first.call(grant(&app, "Bellagio", 2)).await.expect("14 and 2"));
    done(first.call(grant(&app, "Bellagio", 1)).await.expect("14 and 1"));
    let back = give(&app, "Bellagio", ("medio", 20), (21, "grande"));
    proposed(first.call(back.clone()).await.expect("what is taken adds up too"));
    // What changes neither credits nor value needs nobody else.
    done(second.call(AssignByHand { package: "grande".into(), ..back }).await.expect("the same"));
    let told = list(&second).await.waiting;
    let figures: Vec<_> = told.iter().map(|one| (one.kind, one.change, one.value_change)).collect();
    let assignment = ProposalKind::Assignment;
    assert_eq!(figures, [(assignment, 2, 14), (ProposalKind::Grant, 2, 0), (assignment, 0, -14)]);

    let (site, _folder) = whole(&app);
    let page = second.at(site).get("/proposte").await.body;
    for shown in ["Valore del pacchetto: +14\u{a0}crediti", "Valore del pacchetto: −14\u{a0}crediti"] {
        assert_eq!(page.matches(shown).count(), 1, "{shown}: {page}");
    }
    assert_eq!(page.matches("Valore del pacchetto").count(), 2, "of a grant nothing is told: {page}");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_first_package_by_hand_counts_by_its_whole_value() {
    let app = town_with(15).await;
    let first = app.administrator();
    let nothing = give(&app, "Cantù", ("grande", 0), (0, ""));
    proposed(first.call(nothing).await.expect("38 of value"));
    done(first.call(give(&app, "Cantù", ("piccolo", 4), (0, ""))).await.expect("4 credits, and 11 of value"));
    assert_eq!(done_alone(&first, &app, "Cantù").await, 15);
    app.assert_sound().await;
}

/// A new version of the rule, with these bands and the modifiers of before.
async fn revise(app: &TestApp, bands: Vec<Band>) {
    let (call, modifiers) = (app.call, call().terms.modifiers);
    app.administrator().call(ReviseRule { call, bands, modifiers }).await.expect("revised");
}

/// The bands of the call, with another package and the same credits for the middle one.
fn with_grande() -> Vec<Band> {
    let mut bands = call().terms.bands;
    bands[1].package = "grande".into();
    bands
}

#[tokio::test]
async fn a_rule_counts_by_the_values_that_it_changes() {
    let app = town_with(27).await;
    let (first, second) = (app.administrator(), app.second_administrator());
    // Bellagio and Brunate: 14 each.
    revise(&app, with_grande()).await;
    let report = apply(&app, &first).await.expect("proposed");
    assert_eq!((report.effect.bodies, report.effect.credits, report.effect.value_change), (2, 0, 28));
    let proposal = report.proposal.expect("it waits, though no credit moves");
    let seen = list(&second).await.waiting.remove(0);
    assert_eq!((seen.kind, seen.change, seen.value_change), (ProposalKind::Rule, 0, 28));
    let (site, _folder) = whole(&app);
    let page = second.at(site).get("/proposte").await.body;
    assert!(page.contains("Valore dei pacchetti: 28\u{a0}crediti di differenza in tutto"), "{page}");
    assert_eq!(confirm(&second, proposal).await.expect("confirmed").state, ProposalState::Confirmed);
    let (body, kind) = (app.body("Brunate"), None);
    let entries = app.officer("Brunate").call(ListEntries { body, kind }).await.expect("listed").entries;
    assert_eq!(entries.len(), 1, "only that of the first assignment");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_rule_that_one_person_applied_is_noted_also_without_an_entry() {
    let app = town_with(28).await;
    let first = app.administrator();
    revise(&app, with_grande()).await;
    assert_eq!(apply(&app, &first).await.expect("applied").proposal, None);
    assert_eq!(done_alone(&first, &app, "Como").await, 28);
    proposed(first.call(grant(&app, "Como", 1)).await.expect("28 and 1"));
    app.assert_sound().await;
}

#[tokio::test]
async fn a_first_package_by_the_rule_counts_by_its_credits_alone() {
    let app = TestApp::chartered(|config| config.assign = false).await;
    let trial = Assign { call: app.call, dry_run: true, seen: None };
    let report = app.administrator().call(trial).await.expect("tried");
    assert_eq!((report.effect.bodies, report.effect.value_change), (7, 0));
    assert!(report.lines.iter().all(|line| line.value_change == 0));
}

#[tokio::test]
async fn an_assignment_by_hand_names_the_package_that_was_seen() {
    let app = TestApp::new().await;
    let first = app.administrator();
    let as_seen = |seen, seen_package| give(&app, "Bellagio", ("medio", 20), (seen, seen_package));
    let before = app.dump().await;
    let granted = |seen| Difference::Granted { seen: Some(seen), now: 20 };
    assert_eq!(first.call(as_seen(20, "piccolo")).await, conflict(vec![package("piccolo", "medio")]));
    assert_eq!(first.call(as_seen(20, "")).await, conflict(vec![package("", "medio")]));
    assert_eq!(first.call(as_seen(9, "")).await, conflict(vec![granted(9), package("", "medio")]));
    let unassigned = give(&app, "Cantù", ("medio", 20), (0, "medio"));
    assert_eq!(first.call(unassigned).await, conflict(vec![package("medio", "")]));
    assert_same(&before, &app.dump().await, "a package that was not seen");

    let path = |name: &str| format!("/api/v1/bodies/{}/assignment", app.body(name));
    let json = r#"{"package": "medio", "credits": 20, "seen": 20, "reason": "Fusione"}"#;
    let form = "package=medio&credits=20&seen=20&reason=Fusione";
    for reply in
        [first.post_json(&path("Bellagio"), json).await, first.post_form(&path("Bellagio"), form).await]
    {
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (422, "faulty"), "{}", reply.body);
        let fault = &reply.json()["faults"][0];
        assert_eq!((&fault["field"], &fault["fault"]), (&"seen_package".into(), &"missing".into()));
    }
    // The page says it, also that there is none, and the form is taken as it is.
    let (site, _folder) = whole(&app);
    for (name, shown) in [("Bellagio", "medio"), ("Cantù", "")] {
        let page = first.at(site.clone()).get(&format!("/avviso/comuni/{}", app.body(name))).await.body;
        let field = format!("name=\"seen_package\" value=\"{shown}\"");
        assert_eq!(page.matches(&field).count(), 1, "{name}: {page}");
    }
    let form = "package=grande&credits=40&seen=0&seen_package=&reason=Fusione";
    let reply = first.post_form(&path("Cantù"), form).await;
    assert_eq!(reply.json()["outcome"], "waiting", "{}", reply.body);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_proposal_is_confirmed_only_on_the_package_that_it_was_made_on() {
    let app = town_with(30).await;
    let (first, second) = (app.administrator(), app.second_administrator());
    let by_hand = give(&app, "Bellagio", ("grande", 60), (20, "medio"));
    let proposal = proposed(first.call(by_hand).await.expect("proposed"));
    let seen = list(&second).await.waiting.remove(0);
    assert_eq!((seen.before, seen.change, seen.value_change), (Some(20), 40, 14));
    done(second.call(give(&app, "Bellagio", ("piccolo", 20), (20, "medio"))).await.expect("13 of value"));
    let before = app.dump().await;
    // The credits are those of before: only the package tells.
    let confirming = ConfirmProposal { proposal, before: Some(20), change: 40 };
    let value = Difference::PackageValue { seen: 14, now: 27 };
    let other = conflict(vec![package("medio", "piccolo"), value]);
    assert_eq!(second.call(confirming).await, other);
    assert_same(&before, &app.dump().await, "another package than that of the proposal");
    assert_eq!(list(&second).await.waiting.len(), 1, "it waits as before");
    done(second.call(give(&app, "Bellagio", ("medio", 20), (20, "piccolo"))).await.expect("13 again"));
    second.call(confirming).await.expect("the package is that of the proposal again");
    assert_eq!(app.account("Bellagio").await.granted, 60);
    app.assert_sound().await;
}

#[tokio::test]
async fn the_values_are_those_that_were_proposed() {
    let app = TestApp::new().await;
    let (first, second) = (app.administrator(), app.second_administrator());
    let by_hand = give(&app, "Bellagio", ("grande", 20), (20, "medio"));
    let proposal = proposed(first.call(by_hand).await.expect("proposed"));
    revise(&app, with_grande()).await;
    let rule = apply(&app, &first).await.expect("proposed").proposal.expect("it waits");
    app.raw_sql(
        "UPDATE package_item SET value = 2 WHERE package = 'grande' AND service = 'tributi'".to_owned(),
    )
    .await;
    app.raw_sql("UPDATE aggregator SET catalogue_version = catalogue_version + 1".to_owned()).await;
    let value = |seen, now| conflict::<Proposal>(vec![Difference::PackageValue { seen, now }]);
    assert_eq!(confirm(&second, proposal).await, value(14, 4));
    assert_eq!(confirm(&second, rule).await, value(28, 8));
    assert_eq!(list(&second).await.waiting.len(), 2);
}

/// The digest as the API's document says it.
fn digest(lines: &[AssignmentLine]) -> String {
    let given = lines.iter().filter(|line| line.outcome.gives());
    let mut given: Vec<_> = given.collect();
    given.sort_by_key(|line| line.body.id);
    let given: Vec<_> = given
        .into_iter()
        .map(|line| serde_json::json!([line.body.id, line.package, line.credits, line.difference]))
        .collect();
    let hash = Sha256::digest(serde_json::Value::from(given).to_string());
    hash.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a text takes all");
        text
    })
}

#[tokio::test]
async fn a_rule_changes_the_municipalities_that_were_seen() {
    let app = TestApp::new().await;
    let (first, second, call) = (app.administrator(), app.second_administrator(), app.call);
    let choose = async |name: &str, change| {
        app.officer(name).change(app.body(name), change, "sms").await.expect("changed");
    };
    // Brunate made a choice: the rule gives 5 more to four others.
    choose("Brunate", Change::Add).await;
    let bands = vec![
        band(0, Some(1001), "piccolo", 15),
        band(1001, Some(5001), "medio", 25),
        band(5001, None, "grande", 40),
    ];
    revise(&app, bands).await;
    let trial = first.call(Assign { call, dry_run: true, seen: None }).await.expect("tried");
    assert_eq!((trial.effect.bodies, trial.effect.credits), (4, 20));
    assert_eq!(trial.effect.digest, digest(&trial.lines));
    let proposal = apply(&app, &first).await.expect("proposed").proposal.expect("it waits");

    // Bellagio in place of Brunate: as many municipalities and credits as before.
    choose("Bellagio", Change::Add).await;
    choose("Brunate", Change::Undo).await;
    let now = first.call(Assign { call, dry_run: true, seen: None }).await.expect("tried").effect;
    assert_eq!((now.bodies, now.credits), (4, 20));
    let before = app.dump().await;
    let unseen = Assign { call, dry_run: false, seen: Some(trial.effect) };
    assert_eq!(first.call(unseen).await.map(|_| ()), conflict(vec![Difference::RuleLines]));
    assert_eq!(confirm(&second, proposal).await, conflict(vec![Difference::RuleLines]));
    assert_same(&before, &app.dump().await, "a rule that would change others");
    choose("Bellagio", Change::Undo).await;
    choose("Brunate", Change::Add).await;
    confirm(&second, proposal).await.expect("the same as when it was proposed");
    assert_eq!(app.account("Bellagio").await.granted, 25);
    assert_eq!(app.account("Brunate").await.granted, 20);
    app.assert_sound().await;
}
