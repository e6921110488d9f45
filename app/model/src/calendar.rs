//! Time as the office counts it: instants, days, the hour in Rome, and the working days of the Italian calendar.
//!
//! It reads no clock and knows one time zone by its rule, not by a table: the same few lines run in the browser.
//! Nothing here panics, whatever the value; what can't be a date is refused where text or parts come in.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

/// Milliseconds.
const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Days of 400 years.
const DAYS_OF_ERA: i64 = 146_097;
/// From 1 March of the year 0 to 1 January 1970.
const DAYS_FROM_YEAR_0: i64 = 719_468;

/// A point in time: milliseconds since 1970-01-01T00:00:00 UTC, leap seconds not counted.
///
/// As text (`Display`, `parse`, serde) it is RFC 3339 in UTC, `2026-11-22T10:42:00Z`, with three fraction digits
/// only when the milliseconds are not zero. Only the years 1 to 9999 have such a text: serializing another fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String", extend("format" = "date-time")))]
pub struct Instant(pub i64);

/// A day of the Gregorian calendar: days since 1970-01-01, before it negative.
///
/// As text (`Display`, `parse`, serde) it is `2026-11-28`. Only the days from [`Day::FIRST`] to [`Day::LAST`] have
/// such a text: serializing another fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String", extend("format" = "date")))]
pub struct Day(pub i32);

/// What calendar and clock on the wall show in Rome; hour 0 to 23, minute and second 0 to 59.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Civil {
    /// The day in Rome.
    pub day: Day,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
}

impl Instant {
    /// The day it is in Rome at this instant; see [`Instant::civil_in_rome`].
    pub fn day_in_rome(self) -> Day {
        self.civil_in_rome().day
    }

    /// Day and hour in Rome, fractions of a second cut off.
    ///
    /// Right from 1996 on, when summer time took its present dates; earlier instants are read by the same rule.
    pub fn civil_in_rome(self) -> Civil {
        let ahead = if self.is_summer_in_rome() { 2 * HOUR } else { HOUR };
        civil(self.0.saturating_add(ahead))
    }

    /// The instant at which the clocks in Rome show this hour of this day; right from 1996 on.
    ///
    /// An hour that the clocks skip in March is moved forward by the hour skipped (02:30 is 03:30); of an hour that
    /// comes twice in October the first is meant. Parts past their range carry over: hour 24 is the next midnight.
    pub fn from_rome(day: Day, hour: u8, minute: u8, second: u8) -> Instant {
        let clock = i64::from(hour) * HOUR + i64::from(minute) * MINUTE + i64::from(second) * SECOND;
        let local = i64::from(day.0) * DAY + clock;
        let by_summer_time = Instant(local - 2 * HOUR);
        if by_summer_time.is_summer_in_rome() { by_summer_time } else { Instant(local - HOUR) }
    }

    /// This many milliseconds later (earlier when negative), stopping at the ends of `i64`.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Instant {
        Instant(self.0.saturating_add(millis))
    }

    /// This many seconds later (earlier when negative), stopping at the ends of `i64`.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Instant {
        self.plus_millis(seconds.saturating_mul(SECOND))
    }

    /// Milliseconds passed since `earlier`; negative when that lies after this instant.
    pub fn minus(self, earlier: Instant) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Reads RFC 3339: `2026-11-22T10:42:00Z`, with any offset (`+01:00`) and any number of fraction digits, of which
    /// those past the third are cut off.
    ///
    /// `None` for anything else: a date or hour that does not exist, a leap second (`:60`), no offset, spaces, an
    /// instant that in UTC falls outside the years 1 to 9999.
    pub fn parse(text: &str) -> Option<Instant> {
        let mut reader = Reader(text.as_bytes());
        let day = reader.day()?;
        if !matches!(reader.byte()?, b'T' | b't') {
            return None;
        }
        let mut millis = reader.hours_and_minutes()?;
        reader.mark(b':')?;
        millis += i64::from(reader.number_to(59)?) * SECOND;
        let mut next = reader.byte()?;
        if next == b'.' {
            millis += i64::from(reader.digit()?) * 100;
            let mut weight = 10;
            next = reader.byte()?;
            while next.is_ascii_digit() {
                millis += i64::from(next - b'0') * weight;
                weight /= 10;
                next = reader.byte()?;
            }
        }
        millis -= match next {
            b'Z' | b'z' => 0,
            b'+' => reader.hours_and_minutes()?,
            b'-' => -reader.hours_and_minutes()?,
            _ => return None,
        };
        let instant = Instant(i64::from(day.0) * DAY + millis);
        (reader.0.is_empty() && instant.has_text()).then_some(instant)
    }

    /// Summer time of the European Union: from the last Sunday of March to that of October, at 01:00 UTC both.
    fn is_summer_in_rome(self) -> bool {
        let (year, _, _) = civil(self.0).day.ymd();
        let switch = |month| {
            let last = days_to(year, month, 31);
            let sunday = last - (weekday_of(last) + 1) % 7;
            Instant(sunday * DAY + HOUR)
        };
        (switch(3)..switch(10)).contains(&self)
    }

    /// Whether the year has four digits in UTC.
    fn has_text(self) -> bool {
        civil(self.0).day.has_text()
    }
}

