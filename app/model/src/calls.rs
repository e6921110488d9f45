//! *Avviso*: the window in which bodies spend their credits, and its instants.

use serde::{Deserialize, Serialize};

use crate::calendar::{Day, Instant};
use crate::credits::{Account, Credits};

/// Draft → open → closed → archived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallStatus {
    /// *In preparazione*
    Draft,
    /// *Aperto*
    Open,
    /// *Chiuso*
    Closed,
    /// *Archiviato*
    Archived,
}

impl CallStatus {
    pub const ALL: [Self; 4] = [Self::Draft, Self::Open, Self::Closed, Self::Archived];

    /// The name used in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Archived => "archived",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// When the mayor must authorise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Authorisation {
    Always,
    /// Above so many credits held and spent in this call, the submission at hand included.
    Above(Credits),
    Never,
}

impl Authorisation {
    /// Whether a submission that holds `cost` more needs the mayor; `account` is as it stands before it.
    pub fn needed(self, account: Account, holds: Credits) -> bool {
        match self {
            Self::Always => true,
            Self::Above(limit) => account.held + account.spent + holds > limit,
            Self::Never => false,
        }
    }
}

/// What happens to the credits that nobody spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Leftovers {
    /// *Si azzerano*
    Expire,
}

/// A closed call was opened again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reopening {
    pub at: Instant,
    pub reason: String,
}

/// Working days in which the mayor may still authorise after a body's closing instant; and the length of the
/// extension that a late send-back, rejection or cancellation gives by itself.
pub const GRACE_DAYS: u32 = 10;

/// The end of the mayor's time: the same hour, ten working days after the body's closing instant.
pub fn authorisation_ends(closes: Instant) -> Instant {
    plus_working_days(closes, GRACE_DAYS)
}

/// What may extend a body's time by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setback {
    /// The mayor sent the submission back, perhaps in the days of grace after the closing.
    SentBack,
    /// The aggregator rejected or cancelled a request.
    Refused,
}

/// The closing instant that a setback at `at` gives by itself: ten working days later, when it falls within the
/// last ten working days before `closes`. After it only a submission that is sent back extends: a review may take
/// months, and must not reopen what is over.
pub fn automatic_extension(closes: Instant, at: Instant, setback: Setback) -> Option<Instant> {
    let extended = plus_working_days(at, GRACE_DAYS);
    let in_time = at <= closes || setback == Setback::SentBack;
    (in_time && extended > closes).then_some(extended)
}

/// Years from today within which a call and the time of its bodies lie.
const MOST_YEARS: i32 = 2;

/// The last day that may be set today for the opening or the closing of a call, and for the time of a body.
pub fn latest_day(today: Day) -> Day {
    let (year, month, day) = today.ymd();
    let found = Day::from_ymd(year + MOST_YEARS, month, day);
    // 29 February; or the end of time.
    found.or_else(|| Day::from_ymd(year + MOST_YEARS, month, 28)).unwrap_or(Day::LAST)
}

fn plus_working_days(at: Instant, days: u32) -> Instant {
    let civil = at.civil_in_rome();
    let day = crate::calendar::add_working_days(civil.day, days);
    Instant::from_rome(day, civil.hour, civil.minute, civil.second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon(y: i32, m: u8, d: u8) -> Instant {
        Instant::from_rome(Day::from_ymd(y, m, d).expect("a day"), 12, 0, 0)
    }

    #[test]
    fn the_mayor_has_ten_working_days_more() {
        // 8 December is a holiday.
        assert_eq!(authorisation_ends(noon(2026, 11, 27)), noon(2026, 12, 14));
    }

    #[test]
    fn two_years_are_the_most() {
        let day = |text| Day::parse(text).expect("a day");
        for (today, latest) in
            [("2026-12-01", "2028-12-01"), ("2028-02-29", "2030-02-28"), ("9998-01-01", "9999-12-31")]
        {
            assert_eq!(latest_day(day(today)), day(latest));
        }
    }

    #[test]
    fn only_late_events_extend() {
        let closes = noon(2026, 11, 27);
        assert_eq!(
            automatic_extension(closes, noon(2026, 11, 13), Setback::Refused),
            None,
            "exactly ten working days before"
        );
        assert_eq!(
            automatic_extension(closes, noon(2026, 11, 16), Setback::Refused),
            Some(noon(2026, 11, 30))
        );
        assert_eq!(automatic_extension(closes, noon(2026, 12, 1), Setback::Refused), None, "it is over");
        assert_eq!(
            automatic_extension(closes, noon(2026, 12, 1), Setback::SentBack),
            Some(noon(2026, 12, 16))
        );
    }

    #[test]
    fn splitting_a_submission_does_not_escape_the_limit() {
        let account = Account { granted: 40, held: 6, spent: 4, pledged: 0 };
        assert!(!Authorisation::Above(20).needed(account, 10));
        assert!(Authorisation::Above(20).needed(account, 11));
        assert!(Authorisation::Always.needed(account, 0));
        assert!(!Authorisation::Never.needed(account, 30));
    }
}
