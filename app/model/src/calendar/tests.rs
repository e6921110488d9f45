//! The calendar against jiff and its time zone tables, and against dates known from almanacs.

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as ValueError, StrDeserializer};

use super::*;

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn at(text: &str) -> Instant {
    Instant::parse(text).expect("an instant")
}

fn rome() -> TimeZone {
    TimeZoneDatabase::bundled().get("Europe/Rome").expect("bundled with jiff")
}

fn date(day: Day) -> Date {
    let (year, month, of_month) = day.ymd();
    let year = i16::try_from(year).expect("four digits");
    Date::new(year, month.cast_signed(), of_month.cast_signed()).expect("a date")
}

/// A value as its serde text.
struct Written<T>(T);

impl<T: Serialize> fmt::Display for Written<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.serialize(f)
    }
}

fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, ValueError> {
    let deserializer: StrDeserializer<'_, ValueError> = text.into_deserializer();
    T::deserialize(deserializer)
}

#[test]
fn every_day_reads_in_rome_as_the_time_zone_tables_say() {
    let rome = rome();
    for number in day("1996-01-01").0..=day("2100-12-31").0 {
        for hour in [0, 1, 2, 11, 21, 22, 23] {
            for millis in [0, HOUR - 1] {
                let instant = Instant(i64::from(number) * DAY + hour * HOUR + millis);
                let expected = rome.to_datetime(Timestamp::from_millisecond(instant.0).expect("in range"));
                let Civil { day, hour, minute, second } = instant.civil_in_rome();
                let found = date(day).at(hour.cast_signed(), minute.cast_signed(), second.cast_signed(), 0);
                assert_eq!(found.duration_until(expected).abs().as_secs(), 0, "{instant}");
                assert_eq!(instant.day_in_rome(), day);
            }
        }
    }
}

#[test]
fn every_day_of_rome_begins_and_ends_when_the_time_zone_tables_say() {
    let rome = rome();
    for number in day("1996-01-01").0..=day("2100-12-31").0 {
        for (hour, minute, second) in [(0, 0, 0), (1, 59, 59), (2, 0, 0), (2, 30, 0), (3, 0, 0), (23, 59, 59)]
        {
            let local = date(Day(number)).at(hour, minute, second, 0);
            let expected = rome.to_timestamp(local).expect("in range").as_millisecond();
            let [hour, minute, second] = [hour, minute, second].map(i8::cast_unsigned);
            assert_eq!(Instant::from_rome(Day(number), hour, minute, second), Instant(expected), "{local}");
        }
    }
}

#[test]
fn the_clocks_in_rome_change_at_one_in_utc() {
    let hour = |instant: &str| {
        let civil = at(instant).civil_in_rome();
        (civil.hour, civil.minute, civil.second)
    };
    assert_eq!(hour("2026-03-29T00:59:59.999Z"), (1, 59, 59));
    assert_eq!(hour("2026-03-29T01:00:00Z"), (3, 0, 0));
    assert_eq!(hour("2026-10-25T00:59:59.999Z"), (2, 59, 59));
    assert_eq!(hour("2026-10-25T01:00:00Z"), (2, 0, 0));

    let (march, october) = (day("2026-03-29"), day("2026-10-25"));
    assert_eq!(Instant::from_rome(march, 2, 30, 0), at("2026-03-29T03:30:00+02:00"));
    assert_eq!(Instant::from_rome(october, 2, 30, 0), at("2026-10-25T02:30:00+02:00"));
    assert_eq!(Instant::from_rome(october, 24, 0, 0), Instant::from_rome(october.plus(1), 0, 0, 0));
}

#[test]
fn the_first_and_the_last_day_are_those_of_the_years_1_and_9999() {
    assert_eq!(Day::from_ymd(1, 1, 1), Some(Day::FIRST));
    assert_eq!(Day::from_ymd(9999, 12, 31), Some(Day::LAST));
    assert_eq!(Day::from_ymd(0, 12, 31), None);
    assert_eq!(Day::from_ymd(10_000, 1, 1), None);
    assert_eq!(Day::LAST.plus(1), Day::LAST);
    assert_eq!(Day::FIRST.plus(-1), Day::FIRST);
}

#[test]
fn every_day_of_the_years_1_to_9999_has_the_date_and_weekday_jiff_gives_it() {
    let mut expected = date(Day::FIRST);
    for number in Day::FIRST.0..=Day::LAST.0 {
        let (year, month, of_month) = Day(number).ymd();
        assert_eq!((year, month, of_month), {
            let [month, of_month] = [expected.month(), expected.day()].map(i8::cast_unsigned);
            (i32::from(expected.year()), month, of_month)
        });
        assert_eq!(Day(number).weekday(), expected.weekday().to_monday_zero_offset().cast_unsigned());
        assert_eq!(Day::from_ymd(year, month, of_month), Some(Day(number)));
        expected = expected.tomorrow().unwrap_or(expected);
    }
}

