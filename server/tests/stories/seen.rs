//! What was seen is what happens: a figure that changed between the page and the action is told, and nothing is done.

use axum::body::Body;
use axum::http::{Request, header};
use model::api::baskets::ReadBasket;
use model::api::calls::{Assign, AssignByHand, GrantExtra, ReviseRule, RuleEffect};
use model::api::submissions::{Authorise, LineKind, ReadSubmission, SubmissionState};
use model::api::{ApiError, Problem};
use model::basket::Change;
use model::catalogue::{InteractionLevel, Service, ServiceRef, ServiceStatus};
use model::requests::State;
use model::seen::{Difference, Seen};
use store::{Transaction, UnitOfWork};

use crate::policy::whole;
use crate::test_app::{TestApp, assert_same, band, refused};

/// Changes a service, as an import of the catalogue would.
#[derive(Clone)]
struct Revise(&'static str, fn(&mut Service));

impl UnitOfWork for Revise {
    type Answer = ();

    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        let mut service = tx.catalogue().await?.services[&self.0.into()].clone();
        self.1(&mut service);
        Ok(tx.save_service(&service).await?)
    }
}

fn named(code: &str) -> ServiceRef {
    ServiceRef { code: code.into(), name: format!("Servizio {code}") }
}

/// What a conflict names; nothing else is accepted.
fn changes<A: std::fmt::Debug>(outcome: Result<A, Problem>) -> Vec<Difference> {
    match outcome {
        Err(Problem::ApiError(ApiError::Conflict { changes, state: None })) => changes,
        other => panic!("a conflict, not {other:?}"),
    }
}

fn pause(service: &mut Service) {
    service.status = ServiceStatus::Paused;
    "In attesa del fornitore".clone_into(&mut service.status_reason);
}

#[tokio::test]
async fn the_price_that_is_held_is_the_price_that_was_seen() {
    let app = TestApp::new().await;
    let (officer, body) = (app.officer("Bellagio"), app.body("Bellagio"));
    let seen = officer.change(body, Change::Add, "formazione").await.expect("3 credits");
    app.write(Revise("formazione", |service| service.price = 9)).await.expect("revised");
    let before = app.dump().await;
    assert_eq!(
        changes(officer.submit_seen(&seen).await),
        [Difference::Price { service: named("formazione"), seen: 3, now: 9 }]
    );
    assert_same(&before, &app.dump().await, "what was seen otherwise");
    let sent = officer.submit(body).await.expect("seen again");
    assert_eq!((sent.held, app.account("Bellagio").await.held), (9, 9));
    app.assert_sound().await;
}

#[tokio::test]
async fn everything_that_a_submission_rests_on_is_compared() {
    let app = TestApp::new().await;
    let (officer, body) = (app.officer("Bellagio"), app.body("Bellagio"));
    officer.change(body, Change::Drop, "scuola").await.expect("dropped");
    let mut seen = officer.change(body, Change::Add, "occupazione").await.expect("added");
    let before = app.dump().await;
    // Nobody can leave a figure out, nor make one up.
    let told = seen.seen();
    for left_out in 0..told.len() {
        let mut less = told.clone();
        less.remove(left_out);
        assert_eq!(changes(officer.submit_as(body, seen.version, less).await).len(), 1, "{left_out}");
    }
    let more = [told.clone(), vec![told[0].clone()]].concat();
    assert_eq!(
        changes(officer.submit_as(body, seen.version, more).await),
        [Difference::Lines { kind: LineKind::Add, service: named("occupazione"), seen: 2, now: 1 }]
    );
    assert_same(&before, &app.dump().await, "figures made up");

    app.write(Revise("occupazione", |service| service.interaction_level = InteractionLevel::Forms))
        .await
        .expect("revised");
    assert_eq!(
        changes(officer.submit_seen(&seen).await),
        [
            Difference::Level {
                service: named("occupazione"),
                seen: InteractionLevel::OnlineSubmission,
                now: InteractionLevel::Forms
            },
            Difference::High { seen: Some(3), now: 2 },
        ]
    );
    seen = officer.call(ReadBasket { body }).await.expect("seen again");
    app.write(Revise("occupazione", pause)).await.expect("revised");
    assert_eq!(
        changes(officer.submit_seen(&seen).await),
        [Difference::Status {
            service: named("occupazione"),
            now: ServiceStatus::Paused,
            reason: "In attesa del fornitore".to_owned()
        }]
    );
    assert_eq!(refused(officer.submit(body).await), "not_available", "seen again as it is");
    app.assert_sound().await;
}

