//! Roles begin and end: by day, by hand, and never the last administrator's by mistake.

use leptos::config::LeptosOptions;
use model::api::bodies::ReadBody;
use model::api::people::ReadProfile;
use model::calendar::Instant;
use model::people::{Period, Role, RoleHeld};
use server::imports::people::{Appoint, Appointed, Appointment, EndRole, RoleEnded};
use server::serve::router;

use crate::test_app::{TestApp, TestClient, address, refused, rome};

fn officer_on(app: &TestApp, body: &str) -> RoleHeld {
    RoleHeld { role: Role::Officer, body: Some(app.body(body)) }
}

const ADMINISTRATOR: RoleHeld = RoleHeld { role: Role::Administrator, body: None };

async fn end(app: &TestApp, who: &TestClient, role: RoleHeld, at: Instant, force: bool) -> RoleEnded {
    let person = who.person.expect("somebody");
    app.write(EndRole { person, role, at, force, now: app.now() }).await.expect("it is written")
}

/// Gives the officer of Bellagio this role for a period.
async fn give(app: &TestApp, role: RoleHeld, period: Period) -> Appointed {
    let appointment = Appointment {
        email: address(Role::Officer, "Bellagio"),
        name: String::new(),
        roles: vec![role],
        period,
        password_hash: String::new(),
        persona: false,
    };
    let done = app.write(Appoint { appointments: vec![appointment], now: app.now() }).await;
    done.expect("it is written")[0]
}

fn period(from: &str, until: &str) -> Period {
    let until = (!until.is_empty()).then(|| rome(until));
    Period { from: rome(from), until }
}

async fn holds(officer: &TestClient, app: &TestApp, body: &str) -> bool {
    officer.call(ReadBody { body: app.body(body) }).await.is_ok()
}

#[tokio::test]
async fn a_role_that_was_ended_counts_no_more_and_the_person_is_told() {
    let app = TestApp::new().await;
    let (officer, role) = (app.officer("Bellagio"), officer_on(&app, "Bellagio"));
    let body = app.body("Bellagio");
    // At a later instant: until then nothing changes.
    let later = rome("2026-03-05 00:00:00");
    assert_eq!(end(&app, &officer, role, later, false).await, RoleEnded::Done { left: 0, requests: 0 });
    assert!(holds(&officer, &app, "Bellagio").await);
    app.move_to("2026-03-05 00:00:00");
    assert_eq!(refused(officer.call(ReadBody { body }).await), "not_found");
    assert!(officer.call(ReadProfile {}).await.expect("the session goes on").roles.is_empty());
    assert_eq!(end(&app, &officer, role, app.now(), false).await, RoleEnded::NothingToEnd);
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().display().to_string();
    let options = LeptosOptions::builder().output_name("comunanza").site_root(root).build();
    let page = officer.at(router(&app.site, &options).expect("the site")).get("/area").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Nessun ruolo attivo") && page.body.contains("ente aggregatore"));
    // Given again, it is held again.
    assert!(matches!(give(&app, role, Period::beginning(app.now())).await, Appointed::Again(_)));
    assert!(holds(&officer, &app, "Bellagio").await);
    // And ended at once.
    assert_eq!(end(&app, &officer, role, app.now(), false).await, RoleEnded::Done { left: 0, requests: 0 });
    assert!(!holds(&officer, &app, "Bellagio").await);
}

#[tokio::test]
async fn a_role_is_held_from_a_day_to_a_day() {
    let app = TestApp::new().await;
    let (officer, role) = (app.officer("Bellagio"), officer_on(&app, "Como"));
    let spring = period("2026-04-01 00:00:00", "2026-05-01 00:00:00");
    assert!(matches!(give(&app, role, spring).await, Appointed::Again(_)));
    assert!(!holds(&officer, &app, "Como").await, "not yet");
    assert!(matches!(give(&app, role, spring).await, Appointed::Already(_)));
    // A period of its own, and one that joins the two: each role is told once.
    let summer = period("2026-06-01 00:00:00", "2026-07-01 00:00:00");
    assert!(matches!(give(&app, role, summer).await, Appointed::Again(_)));
    for (at, held) in [("2026-04-30 23:59:59", true), ("2026-05-01 00:00:00", false)] {
        app.move_to(at);
        assert_eq!(holds(&officer, &app, "Como").await, held, "{at}");
    }
    app.move_to("2026-04-15 10:00:00");
    let between = period("2026-04-15 10:00:00", "2026-06-10 00:00:00");
    assert!(matches!(give(&app, role, between).await, Appointed::Again(_)));
    for (at, held) in [("2026-06-05 12:00:00", true), ("2026-07-01 00:00:00", false)] {
        app.move_to(at);
        let roles = officer.call(ReadProfile {}).await.expect("read").roles;
        assert_eq!(roles.len(), 1 + usize::from(held), "{at}: {roles:?}");
    }
    // A role that has not begun is ended before it does.
    let next_year = period("2027-01-01 00:00:00", "");
    assert!(matches!(give(&app, role, next_year).await, Appointed::Again(_)));
    assert_eq!(end(&app, &officer, role, app.now(), false).await, RoleEnded::Done { left: 1, requests: 0 });
    app.move_to("2027-01-02 00:00:00");
    assert!(!holds(&officer, &app, "Como").await);
}

#[tokio::test]
async fn the_last_administrator_stays_unless_it_is_meant() {
    let app = TestApp::new().await;
    let (first, second) = (app.administrator(), app.second_administrator());
    let later = rome("2026-06-01 00:00:00");
    assert!(matches!(end(&app, &first, ADMINISTRATOR, later, false).await, RoleEnded::Done { .. }));
    // At that instant nobody would be left, also if both end together.
    for at in [later, rome("2027-01-01 00:00:00")] {
        assert_eq!(end(&app, &second, ADMINISTRATOR, at, false).await, RoleEnded::LastAdministrator);
    }
    // Before it there is the other.
    let now = app.now();
    assert!(matches!(end(&app, &second, ADMINISTRATOR, now, false).await, RoleEnded::Done { .. }));
    assert_eq!(end(&app, &first, ADMINISTRATOR, now, false).await, RoleEnded::LastAdministrator);
    first.call(model::api::calls::ReadBoard::default()).await.expect("nothing was changed");
    assert!(matches!(end(&app, &first, ADMINISTRATOR, now, true).await, RoleEnded::Done { left: 0, .. }));
    assert_eq!(refused(first.call(model::api::calls::ReadBoard::default()).await), "forbidden");
}

#[tokio::test]
async fn whoever_ends_an_operator_is_told_of_the_requests_that_are_left() {
    let app = TestApp::new().await;
    app.authorised("Bellagio", &["tributi"], &[]).await;
    app.bring("Bellagio", "tributi", model::requests::State::InReview).await;
    let role = RoleHeld { role: Role::Operator, body: None };
    let ended = end(&app, &app.operator(), role, app.now(), false).await;
    assert_eq!(ended, RoleEnded::Done { left: 0, requests: 1 });
}