#[test]
fn dates_that_do_not_exist_are_refused() {
    for (year, month, of_month) in [
        (2026, 2, 29),
        (2026, 2, 31),
        (1900, 2, 29),
        (2026, 4, 31),
        (2026, 13, 1),
        (2026, 0, 1),
        (2026, 1, 0),
    ] {
        assert_eq!(Day::from_ymd(year, month, of_month), None, "{year}-{month}-{of_month}");
    }
    assert!(Day::from_ymd(2000, 2, 29).is_some());
}

#[test]
fn easter_falls_where_the_almanacs_say() {
    for text in [
        "1818-03-22",
        "1943-04-25",
        "1954-04-18",
        "1981-04-19",
        "2000-04-23",
        "2008-03-23",
        "2019-04-21",
        "2024-03-31",
        "2025-04-20",
        "2026-04-05",
        "2027-03-28",
        "2028-04-16",
        "2029-04-01",
        "2030-04-21",
        "2038-04-25",
        "2049-04-18",
        "2076-04-19",
        "2285-03-22",
    ] {
        let expected = day(text);
        assert_eq!(easter(expected.ymd().0), expected);
    }
    assert_eq!((easter(i32::MIN), easter(i32::MAX)), (easter(1), easter(9999)));
}

#[test]
fn the_holidays_are_those_of_the_law() {
    let holidays = |year: i32| -> Vec<String> {
        let first = Day::from_ymd(year, 1, 1).expect("a day");
        let days = (0..366).map(|n| first.plus(n)).filter(|day| day.ymd().0 == year && day.is_holiday());
        days.map(|day| day.to_string()[5..].to_owned()).collect()
    };
    assert_eq!(
        holidays(2025),
        ["01-01", "01-06", "04-21", "04-25", "05-01", "06-02", "08-15", "11-01", "12-08", "12-25", "12-26"]
    );
    assert_eq!(
        holidays(2026),
        [
            "01-01", "01-06", "04-06", "04-25", "05-01", "06-02", "08-15", "10-04", "11-01", "12-08",
            "12-25", "12-26"
        ]
    );
    // Easter Monday of 2011 was 25 April, of 2024 the first of the month.
    assert_eq!(holidays(2011).len(), 10);
    assert!(day("2024-04-01").is_holiday());
}

#[test]
fn working_days_skip_saturdays_sundays_and_holidays() {
    let in_year = |year: i32| {
        let [eve, last] = [year - 1, year].map(|year| Day::from_ymd(year, 12, 31).expect("a day"));
        working_days_between(eve, last)
    };
    assert_eq!([2024, 2025, 2026, 2027].map(in_year), [254, 251, 254, 254]);
    assert!(day("2021-10-04").is_working() && !day("2027-10-04").is_working());

    let thursday = day("2026-04-02");
    assert_eq!(add_working_days(thursday, 1), day("2026-04-03"));
    assert_eq!(add_working_days(thursday, 2), day("2026-04-07"));
    assert_eq!(
        add_working_days(day("2026-11-22"), 0),
        day("2026-11-22"),
        "a Sunday stays when nothing is added"
    );
    assert_eq!(add_working_days(day("2026-11-22"), 10), day("2026-12-04"));
    assert_eq!(add_working_days(day("2026-12-04"), 2), day("2026-12-09"));

    assert_eq!(working_days_between(day("2026-11-22"), day("2026-12-04")), 10);
    assert_eq!(working_days_between(day("2026-11-27"), day("2026-11-29")), 0);
    assert_eq!(working_days_between(day("2026-11-30"), day("2026-11-27")), -1);
}

#[test]
fn working_days_of_a_thousand_years_are_counted_as_one_by_one() {
    // Whole years with Easter Monday on 25 April among them.
    for year in [1, 1942, 2011, 2025, 2026, 2038, 9998] {
        let [from, to] = [year - 1, year + 1].map(|year| Day::from_ymd(year.max(1), 12, 31).expect("a day"));
        for end in from.0..=to.0 {
            let walked: i32 = (from.0 + 1..=end).map(|day| i32::from(Day(day).is_working())).sum();
            assert_eq!(working_days_between(from, Day(end)), walked, "{from} to {}", Day(end));
        }
    }
    let walked: i32 = (Day::FIRST.0..=Day::LAST.0).map(|day| i32::from(Day(day).is_working())).sum();
    assert_eq!(working_days_between(Day(i32::MIN), Day(i32::MAX)), walked);
    assert_eq!(add_working_days(Day::FIRST, walked.unsigned_abs()), Day(Day::LAST.0), "a Friday");
}

