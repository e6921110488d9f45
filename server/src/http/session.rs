//! Signing in and out, changing one's password, choosing a language: what sets cookies and hashes passwords.

use std::future::Future;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use model::access::Deed;
use model::api::people::{ChangePassword, Done, SignIn, SignInAsPersona, SignOut, SignedIn};
use model::api::security::EventKind;
use model::api::{Fault, FaultKind, Operation, Problem, Trouble, of_ours};
use model::calendar::Instant;
use model::ids::AggregatorId;

use super::Site;
use super::cookies::Cookie;
use super::operation::{Answered, Visit};
use crate::desk::{Desk, Identity};
use crate::flows::people::signed_in;
use crate::passwords;
use crate::store::{DeedRow, Errand, NewEvent, PersonRow, Work};

/// How long a session lasts, in seconds: a working day.
const SESSION: i64 = 10 * 3_600;
/// Passwords checked for an account within [`WINDOW`].
const MOST_TRIES: usize = 10;
/// Milliseconds in which tries are counted.
const WINDOW: i64 = 15 * 60 * 1_000;
/// A hash that no password has, so that an unknown address takes as long as a known one.
const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Y29tdW5hbnphLW5vYm9keQ$dGhpcyBpcyBub3QgdGhlIGhhc2ggb2YgYW55dGhpbmc";

/// An operation on the session itself.
pub trait SessionOperation: Operation {
    /// The address that it tries to sign in with: the security log keeps whose it is, when that fails.
    fn account(&self) -> Option<String> {
        None
    }

    fn perform(
        self,
        site: &Site,
        visit: Visit,
    ) -> impl Future<Output = Result<Answered<Self::Answer>, Problem>> + Send;
}

/// Counts a try before the password is looked at, so that many at once are counted too.
#[derive(Clone)]
struct Try {
    account: String,
    now: Instant,
}

impl Errand for Try {
    type Answer = ();
    async fn run(self, work: &mut Work) -> Result<(), Problem> {
        let tries = work.tries(&self.account, self.now.0, WINDOW).await?;
        if tries.len() >= MOST_TRIES {
            let oldest = tries.first().copied().unwrap_or(self.now.0);
            let wait = (oldest + WINDOW - self.now.0) / 1_000 + 1;
            return Err(Trouble::TooMany { retry_after: u32::try_from(wait).unwrap_or(900) }.into());
        }
        work.add_try(&self.account, self.now.0).await?;
        Ok(())
    }
}

/// A new session in the place of the one at hand: a token that was planted before is worth nothing.
#[derive(Clone)]
struct Open {
    person: i64,
    token_hash: String,
    replaces: Identity,
    account: Option<String>,
    source: String,
    now: Instant,
}

impl Errand for Open {
    type Answer = SignedIn;
    async fn run(self, work: &mut Work) -> Result<SignedIn, Problem> {
        if let Identity::Session(hash) = &self.replaces {
            work.end_session(hash).await?;
        }
        if let Some(account) = &self.account {
            work.forget_tries(account).await?;
        }
        let expires = self.now.plus_seconds(SESSION);
        work.open_session(&self.token_hash, self.person, self.now.0, expires.0).await?;
        let operation = if self.account.is_some() { "SignIn" } else { "SignInAsPersona" };
        work.add_events(&[NewEvent {
            actor: Some(self.person),
            source: self.source,
            ..NewEvent::done(operation, EventKind::SignIn, self.now.0)
        }])
        .await?;
        let mut desk = Desk::open(work, &Identity::Session(self.token_hash), self.now).await?;
        signed_in(&mut desk, self.person).await?.ok_or_else(|| Trouble::Internal.into())
    }
}

async fn open(
    site: &Site,
    visit: Visit,
    person: i64,
    account: Option<String>,
) -> Result<Answered<SignedIn>, Problem> {
    let token = passwords::token();
    let token_hash = passwords::token_hash(&token);
    let now = site.office.clock.now();
    let source = visit.source.to_string();
    let errand = Open { person, token_hash, replaces: visit.identity, account, source, now };
    let answer = site.office.write(visit.aggregator, errand).await?;
    Ok(Answered { answer, cookies: vec![Cookie::Session.set(&token, SESSION, site.secure)] })
}

impl SessionOperation for SignIn {
    fn account(&self) -> Option<String> {
        Some(self.email.trim().to_lowercase())
    }

    async fn perform(self, site: &Site, visit: Visit) -> Result<Answered<SignedIn>, Problem> {
        let email = self.email.trim().to_lowercase();
        let account = passwords::token_hash(&email);
        let now = site.office.clock.now();
        site.office.write(visit.aggregator, Try { account: account.clone(), now }).await?;
        let person = site.office.store.read(visit.aggregator).await?.person_by_email(&email).await?;
        let person = checked(person, self.password).await?.ok_or(Trouble::WrongCredentials)?;
        open(site, visit, person.id, Some(account)).await
    }
}

/// The person, if the password is theirs; nobody's takes as long.
async fn checked(person: Option<PersonRow>, password: String) -> Result<Option<PersonRow>, Problem> {
    let hash = person.as_ref().map_or_else(|| NOBODYS_HASH.to_owned(), |row| row.password_hash.clone());
    let good = passwords::in_turn(move || passwords::matches(&password, &hash)).await;
    Ok(person.filter(|_| good == Some(true)))
}

impl SessionOperation for SignInAsPersona {
    async fn perform(self, site: &Site, visit: Visit) -> Result<Answered<SignedIn>, Problem> {
        if !site.office.demo {
            return Err(Trouble::NotFound.into());
        }
        let person = site.office.store.read(visit.aggregator).await?.person(self.person.0).await?;
        let person = person.filter(|row| row.persona).ok_or(Trouble::NotFound)?;
        open(site, visit, person.id, None).await
    }
}

