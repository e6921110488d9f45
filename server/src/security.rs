//! The security log, as far as it is not written with a deed: what is refused and what is read is noted here, and written
//! a moment later in batches, so that it slows nobody.
//!
//! Nobody can fill the disk with it: what goes beyond the limits is counted, and told together.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::access::Deed;
use model::api::security::EventKind;
use model::api::{Operation, Problem};
use model::ids::AggregatorId;
use serde_json::{Map, Value};

use crate::desk::Identity;
use crate::office::Office;
use crate::store::{Errand, NewEvent, Work};

/// Where an event comes from that no request brought.
pub const COMMAND: &str = "command";
pub const CLOCK: &str = "clock";

/// What is told of events that were beyond a limit.
const SUPPRESSED: &str = "suppressed";

/// In milliseconds.
const MINUTE: i64 = 60_000;
const QUARTER: i64 = 15 * MINUTE;
const DAY: i64 = 24 * 60 * MINUTE;

/// Events that wait to be written.
const MOST_WAITING: usize = 1_000;
/// Refusals of one kind from one source, within a minute.
const MOST_OF_SOURCE: u32 = 20;
/// Refusals from all sources, within a minute.
const MOST_OF_ALL: u32 = 300;
/// The same within a day: some three megabytes.
const MOST_OF_DAY: u32 = 20_000;
/// Sources beyond their limit that are told one by one, within a minute.
const MOST_TOLD: usize = 100;
/// Readings that are remembered, so that the same one is told once in a quarter of an hour.
const MOST_READINGS: usize = 10_000;

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
pub fn of<O: Operation>(fields: &Map<String, Value>, kind: EventKind, at: i64) -> NewEvent {
    let (body, subject) = named(|name| fields.get(name)?.as_i64());
    NewEvent { body, subject, ..NewEvent::done(name_of::<O>(), kind, at) }
}

/// An event of a command, about a person.
pub fn of_command(command: &str, kind: EventKind, person: i64, at: i64) -> NewEvent {
    let subject = Some(("person", person));
    NewEvent { subject, source: COMMAND.to_owned(), ..NewEvent::done(command, kind, at) }
}

/// The kind of what is done to a session; none for what has other kinds.
pub fn of_session(deed: Deed) -> Option<EventKind> {
    match deed {
        Deed::SignIn | Deed::SignInAsPersona => Some(EventKind::SignIn),
        Deed::SignOut => Some(EventKind::SignOut),
        Deed::ChangePassword => Some(EventKind::Password),
        _ => None,
    }
}

/// Something that happened, with who did it as far as the request told.
#[derive(Clone, Debug)]
pub struct Noted {
    pub identity: Identity,
    /// The address that somebody tried to sign in with: only the person who has it is kept.
    pub account: Option<String>,
    pub event: NewEvent,
}

/// What waits to be written; a clone is the same log.
#[derive(Clone, Debug, Default)]
pub struct SecurityLog(Arc<Mutex<Waiting>>);

/// Whose refusals are counted together: the aggregator, the kind, the source.
type Source = (i64, EventKind, String);

#[derive(Debug, Default)]
struct Waiting {
    events: Vec<(AggregatorId, Noted)>,
    minute: i64,
    counted: HashMap<Source, u32>,
    of_all: u32,
    beyond: BTreeMap<Source, Noted>,
    day: i64,
    of_day: u32,
    quarter: i64,
    readings: HashSet<(i64, i64, String, i64)>,
}

impl SecurityLog {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what was refused, unless its source or all together went beyond a limit: then it is counted.
    pub fn refused(&self, aggregator: AggregatorId, noted: Noted) {
        let mut waiting = self.waiting();
        waiting.turn_to(noted.event.at);
        let source = (aggregator.0, noted.event.kind, noted.event.source.clone());
        if waiting.has_room(&source) {
            waiting.events.push((aggregator, noted));
        } else {
            waiting.count(source, &noted);
        }
    }