#[test]
fn the_ends_of_the_numbers_neither_panic_nor_hang() {
    assert_eq!(add_working_days(Day(i32::MIN), 1), Day::FIRST.plus(1), "its first day is New Year");
    assert_eq!(add_working_days(day("9999-12-30"), u32::MAX), Day::LAST);
    assert_eq!(add_working_days(Day(i32::MAX), 3), Day(i32::MAX));
    assert!(working_days_between(Day(i32::MIN), Day(i32::MAX)) > 2_500_000);
    for instant in [Instant(i64::MIN), Instant(i64::MAX)] {
        let civil = instant.civil_in_rome();
        assert!(civil.hour < 24 && !instant.to_string().is_empty() && !civil.day.to_string().is_empty());
    }
    assert_eq!(Instant(i64::MAX).plus_seconds(i64::MAX), Instant(i64::MAX));
    assert_eq!(Instant(i64::MIN).minus(Instant(1)), i64::MIN);
    let _: [Instant; 2] = [i32::MIN, i32::MAX].map(|number| Instant::from_rome(Day(number), 255, 255, 255));
}

#[test]
fn an_instant_is_written_in_utc_with_milliseconds_only_when_there_are_some() {
    for (text, written) in [
        ("2026-11-22T10:42:00Z", "2026-11-22T10:42:00Z"),
        ("2026-11-22t11:42:00.000+01:00", "2026-11-22T10:42:00Z"),
        ("2026-11-22T10:42:00.05z", "2026-11-22T10:42:00.050Z"),
        ("2026-11-22T10:42:00.1239999999999999999999999999Z", "2026-11-22T10:42:00.123Z"),
        ("2026-01-01T00:15:00+05:45", "2025-12-31T18:30:00Z"),
        ("2025-12-31T23:15:00-00:45", "2026-01-01T00:00:00Z"),
        ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
    ] {
        assert_eq!(at(text).to_string(), written);
        assert_eq!(Written(at(text)).to_string(), written);
        assert_eq!(read::<Instant>(text), Ok(at(written)));
    }
    assert_eq!(at("1970-01-01T00:00:01.500Z"), Instant(1_500));
    assert_eq!(at("2026-11-22T10:42:00Z").plus_seconds(-60).plus_millis(1), at("2026-11-22T10:41:00.001Z"));
    assert_eq!(at("2026-11-22T10:42:00Z").minus(at("2026-11-22T10:41:59Z")), 1_000);
}

#[test]
fn a_text_that_is_no_instant_is_refused() {
    for text in [
        "",
        "Z",
        "ieri",
        "2026-11-22",
        "2026-11-22T10:42:00",
        "2026-11-22T10:42Z",
        "2026-11-22 10:42:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-02-31T00:00:00Z",
        "2026-02-00T00:00:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T10:60:00Z",
        "2026-12-31T23:59:60Z",
        "2026-11-22T10:42:00.Z",
        "2026-11-22T10:42:00,5Z",
        "2026-11-22T10:42:00.5",
        "2026-11-22T10:42:00+24:00",
        "2026-11-22T10:42:00+01:60",
        "2026-11-22T10:42:00+0100",
        "2026-11-22T10:42:00+01",
        "2026-11-22T10:42:00Zz",
        " 2026-11-22T10:42:00Z",
        "2026-11-22T10:42:00Z\n",
        "+2026-11-22T10:42:00Z",
        "-026-11-22T10:42:00Z",
        "2026-1-22T10:42:00Z",
        "٢٠٢٦-11-22T10:42:00Z",
        "0000-12-31T23:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:00:00-02:00",
    ] {
        assert_eq!(Instant::parse(text), None, "{text}");
        assert!(read::<Instant>(text).is_err(), "{text}");
    }
}

#[test]
fn a_text_that_is_no_day_is_refused() {
    for text in
        ["", "2026-11-31", "2026-13-01", "2026-11-28 ", "28/11/2026", "2026-11", "20261128", "0000-01-01"]
    {
        assert_eq!(Day::parse(text), None, "{text}");
        assert!(read::<Day>(text).is_err(), "{text}");
    }
}

