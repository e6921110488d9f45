//! *Tentativi di accesso*: what is counted, for whom and from where; nobody keeps anybody else out.

use std::time::Duration;

use axum::http::StatusCode;
use futures::future::join_all;
use model::api::people::{ChangePassword, ReadProfile, ReadSession, SignIn};
use model::api::{ApiError, Operation, Problem};
use model::ids::PersonId;
use model::people::Role;
use server::imports::people::ResetPassword;
use server::jobs::sweep;
use server::passwords::{hash, in_turn};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::sign_in::{enter, own, with};
use crate::test_app::{PASSWORD, Reply, TestApp, TestClient, address, refused};

const QUARTER: i64 = 15 * 60;
/// How long the security log is kept, in days.
const DAYS_OF_SECURITY_LOG: u32 = 730;
/// Longest that a story waits for an answer.
const SOON: Duration = Duration::from_secs(10);

fn mayor(password: &str) -> SignIn {
    with(&address(Role::Mayor, "Bellagio"), password)
}

/// A stranger at the address with this number.
fn attacker(app: &TestApp, number: usize) -> TestClient {
    app.stranger().from(&format!("203.0.113.{number}"))
}

/// Tries a wrong password, and tells whether it was looked at.
async fn is_looked_at(client: &TestClient, sign_in: SignIn) -> bool {
    match refused(client.call(sign_in).await).as_str() {
        "wrong_credentials" => true,
        code => {
            assert_eq!(code, "too_many");
            false
        }
    }
}

/// All that may still be tried for Bellagio's officer, from thirty sources: twenty use up what there is for all together,
/// the other ten have one try each.
async fn use_up(app: &TestApp, left: usize) {
    let mut looked_at = 0;
    for number in 1..=30 {
        for _ in 0..5 {
            looked_at += usize::from(is_looked_at(&attacker(app, number), own("sbagliata")).await);
        }
    }
    assert_eq!(looked_at, left + 10);
}

async fn told_to_wait(client: &TestClient, sign_in: SignIn) -> i64 {
    let body = serde_json::to_string(&sign_in).expect("JSON");
    let reply: Reply = client.post_json(SignIn::PATH, &body).await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "too_many"));
    reply.header("retry-after").parse().expect("seconds")
}

#[tokio::test]
async fn who_tries_wrong_passwords_waits_longer_each_time() {
    let app = TestApp::new().await;
    let client = app.stranger().from("198.51.100.1");
    for _ in 0..5 {
        assert!(is_looked_at(&client, own("sbagliata")).await);
    }
    for wait in [4, 16, 64, 256, 900, 900] {
        assert_eq!(told_to_wait(&client, own(PASSWORD)).await, wait, "even if it is right");
        let shouted = with(&address(Role::Officer, "Bellagio").to_uppercase(), PASSWORD);
        assert_eq!(told_to_wait(&client, shouted).await, wait, "it is the same account");
        let began = app.now();
        app.marketplace.clock.move_to(began.plus_seconds(wait - 1));
        assert_eq!(told_to_wait(&client, own(PASSWORD)).await, 1);
        app.marketplace.clock.move_to(began.plus_seconds(wait));
        assert!(is_looked_at(&client, own("sbagliata")).await, "after the time that was told");
    }
    let mut colleague = client.clone();
    let entered = enter(&mut colleague, mayor(PASSWORD)).await;
    assert_eq!(entered.status, StatusCode::OK, "others are not kept out, not even from there");
    app.marketplace.clock.move_to(app.now().plus_seconds(QUARTER));
    client.call(own(PASSWORD)).await.expect("the right one");
    for _ in 0..5 {
        assert!(is_looked_at(&client, own("sbagliata")).await, "counted anew");
    }
    assert_eq!(told_to_wait(&client, own("sbagliata")).await, 4);
}

