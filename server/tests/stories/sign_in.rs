//! *Accesso*: passwords, throttling, sessions and their cookies.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use model::api::baskets::ChangeBasket;
use model::api::people::{ChangePassword, ReadProfile, ReadSession, SignIn, SignInAsPersona, SignOut};
use model::api::{ApiError, FieldError, FieldErrorKind, Operation, Problem};
use model::basket::Change;
use model::ids::PersonId;
use model::people::Role;
use tokio::time::timeout;

use crate::test_app::{PASSWORD, Reply, TestApp, TestClient, address, assert_same, refused};

/// Longest that a story waits for what happens by itself.
const AT_MOST: Duration = Duration::from_secs(20);

pub fn with(email: &str, password: &str) -> SignIn {
    SignIn { email: email.to_owned(), password: password.to_owned() }
}

pub fn own(password: &str) -> SignIn {
    with(&address(Role::Officer, "Bellagio"), password)
}

/// Signs in as a browser does, and keeps the cookie.
pub async fn enter(client: &mut TestClient, sign_in: SignIn) -> Reply {
    let reply = client.post_json(SignIn::PATH, &serde_json::to_string(&sign_in).expect("JSON")).await;
    client.keep_cookies(&reply);
    reply
}

fn session_cookie(reply: &Reply) -> Vec<String> {
    let cookie = reply.headers.get_all("set-cookie").iter();
    let mut cookie = cookie.filter_map(|value| value.to_str().ok()).filter(|text| text.contains("session="));
    let parts = cookie.next().expect("a session cookie").split("; ").map(str::to_owned).collect();
    assert_eq!(cookie.next(), None);
    parts
}

#[tokio::test]
async fn the_right_password_opens_a_session_and_no_other_does() {
    let app = TestApp::new().await;
    let mut client = app.stranger();
    assert_eq!(refused(client.call(ReadProfile {}).await), "sign_in_needed");
    for (email, password) in [
        (address(Role::Officer, "Bellagio"), "sbagliata-di-poco"),
        (address(Role::Officer, "Bellagio"), &PASSWORD[1..]),
        ("nessuno@example.org".to_owned(), PASSWORD),
        (address(Role::Officer, "Lecco"), PASSWORD),
    ] {
        assert_eq!(refused(client.call(with(&email, password)).await), "wrong_credentials", "{email}");
    }
    let Err(Problem::ApiError(ApiError::Faulty { faults })) = client.call(with(" ", "")).await else {
        panic!("both are missing");
    };
    assert_eq!(faults, ["email", "password"].map(|field| FieldError::new(field, FieldErrorKind::Missing)));
    let reply = enter(&mut client, with(" Officer.Bellagio@example.org ", PASSWORD)).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(!reply.body.contains("password") && !reply.body.contains("argon2"));
    let profile = client.call(ReadProfile {}).await.expect("signed in");
    assert_eq!(profile.person, app.person(&app.officer("Bellagio")));
    assert!(profile.holds_on(Role::Officer, app.body("Bellagio")) && profile.roles.len() == 1);
    let session = client.call(ReadSession {}).await.expect("read");
    assert_eq!((session.signed_in, session.aggregator.province.as_str()), (Some(profile), "CO"));
}

