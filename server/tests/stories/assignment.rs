//! Packages and credits by the rule: which band, why, again and again, and never against a human choice.

use std::collections::BTreeMap;

use model::api::bodies::ReadBody;
use model::api::calls::{
    Assign, AssignByHand, AssignmentLine, AssignmentOutcome, AssignmentReport, GrantExtra, ProposeCorrection,
    ReviseRule,
};
use model::api::credits::proposals::ConfirmProposal;
use model::assignment::{Band, Known, Modifier, Variable};
use model::basket::Change;
use model::credits::{Account, Credits, EntryKind};
use model::refusals::Refusal;

use crate::test_app::{Dump, TestApp, assert_same, band, call, done, proposed, refused};

use AssignmentOutcome::{Assigned, Changed, Kept, PopulationUnknown, Unchanged};

fn outcomes(report: &AssignmentReport) -> BTreeMap<&str, AssignmentOutcome> {
    let lines = report.lines.iter();
    lines.map(|line| (line.body.name.as_str(), line.outcome)).collect()
}

fn line<'r>(report: &'r AssignmentReport, body: &str) -> &'r AssignmentLine {
    let mut lines = report.lines.iter();
    lines.find(|line| line.body.name == body).expect("every joined body is listed")
}

/// Without the records that somebody asked for it.
fn without_actions(mut dump: Dump) -> Dump {
    dump.remove("idempotency_record");
    dump.remove("security_event");
    dump
}

async fn revise(app: &TestApp, bands: Vec<Band>, modifiers: Vec<Modifier>) -> AssignmentReport {
    let revision = ReviseRule { call: app.call, bands, modifiers };
    app.administrator().call(revision).await.expect("revised");
    app.assign().await
}

#[tokio::test]
async fn a_band_includes_its_upper_limit_and_an_unknown_population_is_not_guessed() {
    let app = TestApp::chartered(|config| config.assign = false).await;
    let report = app.assign().await;
    assert_eq!(
        outcomes(&report),
        BTreeMap::from([
            ("Bellagio", Assigned),
            ("Blessagno", Assigned),
            ("Brienno", Assigned),
            ("Brunate", Assigned),
            ("Cantù", PopulationUnknown),
            ("Carate Urio", Assigned),
            ("Cernobbio", Assigned),
            ("Como", Assigned),
        ]),
        "Erba did not join"
    );
    for (body, population, package, credits) in [
        ("Brienno", 999, "piccolo", 10),
        ("Carate Urio", 1_000, "piccolo", 10),
        ("Brunate", 1_001, "medio", 20),
        ("Como", 80_000, "grande", 40),
    ] {
        let area = app.officer(body).call(ReadBody { body: app.body(body) }).await.expect("read");
        let given = area.assigned.expect("assigned");
        assert_eq!((given.package_name, given.credits), (format!("Pacchetto {package}"), credits));
        let why = given.explanation;
        assert_eq!(
            (why.rule_version, why.population, why.population_year),
            (1, Some(population), Some(2026))
        );
        assert_eq!(
            (why.population_source.as_str(), why.at, why.reason),
            ("Anagrafe di prova", app.now(), None)
        );
        assert!(why.band.is_some_and(|band| band.contains(population)) && why.modifiers.is_empty());
        assert_eq!(app.movements(body).await, [(EntryKind::Grant, credits)]);
    }
    let unknown = app.officer("Cantù").call(ReadBody { body: app.body("Cantù") }).await;
    let unknown = unknown.expect("read");
    assert_eq!((unknown.assigned, unknown.account), (None, None));
    app.assert_sound().await;
}

#[tokio::test]
async fn a_modifier_adds_credits_and_services_with_no_value() {
    let app = TestApp::new().await;
    let officer = app.officer("Blessagno");
    let body = app.body("Blessagno");
    let area = officer.call(ReadBody { body }).await.expect("read");
    let given = area.assigned.expect("assigned");
    assert_eq!((given.credits, given.explanation.modifiers.len()), (14, 1));
    let training = area.services.iter().find(|one| one.service.code.as_str() == "formazione");
    assert!(training.is_some_and(|one| one.in_package && one.value == 0));
    let dropped = officer.change(body, Change::Drop, "formazione").await.expect("for nothing");
    assert_eq!(dropped.cost, 0);
    assert_eq!(refused(officer.change(body, Change::Drop, "portale").await), "universal");
}

