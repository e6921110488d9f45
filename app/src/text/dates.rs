//! Days and hours in words, as the clocks in Rome show them.
//!
//! Italian elides before 8 and 11 (*l'8 novembre*) and calls the first of a month *1º*.

use model::api::requests::Due;
use model::calendar::{Day, Instant};

use super::Lang;

impl Lang {
    /// "28 novembre 2026"
    pub fn day(self, day: Day) -> String {
        let (year, month, date) = day.ymd();
        let date = if date == 1 { self.dates_first().to_owned() } else { date.to_string() };
        let month = self.dates_months()[usize::from(month - 1) % 12];
        self.dates_day(date, month, year)
    }

    /// "il 28 novembre 2026", "l'8 novembre 2026"
    pub fn on_day(self, day: Day) -> String {
        if elides(day) { self.dates_on_vowel(self.day(day)) } else { self.dates_on(self.day(day)) }
    }

    /// "entro il 28 novembre 2026"
    pub fn by_day(self, day: Day) -> String {
        if elides(day) { self.dates_by_vowel(self.day(day)) } else { self.dates_by(self.day(day)) }
    }

    /// "fino al 28 novembre 2026"
    pub fn until_day(self, day: Day) -> String {
        if elides(day) { self.dates_until_vowel(self.day(day)) } else { self.dates_until(self.day(day)) }
    }

    /// "dal 28 novembre 2026"
    pub fn since_day(self, day: Day) -> String {
        if elides(day) { self.dates_since_vowel(self.day(day)) } else { self.dates_since(self.day(day)) }
    }

    /// "dopo il 28 novembre 2026"
    pub fn after_day(self, day: Day) -> String {
        if elides(day) { self.dates_after_vowel(self.day(day)) } else { self.dates_after(self.day(day)) }
    }

    /// "10:42"
    pub fn clock(self, at: Instant) -> String {
        let civil = at.civil_in_rome();
        let mut text = String::with_capacity(5);
        for (part, after) in [(civil.hour, ":"), (civil.minute, "")] {
            if part < 10 {
                text.push('0');
            }
            text.push_str(&part.to_string());
            text.push_str(after);
        }
        text
    }

    /// "alle 10:42"
    pub fn at_clock(self, at: Instant) -> String {
        self.dates_at(self.clock(at))
    }

    /// "28 novembre 2026 alle 10:42"
    pub fn instant(self, at: Instant) -> String {
        self.dates_with_time(self.day(at.day_in_rome()), self.clock(at))
    }

    /// "il 28 novembre 2026 alle 10:42"
    pub fn on_instant(self, at: Instant) -> String {
        self.dates_with_time(self.on_day(at.day_in_rome()), self.clock(at))
    }

    /// "fino al 28 novembre 2026, ore 12:00"; no hour where it is the end of the day.
    pub fn until_instant(self, at: Instant) -> String {
        self.with_hour(self.until_day(at.day_in_rome()), at)
    }

    /// "entro il 28 novembre 2026, ore 12:00"; no hour where it is the end of the day.
    pub fn by_instant(self, at: Instant) -> String {
        self.with_hour(self.by_day(at.day_in_rome()), at)
    }

    fn with_hour(self, day: String, at: Instant) -> String {
        let civil = at.civil_in_rome();
        if (civil.hour, civil.minute) == (23, 59) { day } else { self.dates_with_hour(day, self.clock(at)) }
    }

    /// For what one may do until then: "tra 4 giorni", "domani", "oggi"
    pub fn days_left(self, days: i32) -> String {
        match days {
            ..=0 => self.dates_today().to_owned(),
            1 => self.dates_tomorrow().to_owned(),
            left => self.dates_in_days(left.into()),
        }
    }

    /// For what somebody has to do: "tra 4 giorni lavorativi", "oggi", "in ritardo di 2 giorni lavorativi"
    pub fn working_days_left(self, due: Due) -> String {
        match (due.late, due.days_late, due.days_left) {
            (true, 0, _) => self.dates_expired().to_owned(),
            (true, late, _) => self.dates_late(late.into()),
            (false, _, 0) => self.dates_today().to_owned(),
            (false, _, left) => self.dates_in_working_days(left.into()),
        }
    }

    /// "28 novembre 2026, tra 4 giorni lavorativi"
    pub fn due(self, due: Due) -> String {
        self.dates_with_left(self.day(due.day), self.working_days_left(due))
    }
}

/// Whether the number of the day begins with a vowel: *otto*, *undici*.
fn elides(day: Day) -> bool {
    matches!(day.ymd().2, 8 | 11)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(date: u8) -> Day {
        Day::from_ymd(2026, 11, date).expect("a day of November")
    }

    #[test]
    fn days_are_told_in_words() {
        assert_eq!(Lang::It.day(day(28)), "28 novembre 2026");
        assert_eq!(Lang::It.day(day(1)), "1º novembre 2026");
        assert_eq!(Lang::En.day(day(1)), "1 November 2026");
        let left = [3, 2, 1, 0].map(|days| Lang::It.days_left(days));
        assert_eq!(left, ["tra 3\u{a0}giorni", "tra 2\u{a0}giorni", "domani", "oggi"]);
    }

    #[test]
    fn what_is_due_is_told_in_working_days_and_today_is_that_day_alone() {
        let ahead = Due { day: day(27), late: false, days_left: 4, days_late: 0, stopped: false };
        assert_eq!(Lang::It.due(ahead), "27 novembre 2026, tra 4\u{a0}giorni lavorativi");
        let told = |due| Lang::It.working_days_left(due);
        assert_eq!(told(Due { days_left: 1, ..ahead }), "tra 1\u{a0}giorno lavorativo");
        assert_eq!(told(Due { days_left: 0, ..ahead }), "oggi");
        let late = Due { late: true, days_left: 0, ..ahead };
        assert_eq!(told(late), "termine scaduto");
        assert_eq!(told(Due { days_late: 2, ..late }), "in ritardo di 2\u{a0}giorni lavorativi");
    }

    #[test]
    fn italian_elides_before_eight_and_eleven() {
        assert_eq!(
            [7, 8, 11, 18].map(|date| Lang::It.on_day(day(date))),
            ["il 7 novembre 2026", "l'8 novembre 2026", "l'11 novembre 2026", "il 18 novembre 2026",]
        );
        assert_eq!(Lang::It.until_day(day(8)), "fino all'8 novembre 2026");
        assert_eq!(Lang::It.since_day(day(9)), "dal 9 novembre 2026");
    }

    #[test]
    fn hours_are_those_of_rome() {
        let winter = Instant::parse("2026-11-28T09:42:00Z").expect("an instant");
        let summer = Instant::parse("2026-07-28T06:05:00Z").expect("an instant");
        assert_eq!(Lang::It.instant(winter), "28 novembre 2026 alle 10:42");
        assert_eq!(Lang::It.clock(summer), "08:05");
        assert_eq!(Lang::It.until_instant(winter), "fino al 28 novembre 2026, ore 10:42");
        let end_of_day = Instant::parse("2026-11-28T22:59:59Z").expect("an instant");
        assert_eq!(Lang::It.until_instant(end_of_day), "fino al 28 novembre 2026");
    }
}
