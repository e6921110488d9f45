//! The one source of the present, so that a test or the demonstration's history can set it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use model::api::credits::ClockDoubt;
use model::calendar::Instant;
use rustix::time::{ClockId, clock_gettime};

/// In milliseconds: less is a clock that is being set right.
const TOLERANCE: i64 = 5 * 60 * 1_000;

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

/// What the clock says, and for how long this machine has run then, its sleep included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    pub now: Instant,
    /// In milliseconds. Nobody can set it.
    pub running: i64,
}

impl Reading {
    /// Whether the clock has gone further since an earlier reading than the machine has run.
    pub fn has_leapt_since(self, earlier: Self) -> bool {
        self.now.minus(earlier.now) - (self.running - earlier.running) > TOLERANCE
    }
}

#[derive(Clone, Debug)]
pub enum Clock {
    Real,
    /// Moved by hand, in milliseconds: what it says since 1970, and for how long the machine has run.
    Set {
        now: Arc<AtomicI64>,
        running: Arc<AtomicI64>,
    },
}

impl Clock {
    pub fn set(at: Instant) -> Self {
        Self::Set { now: Arc::new(AtomicI64::new(at.0)), running: Arc::default() }
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    pub fn now(&self) -> Instant {
        match self {
            Self::Real => Instant(jiff::Timestamp::now().as_millisecond()),
            Self::Set { now, .. } => Instant(now.load(Ordering::SeqCst)),
        }
    }

    pub fn read(&self) -> Reading {
        let running = match self {
            Self::Real => {
                let since = clock_gettime(SLEEP_INCLUDED);
                since.tv_sec * 1_000 + since.tv_nsec / 1_000_000
            }
            Self::Set { running, .. } => running.load(Ordering::SeqCst),
        };
        Reading { now: self.now(), running }
    }

    /// Moves a clock that is set by hand, as somebody who sets it does; the real one goes by itself.
    pub fn move_to(&self, at: Instant) {
        if let Self::Set { now, .. } = self {
            now.store(at.0, Ordering::SeqCst);
        }
    }

    /// Lets time go by on a clock that is set by hand, until this instant.
    pub fn run_to(&self, at: Instant) {
        if let Self::Set { now, running } = self {
            let before = now.swap(at.0, Ordering::SeqCst);
            running.fetch_add(at.0 - before, Ordering::SeqCst);
        }
    }
}

/// The clock that goes on while the machine sleeps. Elsewhere than on Linux the monotonic one does.
#[cfg(target_os = "linux")]
const SLEEP_INCLUDED: ClockId = ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const SLEEP_INCLUDED: ClockId = ClockId::Monotonic;

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

    #[test]
    fn a_machine_that_slept_did_not_leap() {
        let reading = |now: i64, running: i64| Reading { now: at(now), running: running * 60_000 };
        let first = reading(100, 10);
        for (now, running, leapt) in
            [(101, 11, false), (106, 11, false), (107, 11, true), (580, 490, false), (580, 11, true)]
        {
            assert_eq!(reading(now, running).has_leapt_since(first), leapt, "{now} {running}");
        }
    }

    #[test]
    fn the_machine_s_own_clocks_go_on_together() {
        let first = Clock::Real.read();
        let second = Clock::Real.read();
        assert!(second.running >= first.running && first.running > 0);
        assert!(!second.has_leapt_since(first));
    }
}