#[tokio::test]
async fn assigning_again_changes_nothing_and_a_trial_neither() {
    let app = TestApp::new().await;
    let before = without_actions(app.dump().await);
    let again = app.assign().await;
    assert!(
        again
            .lines
            .iter()
            .all(|line| matches!(line.outcome, Unchanged | PopulationUnknown) && line.difference == 0)
    );
    app.move_to("2026-04-01 10:00:00");
    app.assign().await;
    assert_same(&before, &without_actions(app.dump().await), "assigning again");

    let fresh = TestApp::chartered(|config| config.assign = false).await;
    let before = without_actions(fresh.dump().await);
    let trial = fresh.administrator().call(Assign { call: fresh.call, dry_run: true, seen: None }).await;
    let trial = trial.expect("tried");
    assert_same(&before, &without_actions(fresh.dump().await), "a trial");
    let done = fresh.assign().await;
    assert_eq!((trial.dry_run, done.dry_run), (true, false));
    assert_eq!(trial.lines, done.lines, "it says what would happen");
}

#[tokio::test]
async fn a_person_decides_where_the_population_is_unknown() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    let by_hand = |body: &str, package: &str, reason: &str| AssignByHand {
        body: app.body(body),
        package: package.into(),
        credits: 33,
        seen: 0,
        seen_package: "".into(),
        reason: reason.to_owned(),
    };
    for (wrong, code) in [
        (by_hand("Cantù", "grande", ""), "faulty"),
        (by_hand("Cantù", "nessuno", "Stima"), "faulty"),
        (by_hand("Erba", "grande", "Stima"), "not_joined"),
    ] {
        assert_eq!(refused(administrator.call(wrong).await), code);
    }
    let by_hand = by_hand("Cantù", "grande", "Stima dell'ufficio");
    let proposal = proposed(administrator.call(by_hand).await.expect("33 are above the threshold"));
    let confirm = ConfirmProposal { proposal, before: Some(0), change: 33 };
    app.second_administrator().call(confirm).await.expect("confirmed");
    let area = app.officer("Cantù").call(ReadBody { body: app.body("Cantù") }).await.expect("read");
    let why = area.assigned.expect("assigned").explanation;
    assert_eq!((why.band, why.population, why.reason.as_deref()), (None, None, Some("Stima dell'ufficio")));
    assert_eq!(app.account("Cantù").await.granted, 33);
    app.officer("Cantù").submit(app.body("Cantù")).await.expect("it takes part");
    // Decided, whatever the rule says later.
    assert_eq!(line(&app.assign().await, "Cantù").outcome, Kept);
    app.raw_sql(format!("UPDATE body SET population = 40000 WHERE id = {}", app.body("Cantù"))).await;
    let report = app.assign().await;
    let kept = line(&report, "Cantù");
    assert_eq!((kept.outcome, kept.credits, kept.difference), (Kept, Some(40), 7));
    assert_eq!(app.account("Cantù").await.granted, 33);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_new_version_writes_the_difference_and_leaves_human_choices_alone() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    let body = |name: &str| app.body(name);
    app.officer("Bellagio").change(body("Bellagio"), Change::Add, "sms").await.expect("a basket");
    // A basket as it was given is no choice.
    app.officer("Brunate").change(body("Brunate"), Change::Add, "sms").await.expect("added");
    app.officer("Brunate").change(body("Brunate"), Change::Undo, "sms").await.expect("undone");
    app.sent("Como", &[], &[]).await;
    let reason = || "Delibera".to_owned();
    let grant = GrantExtra { body: body("Cernobbio"), credits: 1, seen: None, reason: reason() };
    administrator.call(grant).await.expect("granted");
    let correct = ProposeCorrection::by(body("Blessagno"), 1, reason());
    administrator.call(correct).await.expect("corrected");
    let package = AssignByHand {
        body: body("Brienno"),
        package: "piccolo".into(),
        credits: 10,
        seen: 10,
        seen_package: "piccolo".into(),
        reason: reason(),
    };
    administrator.call(package).await.expect("the same, by hand");

    let bands = vec![
        band(0, Some(1001), "piccolo", 7),
        band(1001, Some(5001), "medio", 25),
        band(5001, None, "grande", 45),
    ];
    let report = revise(&app, bands, call().terms.modifiers).await;
    assert_eq!(
        outcomes(&report),
        BTreeMap::from([
            ("Bellagio", Kept),
            ("Blessagno", Kept),
            ("Brienno", Kept),
            ("Brunate", Changed),
            ("Cantù", PopulationUnknown),
            ("Carate Urio", Changed),
            ("Cernobbio", Kept),
            ("Como", Kept),
        ])
    );
    let differences: Vec<Credits> =
        ["Bellagio", "Blessagno", "Brienno", "Brunate", "Carate Urio", "Cernobbio", "Como"]
            .map(|name| line(&report, name).difference)
            .to_vec();
    assert_eq!(differences, [5, -3, -3, 5, -3, 5, 5]);
    assert_eq!(app.movements("Brunate").await, [(EntryKind::Grant, 20), (EntryKind::Grant, 5)]);
    assert_eq!(app.movements("Carate Urio").await, [(EntryKind::Grant, 10), (EntryKind::Reduce, 3)]);
    for (name, granted) in
        [("Bellagio", 20), ("Blessagno", 15), ("Brienno", 10), ("Cernobbio", 41), ("Como", 40)]
    {
        assert_eq!(app.account(name).await, Account { granted, ..Account::default() }, "{name}");
    }
    let area = app.officer("Brunate").call(ReadBody { body: body("Brunate") }).await.expect("read");
    assert_eq!(area.assigned.expect("assigned").explanation.rule_version, 2);
    let again = app.assign().await;
    assert_eq!(line(&again, "Brunate").outcome, Unchanged);
    assert_eq!(line(&again, "Bellagio").outcome, Kept);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_new_version_may_give_other_services_and_even_nothing() {
    let app = TestApp::new().await;
    let more = Modifier {
        variable: Variable::Mountain,
        is: Known::No,
        credits: 0,
        adds: vec!["sms".into()],
        reason: "Pianura".to_owned(),
    };
    let report = revise(&app, call().terms.bands, vec![more]).await;
    // The same package and credits, and one service more.
    assert_eq!((line(&report, "Brunate").outcome, line(&report, "Brunate").difference), (Changed, 0));
    let area = app.officer("Brunate").call(ReadBody { body: app.body("Brunate") }).await.expect("read");
    assert!(area.services.iter().any(|one| one.in_package && one.service.code.as_str() == "sms"));
    assert_eq!(app.movements("Brunate").await, [(EntryKind::Grant, 20)], "no entry of nothing");
    assert_eq!(line(&app.assign().await, "Brunate").outcome, Unchanged);

    // A rule that shrinks to nothing takes exactly what it gave.
    let report = revise(&app, vec![band(0, None, "medio", 0)], Vec::new()).await;
    assert_eq!(line(&report, "Blessagno").outcome, Changed);
    for name in ["Brunate", "Blessagno", "Como"] {
        assert_eq!(app.account(name).await, Account::default(), "{name}");
    }
    let grande = app.officer("Como").submit(app.body("Como")).await.expect("the new package");
    assert_eq!(grande.lines.len(), 5);
    app.assert_sound().await;
}