#[derive(Clone)]
struct End {
    hash: String,
    source: String,
    now: Instant,
}

impl Errand for End {
    type Answer = ();
    async fn run(self, work: &mut Work) -> Result<(), Problem> {
        if let Some(session) = work.session(&self.hash).await? {
            work.add_events(&[NewEvent {
                actor: Some(session.person),
                source: self.source,
                ..NewEvent::done("SignOut", EventKind::SignOut, self.now.0)
            }])
            .await?;
        }
        work.end_session(&self.hash).await?;
        Ok(())
    }
}

impl SessionOperation for SignOut {
    async fn perform(self, site: &Site, visit: Visit) -> Result<Answered<Done>, Problem> {
        if let Identity::Session(hash) = visit.identity {
            let (source, now) = (visit.source.to_string(), site.office.clock.now());
            site.office.write(visit.aggregator, End { hash, source, now }).await?;
        }
        Ok(Answered { answer: Done {}, cookies: vec![Cookie::Session.set("", 0, site.secure)] })
    }
}

#[derive(Clone)]
struct SetPassword {
    person: i64,
    hash: String,
    session: String,
    key: String,
    source: String,
    now: Instant,
}

impl Errand for SetPassword {
    /// What was done under this key before, where it was.
    type Answer = Option<DeedRow>;
    async fn run(self, work: &mut Work) -> Result<Option<DeedRow>, Problem> {
        if let Some(done) = work.deed(&self.key).await? {
            return Ok(Some(done));
        }
        work.set_password(self.person, &self.hash).await?;
        work.end_other_sessions(self.person, &self.session).await?;
        // Nothing is kept by which a password could be guessed.
        let asked_hash = passwords::token_hash(ChangePassword::PATH);
        let done = DeedRow { person: Some(self.person), asked_hash, answer: "{}".to_owned() };
        work.keep_deed(&self.key, &done, self.now.0).await?;
        work.add_events(&[NewEvent {
            actor: Some(self.person),
            source: self.source,
            ..NewEvent::done("ChangePassword", EventKind::Password, self.now.0)
        }])
        .await?;
        Ok(None)
    }
}

impl SessionOperation for ChangePassword {
    async fn perform(self, site: &Site, visit: Visit) -> Result<Answered<Done>, Problem> {
        let now = site.office.clock.now();
        let mut work = site.office.store.read(visit.aggregator).await?;
        let mut desk = Desk::open(&mut work, &visit.identity, now).await?;
        desk.allow(Deed::ChangePassword, None)?;
        let id = desk.actor().ok_or(Trouble::SignInNeeded)?;
        let person = desk.work.person(id).await?.ok_or(Trouble::SignInNeeded)?;
        let key = visit.key.ok_or(Trouble::KeyMissing)?;
        let done = desk.work.deed(&key).await?;
        drop(work);
        let account = passwords::token_hash(&person.email);
        site.office.write(visit.aggregator, Try { account, now }).await?;
        if let Some(done) = done {
            return changed_before(site, visit.aggregator, (id, done), self.new_password).await;
        }
        if checked(Some(person), self.current_password).await?.is_none() {
            return Err(Problem::faulty(Fault::new("current_password", FaultKind::Unknown)));
        }
        let new = self.new_password.clone();
        let hash = passwords::in_turn(move || passwords::hash(&new)).await;
        let hash = hash.and_then(Result::ok).ok_or(Trouble::Internal)?;
        let Identity::Session(session) = visit.identity else {
            return Err(Trouble::SignInNeeded.into());
        };
        let source = visit.source.to_string();
        let set = SetPassword { person: id, hash, session, key, source, now };
        match site.office.write(visit.aggregator, set).await? {
            None => Ok(Answered { answer: Done {}, cookies: Vec::new() }),
            Some(done) => changed_before(site, visit.aggregator, (id, done), self.new_password).await,
        }
    }
}

/// Asked again under the same key: it was done, if the password is now the one that it was to be changed to. Whoever asks
/// was counted as for any other try.
async fn changed_before(
    site: &Site,
    aggregator: AggregatorId,
    (person, done): (i64, DeedRow),
    new: String,
) -> Result<Answered<Done>, Problem> {
    let ours = done.person == Some(person) && done.asked_hash == passwords::token_hash(ChangePassword::PATH);
    let person = site.office.store.read(aggregator).await?.person(person).await?;
    match checked(person.filter(|_| ours), new).await? {
        Some(_) => Ok(Answered { answer: Done {}, cookies: Vec::new() }),
        None => Err(Trouble::KeyReused.into()),
    }
}

/// A year: the language is not a secret, and asking again would be a nuisance.
const LANGUAGE: i64 = 365 * 24 * 3_600;

/// *Lingua*: a form of every page; only the cookie changes.
pub async fn choose_language(State(site): State<Site>, body: Bytes) -> Response {
    let pairs: Vec<(String, String)> = serde_html_form::from_bytes(&body).unwrap_or_default();
    let field = |name: &str| pairs.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    let language = if field("lang") == Some("en") { "en" } else { "it" };
    let from = field("_from").and_then(of_ours).unwrap_or("/");
    let location = HeaderValue::from_str(from).unwrap_or_else(|_| HeaderValue::from_static("/"));
    let cookie = Cookie::Language.set(language, LANGUAGE, site.secure);
    (StatusCode::SEE_OTHER, [(header::LOCATION, location), (header::SET_COOKIE, cookie)]).into_response()
}

/// The language of a visit.
pub fn language(headers: &HeaderMap, secure: bool) -> &'static str {
    if Cookie::Language.of(headers, secure).as_deref() == Some("en") { "en" } else { "it" }
}
