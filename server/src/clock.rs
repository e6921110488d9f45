//! The one source of the present, so that a test or the demonstration's history can set it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use model::api::ledger::ClockDoubt;
use model::calendar::Instant;

/// In milliseconds: less is a clock that is being set right.
const TOLERANCE: i64 = 5 * 60 * 1_000;

/// Whether it can't be now, as something was noted later than that.
pub fn is_behind(now: Instant, noted: Instant) -> bool {
    now.minus(noted) < -TOLERANCE
}

/// In milliseconds. The jobs note the time every half minute; a server that was off for longer than this must be told
/// that its clock is right.
const LEAP: i64 = 36 * 3_600 * 1_000;

/// Why the clock must not decide anything by itself: it is far ahead of the time that was noted last, or behind it.
pub fn doubt(now: Instant, last: Option<Instant>) -> Option<ClockDoubt> {
    let last = last?;
    (now.minus(last) > LEAP || is_behind(now, last)).then_some(ClockDoubt { now, last })
}

/// The latest instant that may have been noted up to now: with a clock that is being set right meanwhile.
pub fn latest_that_can_be(now: Instant) -> Instant {
    Instant(now.0.saturating_add(TOLERANCE))
}

#[derive(Clone, Debug)]
pub enum Clock {
    Real,
    /// Milliseconds since 1970, moved by hand.
    Set(Arc<AtomicI64>),
}

impl Clock {
    pub fn set(at: Instant) -> Self {
        Self::Set(Arc::new(AtomicI64::new(at.0)))
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    pub fn now(&self) -> Instant {
        match self {
            Self::Real => Instant(jiff::Timestamp::now().as_millisecond()),
            Self::Set(at) => Instant(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a clock that is set by hand; the real one goes by itself.
    pub fn move_to(&self, at: Instant) {
        if let Self::Set(now) = self {
            now.store(at.0, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_in_doubt_after_a_leap_and_behind_what_was_noted() {
        let at = |minutes: i64| Instant(minutes * 60_000);
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
            assert_eq!(doubt(at(minutes), Some(last)), expected, "{minutes}");
        }
        assert_eq!(doubt(at(0), None), None, "nothing was noted yet");
    }
}