#[test]
fn what_has_no_text_is_not_serialized() {
    fn text(value: impl Serialize) -> Result<String, fmt::Error> {
        let mut written = String::new();
        fmt::write(&mut written, format_args!("{}", Written(value))).map(|()| written)
    }
    let last = at("9999-12-31T23:59:59.999Z");
    assert_eq!(text(Day::LAST), Ok("9999-12-31".to_owned()));
    assert_eq!(text(last), Ok("9999-12-31T23:59:59.999Z".to_owned()));
    assert!(text(Day(Day::LAST.0 + 1)).is_err());
    assert!(text(Day(Day::FIRST.0 - 1)).is_err());
    assert!(text(last.plus_millis(1)).is_err());
}

fn any_day() -> impl Strategy<Value = Day> {
    (Day::FIRST.0..=Day::LAST.0).prop_map(Day)
}

proptest! {
    #[test]
    fn days_and_their_text_are_one_to_one(day in any_day()) {
        prop_assert_eq!(Day::parse(&day.to_string()), Some(day));
        prop_assert_eq!(read::<Day>(&Written(day).to_string()), Ok(day));
    }

    #[test]
    fn instants_and_their_text_are_one_to_one(millis in at("0001-01-01T00:00:00Z").0..=at("9999-12-31T23:59:59.999Z").0) {
        let instant = Instant(millis);
        prop_assert_eq!(Instant::parse(&instant.to_string()), Some(instant));
        prop_assert_eq!(read::<Instant>(&Written(instant).to_string()), Ok(instant));
        let jiff: Timestamp = instant.to_string().parse().expect("RFC 3339");
        prop_assert_eq!(jiff.as_millisecond(), millis);
    }

    #[test]
    fn a_day_and_hour_of_rome_lead_back_to_their_instant(seconds in 820_454_400_i64..4_133_980_800) {
        let instant = Instant(seconds * SECOND);
        let Civil { day, hour, minute, second } = instant.civil_in_rome();
        let back = Instant::from_rome(day, hour, minute, second);
        // Only the second of the two hours in October has the same name as another.
        prop_assert!(back == instant || (instant.minus(back) == HOUR && back.civil_in_rome() == instant.civil_in_rome()));
    }

    #[test]
    fn an_offset_moves_the_instant_by_itself(millis in 0..4_102_444_800_000_i64, hours in 0..24_i64, minutes in 0..60_i64) {
        let local = Instant(millis).to_string();
        let local = local.trim_end_matches('Z');
        let offset = SignedDuration::from_mins(60 * hours + minutes).as_secs() * SECOND;
        prop_assert_eq!(Instant::parse(&format!("{local}+{hours:02}:{minutes:02}")), Some(Instant(millis - offset)));
        prop_assert_eq!(Instant::parse(&format!("{local}-{hours:02}:{minutes:02}")), Some(Instant(millis + offset)));
    }

    #[test]
    fn adding_working_days_and_counting_them_are_inverse(day in any_day(), count in 0..600_u32) {
        prop_assume!(day < Day::LAST.plus(-1_000));
        let due = add_working_days(day, count);
        prop_assert_eq!(working_days_between(day, due), count.cast_signed());
        prop_assert_eq!(working_days_between(due, day), -count.cast_signed());
        prop_assert!(count == 0 || due.is_working());
    }

    #[test]
    fn working_days_are_those_that_a_walk_from_day_to_day_counts(from in any_day(), days in 0..4_000_i32, count in 0..900_u32) {
        let to = from.plus(days);
        let walked: i32 = (from.0 + 1..=to.0).map(|day| i32::from(Day(day).is_working())).sum();
        prop_assert_eq!(working_days_between(from, to), walked);
        let (mut day, mut left) = (from, count);
        while left > 0 && day < Day::LAST {
            day = day.plus(1);
            left -= u32::from(day.is_working());
        }
        prop_assert_eq!(add_working_days(from, count), day);
    }

    #[test]
    fn any_text_is_read_or_refused_without_a_panic(text in any::<String>()) {
        prop_assert_eq!(Day::parse(&text), None);
        prop_assert_eq!(Instant::parse(&text), None);
    }

    #[test]
    fn a_text_much_like_an_instant_is_read_as_jiff_reads_it(
        text in "[0-2][09][0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-][01][0-9]:[0-5][0-9]|)",
    ) {
        let expected = text.parse::<Timestamp>().ok().map(|jiff| jiff.as_nanosecond().div_euclid(1_000_000));
        let in_range = |millis: &i128| i64::try_from(*millis).is_ok_and(|millis| Instant(millis).has_text());
        prop_assert_eq!(Instant::parse(&text).map(|instant| i128::from(instant.0)), expected.filter(in_range));
    }
}
