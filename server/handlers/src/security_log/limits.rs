//! Limits for what is written of refusals: what is beyond them is counted, and reported in one event.

use std::collections::{BTreeMap, HashMap, HashSet};

use model::api::security::EventKind;
use model::calendar::Instant;
use model::ids::{AggregatorId, PersonId};

use super::Noted;
use crate::context::Identity;
use store::NewEvent;

/// The outcome of an event that stands for those beyond a limit.
const SUPPRESSED: &str = "suppressed";

/// In milliseconds.
const MINUTE: i64 = 60_000;
const QUARTER: i64 = 15 * MINUTE;
const HOUR: i64 = 60 * MINUTE;

/// Events that wait to be written. Those of strangers take at most half of the places.
const MOST_WAITING: usize = 1_000;
/// Events of one group from one source, within a minute.
const MOST_OF_SOURCE: u32 = 20;
/// Events of one group from all sources, within a minute.
const MOST_OF_MINUTE: u32 = 300;
/// The same within an hour: some two megabytes a day. Whoever uses it up hides others of the group for the rest of the hour.
const MOST_OF_HOUR: u32 = 500;
/// Sources of one group beyond their limit that are reported one by one, within a minute.
const MOST_REPORTED: u32 = 100;
/// Readings that are remembered, so that the same one is written once in a quarter of an hour.
const MOST_READINGS: usize = 10_000;

/// Events that share their limits: of one aggregator and kind. What people do who are signed in has its own, which no
/// stranger can use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Group {
    aggregator: i64,
    kind: EventKind,
    signed_in: bool,
}

impl Group {
    fn of(aggregator: AggregatorId, noted: &Noted) -> Self {
        let signed_in = noted.identity != Identity::Nobody || noted.event.actor.is_some();
        Self { aggregator: aggregator.0, kind: noted.event.kind, signed_in }
    }
}

/// What a group has used up of its limits.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    minute: u32,
    hour: u32,
    /// Sources beyond their limit that will be reported one by one.
    reported: u32,
}

/// A group, and where its events come from.
type EventSource = (Group, String);

/// Who read what: the aggregator, the person, the operation, what it concerns.
type ReadKey = (AggregatorId, Option<PersonId>, String, Option<i64>);

#[derive(Debug, Default)]
pub(super) struct WaitingEvents {
    events: Vec<(AggregatorId, Noted)>,
    minute: i64,
    hour: i64,
    quarter: i64,
    used: HashMap<Group, Used>,
    counted: HashMap<EventSource, u32>,
    beyond: BTreeMap<EventSource, Noted>,
    readings: HashSet<ReadKey>,
}

impl WaitingEvents {
    pub fn refused(&mut self, aggregator: AggregatorId, noted: Noted) {
        self.turn_to(noted.event.at.0);
        let source = (Group::of(aggregator, &noted), noted.event.source.clone());
        if self.has_room(&source) {
            self.events.push((aggregator, noted));
        } else {
            self.count(source, &noted);
        }
    }

    pub fn read(&mut self, aggregator: AggregatorId, noted: Noted) {
        self.turn_to(noted.event.at.0);
        let event = &noted.event;
        let subject = event.subject.map(|(_, id)| id).or(event.body.map(|body| body.0));
        let reading = (aggregator, event.actor, event.operation.clone(), subject);
        if self.readings.len() >= MOST_READINGS {
            self.readings.clear();
        }
        if !self.readings.insert(reading) {
            return;
        }
        if self.events.len() < MOST_WAITING {
            self.events.push((aggregator, noted));
        } else {
            let source = (Group::of(aggregator, &noted), noted.event.source.clone());
            self.count(source, &noted);
        }
    }

    /// Gives away what waits; at the end also what would be reported when the minute is over.
    pub fn take(&mut self, now: Instant, end: bool) -> Vec<(AggregatorId, Noted)> {
        self.turn_to(now.0);
        if end {
            self.report_beyond();
        }
        std::mem::take(&mut self.events)
    }

    /// Takes back what was not written, before what came meanwhile.
    pub fn put_back(&mut self, events: impl IntoIterator<Item = (AggregatorId, Noted)>) {
        self.events.splice(0..0, events);
    }

