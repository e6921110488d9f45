//! What is noted comes into the log: whoever goes away, whatever strangers do meanwhile, and while the database hangs.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use model::api::Operation;
use model::api::people::{ChangePassword, SignOut};
use model::api::security::{EventKind, ReadSecurityEvents};
use model::people::Role;
use tokio::time::timeout;

use super::{from, summary};
use crate::test_app::{NEIGHBOUR, TestApp, refused};

/// How long a story waits for who signs out: less than the database hangs.
const SOON: Duration = Duration::from_secs(7);

#[tokio::test]
async fn who_goes_away_while_the_log_is_written_loses_nothing_of_it() {
    let app = TestApp::new().await;
    // One of each aggregator: they are written one after the other.
    for officer in [app.officer("Bellagio"), app.holder(NEIGHBOUR, Role::Officer, "Lecco")] {
        assert_eq!(refused(officer.call(ReadSecurityEvents::default()).await), "forbidden");
    }
    {
        let mut writing = Box::pin(app.marketplace.write_security_log(false));
        assert!(futures::poll!(&mut writing).is_pending(), "it is not written at once");
    }
    app.marketplace.write_security_log(false).await;
    let mut raw = app.database.raw().await;
    let kept: Vec<(i64, i64)> = raw
        .all(
            "SELECT COUNT(*), COUNT(DISTINCT aggregator) FROM security_event
             WHERE operation = 'ReadSecurityEvents' AND outcome = 'forbidden'",
        )
        .await;
    assert_eq!(kept, [(2, 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_out_does_not_wait_for_a_database_that_hangs() {
    let app = TestApp::new().await;
    let officer = app.officer("Bellagio");
    // Something waits to be written.
    assert_eq!(refused(officer.call(ReadSecurityEvents::default()).await), "forbidden");
    let mut raw = app.database.raw().await;
    let hang =
        if app.database.is_postgres() { "BEGIN; LOCK TABLE security_event" } else { "BEGIN IMMEDIATE" };
    raw.execute(hang).await;
    let reply = timeout(SOON, officer.post_json(SignOut::PATH, "{}")).await.expect("soon");
    raw.execute("ROLLBACK").await;
    assert_eq!(reply.status, StatusCode::OK);
    let cookies: Vec<_> = reply.headers.get_all("set-cookie").iter().collect();
    let ended =
        |cookie: &&axum::http::HeaderValue| cookie.to_str().is_ok_and(|text| text.contains("Max-Age=0"));
    assert_eq!(cookies.iter().filter(|cookie| ended(cookie)).count(), 1, "out of the browser: {cookies:?}");
    let events = app.events(EventKind::Refused).await;
    assert_eq!(events.iter().map(summary).collect::<Vec<_>>(), [("ReadSecurityEvents", "forbidden", 1)]);
}

#[tokio::test]
async fn strangers_hide_nothing_of_who_is_signed_in() {
    let app = TestApp::new().await;
    let stranger = app.stranger();
    for number in 0..15 {
        let stranger = stranger.from(&format!("203.0.113.{number}"));
        for _ in 0..20 {
            let forged = Request::builder().method("POST").uri(SignOut::PATH);
            let forged = forged.header("sec-fetch-site", "cross-site").body(Body::empty());
            assert_eq!(stranger.send(forged.expect("a request")).await.status, 403);
        }
    }
    // A cookie that is no session is nobody's.
    let mut liar = app.stranger();
    liar.cookies = Some("session=inventata".to_owned());
    for number in 0..15 {
        for _ in 0..20 {
            let reply =
                from(&liar, &format!("198.51.100.{number}"), "GET", "/api/v1/bodies/abc", String::new())
                    .await;
            assert_eq!(reply.status, 404);
        }
    }
    let officer = app.officer("Bellagio");
    assert_eq!(refused(officer.call(ReadSecurityEvents::default()).await), "forbidden");
    let events = app.events(EventKind::Refused).await;
    let of_somebody: Vec<_> = events.iter().filter(|event| event.outcome != "cross_site").collect();
    let [event] = of_somebody.as_slice() else { panic!("one: {of_somebody:?}") };
    assert_eq!(
        (summary(event), event.actor.clone()),
        (("ReadSecurityEvents", "forbidden", 1), Some(app.person(&officer)))
    );
    assert_eq!(events.len(), 300 + 1);
}

#[tokio::test]
async fn wrong_passwords_of_who_is_signed_in_are_kept_with_who_gave_them() {
    let app = TestApp::new().await;
    let officer = app.officer("Bellagio");
    for _ in 0..6 {
        let change = ChangePassword {
            current_password: "sbagliata-ma-lunga".to_owned(),
            new_password: "un'altra-frase-lunga".to_owned(),
        };
        officer.call(change).await.expect_err("refused");
    }
    let events = app.events(EventKind::SignInFailed).await;
    let mut expected = vec![("ChangePassword", "wrong_credentials", 1); 5];
    expected.push(("ChangePassword", "too_many", 1));
    assert_eq!(events.iter().map(summary).collect::<Vec<_>>(), expected);
    for event in &events {
        assert_eq!((event.actor.clone(), event.subject.clone()), (Some(app.person(&officer)), None));
    }
    let kept = app.dump().await["security_event"].join("\n");
    assert!(!kept.contains("sbagliata") && !kept.contains("frase"), "{kept}");
}