impl Day {
    /// 1 January of the year 1.
    pub const FIRST: Day = Day(-719_162);
    /// 31 December of the year 9999.
    pub const LAST: Day = Day(2_932_896);

    /// The day with this year (1 to 9999), month (1 to 12) and day of the month (from 1); `None` if there is none.
    pub fn from_ymd(year: i32, month: u8, day: u8) -> Option<Day> {
        let found = Day(i32::try_from(days_to(year, month, day)).ok()?);
        // What does not exist (31 February, month 13) comes back as another date.
        (found.ymd() == (year, month, day) && (1..=9999).contains(&year)).then_some(found)
    }

    /// Year, month (1 to 12) and day of the month (1 to 31).
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the year of an i32 of days fits in an i32, and month and day are small and positive"
    )]
    pub fn ymd(self) -> (i32, u8, u8) {
        // Howard Hinnant's civil_from_days: years begin on 1 March, so that the leap day is the last of its year, and
        // are counted within eras of 400 years, which all have the same length.
        let days = i64::from(self.0) + DAYS_FROM_YEAR_0;
        let (era, day_of_era) = (days.div_euclid(DAYS_OF_ERA), days.rem_euclid(DAYS_OF_ERA));
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = 400 * era + year_of_era + i64::from(month <= 2);
        (year as i32, month as u8, day as u8)
    }

    /// Monday is 0, Sunday is 6.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is 0 to 6")]
    pub fn weekday(self) -> u8 {
        weekday_of(i64::from(self.0)) as u8
    }

    /// This many days later (earlier when negative), stopping at [`Day::FIRST`] and [`Day::LAST`].
    #[must_use]
    pub fn plus(self, days: i32) -> Day {
        Day(self.0.saturating_add(days)).clamp(Day::FIRST, Day::LAST)
    }

    /// Reads `2026-11-28`; `None` for any other form and for a date that does not exist.
    pub fn parse(text: &str) -> Option<Day> {
        let mut reader = Reader(text.as_bytes());
        let day = reader.day()?;
        reader.0.is_empty().then_some(day)
    }

    /// Whether this is a national holiday, as the law stands since 2026; patron saints are not counted, nor Sundays.
    ///
    /// 4 October is one from 2026 only (law 151/2025). The others are given for all years, also before they were made.
    pub fn is_holiday(self) -> bool {
        let (year, month, day) = self.ymd();
        is_fixed_holiday(year, (month, day)) || (matches!(month, 3 | 4) && self == easter(year).plus(1))
    }

    /// Whether this is a Monday to Friday that is no [holiday](Day::is_holiday).
    pub fn is_working(self) -> bool {
        self.weekday() < 5 && !self.is_holiday()
    }

    /// Whether the year has four digits.
    fn has_text(self) -> bool {
        (Day::FIRST..=Day::LAST).contains(&self)
    }
}

