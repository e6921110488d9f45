//! Signing in and out, changing one's password, choosing a language: what sets cookies and hashes passwords.

use std::future::Future;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use model::access::Permission;
use model::api::people::{ChangePassword, Done, SignIn, SignInAsPersona, SignOut, SignedIn};
use model::api::security::EventKind;
use model::api::{ApiError, FieldError, FieldErrorKind, Operation, Problem, of_ours};
use model::calendar::Instant;
use model::ids::PersonId;
use tokio::time::timeout;

use super::cookies::Cookie;
use super::operation::{Answered, RequestInfo};
use super::tries::{CountTry, TryOrigin};
use super::{Site, device};
use crate::passwords;
use crate::passwords::queue::QueueSlot;
use crate::passwords::rules::{self, Owner};
use handlers::context::{CallerContext, Identity};
use handlers::people::signed_in;
use handlers::sessions;
use store::{AuthorizedBody, IdempotencyRecord, NewEvent, PersonRow, Transaction, UnitOfWork};

/// A hash that no password has, so that an unknown address takes as long as a known one.
const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Y29tdW5hbnphLW5vYm9keQ$dGhpcyBpcyBub3QgdGhlIGhhc2ggb2YgYW55dGhpbmc";

/// An operation on the session itself.
pub trait CustomHandler: Operation {
    /// The address that it tries to sign in with: the security log keeps whose it is, when that fails.
    fn account(&self) -> Option<String> {
        None
    }

    fn execute(
        self,
        site: &Site,
        info: RequestInfo,
    ) -> impl Future<Output = Result<Answered<Self::Answer>, Problem>> + Send;
}

/// A new session in the place of the one at hand: a token that was planted before is worth nothing.
#[derive(Clone)]
struct OpenSession {
    person: PersonId,
    token_hash: String,
    replaces: Identity,
    /// How the person signed in, where it was not with one click.
    password: Option<PasswordChecked>,
    source: String,
    now: Instant,
}

/// A password that was found right.
#[derive(Clone)]
struct PasswordChecked {
    /// What it was compared with.
    hash: String,
    account: String,
    origin: TryOrigin,
    /// Becomes the key of browsers that are known, where there is none yet.
    new_device_key: String,
}

impl UnitOfWork for OpenSession {
    /// Who signed in, and the key of browsers that are known where a password was checked.
    type Answer = (SignedIn, Option<String>);
    async fn run(self, tx: &mut Transaction) -> Result<Self::Answer, Problem> {
        if let Identity::Session(hash) = &self.replaces {
            tx.end_session(hash).await?;
        }
        let mut device_key = None;
        if let Some(password) = &self.password {
            // It may have been changed or reset while this one was looked at.
            if !tx.note_sign_in(self.person, &password.hash, self.now).await? {
                return Err(ApiError::WrongCredentials.into());
            }
            tx.forget_tries(&password.account, &password.origin.hash).await?;
            device_key = Some(tx.keep_device_key(&password.new_device_key).await?);
        }
        let operation = if self.password.is_some() { "SignIn" } else { "SignInAsPersona" };
        tx.open_session(&sessions::begin(self.token_hash.clone(), self.person, self.now)).await?;
        tx.add_events(&[NewEvent {
            actor: Some(self.person),
            source: self.source,
            ..NewEvent::done(operation, EventKind::SignIn, self.now)
        }])
        .await?;
        let caller = CallerContext::open(tx, &Identity::Session(self.token_hash), self.now).await?;
        let mut ctx = caller.authorize(Permission::ReadProfile, None)?;
        let signed_in = signed_in(&mut ctx, self.person).await?.ok_or(ApiError::Internal)?;
        Ok((signed_in, device_key))
    }
}

async fn open(
    site: &Site,
    info: RequestInfo,
    person: PersonId,
    password: Option<PasswordChecked>,
) -> Result<Answered<SignedIn>, Problem> {
    let token = store::hashing::token();
    let token_hash = store::hashing::token_hash(&token);
    let now = site.marketplace.clock.now();
    let account = password.as_ref().map(|password| password.account.clone());
    let source = info.source.to_string();
    let unit = OpenSession { person, token_hash, replaces: info.identity, password, source, now };
    let (answer, device_key) = site.marketplace.write(info.aggregator, unit).await?;
    let mut cookies = vec![Cookie::Session.set(&token, sessions::LIFETIME, site.secure)];
    if let (Some(secret), Some(account)) = (device_key, account) {
        let value = device::cookie(&info.devices, &secret, &account);
        cookies.push(Cookie::Device.set(&value, device::LIFETIME, site.secure));
    }
    Ok(Answered { answer, cookies })
}

/// By what a try for this account is counted: the browser, if it signed in to it before, or else its source.
async fn origin(site: &Site, info: &RequestInfo, account: &str) -> Result<TryOrigin, Problem> {
    let key = match info.devices.as_slice() {
        [] => None,
        _ => site.marketplace.store.read(info.aggregator).await?.device_key().await?,
    };
    let known = key.and_then(|secret| device::name(&info.devices, &secret, account));
    Ok(known.map_or_else(|| TryOrigin::stranger(info.source), |name| TryOrigin::browser(&name)))
}

