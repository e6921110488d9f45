//! *Accesso*: passwords, throttling, sessions and their cookies.

use axum::http::StatusCode;
use futures::future::join_all;
use model::api::body::ChangeBasket;
use model::api::people::{ChangePassword, ReadProfile, ReadSession, SignIn, SignInAsPersona, SignOut};
use model::api::{Fault, FaultKind, Operation, Problem, Trouble};
use model::basket::Change;
use model::ids::PersonId;
use model::people::Role;

use crate::town::{PASSWORD, Reply, Town, Visitor, address, refused};

fn with(email: &str, password: &str) -> SignIn {
    SignIn { email: email.to_owned(), password: password.to_owned() }
}

fn own(password: &str) -> SignIn {
    with(&address(Role::Officer, "Bellagio"), password)
}

/// Signs in as a browser does, and keeps the cookie.
async fn enter(visitor: &mut Visitor, sign_in: SignIn) -> Reply {
    let reply = visitor.post_json(SignIn::PATH, &serde_json::to_string(&sign_in).expect("JSON")).await;
    visitor.keep_cookies(&reply);
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
    let town = Town::found().await;
    let mut visitor = town.stranger();
    assert_eq!(refused(visitor.call(ReadProfile {}).await), "sign_in_needed");
    for (email, password) in [
        (address(Role::Officer, "Bellagio"), "sbagliata-di-poco"),
        (address(Role::Officer, "Bellagio"), &PASSWORD[1..]),
        ("nessuno@example.org".to_owned(), PASSWORD),
        (address(Role::Officer, "Lecco"), PASSWORD),
    ] {
        assert_eq!(refused(visitor.call(with(&email, password)).await), "wrong_credentials", "{email}");
    }
    let Err(Problem::Trouble(Trouble::Faulty { faults })) = visitor.call(with(" ", "")).await else {
        panic!("both are missing");
    };
    assert_eq!(faults, ["email", "password"].map(|field| Fault::new(field, FaultKind::Missing)));
    let reply = enter(&mut visitor, with(" Officer.Bellagio@example.org ", PASSWORD)).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(!reply.body.contains("password") && !reply.body.contains("argon2"));
    let profile = visitor.call(ReadProfile {}).await.expect("signed in");
    assert_eq!(profile.person, town.person(&town.officer("Bellagio")));
    assert!(profile.holds_on(Role::Officer, town.body("Bellagio")) && profile.roles.len() == 1);
    let session = visitor.call(ReadSession {}).await.expect("read");
    assert_eq!((session.signed_in, session.aggregator.province.as_str()), (Some(profile), "CO"));
}

#[tokio::test]
async fn the_cookie_is_for_this_host_alone_and_no_script_reads_it() {
    let town = Town::chartered(|charter| charter.secure = true).await;
    let mut visitor = town.stranger();
    let parts = session_cookie(&enter(&mut visitor, own(PASSWORD)).await);
    let (name, token) = parts[0].split_once('=').expect("a value");
    assert_eq!((name, token.len()), ("__Host-session", 64), "256 bits");
    assert_eq!(parts[1..], ["Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=36000", "Secure"]);
    // Where people come over HTTPS a plain cookie, which a neighbour could plant, counts for nothing.
    visitor.cookies = Some(format!("session={token}"));
    assert_eq!(refused(visitor.call(ReadProfile {}).await), "sign_in_needed");
    visitor.cookies = Some(format!("lang=en; __Host-session={token}; session=other"));
    visitor.call(ReadProfile {}).await.expect("the one with the prefix");

    let plain = Town::found().await;
    let parts = session_cookie(&enter(&mut plain.stranger(), own(PASSWORD)).await);
    assert!(parts[0].starts_with("session=") && !parts.contains(&"Secure".to_owned()));
    let dump = plain.dump().await;
    let token = parts[0].split_once('=').expect("a value").1;
    assert!(dump["session"].iter().all(|row| !row.contains(token)), "only its hash is kept");
}

#[tokio::test]
async fn a_session_planted_before_signing_in_is_dead_afterwards() {
    let town = Town::found().await;
    let mut visitor = town.stranger();
    visitor.cookies = Some("session=planted-by-somebody".to_owned());
    enter(&mut visitor, own(PASSWORD)).await;
    let first = visitor.clone();
    assert!(!first.cookies.as_ref().is_some_and(|cookies| cookies.contains("planted")));
    let mut planted = town.stranger();
    planted.cookies = Some("session=planted-by-somebody".to_owned());
    assert_eq!(refused(planted.call(ReadProfile {}).await), "sign_in_needed");
    // Somebody else signs in over it: the session before is over.
    let mayor = with(&address(Role::Mayor, "Bellagio"), PASSWORD);
    enter(&mut visitor, mayor).await;
    assert_ne!(first.cookies, visitor.cookies);
    assert_eq!(refused(first.call(ReadProfile {}).await), "sign_in_needed");
    let name = visitor.call(ReadProfile {}).await.expect("signed in").person.name;
    assert_eq!(name, "Sindaco, Comune di Bellagio");
}

