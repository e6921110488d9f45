//! The security log, as far as it is not written with a permission: what is refused and what is read is noted here, and written
//! a moment later in batches, so that it slows nobody.
//!
//! Nobody can fill the disk with it: what is beyond the limits is counted, and reported in one event.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::access::Permission;
use model::api::security::EventKind;
use model::api::{Operation, Problem};
use model::calendar::Instant;
use model::ids::{AggregatorId, BodyId, PersonId};
use serde_json::{Map, Value};

use self::limits::WaitingEvents;
use crate::context::Identity;
use store::{NewEvent, Store, StoreResult, Transaction, UnitOfWork};

mod limits;

/// Where an event comes from that no request brought.
pub const COMMAND: &str = "command";
pub const CLOCK: &str = "clock";

/// The fields by which an operation names what it is about, beside a body.
const SUBJECTS: [&str; 4] = ["request", "submission", "proposal", "call"];

/// The body that fields of an operation name, and what else it is about.
pub fn named(number: impl Fn(&str) -> Option<i64>) -> (Option<i64>, Option<(&'static str, i64)>) {
    let body = number("body");
    (body, SUBJECTS.into_iter().find_map(|name| Some((name, number(name)?))))
}

/// The name of an operation, as in the API's document.
pub fn name_of<O: Operation>() -> &'static str {
    let name = std::any::type_name::<O>();
    name.rsplit("::").next().unwrap_or(name)
}

/// An event of an operation with these fields.
pub fn of<O: Operation>(fields: &Map<String, Value>, kind: EventKind, at: Instant) -> NewEvent {
    let (body, subject) = named(|name| fields.get(name)?.as_i64());
    NewEvent { body: body.map(BodyId), subject, ..NewEvent::done(name_of::<O>(), kind, at) }
}

/// An event of a command, about a person.
pub fn of_command(command: &str, kind: EventKind, person: PersonId, at: Instant) -> NewEvent {
    let subject = Some(("person", person.0));
    NewEvent { subject, source: COMMAND.to_owned(), ..NewEvent::done(command, kind, at) }
}

/// Writes in the log of every aggregator that a command was given which concerns all of them.
pub async fn note_command(tx: &mut Transaction, command: &str, now: Instant) -> StoreResult<()> {
    let before = tx.scope();
    for aggregator in tx.aggregators().await? {
        tx.turn_to(aggregator.id).await?;
        let event = NewEvent { source: COMMAND.to_owned(), ..NewEvent::done(command, EventKind::Done, now) };
        tx.add_events(&[event]).await?;
    }
    tx.turn_to(before).await
}

/// A command that was given and leaves nothing else in the database.
#[derive(Clone)]
pub struct NoteCommand {
    pub command: &'static str,
    pub now: Instant,
}

impl UnitOfWork for NoteCommand {
    type Answer = ();

    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        Ok(note_command(tx, self.command, self.now).await?)
    }
}

/// The kind of what is done to a session; none for what has other kinds.
pub fn of_session(permission: Permission) -> Option<EventKind> {
    match permission {
        Permission::SignIn | Permission::SignInAsPersona => Some(EventKind::SignIn),
        Permission::SignOut => Some(EventKind::SignOut),
        Permission::ChangePassword => Some(EventKind::Password),
        _ => None,
    }
}

/// Something that happened, with who did it as far as the request says.
#[derive(Clone, Debug)]
pub struct Noted {
    pub identity: Identity,
    /// The address that somebody tried to sign in with: only the person who has it is stored.
    pub account: Option<String>,
    pub event: NewEvent,
}

/// What waits to be written; a clone is the same log.
#[derive(Clone, Debug, Default)]
pub struct SecurityLog {
    waiting: Arc<Mutex<WaitingEvents>>,
    /// Whoever writes has it: what others took out before is written first.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl SecurityLog {
    fn waiting(&self) -> MutexGuard<'_, WaitingEvents> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what was refused, unless its source or all together went beyond a limit: then it is counted. Only of who is
    /// signed in does it say an identity.
    pub fn refused(&self, aggregator: AggregatorId, noted: Noted) {
        self.waiting().refused(aggregator, noted);
    }

    /// Notes that somebody read personal data: once in a quarter of an hour for the same person and the same thing.
    pub fn read(&self, aggregator: AggregatorId, noted: Noted) {
        self.waiting().read(aggregator, noted);
    }

    /// Writes what waits; at the end also what would be reported when the minute is over. What can't be written waits on.
    ///
    /// In a task of its own: who waits for it may go away, and what was taken out must not be lost with them.
    pub async fn write_out(&self, store: &Store, now: Instant, end: bool) {
        let (log, store) = (self.clone(), store.clone());
        if tokio::spawn(async move { log.write_all(&store, now, end).await }).await.is_err() {
            tracing::error!("the security log was not written");
        }
    }

    async fn write_all(&self, store: &Store, now: Instant, end: bool) {
        let _turn = self.turn.lock().await;
        let taken = self.waiting().take(now, end);
        let mut by_aggregator: BTreeMap<i64, Vec<Noted>> = BTreeMap::new();
        for (aggregator, noted) in taken {
            by_aggregator.entry(aggregator.0).or_default().push(noted);
        }
        for (aggregator, events) in by_aggregator {
            let aggregator = AggregatorId(aggregator);
            let Err(problem) = store.write(aggregator, WriteEvents { events: events.clone() }).await else {
                continue;
            };
            tracing::error!(aggregator = aggregator.0, ?problem, "the security log was not written");
            store.metrics.job_failed("security_log");
            self.waiting().put_back(events.into_iter().map(|noted| (aggregator, noted)));
        }
    }
}

/// Writes events, with the persons behind their sessions.
#[derive(Clone)]
struct WriteEvents {
    events: Vec<Noted>,
}

impl UnitOfWork for WriteEvents {
    type Answer = ();

    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        let mut persons: HashMap<String, Option<PersonId>> = HashMap::new();
        let mut events = Vec::with_capacity(self.events.len());
        for Noted { identity, account, mut event } in self.events {
            if let Some(account) = account {
                let person = tx.person_by_email(&account).await?;
                event.subject = person.map(|person| ("person", person.id.0));
            }
            if let Identity::Session(hash) = identity {
                if !persons.contains_key(&hash) {
                    let session = tx.session(&hash).await?;
                    persons.insert(hash.clone(), session.map(|session| session.person));
                }
                event.actor = persons.get(&hash).copied().flatten();
            }
            events.push(event);
        }
        Ok(tx.add_events(&events).await?)
    }
}