impl CustomHandler for SignIn {
    fn account(&self) -> Option<String> {
        Some(self.email.trim().to_lowercase())
    }

    async fn execute(self, site: &Site, info: RequestInfo) -> Result<Answered<SignedIn>, Problem> {
        let email = self.email.trim().to_lowercase();
        let account = store::hashing::token_hash(&email);
        let origin = origin(site, &info, &account).await?;
        let place = QueueSlot::take(&origin.hash, origin.known)?;
        let counted = CountTry {
            account: account.clone(),
            origin: origin.clone(),
            email: Some(email.clone()),
            now: site.marketplace.clock.now(),
        };
        site.marketplace.write(info.aggregator, counted).await?;
        let person = site.marketplace.store.read(info.aggregator).await?.person_by_email(&email).await?;
        let person = checked(&place, person, self.password).await?.ok_or(ApiError::WrongCredentials)?;
        drop(place);
        let new_device_key = store::hashing::token();
        let password = PasswordChecked { hash: person.password_hash, account, origin, new_device_key };
        open(site, info, person.id, Some(password)).await
    }
}

/// The person, if the password is theirs; nobody's takes as long.
async fn checked(
    place: &QueueSlot,
    person: Option<PersonRow>,
    password: String,
) -> Result<Option<PersonRow>, Problem> {
    let hash = person.as_ref().map_or_else(|| NOBODYS_HASH.to_owned(), |row| row.password_hash.clone());
    let good = place.work(move || passwords::matches(&password, &hash)).await;
    Ok(person.filter(|_| good == Some(true)))
}

impl CustomHandler for SignInAsPersona {
    async fn execute(self, site: &Site, info: RequestInfo) -> Result<Answered<SignedIn>, Problem> {
        if !site.marketplace.demo {
            return Err(ApiError::NotFound.into());
        }
        let person = site.marketplace.store.read(info.aggregator).await?.person(self.person).await?;
        let person = person.filter(|row| row.persona).ok_or(ApiError::NotFound)?;
        open(site, info, person.id, None).await
    }
}

#[derive(Clone)]
struct EndSession {
    hash: String,
    source: String,
    now: Instant,
}

impl UnitOfWork for EndSession {
    type Answer = ();
    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        if let Some(session) = tx.session(&self.hash).await? {
            tx.add_events(&[NewEvent {
                actor: Some(session.person),
                source: self.source,
                ..NewEvent::done("SignOut", EventKind::SignOut, self.now)
            }])
            .await?;
        }
        tx.end_session(&self.hash).await?;
        Ok(())
    }
}

/// How long signing out waits for the database.
const MOST_ENDING: Duration = Duration::from_secs(3);

impl CustomHandler for SignOut {
    async fn execute(self, site: &Site, info: RequestInfo) -> Result<Answered<Done>, Problem> {
        if let Identity::Session(hash) = info.identity {
            let (source, now) = (info.source.to_string(), site.marketplace.clock.now());
            // Whoever leaves must be out of this browser in any case, also while the database is full or away.
            let ended = timeout(
                MOST_ENDING,
                site.marketplace.write(info.aggregator, EndSession { hash, source, now }),
            )
            .await;
            if !matches!(ended, Ok(Ok(()))) {
                tracing::error!(
                    "a session was not ended at sign-out: it lasts until it is idle for too long"
                );
            }
        }
        Ok(Answered { answer: Done {}, cookies: vec![Cookie::Session.set("", 0, site.secure)] })
    }
}

#[derive(Clone)]
struct SetPassword {
    person: PersonId,
    /// What the password given as the current one was compared with.
    from_hash: String,
    to_hash: String,
    /// Follows the session at hand, whose token may have been seen by others.
    new_session: String,
    session: String,
    account: String,
    origin: TryOrigin,
    key: String,
    source: String,
    now: Instant,
}

impl UnitOfWork for SetPassword {
    /// What was done under this key before, where it was.
    type Answer = Option<IdempotencyRecord>;
    async fn run(self, tx: &mut Transaction) -> Result<Option<IdempotencyRecord>, Problem> {
        if let Some(done) = tx.idempotency_record(Some(self.person), &self.key).await? {
            return Ok(Some(done));
        }
        if !tx.change_password(self.person, &self.from_hash, &self.to_hash).await? {
            return Err(wrong_current_password());
        }
        tx.end_other_sessions(self.person, &self.session).await?;
        tx.expire_session(&self.session, self.now).await?;
        tx.open_session(&sessions::begin(self.new_session, self.person, self.now)).await?;
        tx.forget_tries(&self.account, &self.origin.hash).await?;
        // Nothing is kept by which a password could be guessed.
        let request_hash = store::hashing::token_hash(ChangePassword::PATH);
        let done = IdempotencyRecord::new(request_hash, "{}".to_owned(), AuthorizedBody(None));
        tx.add_idempotency_record(Some(self.person), &self.key, &done, self.now).await?;
        tx.add_events(&[NewEvent {
            actor: Some(self.person),
            source: self.source,
            ..NewEvent::done("ChangePassword", EventKind::Password, self.now)
        }])
        .await?;
        Ok(None)
    }
}