#[tokio::test]
async fn a_session_lasts_ten_hours_or_until_it_is_ended() {
    let town = Town::found().await;
    let mut visitor = town.stranger();
    enter(&mut visitor, own(PASSWORD)).await;
    let opened = town.now();
    town.office.clock.move_to(opened.plus_seconds(36_000 - 1));
    visitor.call(ReadProfile {}).await.expect("a second is left");
    town.office.clock.move_to(opened.plus_seconds(36_000));
    assert_eq!(refused(visitor.call(ReadProfile {}).await), "sign_in_needed");

    enter(&mut visitor, own(PASSWORD)).await;
    let mut left = visitor.clone();
    let reply = left.post_json(SignOut::PATH, "{}").await;
    assert_eq!(session_cookie(&reply)[..2], ["session=", "Path=/"]);
    assert!(session_cookie(&reply).contains(&"Max-Age=0".to_owned()));
    left.keep_cookies(&reply);
    assert_eq!(left.cookies, None);
    assert_eq!(refused(visitor.call(ReadProfile {}).await), "sign_in_needed", "also with the old cookie");
}

#[tokio::test]
async fn the_eleventh_try_in_a_quarter_of_an_hour_is_not_looked_at() {
    let town = Town::found().await;
    let visitor = town.stranger();
    for _ in 0..10 {
        assert_eq!(refused(visitor.call(own("sbagliata")).await), "wrong_credentials");
    }
    let body = serde_json::to_string(&own(PASSWORD)).expect("JSON");
    let reply = visitor.post_json(SignIn::PATH, &body).await;
    assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS, "even if it is right");
    let wait: i64 = reply.header("retry-after").parse().expect("seconds");
    assert!((900..=901).contains(&wait), "{wait}");
    assert_eq!(reply.code(), "too_many");
    let mut other = town.stranger();
    let mayor = with(&address(Role::Mayor, "Bellagio"), PASSWORD);
    assert_eq!(enter(&mut other, mayor).await.status, StatusCode::OK, "others are not locked out");
    let shouted = with(&address(Role::Officer, "Bellagio").to_uppercase(), PASSWORD);
    assert_eq!(refused(visitor.call(shouted).await), "too_many", "it is the same account");

    let began = town.now();
    town.office.clock.move_to(began.plus_seconds(wait - 2));
    assert_eq!(refused(visitor.call(own(PASSWORD)).await), "too_many");
    town.office.clock.move_to(began.plus_seconds(wait));
    visitor.call(own(PASSWORD)).await.expect("after the time that was told");
    for _ in 0..10 {
        assert_eq!(refused(visitor.call(own("sbagliata")).await), "wrong_credentials", "counted anew");
    }
    assert_eq!(refused(visitor.call(own("sbagliata")).await), "too_many");
}