#[tokio::test]
async fn another_package_by_hand_empties_the_basket_and_waits_for_no_submission() {
    let app = TestApp::new().await;
    app.trust_one_person().await;
    let administrator = app.administrator();
    let (officer, body) = (app.officer("Bellagio"), app.body("Bellagio"));
    officer.change(body, Change::Drop, "multe").await.expect("dropped");
    let seen = officer.change(body, Change::Add, "dehors").await.expect("added");
    let by_hand = AssignByHand {
        body,
        package: "grande".into(),
        credits: 30,
        seen: 20,
        seen_package: "medio".into(),
        reason: "Fusione".to_owned(),
    };
    done(administrator.call(by_hand.clone()).await.expect("assigned"));
    assert_eq!(refused(officer.submit_seen(&seen).await), "conflict", "it is another package");
    let basket = officer.call(model::api::baskets::ReadBasket { body }).await.expect("read");
    assert!(basket.added.is_empty() && basket.items.iter().all(|item| !item.dropped));
    assert_eq!((basket.items.len(), basket.account.granted), (6, 30));
    officer.submit(body).await.expect("sent");
    let again = AssignByHand { seen: 30, seen_package: "grande".into(), ..by_hand };
    assert_eq!(administrator.call(again).await, Err(Refusal::SubmissionWaiting.into()));
    app.assert_sound().await;
}