    /// Notes that somebody read personal data: once in a quarter of an hour for the same person and the same thing.
    pub fn read(&self, aggregator: AggregatorId, noted: Noted) {
        let mut waiting = self.waiting();
        waiting.turn_to(noted.event.at);
        let event = &noted.event;
        let subject = event.subject.map(|(_, id)| id).or(event.body).unwrap_or_default();
        let reading = (aggregator.0, event.actor.unwrap_or_default(), event.operation.clone(), subject);
        if waiting.readings.len() >= MOST_READINGS {
            waiting.readings.clear();
        }
        if !waiting.readings.insert(reading) {
            return;
        }
        if waiting.events.len() < MOST_WAITING {
            waiting.events.push((aggregator, noted));
        } else {
            let source = (aggregator.0, noted.event.kind, noted.event.source.clone());
            waiting.count(source, &noted);
        }
    }

    /// Writes what waits; at the end also what would be told when the minute is over. What can't be written waits on.
    pub async fn write_out(&self, office: &Office, end: bool) {
        let taken = {
            let mut waiting = self.waiting();
            waiting.turn_to(office.clock.now().0);
            if end {
                waiting.tell_beyond();
            }
            std::mem::take(&mut waiting.events)
        };
        let mut by_aggregator: BTreeMap<i64, Vec<Noted>> = BTreeMap::new();
        for (aggregator, noted) in taken {
            by_aggregator.entry(aggregator.0).or_default().push(noted);
        }
        for (aggregator, events) in by_aggregator {
            let aggregator = AggregatorId(aggregator);
            let Err(problem) = office.write(aggregator, Keep { events: events.clone() }).await else {
                continue;
            };
            tracing::error!(aggregator = aggregator.0, ?problem, "the security log was not written");
            office.store.measures.job_failed("security_log");
            self.waiting().events.extend(events.into_iter().map(|noted| (aggregator, noted)));
        }
    }
}

impl Waiting {
    /// When the minute is over, what was beyond the limits in it is told, and counting begins anew.
    fn turn_to(&mut self, now: i64) {
        let (minute, day, quarter) = (now.div_euclid(MINUTE), now.div_euclid(DAY), now.div_euclid(QUARTER));
        if self.day != day {
            (self.day, self.of_day) = (day, 0);
        }
        if self.quarter != quarter {
            self.quarter = quarter;
            self.readings.clear();
        }
        if self.minute != minute {
            self.tell_beyond();
            (self.minute, self.of_all) = (minute, 0);
            self.counted.clear();
        }
    }

    fn tell_beyond(&mut self) {
        let beyond = std::mem::take(&mut self.beyond);
        self.of_day = self.of_day.saturating_add(u32::try_from(beyond.len()).unwrap_or(u32::MAX));
        self.events
            .extend(beyond.into_iter().map(|((aggregator, ..), noted)| (AggregatorId(aggregator), noted)));
    }

    fn has_room(&mut self, source: &Source) -> bool {
        let full =
            self.events.len() >= MOST_WAITING || self.of_day >= MOST_OF_DAY || self.of_all >= MOST_OF_ALL;
        if full {
            return false;
        }
        let counted = self.counted.entry(source.clone()).or_default();
        if *counted >= MOST_OF_SOURCE {
            return false;
        }
        *counted += 1;
        self.of_all += 1;
        self.of_day += 1;
        true
    }

    /// One more that is not told by itself. Where too many sources are beyond their limit, all others are one.
    fn count(&mut self, mut source: Source, noted: &Noted) {
        let full = self.beyond.len() >= MOST_TOLD || self.of_day >= MOST_OF_DAY;
        if full && !self.beyond.contains_key(&source) {
            source.2 = String::new();
        }
        if let Some(told) = self.beyond.get_mut(&source) {
            told.event.times += noted.event.times;
            return;
        }
        let event = NewEvent {
            actor: None,
            source: source.2.clone(),
            operation: String::new(),
            body: None,
            subject: None,
            outcome: SUPPRESSED.to_owned(),
            ..noted.event.clone()
        };
        self.beyond.insert(source, Noted { identity: Identity::Nobody, account: None, event });
    }
}

/// Writes events, with the persons behind their sessions.
#[derive(Clone)]
struct Keep {
    events: Vec<Noted>,
}

impl Errand for Keep {
    type Answer = ();

