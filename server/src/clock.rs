//! The one source of the present, so that a test or the demonstration's history can set it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use model::calendar::Instant;

/// In milliseconds: less is a clock that is being set right.
const TOLERANCE: i64 = 5 * 60 * 1_000;

/// Whether it can't be now, as something was noted later than that.
pub fn is_behind(now: Instant, noted: Instant) -> bool {
    now.minus(noted) < -TOLERANCE
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
