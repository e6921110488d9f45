//! When the clock of a server must not decide anything by itself. Pure rules: the clock itself is the server's.

use crate::api::credits::ClockDoubt;
use crate::calendar::Instant;

/// In milliseconds: less is a clock that is being set right.
pub const TOLERANCE: i64 = 5 * 60 * 1_000;

/// Whether it can't be now, as something was noted later than that.
pub fn is_behind(now: Instant, noted: Instant) -> bool {
    now.minus(noted) < -TOLERANCE
}

/// In milliseconds. The jobs note the time every half minute; a server that was off for longer than this must be told
/// that its clock is right.
const LEAP: i64 = 36 * 3_600 * 1_000;

/// What was noted of the clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockNoted {
    /// When it was last found right.
    pub last: Option<Instant>,
    /// To where it leapt while a server ran, until somebody says that it is right.
    pub leapt_to: Option<Instant>,
}

/// Why the clock must not decide anything by itself: it leapt while a server ran, it is far ahead of the time that was
/// noted last, or behind it.
pub fn doubt(now: Instant, noted: ClockNoted) -> Option<ClockDoubt> {
    let last = noted.last?;
    // Set back to before that leap it is right again.
    let leapt = noted.leapt_to.is_some_and(|to| !is_behind(now, to));
    (leapt || now.minus(last) > LEAP || is_behind(now, last)).then_some(ClockDoubt { now, last })
}

/// The latest instant that may have been noted up to now: with a clock that is being set right meanwhile.
pub fn latest_that_can_be(now: Instant) -> Instant {
    Instant(now.0.saturating_add(TOLERANCE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Instant {
        Instant(minutes * 60_000)
    }

    #[test]
    fn a_clock_is_in_doubt_after_a_leap_and_behind_what_was_noted() {
        let last = at(100_000);
        for (minutes, in_doubt) in [
            (100_000, false),
            (99_995, false),
            (99_994, true),
            (100_000 + 36 * 60, false),
            (100_001 + 36 * 60, true),
            (100_000 + 365 * 24 * 60, true),
        ] {
            let expected = in_doubt.then_some(ClockDoubt { now: at(minutes), last });
            let noted = ClockNoted { last: Some(last), leapt_to: None };
            assert_eq!(doubt(at(minutes), noted), expected, "{minutes}");
        }
        assert_eq!(doubt(at(0), ClockNoted::default()), None, "nothing was noted yet");
    }

    #[test]
    fn a_clock_that_leapt_is_in_doubt_until_it_is_set_back() {
        let noted = ClockNoted { last: Some(at(100)), leapt_to: Some(at(130)) };
        for (minutes, in_doubt) in [(130, true), (200, true), (125, true), (124, false), (101, false)] {
            assert_eq!(doubt(at(minutes), noted).is_some(), in_doubt, "{minutes}");
        }
    }
}