    async fn run(self, work: &mut Work) -> Result<(), Problem> {
        let mut persons: HashMap<String, Option<i64>> = HashMap::new();
        let mut events = Vec::with_capacity(self.events.len());
        for Noted { identity, account, mut event } in self.events {
            if let Some(account) = account {
                let person = work.person_by_email(&account).await?;
                event.subject = person.map(|person| ("person", person.id));
            }
            if let Identity::Session(hash) = identity {
                if !persons.contains_key(&hash) {
                    let session = work.session(&hash).await?;
                    persons.insert(hash.clone(), session.map(|session| session.person));
                }
                event.actor = persons.get(&hash).copied().flatten();
            }
            events.push(event);
        }
        Ok(work.add_events(&events).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: AggregatorId = AggregatorId(1);

    fn refusal(at: i64, source: &str) -> Noted {
        let event = NewEvent {
            source: source.to_owned(),
            outcome: "forbidden".to_owned(),
            ..NewEvent::done("Approve", EventKind::Refused, at)
        };
        Noted { identity: Identity::Nobody, account: None, event }
    }

    fn told(log: &SecurityLog, at: i64) -> Vec<NewEvent> {
        let mut waiting = log.waiting();
        waiting.turn_to(at);
        std::mem::take(&mut waiting.events).into_iter().map(|(_, noted)| noted.event).collect()
    }

    #[test]
    fn what_a_source_does_beyond_its_limit_is_counted_and_told_when_the_minute_is_over() {
        let log = SecurityLog::default();
        for _ in 0..50 {
            log.refused(HERE, refusal(MINUTE, "198.51.100.1"));
        }
        log.refused(HERE, refusal(MINUTE, "198.51.100.2"));
        assert_eq!(told(&log, MINUTE + 1).len(), 21, "the other source is told of course");
        let beyond = told(&log, 2 * MINUTE);
        let [event] = beyond.as_slice() else { panic!("one event: {beyond:?}") };
        assert_eq!((event.outcome.as_str(), event.times, event.at), ("suppressed", 30, MINUTE));
        assert_eq!((event.source.as_str(), event.operation.as_str()), ("198.51.100.1", ""));
        log.refused(HERE, refusal(2 * MINUTE, "198.51.100.1"));
        assert_eq!(told(&log, 2 * MINUTE).len(), 1, "a new minute");
    }

    #[test]
    fn a_flood_from_many_sources_leaves_few_events_a_day_and_none_is_uncounted() {
        let log = SecurityLog::default();
        let (mut written, mut times) = (0, 0);
        let mut note = |event: NewEvent| {
            written += 1;
            times += event.times;
        };
        let minutes = 1_000;
        for minute in 0..minutes {
            for source in 0..500 {
                log.refused(HERE, refusal(minute * MINUTE, &format!("2001:db8:{source:x}::")));
            }
            told(&log, minute * MINUTE).into_iter().for_each(&mut note);
        }
        told(&log, minutes * MINUTE).into_iter().for_each(&mut note);
        assert_eq!(times, minutes * 500);
        let most = i64::from(MOST_OF_DAY) + i64::try_from(MOST_TOLD).expect("few") + minutes;
        assert!(written <= most, "{written} of {most}");
    }

    #[test]
    fn the_same_reading_is_told_once_in_a_quarter_of_an_hour() {
        let log = SecurityLog::default();
        let reading = |at: i64, person: i64, request: i64| {
            let mut noted = refusal(at, "198.51.100.1");
            noted.event.kind = EventKind::PersonalData;
            (noted.event.actor, noted.event.subject) = (Some(person), Some(("request", request)));
            log.read(HERE, noted);
        };
        for (person, request) in [(1, 1), (1, 1), (1, 2), (2, 1), (1, 1)] {
            reading(QUARTER, person, request);
        }
        assert_eq!(told(&log, QUARTER).len(), 3);
        reading(2 * QUARTER, 1, 1);
        assert_eq!(told(&log, 2 * QUARTER).len(), 1);
        // However many read, no more wait than fit, and the others are counted.
        let more = i64::try_from(MOST_WAITING).expect("few") + 5;
        (0..more).for_each(|request| reading(2 * QUARTER, 3, request));
        assert_eq!(told(&log, 2 * QUARTER).len(), MOST_WAITING);
        assert_eq!(told(&log, 3 * QUARTER).iter().map(|event| event.times).sum::<i64>(), 5);
    }
}