#[tokio::test]
async fn of_a_thousand_tries_nine_are_looked_at_in_any_quarter_of_an_hour() {
    let app = TestApp::new().await;
    let began = app.now();
    let email = address(Role::Officer, "Bellagio");
    let spelled = [email.clone(), email.to_uppercase(), format!("  {email} ")];
    let mut looked_at = Vec::new();
    for number in 0..1_000 {
        // Two hours long, each time a browser that was never seen.
        let second = number * 2 * 3_600 / 1_000;
        app.marketplace.clock.move_to(began.plus_seconds(second));
        let email = &spelled[usize::try_from(number).expect("small") % spelled.len()];
        if is_looked_at(&app.stranger(), with(email, "sbagliata")).await {
            looked_at.push(second);
        }
    }
    for window in looked_at.windows(10) {
        assert!(window[9] - window[0] >= QUARTER, "ten within a quarter of an hour: {window:?}");
    }
    assert!((15..=60).contains(&looked_at.len()), "the owner is let in again now and then: {looked_at:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tries_at_once_are_counted_too() {
    let app = TestApp::new().await;
    let tries = (0..40).map(|_| {
        let client = app.stranger();
        tokio::spawn(async move { is_looked_at(&client, own("sbagliata")).await })
    });
    let mut looked_at = 0;
    for outcome in join_all(tries).await {
        looked_at += usize::from(outcome.expect("no task panics"));
    }
    assert_eq!(looked_at, 5);
}

#[tokio::test]
async fn strangers_lock_nobody_out() {
    let app = TestApp::new().await;
    let mut owner = app.stranger().from("198.51.100.1");
    enter(&mut owner, own(PASSWORD)).await;
    owner.cookies = owner.cookie("device").map(|(name, value)| format!("{name}={value}"));
    // From one place: whoever comes from another one does not notice, in whatever browser.
    for _ in 0..20 {
        is_looked_at(&attacker(&app, 9), own("sbagliata")).await;
    }
    app.stranger().from("198.51.100.2").call(own(PASSWORD)).await.expect("from elsewhere");
    // From many places: whoever comes from another one has one try.
    use_up(&app, 95).await;
    app.stranger().from("198.51.100.2").call(own(PASSWORD)).await.expect("the first try from there");
    let stranger = app.stranger().from("198.51.100.3");
    assert!(is_looked_at(&stranger, own("sbagliata")).await);
    assert_eq!(told_to_wait(&stranger, own(PASSWORD)).await, QUARTER, "the second one waits");
    // A network of an IPv6 address that a household or an office has is one source.
    for (network, first) in [("2001:db8:0:1", true), ("2001:db8:0:ff", false), ("2001:db8:0:100", true)] {
        let stranger = app.stranger().from(&format!("{network}::1"));
        assert_eq!(is_looked_at(&stranger, own("sbagliata")).await, first, "{network}");
    }
    // The browser that signed in before does not notice.
    let entered = enter(&mut owner, own(PASSWORD)).await;
    assert_eq!(entered.status, StatusCode::OK, "this browser is known");
    let behind = owner.from("203.0.113.1");
    behind.call(own(PASSWORD)).await.expect("also from where the strangers are");
    assert!(is_looked_at(&behind, own("sbagliata")).await);
    // Nor does who is signed in already, and changes the password now.
    let officer = app.officer("Bellagio");
    let change =
        |new: &str| ChangePassword { current_password: PASSWORD.to_owned(), new_password: new.to_owned() };
    officer.call(change("un'altra-frase-lunga")).await.expect("changed");
}

#[tokio::test]
async fn a_known_browser_is_known_for_its_own_account_and_counts_like_anybody() {
    let app = TestApp::new().await;
    let mut browser = app.stranger();
    let reply = enter(&mut browser, own(PASSWORD)).await;
    let cookies: Vec<_> = reply.headers.get_all("set-cookie").iter().collect();
    let device =
        cookies.iter().filter_map(|value| value.to_str().ok()).find(|text| text.starts_with("device="));
    let device: Vec<_> = device.expect("a cookie").split("; ").collect();
    assert_eq!(device[1..], ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"]);
    assert!(!device[0].contains("bellagio") && device[0].len() < 120, "{}", device[0]);
    browser.cookies = Some(device[0].to_owned());
    for _ in 0..5 {
        assert!(is_looked_at(&browser, own("sbagliata")).await);
    }
    assert_eq!(told_to_wait(&browser, own(PASSWORD)).await, 4, "it is no way around the waits");
    // Forged, of another account, or cut off, it is a stranger's, whose tries are used up.
    use_up(&app, 100).await;
    assert!(is_looked_at(&app.stranger().from("198.51.100.3"), own("sbagliata")).await);
    app.marketplace.clock.move_to(app.now().plus_seconds(4));
    let mut other = app.stranger();
    enter(&mut other, mayor(PASSWORD)).await;
    let own_device = device[0].to_owned();
    let others = other.cookie("device").map(|(name, value)| format!("{name}={value}"));
    let first = own_device.chars().nth(7).expect("a digit");
    let forged = format!("device={}{}", if first == 'f' { 'e' } else { 'f' }, &own_device[8..]);
    let cut = own_device[..own_device.len() - 2].to_owned();
    for cookie in [others.expect("a cookie"), forged, cut, "device=.-.".to_owned()] {
        let mut stranger = app.stranger().from("198.51.100.3");
        stranger.cookies = Some(cookie.clone());
        assert_eq!(refused(stranger.call(own(PASSWORD)).await), "too_many", "{cookie}");
    }
    browser.call(own(PASSWORD)).await.expect("the one that was signed for it");
}

#[tokio::test]
async fn one_password_tried_on_every_account_is_slowed_by_where_it_comes_from() {
    let app = TestApp::new().await;
    let mut known = app.stranger().from("203.0.113.1");
    enter(&mut known, own(PASSWORD)).await;
    known.cookies = known.cookie("device").map(|(name, value)| format!("{name}={value}"));
    let mut looked_at = 0;
    for number in 0..60 {
        let sign_in = with(&format!("sindaco{number}@example.org"), "comune-2026");
        looked_at += usize::from(is_looked_at(&attacker(&app, 1), sign_in).await);
    }
    assert_eq!(looked_at, 50);
    assert!((QUARTER - 1..=QUARTER).contains(&told_to_wait(&attacker(&app, 1), mayor(PASSWORD)).await));
    attacker(&app, 2).call(mayor(PASSWORD)).await.expect("from another place");
    known.call(own(PASSWORD)).await.expect("a known browser at the same place");
    // Whoever has one network has all its addresses.
    for host in 0..50 {
        let client = app.stranger().from(&format!("2001:db8:1:{host:x}::{host:x}"));
        assert!(is_looked_at(&client, with(&format!("altri{host}@example.org"), "comune-2026")).await);
    }
    let neighbour = app.stranger().from("2001:db8:1:ff:ffff::1");
    assert_eq!(refused(neighbour.call(mayor(PASSWORD)).await), "too_many");
    app.marketplace.clock.move_to(app.now().plus_seconds(QUARTER));
    attacker(&app, 1).call(mayor(PASSWORD)).await.expect("after a quarter of an hour");
}

#[tokio::test]
async fn right_passwords_do_not_count_against_the_place_they_come_from() {
    let app = TestApp::new().await;
    for number in 0..60 {
        let client = app.stranger().from("198.51.100.1");
        let sign_in = if number % 2 == 0 { own(PASSWORD) } else { mayor(PASSWORD) };
        client.call(sign_in).await.unwrap_or_else(|problem| panic!("sign-in {number}: {problem:?}"));
    }
}

/// The numbers of the tries that are kept, in their order.
async fn counted_tries(app: &TestApp) -> Vec<i64> {
    let rows: Vec<(i64,)> = app.database.raw().await.all("SELECT id FROM sign_in_try ORDER BY id").await;
    rows.into_iter().map(|(id,)| id).collect()
}

#[tokio::test]
async fn tries_are_kept_while_they_count() {
    let app = TestApp::new().await;
    let first = app.now();
    for email in [address(Role::Officer, "Bellagio"), "nessuno@example.org".to_owned()] {
        is_looked_at(&attacker(&app, 1), with(&email, "sbagliata")).await;
    }
    app.marketplace.clock.move_to(first.plus_seconds(3_600 - 1));
    sweep::run(&app.marketplace, DAYS_OF_SECURITY_LOG).await;
    assert_eq!(counted_tries(&app).await.len(), 2, "an hour counts");
    // One under a clock that is far ahead counts for nothing once it is set right.
    app.marketplace.clock.move_to(first.plus_seconds(365 * 24 * 3_600));
    is_looked_at(&attacker(&app, 2), own("sbagliata")).await;
    app.marketplace.clock.move_to(first.plus_seconds(3_600));
    sweep::run(&app.marketplace, DAYS_OF_SECURITY_LOG).await;
    assert_eq!(counted_tries(&app).await, [0_i64; 0]);
}

#[tokio::test]
async fn of_however_many_tries_the_last_hundred_thousand_are_kept_whoever_has_the_account() {
    let app = TestApp::new().await;
    for (number, account) in
        [own("sbagliata"), with("nessuno@example.org", "sbagliata")].into_iter().enumerate()
    {
        is_looked_at(&attacker(&app, number), account).await;
    }
    let [first, second] = counted_tries(&app).await[..] else { panic!("two tries") };
    // As if nearly so many had come meanwhile.
    let latest = first + 99_999;
    app.raw_sql(format!("UPDATE sign_in_try SET id = {latest} WHERE id = {second}")).await;
    if app.database.is_postgres() {
        app.raw_sql(format!("ALTER TABLE sign_in_try ALTER COLUMN id RESTART WITH {}", latest + 1)).await;
    }
    is_looked_at(&attacker(&app, 3), with("altri@example.org", "sbagliata")).await;
    assert_eq!(counted_tries(&app).await, [latest, latest + 1]);
}

#[tokio::test]
async fn a_person_is_told_of_tries_that_failed() {
    let app = TestApp::new().await;
    let mut owner = app.stranger().from("198.51.100.1");
    enter(&mut owner, own(PASSWORD)).await;
    let first = app.now();
    let profile = owner.call(ReadProfile {}).await.expect("signed in");
    assert_eq!((profile.failed_tries, profile.signed_in_before), (0, None));
    for number in 1..=3 {
        is_looked_at(&attacker(&app, number), own("sbagliata")).await;
        is_looked_at(&attacker(&app, number), with("nessuno@example.org", "sbagliata")).await;
    }
    app.marketplace.clock.move_to(first.plus_seconds(3_600));
    enter(&mut owner, own(PASSWORD)).await;
    let session = owner.call(ReadSession {}).await.expect("read");
    let told = session.signed_in.expect("signed in");
    assert_eq!((told.failed_tries, told.signed_in_before), (3, Some(first)));
    assert!(session.just_signed_in);
    app.marketplace.clock.move_to(first.plus_seconds(3_600 + 60));
    assert!(!owner.call(ReadSession {}).await.expect("read").just_signed_in, "it is told once");
    assert_eq!(owner.call(ReadProfile {}).await.expect("the profile goes on telling").failed_tries, 3);
    enter(&mut owner, own(PASSWORD)).await;
    assert_eq!(owner.call(ReadProfile {}).await.expect("signed in").failed_tries, 0, "counted anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_two_thousand_sign_ins_makes_nobody_wait() {
    let app = TestApp::new().await;
    let flood: Vec<_> = (0..2_000)
        .map(|number| {
            let client = attacker(&app, 9);
            let sign_in = with(&format!("inventato{number}@example.org"), "sbagliata");
            tokio::spawn(async move { client.call(sign_in).await })
        })
        .collect();
    let mut others = Vec::new();
    for number in 1..=4 {
        let client = app.stranger().from(&format!("198.51.100.{number}"));
        let sign_in = if number % 2 == 0 { own(PASSWORD) } else { mayor(PASSWORD) };
        others.push(timeout(SOON, client.call(sign_in)).await.expect("soon").is_ok());
    }
    assert_eq!(others, [true; 4]);
    let outcomes = timeout(SOON, join_all(flood)).await.expect("whoever is refused hears it at once");
    let mut looked_at = 0;
    for outcome in outcomes {
        match outcome.expect("no task panics") {
            Err(Problem::ApiError(ApiError::WrongCredentials)) => looked_at += 1,
            Err(Problem::ApiError(ApiError::TooMany { retry_after })) => assert!(retry_after > 0),
            other => panic!("{other:?}"),
        }
    }
    assert!((1..=50).contains(&looked_at), "{looked_at}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_reset_while_it_is_looked_at_opens_nothing() {
    let app = TestApp::new().await;
    // The queue is long: all that work on passwords are at work.
    let busy: Vec<_> = (0..4)
        .map(|_| {
            let (done, wait) = oneshot::channel::<()>();
            let at_work = tokio::spawn(in_turn(move || wait.blocking_recv().is_ok()));
            (done, at_work)
        })
        .collect();
    let client = app.stranger();
    let signing_in = tokio::spawn(async move { client.call(own(PASSWORD)).await });
    let counted = async {
        let mut raw = app.database.raw().await;
        while raw.all::<(i64,)>("SELECT COUNT(*) FROM sign_in_try").await != [(1,)] {
            tokio::task::yield_now().await;
        }
    };
    timeout(SOON, counted).await.expect("the try is counted");
    // Until it has read whose password it is.
    for _ in 0..50 {
        app.read().await.person(PersonId(1)).await.expect("read");
    }
    let reset = ResetPassword {
        email: address(Role::Officer, "Bellagio"),
        password_hash: hash("una-frase-del-tutto-nuova").expect("hashed"),
        now: app.now(),
    };
    app.write(reset).await.expect("reset");
    for (done, _) in busy {
        done.send(()).expect("it waits");
    }
    assert_eq!(refused(signing_in.await.expect("no panic")), "wrong_credentials");
    let sessions: Vec<(i64,)> = app
        .database
        .raw()
        .await
        .all("SELECT COUNT(*) FROM session s JOIN person p ON p.id = s.person WHERE p.email = 'officer.bellagio@example.org'")
        .await;
    assert_eq!(sessions, [(0,)]);
}