/// Months and days of the national holidays that have the same date each year.
const HOLIDAYS: [(u8, u8); 11] =
    [(1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (10, 4), (11, 1), (12, 8), (12, 25), (12, 26)];

fn is_fixed_holiday(year: i32, date: (u8, u8)) -> bool {
    HOLIDAYS.contains(&date) && (year >= 2026 || date != (10, 4))
}

/// The national holidays of a year from 1 to 9999, each once: Easter Monday may be 25 April.
fn holidays(year: i32) -> impl Iterator<Item = Day> {
    let monday = easter(year).plus(1);
    let fixed = HOLIDAYS.into_iter().filter(move |date| is_fixed_holiday(year, *date));
    let fixed = fixed.filter_map(move |(month, day)| Day::from_ymd(year, month, day));
    fixed.filter(move |day| *day != monday).chain([monday])
}

/// Working days after `from`, up to and including `to`, which is not earlier: five a week, less the holidays. Both lie
/// between the day before [`Day::FIRST`] and [`Day::LAST`].
#[expect(clippy::cast_possible_truncation, reason = "not more than there are days in 9999 years")]
fn count_working(from: Day, to: Day) -> i32 {
    let weekdays_until = |day: Day| {
        let since_a_monday = i64::from(day.0) + 4;
        5 * since_a_monday.div_euclid(7) + since_a_monday.rem_euclid(7).min(5)
    };
    let years = from.ymd().0.max(1)..=to.ymd().0;
    let free = years.flat_map(holidays).filter(|day| from < *day && *day <= to && day.weekday() < 5).count();
    (weekdays_until(to) - weekdays_until(from)) as i32 - i32::try_from(free).unwrap_or(i32::MAX)
}

/// The `count`-th working day after `from`, which does not count itself; for 0 `from` itself, working or not.
///
/// Stops at [`Day::LAST`].
pub fn add_working_days(from: Day, count: u32) -> Day {
    if count == 0 {
        return from;
    }
    let mut day = from.max(Day(Day::FIRST.0 - 1));
    let mut left = count;
    while left > 0 && day < Day::LAST {
        // No day gives more than one working day: this goes never too far, and each time most of what is left.
        let ahead = day.plus(i32::try_from(left).unwrap_or(i32::MAX));
        left -= count_working(day, ahead).unsigned_abs();
        day = ahead;
    }
    day
}

/// How many working days lie after `from`, up to and including `to`: the inverse of [`add_working_days`].
///
/// When `to` lies before `from`, the same count with the two exchanged, negative. Days before [`Day::FIRST`] and
/// after [`Day::LAST`] are not counted.
pub fn working_days_between(from: Day, to: Day) -> i32 {
    if to < from {
        return -working_days_between(to, from);
    }
    count_working(from.plus(0), to.plus(0))
}

/// The days, working or not, from one to another; 0 when that is the same or lies before. For what people may do until
/// a day; what somebody has to do is counted in working days.
pub fn days_until(from: Day, to: Day) -> i32 {
    to.0.saturating_sub(from.0).max(0)
}

/// Easter Sunday by the Gregorian reckoning, also for years before it was in use; a year outside 1 to 9999 is taken
/// as the nearest of them.
pub fn easter(year: i32) -> Day {
    // The anonymous computus of 1876, which Meeus made known.
    let year = year.clamp(1, 9999);
    let golden = year % 19;
    let (century, in_century) = (year / 100, year % 100);
    let moon_correction = (century - (century + 8) / 25 + 1) / 3;
    let full_moon = (19 * golden + century - century / 4 - moon_correction + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (in_century / 4) - full_moon - in_century % 4) % 7;
    let too_late = (golden + 11 * full_moon + 22 * to_sunday) / 451;
    let from_22_march = full_moon + to_sunday - 7 * too_late;
    nearest_day(days_to(year, 3, 22)).plus(from_22_march)
}

/// Days from 1970-01-01 to a date: `Day::ymd` backwards. Of a date that does not exist it makes some other day.
fn days_to(year: i32, month: u8, day: u8) -> i64 {
    let (month, day) = (i64::from(month), i64::from(day));
    let year = i64::from(year) - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = 365 * year_of_era + year_of_era / 4 - year_of_era / 100 + day_of_year;
    DAYS_OF_ERA * era + day_of_era - DAYS_FROM_YEAR_0
}

/// Monday is 0; 1970-01-01 was a Thursday.
fn weekday_of(days: i64) -> i64 {
    (days + 3).rem_euclid(7)
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to the range of i32")]
fn nearest_day(days: i64) -> Day {
    Day(days.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32)
}

/// Splits milliseconds since the start of 1970, on whichever clock they were counted.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the parts are below 24 and 60")]
fn civil(millis: i64) -> Civil {
    let of_day = millis.rem_euclid(DAY);
    Civil {
        day: nearest_day(millis.div_euclid(DAY)),
        hour: (of_day / HOUR) as u8,
        minute: (of_day / MINUTE % 60) as u8,
        second: (of_day / SECOND % 60) as u8,
    }
}

/// Reads fixed-width parts from the front of a text.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn mark(&mut self, expected: u8) -> Option<()> {
        (self.byte()? == expected).then_some(())
    }

    fn digit(&mut self) -> Option<u8> {
        self.byte().filter(u8::is_ascii_digit).map(|byte| byte - b'0')
    }

    /// Two digits, not above `most`.
    fn number_to(&mut self, most: u8) -> Option<u8> {
        let number = self.digit()? * 10 + self.digit()?;
        (number <= most).then_some(number)
    }

    fn day(&mut self) -> Option<Day> {
        let year = i32::from(self.number_to(99)?) * 100 + i32::from(self.number_to(99)?);
        self.mark(b'-')?;
        let month = self.number_to(12)?;
        self.mark(b'-')?;
        Day::from_ymd(year, month, self.number_to(31)?)
    }

    /// `10:42`, in milliseconds.
    fn hours_and_minutes(&mut self) -> Option<i64> {
        let hours = i64::from(self.number_to(23)?) * HOUR;
        self.mark(b':')?;
        Some(hours + i64::from(self.number_to(59)?) * MINUTE)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil { day, hour, minute, second } = civil(self.0);
        write!(f, "{day}T{hour:02}:{minute:02}:{second:02}")?;
        match self.0.rem_euclid(SECOND) {
            0 => f.write_str("Z"),
            millis => write!(f, ".{millis:03}Z"),
        }
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.has_text() {
            return Err(ser::Error::custom("a day outside the years 1 to 9999 has no text"));
        }
        serializer.collect_str(self)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.has_text() {
            return Err(ser::Error::custom("an instant outside the years 1 to 9999 has no text"));
        }
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Day::parse(&text).ok_or_else(|| de::Error::custom("expected a day such as 2026-11-28"))
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Instant::parse(&text)
            .ok_or_else(|| de::Error::custom("expected an instant such as 2026-11-22T10:42:00Z"))
    }
}

#[cfg(test)]
mod tests;