pub fn wrong_current_password() -> Problem {
    Problem::faulty(FieldError::new("current_password", FieldErrorKind::Unknown))
}

/// Who changes their password.
struct Changing {
    person: PersonRow,
    /// The bodies on which they hold a role.
    bodies: Vec<String>,
    session: String,
    key: String,
    /// What was done under the key before.
    done: Option<IdempotencyRecord>,
}

impl Changing {
    /// Whoever has an open session; and whoever had one that ended because it was done already, as after a second click
    /// the new session's cookie never came.
    async fn find(site: &Site, info: &RequestInfo, now: Instant) -> Result<Self, Problem> {
        let mut tx = site.marketplace.store.read(info.aggregator).await?;
        let caller = CallerContext::open(&mut tx, &info.identity, now).await?;
        let (actor, allowed) = (caller.actor(), caller.check(Permission::ChangePassword, None));
        let Identity::Session(session) = info.identity.clone() else {
            return Err(allowed.err().unwrap_or_else(|| ApiError::SignInNeeded.into()));
        };
        let key = info.key.clone().ok_or(ApiError::KeyMissing)?;
        let id = match &allowed {
            Ok(()) => actor,
            Err(_) => tx.session(&session).await?.map(|session| session.person),
        };
        let id = id.ok_or(ApiError::SignInNeeded)?;
        let done = tx.idempotency_record(Some(id), &key).await?;
        if !done.as_ref().is_some_and(is_change) {
            allowed?;
        }
        let person = tx.person(id).await?.ok_or(ApiError::SignInNeeded)?;
        let roles = tx.roles(id, now).await?;
        let bodies = roles.into_iter().filter_map(|role| role.body_name).collect();
        Ok(Self { person, bodies, session, key, done })
    }
}

/// What was done is a change of the password.
fn is_change(done: &IdempotencyRecord) -> bool {
    done.request_hash == store::hashing::token_hash(ChangePassword::PATH)
}

impl CustomHandler for ChangePassword {
    async fn execute(self, site: &Site, info: RequestInfo) -> Result<Answered<Done>, Problem> {
        let now = site.marketplace.clock.now();
        let Changing { person, bodies, session, key, done } = Changing::find(site, &info, now).await?;
        let owner = Owner { email: &person.email, bodies: &bodies };
        if let Some(fault) = rules::fault(&self.new_password, &owner) {
            return Err(Problem::faulty(FieldError::new("new_password", fault)));
        }
        let account = store::hashing::token_hash(&person.email);
        let origin = TryOrigin::session(&session);
        let place = QueueSlot::take(&origin.hash, origin.known)?;
        let counted = CountTry { account: account.clone(), origin: origin.clone(), email: None, now };
        site.marketplace.write(info.aggregator, counted).await?;
        if let Some(done) = done {
            return changed_before(site, info, &place, (person, done), self.new_password, origin).await;
        }
        let Some(person) = checked(&place, Some(person), self.current_password).await? else {
            return Err(wrong_current_password());
        };
        let new = self.new_password.clone();
        let hash = place.work(move || passwords::hash(&new)).await;
        let to_hash = hash.and_then(Result::ok).ok_or(ApiError::Internal)?;
        let token = store::hashing::token();
        let set = SetPassword {
            person: person.id,
            from_hash: person.password_hash.clone(),
            to_hash,
            new_session: store::hashing::token_hash(&token),
            session,
            account,
            origin: origin.clone(),
            key,
            source: info.source.to_string(),
            now,
        };
        match site.marketplace.write(info.aggregator, set).await? {
            None => {
                let cookie = Cookie::Session.set(&token, sessions::LIFETIME, site.secure);
                Ok(Answered { answer: Done {}, cookies: vec![cookie] })
            }
            Some(done) => changed_before(site, info, &place, (person, done), self.new_password, origin).await,
        }
    }
}

/// Asked again under the same key: it was done, if the password is now the one that it was to be changed to. Whoever asks
/// was counted as for any other try, and gets a session as for signing in.
async fn changed_before(
    site: &Site,
    info: RequestInfo,
    place: &QueueSlot,
    (person, done): (PersonRow, IdempotencyRecord),
    new: String,
    origin: TryOrigin,
) -> Result<Answered<Done>, Problem> {
    let ours = is_change(&done);
    let person = site.marketplace.store.read(info.aggregator).await?.person(person.id).await?;
    let Some(person) = checked(place, person.filter(|_| ours), new).await? else {
        return Err(ApiError::KeyReused.into());
    };
    let password = PasswordChecked {
        hash: person.password_hash,
        account: store::hashing::token_hash(&person.email),
        origin,
        new_device_key: store::hashing::token(),
    };
    let opened = open(site, info, person.id, Some(password)).await?;
    Ok(Answered { answer: Done {}, cookies: opened.cookies })
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
    let chosen = Cookie::Language.values(headers, secure);
    if chosen.iter().find(|code| matches!(code.as_str(), "it" | "en")).is_some_and(|code| code == "en") {
        "en"
    } else {
        "it"
    }
}