#[tokio::test]
async fn of_a_thousand_tries_ten_are_looked_at_in_any_quarter_of_an_hour() {
    const QUARTER: i64 = 15 * 60;
    let town = Town::found().await;
    let began = town.now();
    let email = address(Role::Officer, "Bellagio");
    let spelled = [email.clone(), email.to_uppercase(), format!("  {email}\t")];
    let mut looked_at = Vec::new();
    for number in 0..1_000 {
        // Two hours long, each time a browser that was never seen.
        let second = number * 2 * 3_600 / 1_000;
        town.office.clock.move_to(began.plus_seconds(second));
        let stranger = town.stranger();
        let email = &spelled[usize::try_from(number).expect("small") % spelled.len()];
        match refused(stranger.call(with(email, "sbagliata")).await).as_str() {
            "wrong_credentials" => looked_at.push(second),
            code => assert_eq!(code, "too_many"),
        }
    }
    for window in looked_at.windows(11) {
        assert!(window[10] - window[0] >= QUARTER, "eleven within a quarter of an hour: {window:?}");
    }
    // As many as the rule allows, so that the owner is let in again: ten at once, eight times.
    assert_eq!(looked_at.len(), 80);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tries_at_once_are_counted_too() {
    let town = Town::found().await;
    let tries = (0..40).map(|_| {
        let visitor = town.stranger();
        tokio::spawn(async move { visitor.call(own("sbagliata")).await })
    });
    let mut outcomes = Vec::new();
    for outcome in join_all(tries).await {
        outcomes.push(refused(outcome.expect("no task panics")));
    }
    let count = |code: &str| outcomes.iter().filter(|found| *found == code).count();
    assert_eq!((count("wrong_credentials"), count("too_many")), (10, 30));
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    let town = Town::found().await;
    let (mut here, mut elsewhere) = (town.stranger(), town.stranger());
    enter(&mut here, own(PASSWORD)).await;
    enter(&mut elsewhere, own(PASSWORD)).await;
    let change = |current: &str, new: &str| ChangePassword {
        current_password: current.to_owned(),
        new_password: new.to_owned(),
    };
    let new = "un'altra-frase-lunga";
    let faulty = |field, what| Err(Problem::faulty(Fault::new(field, what)));
    let wrong = here.call(change("sbagliata", new)).await;
    assert_eq!(wrong, faulty("current_password", FaultKind::Unknown));
    let short = here.call(change(PASSWORD, "corta")).await;
    assert_eq!(short, faulty("new_password", FaultKind::TooShort { least: 12 }));
    let once = here.with_key("changes-the-password");
    once.call(change(PASSWORD, new)).await.expect("changed");
    once.call(change(PASSWORD, new)).await.expect("a second click hears the same");
    assert_eq!(refused(once.call(change(PASSWORD, "una-frase-del-tutto-diversa")).await), "key_reused");
    // The key of something else tells nothing of the password.
    let other = here.with_key("sent-for-something-else");
    let body = town.body("Bellagio");
    other.call(ChangeBasket { body, change: Change::Add, service: "sms".into() }).await.expect("added");
    assert_eq!(refused(other.call(change(new, new)).await), "key_reused");
    // Two clicks at once.
    let newer = "ancora-un'altra-frase";
    let twice = here.with_key("pressed-twice");
    let (first, second) = tokio::join!(twice.call(change(new, newer)), twice.call(change(new, newer)));
    assert!(first.is_ok() && second.is_ok(), "{first:?}, {second:?}");
    here.call(change(newer, new)).await.expect("and back");
    here.call(ReadProfile {}).await.expect("this session goes on");
    assert_eq!(refused(elsewhere.call(ReadProfile {}).await), "sign_in_needed");
    assert_eq!(refused(elsewhere.call(own(PASSWORD)).await), "wrong_credentials");
    elsewhere.call(own(new)).await.expect("the new one");
}

#[tokio::test]
async fn no_way_in_keeps_a_session_that_was_planted() {
    let town = Town::chartered(|charter| charter.demo = true).await;
    let observer = town.observer();
    let persona = SignInAsPersona { person: observer.person.expect("somebody") };
    // Somebody's own session, planted in the browser of whoever signs in next.
    let planted = town.officer("Bellagio");
    planted.call(ReadProfile {}).await.expect("it is good");
    let mut victim = town.stranger();
    victim.cookies.clone_from(&planted.cookies);
    let body = serde_json::to_string(&persona).expect("JSON");
    let reply = victim.post_json(SignInAsPersona::PATH, &body).await;
    victim.keep_cookies(&reply);
    assert_ne!(victim.cookies, planted.cookies);
    assert_eq!(refused(planted.call(ReadProfile {}).await), "sign_in_needed", "it is over");
    assert_eq!(victim.call(ReadProfile {}).await.expect("in").person, town.person(&observer));
    // A wrong password ends nothing, and opens nothing.
    let mut mistaken = victim.clone();
    let reply = enter(&mut mistaken, own("sbagliata")).await;
    assert_eq!((reply.status, reply.headers.get("set-cookie")), (StatusCode::UNAUTHORIZED, None));
    victim.call(ReadProfile {}).await.expect("as before");
}

#[tokio::test]
async fn personas_enter_with_one_click_in_a_demonstration_only() {
    let earnest = Town::found().await;
    let observer = earnest.observer().person.expect("somebody");
    let stranger = earnest.stranger();
    assert_eq!(refused(stranger.call(SignInAsPersona { person: observer }).await), "not_found");
    assert!(stranger.call(ReadSession {}).await.expect("read").personas.is_empty());

    let town = Town::chartered(|charter| charter.demo = true).await;
    let mut visitor = town.stranger();
    let personas = visitor.call(ReadSession {}).await.expect("read").personas;
    let [persona] = personas.as_slice() else {
        panic!("the observer is the only persona: {personas:?}");
    };
    assert_eq!((persona.role, persona.name.as_str()), (Role::Observer, "Osservatore"));
    for person in [town.administrator().person.expect("somebody"), PersonId(999)] {
        let entered = visitor.call(SignInAsPersona { person }).await;
        assert_eq!(refused(entered), "not_found", "who is no persona has a password");
    }
    let body = serde_json::to_string(&SignInAsPersona { person: persona.person }).expect("JSON");
    let reply = visitor.post_json(SignInAsPersona::PATH, &body).await;
    visitor.keep_cookies(&reply);
    assert!(visitor.call(ReadProfile {}).await.expect("signed in").holds(Role::Observer));
}