    /// When the minute is over, what was beyond the limits in it is reported, and counting begins anew.
    fn turn_to(&mut self, now: i64) {
        let (minute, hour, quarter) = (now.div_euclid(MINUTE), now.div_euclid(HOUR), now.div_euclid(QUARTER));
        if self.hour != hour {
            self.hour = hour;
            self.used.values_mut().for_each(|used| used.hour = 0);
        }
        if self.quarter != quarter {
            self.quarter = quarter;
            self.readings.clear();
        }
        if self.minute != minute {
            self.report_beyond();
            self.minute = minute;
            self.used.values_mut().for_each(|used| used.minute = 0);
            self.counted.clear();
        }
    }

    fn report_beyond(&mut self) {
        for ((group, _), noted) in std::mem::take(&mut self.beyond) {
            self.used.entry(group).or_default().hour += 1;
            self.events.push((AggregatorId(group.aggregator), noted));
        }
        self.used.values_mut().for_each(|used| used.reported = 0);
    }

    fn has_room(&mut self, source: &EventSource) -> bool {
        let most_waiting = if source.0.signed_in { MOST_WAITING } else { MOST_WAITING / 2 };
        let used = self.used.entry(source.0).or_default();
        if self.events.len() >= most_waiting || used.minute >= MOST_OF_MINUTE || used.hour >= MOST_OF_HOUR {
            return false;
        }
        let counted = self.counted.entry(source.clone()).or_default();
        if *counted >= MOST_OF_SOURCE {
            return false;
        }
        *counted += 1;
        used.minute += 1;
        used.hour += 1;
        true
    }

