//! The one source of the present, so that a test or the demonstration's history can set it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use model::calendar::Instant;
use model::clock::TOLERANCE;
use rustix::time::{ClockId, clock_gettime};

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