#[tokio::test]
async fn another_package_is_not_sent_for_the_one_that_was_seen() {
    let app = TestApp::new().await;
    app.trust_one_person().await;
    let (officer, body) = (app.officer("Brunate"), app.body("Brunate"));
    let seen = officer.call(ReadBasket { body }).await.expect("read");
    let by_hand = AssignByHand {
        body,
        package: "piccolo".into(),
        credits: 20,
        seen: 20,
        seen_package: "medio".into(),
        reason: "Fusione di Comuni".to_owned(),
    };
    app.administrator().call(by_hand).await.expect("assigned");
    let lines =
        |service, seen, now| Difference::Lines { kind: LineKind::Keep, service: named(service), seen, now };
    assert_eq!(
        changes(officer.submit_seen(&seen).await),
        [
            lines("multe", 1, 0),
            lines("nodo", 1, 0),
            lines("sms", 0, 1),
            Difference::High { seen: Some(3), now: 2 }
        ]
    );
    officer.submit(body).await.expect("seen again");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_mayor_authorises_what_was_shown() {
    let app = TestApp::new().await;
    let (mayor, body) = (app.mayor("Bellagio"), app.body("Bellagio"));
    let submission = app.sent("Bellagio", &["tributi"], &["scuola"]).await.id;
    let seen = mayor.call(ReadSubmission { submission }).await.expect("read").seen();
    let authorise = |seen: &[Seen]| mayor.call(Authorise { submission, seen: seen.to_vec() });

    app.write(Revise("tributi", pause)).await.expect("revised");
    let grant = GrantExtra { body, credits: 5, seen: None, reason: "Delibera".to_owned() };
    app.administrator().call(grant).await.expect("granted");
    let before = app.dump().await;
    assert_eq!(
        changes(authorise(&seen).await),
        [
            Difference::Status {
                service: named("tributi"),
                now: ServiceStatus::Paused,
                reason: "In attesa del fornitore".to_owned()
            },
            Difference::Available { seen: Some(16), now: 21 },
        ]
    );
    assert!(!changes(authorise(&[]).await).is_empty(), "nothing was seen");
    assert_same(&before, &app.dump().await, "what was seen otherwise");

    let again = mayor.call(ReadSubmission { submission }).await.expect("read");
    let taxes = again.lines.iter().find(|line| line.kind == LineKind::Add).expect("what was added");
    assert_eq!(
        (taxes.status, taxes.status_reason.as_str()),
        (ServiceStatus::Paused, "In attesa del fornitore")
    );
    let done = authorise(&again.seen()).await.expect("seen again");
    assert_eq!(done.state, SubmissionState::Authorised);
    assert_eq!(app.request("Bellagio", "tributi").await.state, State::Submitted);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_rule_does_what_the_trial_said() {
    let app = TestApp::chartered(|config| config.assign = false).await;
    let (administrator, call) = (app.administrator(), app.call);
    let trial = administrator.call(Assign { call, dry_run: true, seen: None }).await.expect("tried");
    assert_eq!((trial.effect.rule_version, trial.effect.bodies), (1, 7));
    let given: i64 = trial.lines.iter().map(|line| line.difference).sum();
    assert_eq!(trial.effect.credits, given);
    let unseen = Assign { call, dry_run: false, seen: None };
    assert_eq!(refused(administrator.call(unseen).await), "faulty");

    let bands = vec![band(0, None, "medio", 30)];
    administrator.call(ReviseRule { call, bands, modifiers: Vec::new() }).await.expect("revised");
    app.raw_sql(format!("UPDATE body SET population = NULL WHERE id = {}", app.body("Brunate"))).await;
    let before = app.dump().await;
    let seen = trial.effect;
    let assign = Assign { call, dry_run: false, seen: Some(seen.clone()) };
    assert_eq!(
        changes(administrator.call(assign).await),
        [
            Difference::Rule { seen: 1, now: 2 },
            Difference::Bodies { seen: 7, now: 6 },
            Difference::Moved { seen: seen.credits, now: 180 },
            Difference::RuleLines,
        ]
    );
    assert_same(&before, &app.dump().await, "what was seen otherwise");
    let done = app.assign().await.effect;
    let sums = RuleEffect { rule_version: 2, bodies: 6, credits: 180, ..RuleEffect::default() };
    assert_eq!(RuleEffect { digest: String::new(), ..done }, sums);
    app.assert_sound().await;
}

#[tokio::test]
async fn what_was_seen_must_be_said_and_be_readable() {
    let app = TestApp::new().await;
    let (officer, body) = (app.officer("Bellagio"), app.body("Bellagio"));
    let submissions = format!("/api/v1/bodies/{body}/submissions");
    let missing = officer.post_json(&submissions, r#"{"version":0}"#).await;
    assert_eq!((missing.status.as_u16(), missing.code().as_str()), (422, "faulty"));
    let told = missing.json();
    assert_eq!(told["faults"][0]["field"], "seen");
    assert_eq!(told["faults"][0]["fault"], "missing");
    for (json, form) in [
        (r#"{"version":0,"seen":["high.3","add.sms.one"]}"#, "version=0&seen=high.3&seen=add.sms.one"),
        (r#"{"version":0,"seen":["nonsense"]}"#, "version=0&seen=nonsense"),
    ] {
        for reply in
            [officer.post_json(&submissions, json).await, officer.post_form(&submissions, form).await]
        {
            assert_eq!(reply.status, 422, "{}", reply.body);
            let told = reply.json();
            let fault = &told["faults"][0];
            assert_eq!(fault["fault"], "unreadable", "{}", reply.body);
            assert!(fault["field"].as_str().is_some_and(|field| field.starts_with("seen")), "{}", reply.body);
        }
    }
}

/// As a browser without the program does it: the form of the page, then the page that the answer leads to.
#[tokio::test]
async fn the_summary_comes_back_with_what_changed_and_what_was_written() {
    let app = TestApp::new().await;
    let (site, _folder) = whole(&app);
    let mut officer = app.officer("Bellagio").at(site);
    let body = app.body("Bellagio");
    officer.change(body, Change::Add, "formazione").await.expect("added");
    let summary = format!("/comuni/{body}/pacchetto/riepilogo");
    let page = officer.get(&summary).await.body;
    let fields = hidden(&page, "seen");
    assert!(fields.contains(&"add.formazione.3.1.published".to_owned()), "{fields:?}");
    app.write(Revise("formazione", |service| service.price = 9)).await.expect("revised");

    let mut form: Vec<_> = fields.iter().map(|seen| ("seen", seen.as_str())).collect();
    let key = officer.fresh_key();
    form.extend([
        ("version", "1"),
        ("reason", "Più servizi"),
        ("contact", "Ufficio, 031 000000"),
        ("_from", &summary),
        ("_key", &key),
    ]);
    let request = Request::builder()
        .method("POST")
        .uri(format!("/api/v1/bodies/{body}/submissions"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "text/html")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(serde_html_form::to_string(&form).expect("a form")));
    let reply = officer.send(request.expect("a request")).await;
    assert_eq!(reply.header("location"), summary);
    officer.keep_cookies(&reply);
    let page = officer.get(&summary).await.body;
    let told = "il prezzo di «Servizio formazione» passa da 3 a 9\u{a0}crediti. Nulla è stato fatto.";
    assert_eq!(page.matches(told).count(), 1, "{page}");
    assert!(page.find(told) < page.find("id=\"cambia\""), "above the summary");
    assert!(page.contains("Più servizi") && page.contains("Ufficio, 031 000000"), "what was written");
    assert!(hidden(&page, "seen").contains(&"add.formazione.9.1.published".to_owned()), "the new figures");
    assert_eq!(app.account("Bellagio").await.held, 0);
}

/// The values of the hidden fields of this name.
fn hidden(page: &str, name: &str) -> Vec<String> {
    let inputs = page.split("<input").map(|rest| rest.split('>').next().unwrap_or_default());
    let inputs = inputs.filter(|input| input.contains(&format!("name=\"{name}\"")));
    let value = |input: &str| {
        let (_, rest) = input.split_once("value=\"").expect("a value");
        rest.split('"').next().unwrap_or_default().to_owned()
    };
    inputs.map(value).collect()
}
