//! What is logged says nothing of anybody: no address, password, cookie or name, whatever happens.
//!
//! Everything is listened to, down to the libraries' own traces, and not only what a server in earnest writes.

use std::io;
use std::sync::{Arc, Mutex};

use model::api::Problem;
use model::api::people::{ChangePassword, ReadProfile, SignIn, SignOut};
use model::basket::Change;
use model::calendar::Instant;
use model::people::Role;
use store::hashing::token_hash;
use store::{Transaction, UnitOfWork};
use tracing_subscriber::fmt::MakeWriter;

use crate::test_app::{PASSWORD, TestApp, address, refused};

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Kept {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

impl Kept {
    /// For the whole process: the database works in threads of its own.
    fn begin() -> Self {
        let kept = Self::default();
        let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
        lines.with_writer(kept.clone()).init();
        kept
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("nobody panicked")).into_owned()
    }
}

/// A fault of ours, with a person in it: the address is there already.
#[derive(Clone)]
struct Twice(String);

impl UnitOfWork for Twice {
    type Answer = ();

    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        tx.add_person(&self.0, "Nome Cognome", "impronta-della-password", false, Instant(0)).await?;
        Ok(())
    }
}

/// A fault of ours that ends it at once.
#[derive(Clone)]
struct Panicking;

impl UnitOfWork for Panicking {
    type Answer = ();

    async fn run(self, _work: &mut Transaction) -> Result<(), Problem> {
        panic!("on purpose");
    }
}

#[tokio::test]
async fn nothing_of_a_person_is_logged() {
    let app = TestApp::new().await;
    let logs = Kept::begin();
    let email = address(Role::Officer, "Bellagio");
    let wrong = "sbagliata-ma-forse-di-un-altro-sito";
    let new = "un'altra-frase-lunga";

    // In, with a wrong password and with the right one.
    let mut client = app.stranger();
    let sign_in = |password: &str| SignIn { email: email.clone(), password: password.to_owned() };
    assert_eq!(refused(client.call(sign_in(wrong)).await), "wrong_credentials");
    let body = serde_json::to_string(&sign_in(PASSWORD)).expect("JSON");
    let reply = client.post_json("/api/v1/session", &body).await;
    client.keep_cookies(&reply);
    let (_, token) = client.cookie("session").expect("a session");
    client.call(ReadProfile {}).await.expect("signed in");

    // A write, one that is refused, one that can't be read, and what goes wrong inside.
    let body = app.body("Bellagio");
    client.change(body, Change::Add, "sms").await.expect("added");
    let sent = client.submit(body).await.expect("sent");
    assert_eq!(refused(client.change(body, Change::Add, "sms").await), "in_progress");
    client.post_json(&format!("/api/v1/submissions/{}/send-back", sent.id), "{\"reason\": Motivazione").await;
    assert_eq!(refused(app.write(Twice(email.clone())).await), "unavailable");
    assert_eq!(refused(app.write(Panicking).await), "internal");

    // Another password, and out.
    let change = ChangePassword { current_password: PASSWORD.to_owned(), new_password: new.to_owned() };
    client.call(change).await.expect("changed");
    client.call(SignOut {}).await.expect("out");

    let text = logs.text();
    let (session, account) = (token_hash(&token), token_hash(&email));
    for told in ["INSERT INTO", "the database answered", "a unit of work panicked"] {
        assert!(text.contains(told), "it is listened to: {told} is not in\n{text}");
    }
    for (secret, what) in [
        (email.as_str(), "an address"),
        (PASSWORD, "a password"),
        (wrong, "a wrong password"),
        (new, "a new password"),
        ("argon2id", "the hash of a password"),
        ("impronta-della-password", "the hash of a password"),
        (token.as_str(), "a cookie"),
        (session.as_str(), "a session"),
        (account.as_str(), "an account"),
        ("Nome Cognome", "a name"),
        ("Servizi on line entro il mandato", "what somebody wrote"),
        ("Ufficio tributi, 031 000000", "a telephone number"),
        ("Motivazione", "what somebody wrote"),
    ] {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{what} is logged");
    }
}