#[tokio::test]
async fn the_cookie_is_for_this_host_alone_and_no_script_reads_it() {
    let app = TestApp::chartered(|config| config.secure = true).await;
    let mut client = app.stranger();
    let parts = session_cookie(&enter(&mut client, own(PASSWORD)).await);
    let (name, token) = parts[0].split_once('=').expect("a value");
    assert_eq!((name, token.len()), ("__Host-session", 64), "256 bits");
    assert_eq!(parts[1..], ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=36000"]);
    // Where people come over HTTPS a plain cookie, which a neighbour could plant, counts for nothing.
    client.cookies = Some(format!("session={token}"));
    assert_eq!(refused(client.call(ReadProfile {}).await), "sign_in_needed");
    client.cookies = Some(format!("lang=en; __Host-session={token}; session=other"));
    client.call(ReadProfile {}).await.expect("the one with the prefix");

    let plain = TestApp::new().await;
    let parts = session_cookie(&enter(&mut plain.stranger(), own(PASSWORD)).await);
    assert!(parts[0].starts_with("session=") && !parts.contains(&"Secure".to_owned()));
    let dump = plain.dump().await;
    let token = parts[0].split_once('=').expect("a value").1;
    assert!(dump["session"].iter().all(|row| !row.contains(token)), "only its hash is kept");
}

#[tokio::test]
async fn a_session_planted_before_signing_in_is_dead_afterwards() {
    let app = TestApp::new().await;
    let mut client = app.stranger();
    client.cookies = Some("session=planted-by-somebody".to_owned());
    enter(&mut client, own(PASSWORD)).await;
    let first = client.clone();
    assert!(!first.cookies.as_ref().is_some_and(|cookies| cookies.contains("planted")));
    let mut planted = app.stranger();
    planted.cookies = Some("session=planted-by-somebody".to_owned());
    assert_eq!(refused(planted.call(ReadProfile {}).await), "sign_in_needed");
    // Somebody else signs in over it: the session before is over.
    let mayor = with(&address(Role::Mayor, "Bellagio"), PASSWORD);
    enter(&mut client, mayor).await;
    assert_ne!(first.cookies, client.cookies);
    assert_eq!(refused(first.call(ReadProfile {}).await), "sign_in_needed");
    let name = client.call(ReadProfile {}).await.expect("signed in").person.name;
    assert_eq!(name, "Sindaco, Comune di Bellagio");
}

#[tokio::test]
async fn a_session_lasts_ten_hours_or_until_it_is_ended() {
    let app = TestApp::new().await;
    let mut client = app.stranger();
    enter(&mut client, own(PASSWORD)).await;
    let opened = app.now();
    for seconds in [7_000, 14_000, 21_000, 28_000, 35_000, 36_000 - 1] {
        app.marketplace.clock.move_to(opened.plus_seconds(seconds));
        client.call(ReadProfile {}).await.expect("it is in use, and time is left");
        use_noted(&app).await;
    }
    app.marketplace.clock.move_to(opened.plus_seconds(36_000));
    assert_eq!(refused(client.call(ReadProfile {}).await), "sign_in_needed");

    enter(&mut client, own(PASSWORD)).await;
    let mut left = client.clone();
    let reply = left.post_json(SignOut::PATH, "{}").await;
    assert_eq!(session_cookie(&reply)[0], "session=");
    assert!(session_cookie(&reply).contains(&"Path=/".to_owned()));
    assert!(session_cookie(&reply).contains(&"Max-Age=0".to_owned()));
    left.keep_cookies(&reply);
    assert_eq!(left.cookie("session"), None);
    assert_eq!(refused(client.call(ReadProfile {}).await), "sign_in_needed", "also with the old cookie");
}

/// Waits until the use of every session is noted: whoever reads does not wait for it.
async fn use_noted(app: &TestApp) {
    let least = app.now().plus_seconds(2 * 3_600 - 5 * 60).0;
    let noted = async {
        let mut raw = app.database.raw().await;
        let unnoted = format!("SELECT COUNT(*) FROM session WHERE idle_expires_at < {least}");
        while raw.all::<(i64,)>(&unnoted).await != [(0,)] {
            tokio::task::yield_now().await;
        }
    };
    timeout(AT_MOST, noted).await.expect("the use of the session is noted");
}

#[tokio::test]
async fn a_session_that_is_not_used_for_two_hours_is_over() {
    let app = TestApp::new().await;
    let mut client = app.stranger();
    enter(&mut client, own(PASSWORD)).await;
    let opened = app.now();
    // Less than five minutes after it was noted, nothing is written.
    app.marketplace.clock.move_to(opened.plus_seconds(5 * 60));
    let before = app.dump().await;
    client.call(ReadProfile {}).await.expect("in use");
    assert_same(&before, &app.dump().await, "a look after five minutes");
    app.marketplace.clock.move_to(opened.plus_seconds(7_200 - 1));
    client.call(ReadProfile {}).await.expect("a second is left");
    use_noted(&app).await;
    // A change notes it, too, together with its own effects.
    let used = app.now().plus_seconds(7_200 - 1);
    app.marketplace.clock.move_to(used);
    let body = app.body("Bellagio");
    client.change(body, Change::Add, "sms").await.expect("added");
    app.marketplace.clock.move_to(used.plus_seconds(7_200 - 1));
    client.call(ReadProfile {}).await.expect("it was used less than two hours ago");
    use_noted(&app).await;
    app.marketplace.clock.move_to(used.plus_seconds(7_200 - 1 + 7_200));
    assert_eq!(refused(client.call(ReadProfile {}).await), "sign_in_needed");
    enter(&mut client, own(PASSWORD)).await;
    client.call(ReadProfile {}).await.expect("signed in again");
}

#[tokio::test]
async fn a_session_from_the_future_is_none() {
    let app = TestApp::new().await;
    let mut client = app.stranger();
    let now = app.now();
    for (ahead, outcome) in [(4 * 60, true), (365 * 24 * 3_600, false)] {
        app.marketplace.clock.move_to(now.plus_seconds(ahead));
        enter(&mut client, own(PASSWORD)).await;
        client.call(ReadProfile {}).await.expect("by the clock as it is");
        // The clock is set right.
        app.marketplace.clock.move_to(now);
        assert_eq!(client.call(ReadProfile {}).await.is_ok(), outcome, "{ahead} seconds");
    }
}

fn change(current: &str, new: &str) -> ChangePassword {
    ChangePassword { current_password: current.to_owned(), new_password: new.to_owned() }
}

fn faulty<A>(field: &str, what: FieldErrorKind) -> Result<A, Problem> {
    Err(Problem::faulty(FieldError::new(field, what)))
}

/// Changes the password as a browser does, and keeps the cookie.
async fn change_and_keep(client: &mut TestClient, change: ChangePassword) -> Reply {
    let body = serde_json::to_string(&change).expect("JSON");
    let reply = client.post_json(ChangePassword::PATH, &body).await;
    client.keep_cookies(&reply);
    reply
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions_and_this_one_goes_on_under_a_new_token() {
    let app = TestApp::new().await;
    let (mut here, mut elsewhere) = (app.stranger(), app.stranger());
    enter(&mut here, own(PASSWORD)).await;
    enter(&mut elsewhere, own(PASSWORD)).await;
    let new = "un'altra-frase-lunga";
    let wrong = here.call(change("sbagliata", new)).await;
    assert_eq!(wrong, faulty("current_password", FieldErrorKind::Unknown));
    let before = here.clone();
    let reply = change_and_keep(&mut here, change(PASSWORD, new)).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(session_cookie(&reply).contains(&"Max-Age=36000".to_owned()));
    assert_ne!(here.cookie("session"), before.cookie("session"));
    here.call(ReadProfile {}).await.expect("this session goes on");
    for over in [&before, &elsewhere] {
        assert_eq!(refused(over.call(ReadProfile {}).await), "sign_in_needed");
    }
    assert_eq!(refused(elsewhere.call(own(PASSWORD)).await), "wrong_credentials");
    elsewhere.call(own(new)).await.expect("the new one");
}

#[tokio::test]
async fn a_password_changed_twice_under_one_key_is_changed_once() {
    let app = TestApp::new().await;
    let mut here = app.stranger();
    enter(&mut here, own(PASSWORD)).await;
    let new = "un'altra-frase-lunga";
    // The answer is lost: whoever asks again, with the old cookie, hears the same, and is signed in.
    let once = here.with_key("changes-the-password");
    once.call(change(PASSWORD, new)).await.expect("changed");
    assert_eq!(
        refused(once.call(ReadProfile {}).await),
        "sign_in_needed",
        "the old token is worth nothing else"
    );
    let different = change(PASSWORD, "una-frase-del-tutto-diversa");
    assert_eq!(refused(once.call(different).await), "key_reused");
    let body = serde_json::to_string(&change(PASSWORD, new)).expect("JSON");
    let again = Request::builder()
        .method("POST")
        .uri(ChangePassword::PATH)
        .header("content-type", "application/json")
        .header("idempotency-key", "changes-the-password")
        .body(Body::from(body));
    let reply = once.send(again.expect("a request")).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let old = here.with_key("another-key-of-the-old-session");
    assert_eq!(refused(old.call(change(new, PASSWORD)).await), "sign_in_needed");
    here.keep_cookies(&reply);
    here.call(ReadProfile {}).await.expect("signed in");
    // The key of something else tells nothing of the password.
    let other = here.with_key("sent-for-something-else");
    let body = app.body("Bellagio");
    other.call(ChangeBasket { body, change: Change::Add, service: "sms".into() }).await.expect("added");
    assert_eq!(refused(other.call(change(new, new)).await), "key_reused");
    // Two clicks at once.
    let newer = "ancora-un'altra-frase";
    let twice = here.with_key("pressed-twice");
    let (first, second) = tokio::join!(twice.call(change(new, newer)), twice.call(change(new, newer)));
    assert!(first.is_ok() && second.is_ok(), "{first:?}, {second:?}");
    app.stranger().call(own(newer)).await.expect("the newest one");
}

#[tokio::test]
async fn a_new_password_is_neither_short_nor_common_nor_ones_own_name() {
    let app = TestApp::new().await;
    let mut here = app.stranger();
    enter(&mut here, own(PASSWORD)).await;
    let body = "Bellagio".to_owned();
    for (new, what) in [
        ("corta", FieldErrorKind::TooShort { least: 12 }),
        ("Password2026!", FieldErrorKind::Common),
        ("io-officer.bellagio", FieldErrorKind::OwnAddress),
        ("BELLAGIO sul lago", FieldErrorKind::OwnBody { name: body }),
    ] {
        assert_eq!(here.call(change(PASSWORD, new)).await, faulty("new_password", what), "{new}");
    }
    let como = change_and_keep(&mut here, change(PASSWORD, "tra Como e Lecco in barca")).await;
    assert_eq!(como.status, StatusCode::OK, "another municipality's name is no secret of one's own");
}

#[tokio::test]
async fn a_cookie_of_another_application_locks_nobody_out() {
    let app = TestApp::new().await;
    let mut client = app.stranger();
    client.cookies = Some("ultimo_comune=Cantù".to_owned());
    enter(&mut client, own(PASSWORD)).await;
    client.call(ReadProfile {}).await.expect("signed in");
    let (_, token) = client.cookie("session").expect("a session");
    for cookies in [
        format!("session=altrui; session={token}"),
        format!("session={token}; session=altrui; ultimo_comune=Cantù"),
        format!("session=à; session=; session=uno; session=due; session={token}; session=tre"),
    ] {
        client.cookies = Some(cookies.clone());
        client.call(ReadProfile {}).await.unwrap_or_else(|problem| panic!("{cookies}: {problem:?}"));
    }
    client.cookies = Some(format!("session=1; session=2; session=3; session={token}"));
    assert_eq!(refused(client.call(ReadProfile {}).await), "sign_in_needed", "three are looked up");
}

#[tokio::test]
async fn who_signs_out_is_out_of_the_browser_also_while_the_database_is_away() {
    let app = TestApp::new().await;
    let mut client = app.stranger();
    enter(&mut client, own(PASSWORD)).await;
    app.marketplace.store.close().await;
    let reply = client.post_json(SignOut::PATH, "{}").await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(session_cookie(&reply).contains(&"Max-Age=0".to_owned()));
    let form = Request::builder()
        .method("POST")
        .uri(SignOut::PATH)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html")
        .body(Body::from("_key=leaves-the-browser&_then=%2F"));
    let reply = client.send(form.expect("a request")).await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/"));
    assert!(session_cookie(&reply).contains(&"Max-Age=0".to_owned()));
}

#[tokio::test]
async fn no_way_in_keeps_a_session_that_was_planted() {
    let app = TestApp::chartered(|config| config.demo = true).await;
    let observer = app.observer();
    let persona = SignInAsPersona { person: observer.person.expect("somebody") };
    // Somebody's own session, planted in the browser of whoever signs in next.
    let planted = app.officer("Bellagio");
    planted.call(ReadProfile {}).await.expect("it is good");
    let mut victim = app.stranger();
    victim.cookies.clone_from(&planted.cookies);
    let body = serde_json::to_string(&persona).expect("JSON");
    let reply = victim.post_json(SignInAsPersona::PATH, &body).await;
    victim.keep_cookies(&reply);
    assert_ne!(victim.cookies, planted.cookies);
    assert_eq!(refused(planted.call(ReadProfile {}).await), "sign_in_needed", "it is over");
    assert_eq!(victim.call(ReadProfile {}).await.expect("in").person, app.person(&observer));
    // A wrong password ends nothing, and opens nothing.
    let mut mistaken = victim.clone();
    let reply = enter(&mut mistaken, own("sbagliata")).await;
    assert_eq!((reply.status, reply.headers.get("set-cookie")), (StatusCode::UNAUTHORIZED, None));
    victim.call(ReadProfile {}).await.expect("as before");
}

#[tokio::test]
async fn personas_enter_with_one_click_in_a_demonstration_only() {
    let earnest = TestApp::new().await;
    let observer = earnest.observer().person.expect("somebody");
    let stranger = earnest.stranger();
    assert_eq!(refused(stranger.call(SignInAsPersona { person: observer }).await), "not_found");
    assert!(stranger.call(ReadSession {}).await.expect("read").personas.is_empty());

    let app = TestApp::chartered(|config| config.demo = true).await;
    let mut client = app.stranger();
    let personas = client.call(ReadSession {}).await.expect("read").personas;
    let [persona] = personas.as_slice() else {
        panic!("the observer is the only persona: {personas:?}");
    };
    assert_eq!((persona.role, persona.name.as_str()), (Role::Observer, "Osservatore"));
    for person in [app.administrator().person.expect("somebody"), PersonId(999)] {
        let entered = client.call(SignInAsPersona { person }).await;
        assert_eq!(refused(entered), "not_found", "who is no persona has a password");
    }
    let body = serde_json::to_string(&SignInAsPersona { person: persona.person }).expect("JSON");
    let reply = client.post_json(SignInAsPersona::PATH, &body).await;
    client.keep_cookies(&reply);
    assert!(client.call(ReadProfile {}).await.expect("signed in").holds(Role::Observer));
}