    /// One more that is not written by itself. Where too many sources are beyond their limit, all others are one.
    fn count(&mut self, mut source: EventSource, noted: &Noted) {
        let used = self.used.entry(source.0).or_default();
        let full = used.reported >= MOST_REPORTED || used.hour >= MOST_OF_HOUR;
        if full && !self.beyond.contains_key(&source) {
            source.1 = String::new();
        }
        if let Some(reported) = self.beyond.get_mut(&source) {
            reported.event.times += noted.event.times;
            return;
        }
        used.reported += 1;
        let event = NewEvent {
            actor: None,
            source: source.1.clone(),
            operation: String::new(),
            body: None,
            subject: None,
            outcome: SUPPRESSED.to_owned(),
            ..noted.event.clone()
        };
        self.beyond.insert(source, Noted { identity: Identity::Nobody, account: None, event });
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
            ..NewEvent::done("Approve", EventKind::Refused, Instant(at))
        };
        Noted { identity: Identity::Nobody, account: None, event }
    }

    fn events_at(waiting: &mut WaitingEvents, at: i64) -> Vec<NewEvent> {
        waiting.take(Instant(at), false).into_iter().map(|(_, noted)| noted.event).collect()
    }

    #[test]
    fn what_a_source_does_beyond_its_limit_is_counted_and_reported_when_the_minute_is_over() {
        let mut waiting = WaitingEvents::default();
        for _ in 0..50 {
            waiting.refused(HERE, refusal(MINUTE, "198.51.100.1"));
        }
        waiting.refused(HERE, refusal(MINUTE, "198.51.100.2"));
        assert_eq!(events_at(&mut waiting, MINUTE + 1).len(), 21, "the other source is written of course");
        let beyond = events_at(&mut waiting, 2 * MINUTE);
        let [event] = beyond.as_slice() else { panic!("one event: {beyond:?}") };
        assert_eq!((event.outcome.as_str(), event.times, event.at.0), ("suppressed", 30, MINUTE));
        assert_eq!((event.source.as_str(), event.operation.as_str()), ("198.51.100.1", ""));
        waiting.refused(HERE, refusal(2 * MINUTE, "198.51.100.1"));
        assert_eq!(events_at(&mut waiting, 2 * MINUTE).len(), 1, "a new minute");
    }

    #[test]
    fn a_flood_from_many_sources_leaves_few_events_an_hour_and_none_is_uncounted() {
        let mut waiting = WaitingEvents::default();
        let (mut written, mut times) = (0, 0);
        let mut note = |event: NewEvent| {
            written += 1;
            times += event.times;
        };
        let (minutes, hours) = (1_000, 17);
        for minute in 0..minutes {
            for source in 0..500 {
                waiting.refused(HERE, refusal(minute * MINUTE, &format!("2001:db8:{source:x}::")));
            }
            events_at(&mut waiting, minute * MINUTE).into_iter().for_each(&mut note);
        }
        events_at(&mut waiting, minutes * MINUTE).into_iter().for_each(&mut note);
        assert_eq!(times, minutes * 500);
        // Those beyond their limit are reported a minute later, and one of all others each minute.
        let most = hours * i64::from(MOST_OF_HOUR + MOST_REPORTED) + minutes;
        assert!(written <= most, "{written} of {most}");
    }

    #[test]
    fn a_flood_of_strangers_hides_nothing_of_another_kind_aggregator_or_of_who_is_signed_in() {
        let mut waiting = WaitingEvents::default();
        for minute in 0..10 {
            for source in 0..15 {
                for _ in 0..30 {
                    waiting.refused(HERE, refusal(minute * MINUTE, &format!("203.0.113.{source}")));
                }
            }
            events_at(&mut waiting, minute * MINUTE);
        }
        let at = 9 * MINUTE;
        let mut hidden = refusal(at, "198.51.100.1");
        waiting.refused(HERE, hidden.clone());
        assert_eq!(events_at(&mut waiting, at).len(), 0, "their own limit is used up");
        waiting.refused(AggregatorId(2), hidden.clone());
        hidden.event.kind = EventKind::SignInFailed;
        waiting.refused(HERE, hidden);
        let mut of_somebody = refusal(at, "203.0.113.1");
        of_somebody.identity = Identity::Session("the hash of a session".to_owned());
        waiting.refused(HERE, of_somebody);
        assert_eq!(events_at(&mut waiting, at).len(), 3);
        waiting.refused(HERE, refusal(HOUR, "198.51.100.1"));
        assert!(
            events_at(&mut waiting, HOUR).iter().any(|event| event.outcome == "forbidden"),
            "the next hour"
        );
    }

    #[test]
    fn strangers_leave_room_for_others_while_nothing_can_be_written() {
        let mut waiting = WaitingEvents::default();
        let places = i64::try_from(MOST_WAITING).expect("few");
        for source in 0..places {
            let mut noted = refusal(MINUTE, &format!("2001:db8:{source:x}::"));
            let kinds = [EventKind::Refused, EventKind::SignInFailed];
            noted.event.kind = kinds[usize::from(source % 2 == 0)];
            waiting.refused(HERE, noted);
        }
        assert_eq!(waiting.events.len(), MOST_WAITING / 2);
        let mut of_somebody = refusal(MINUTE, "198.51.100.1");
        of_somebody.identity = Identity::Session("the hash of a session".to_owned());
        waiting.refused(HERE, of_somebody);
        assert_eq!(waiting.events.len(), MOST_WAITING / 2 + 1);
    }

    #[test]
    fn what_was_not_written_comes_before_what_came_meanwhile() {
        let mut waiting = WaitingEvents::default();
        waiting.refused(HERE, refusal(MINUTE, "198.51.100.1"));
        let taken = waiting.take(Instant(MINUTE), false);
        waiting.refused(HERE, refusal(MINUTE, "198.51.100.2"));
        waiting.put_back(taken);
        let sources: Vec<_> = events_at(&mut waiting, MINUTE).into_iter().map(|event| event.source).collect();
        assert_eq!(sources, ["198.51.100.1", "198.51.100.2"]);
    }

    #[test]
    fn the_same_reading_is_written_once_in_a_quarter_of_an_hour() {
        let mut waiting = WaitingEvents::default();
        let reading = |waiting: &mut WaitingEvents, at: i64, person: i64, request: i64| {
            let mut noted = refusal(at, "198.51.100.1");
            noted.event.kind = EventKind::PersonalData;
            (noted.event.actor, noted.event.subject) = (Some(PersonId(person)), Some(("request", request)));
            waiting.read(HERE, noted);
        };
        for (person, request) in [(1, 1), (1, 1), (1, 2), (2, 1), (1, 1)] {
            reading(&mut waiting, QUARTER, person, request);
        }
        assert_eq!(events_at(&mut waiting, QUARTER).len(), 3);
        reading(&mut waiting, 2 * QUARTER, 1, 1);
        assert_eq!(events_at(&mut waiting, 2 * QUARTER).len(), 1);
        // However many read, no more wait than fit, and the others are counted.
        let more = i64::try_from(MOST_WAITING).expect("few") + 5;
        (0..more).for_each(|request| reading(&mut waiting, 2 * QUARTER, 3, request));
        assert_eq!(events_at(&mut waiting, 2 * QUARTER).len(), MOST_WAITING);
        assert_eq!(events_at(&mut waiting, 3 * QUARTER).iter().map(|event| event.times).sum::<i64>(), 5);
    }
}
