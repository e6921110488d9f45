//! What somebody else makes a browser send, and bodies that say more than they may: every operation that writes.
//!
//! Each is tried by who may do it, with their own session, so that nothing but the guard stands in the way.

use axum::body::Body;
use axum::http::Request;
use model::api::people::{SignIn, SignInAsPersona};
use model::api::{Method, Operation, encode, fields, fill, query};
use serde_json::{Value, json};

use crate::access::fixture::{AccessFixture, dumped, for_each_operation, verdict};
use crate::access::matrix::{Aim, Tried};
use crate::test_app::{Reply, TestClient, assert_same};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// The headers that give another site away.
const ELSEWHERE: [(&str, &str); 6] = [
    ("sec-fetch-site", "cross-site"),
    ("sec-fetch-site", "same-site"),
    ("origin", "https://altrove.example.org"),
    ("origin", "http://servizi.como.example.org.altrove.example.org"),
    ("origin", "http://servizi.como.example.org:8080"),
    ("origin", "null"),
];

/// What a body could try to say, and no operation lets it: whose it is, how it stands, what it costs, who did it.
const FORBIDDEN: &str = "aggregator actor by person roles role identity host id number state status price value \
                         granted held spent available confirmed now at hash";

/// Who may do it: a letter of [`Tried::WHO`], never nobody where somebody must be signed in.
fn doer<O: Tried>() -> char {
    O::WHO.chars().find(|letter| *letter != 'N').expect("somebody may")
}

async fn send(client: &TestClient, path: &str, headers: &[(&str, &str)], body: String) -> Reply {
    let mut request = Request::builder().method("POST").uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    client.send(request.body(Body::from(body)).expect("a request")).await
}

/// The operation's body as a form writes it: texts and numbers alone, which is all that a form can say.
fn as_form<O: Operation>(operation: &O) -> String {
    let mut fields = fields(operation);
    fill(O::PATH, &mut fields);
    query(&fields)
}

/// From elsewhere it is refused whatever the form, and whoever is signed in; answers with how many were tried.
async fn from_elsewhere<O: Tried>(trial: &AccessFixture, _letter: char) -> u32 {
    if O::METHOD == Method::Get {
        return 0;
    }
    let operation = O::at(&trial.own);
    let sent = encode(&operation);
    let caller = trial.caller(doer::<O>());
    let mut tried = 0;
    for forged in ELSEWHERE {
        // The last is how a form of another site writes JSON without asking the browser first.
        for (kind, body) in
            [(JSON, sent.body.clone()), (FORM, as_form(&operation)), ("text/plain", sent.body.clone())]
        {
            let key = caller.fresh_key();
            let headers =
                [("content-type", kind), ("idempotency-key", &key), ("accept", "text/html"), forged];
            let reply = send(&caller, &sent.path, &headers, body).await;
            assert_eq!(
                (reply.status.as_u16(), reply.code().as_str()),
                (403, "cross_site"),
                "{} {kind} {forged:?}",
                O::PATH
            );
            assert_eq!(reply.headers.get("set-cookie"), None, "{}", O::PATH);
            tried += 1;
        }
    }
    tried
}

/// Each field too many is refused by its name, in JSON and in a form; answers with how many were tried.
async fn says_too_much<O: Tried>(trial: &AccessFixture, _letter: char) -> u32 {
    if O::METHOD == Method::Get {
        return 0;
    }
    let operation = O::at(&trial.own);
    let sent = encode(&operation);
    let caller = trial.caller(doer::<O>());
    let own = fields(&operation);
    let mut tried = 0;
    for extra in FORBIDDEN.split_whitespace().filter(|extra| !own.contains_key(*extra)) {
        let mut body: Value = serde_json::from_str(&sent.body).expect("JSON");
        body[extra] = json!(1);
        let form = format!("{}&{extra}=1", as_form(&operation));
        for (kind, body) in [(JSON, body.to_string()), (FORM, form)] {
            let key = caller.fresh_key();
            let headers = [("content-type", kind), ("idempotency-key", &key)];
            let reply = send(&caller, &sent.path, &headers, body).await;
            let (status, code) = (reply.status.as_u16(), reply.code());
            assert_eq!((status, code.as_str()), (422, "faulty"), "{} {kind} {extra}", O::PATH);
            // A form can't say what is nested: there the operation lacks more than it has too many.
            assert!(kind == FORM || reply.body.contains(extra), "{} {extra}: {}", O::PATH, reply.body);
            tried += 1;
        }
    }
    tried
}

/// The path says what an operation is aimed at: a body that says otherwise is not heard.
async fn aims_elsewhere<O: Tried>(trial: &AccessFixture, _letter: char) -> u32 {
    if O::METHOD == Method::Get || O::AIM != Aim::Body {
        return 0;
    }
    let letter = doer::<O>();
    let caller = trial.caller(letter);
    let aimed = encode(&O::at(&trial.next_door));
    // Everything that the operation says of what the caller may, those of its path included.
    let body = Value::Object(fields(&O::at(&trial.own))).to_string();
    let form = query(&fields(&O::at(&trial.own)));
    let honest = verdict(&caller.raw(&O::at(&trial.next_door)).await);
    for (kind, body) in [(JSON, body), (FORM, form)] {
        let key = caller.fresh_key();
        let headers = [("content-type", kind), ("idempotency-key", &key)];
        let reply = send(&caller, &aimed.path, &headers, body).await;
        assert_eq!((reply.status.as_u16(), reply.code()), honest, "{} {kind}", O::PATH);
        assert_eq!(reply.status, 404, "{}", O::PATH);
    }
    1
}

for_each_operation!(all_from_elsewhere, from_elsewhere);
for_each_operation!(all_too_much, says_too_much);
for_each_operation!(all_aimed, aims_elsewhere);

#[tokio::test]
async fn no_operation_writes_for_another_site() {
    let trial = AccessFixture::prepare().await;
    let tried = all_from_elsewhere(&trial, ' ').await;
    assert!(tried > 35 * 18, "{tried}: as many as there are operations that write, headers and kinds");
    assert_same(&trial.before, &dumped(&trial.app).await, "another site");
}

#[tokio::test]
async fn no_operation_takes_a_field_that_it_does_not_know() {
    let trial = AccessFixture::prepare().await;
    let tried = all_too_much(&trial, ' ').await;
    assert!(tried > 35 * 2 * 18, "{tried}");
    assert_same(&trial.before, &dumped(&trial.app).await, "a field too many");
}

#[tokio::test]
async fn what_the_path_says_is_not_said_again_by_the_body() {
    let trial = AccessFixture::prepare().await;
    let tried = all_aimed(&trial, ' ').await;
    assert!(tried > 20, "{tried}");
    assert_same(&trial.before, &dumped(&trial.app).await, "a body that aims elsewhere");
}

#[tokio::test]
async fn another_site_can_not_sign_anybody_in() {
    let trial = AccessFixture::prepare().await;
    let stranger = trial.app.stranger();
    for path in [SignIn::PATH, SignInAsPersona::PATH] {
        for forged in ELSEWHERE {
            let body = format!("email={}&person={}&_key=una-chiave", trial.own.email, trial.own.persona);
            let reply = send(&stranger, path, &[("content-type", FORM), forged], body).await;
            assert_eq!((reply.status.as_u16(), reply.headers.get("set-cookie")), (403, None), "{path}");
        }
    }
}
