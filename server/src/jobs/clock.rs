//! Whether this machine's clock can be right. Nothing here puts the entries in order by their time; but calls open and
//! close by it, and so it is said when it is not.

use model::calendar::Instant;

use crate::office::Office;

/// In milliseconds: less is a clock that is being set right.
const TOLERANCE: i64 = 5 * 60 * 1_000;
/// More between two rounds, which half a minute lies between, is no waiting.
const LEAP: i64 = 3_600 * 1_000;

/// What the clock has shown so far.
#[derive(Default)]
pub struct Watch {
    before: Option<Instant>,
    latest: Option<Instant>,
    behind: bool,
}

/// What is wrong with the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It was later once.
    Behind {
        latest: Instant,
    },
    Leapt {
        before: Instant,
    },
}

/// Whether the clock is behind what was written at this instant.
pub fn is_behind(now: Instant, written: Instant) -> bool {
    now.minus(written) < -TOLERANCE
}

impl Watch {
    pub async fn run(&mut self, office: &Office) {
        let now = office.clock.now();
        if self.latest.is_none() {
            // Before it was started anew.
            self.latest = last_check(office).await;
        }
        match self.look(now) {
            Some(Wrong::Behind { latest }) => {
                office.store.measures.job_failed("clock");
                tracing::error!(%now, %latest, "this machine's clock is behind what it said before: set it right");
            }
            Some(Wrong::Leapt { before }) => {
                tracing::warn!(%now, %before, "this machine's clock leapt forward, or the machine slept: see that it is right");
            }
            None => {}
        }
    }

    /// Each fault is told once.
    pub fn look(&mut self, now: Instant) -> Option<Wrong> {
        let latest = *self.latest.get_or_insert(now);
        let before = self.before.replace(now);
        let was_behind = std::mem::replace(&mut self.behind, is_behind(now, latest));
        if self.behind {
            return (!was_behind).then_some(Wrong::Behind { latest });
        }
        self.latest = Some(latest.max(now));
        before.filter(|before| now.minus(*before) > LEAP).map(|before| Wrong::Leapt { before })
    }
}

/// When something was last written by the clock alone.
async fn last_check(office: &Office) -> Option<Instant> {
    let mut latest = None;
    for tenant in office.tenants.iter() {
        let mut work = office.store.read(tenant.id).await.ok()?;
        latest = latest.max(work.latest_check().await.ok()?.map(|check| check.at));
    }
    latest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_or_leaps_is_told_once() {
        let at = |minutes: i64| Instant(minutes * 60_000);
        let mut watch = Watch::default();
        for minutes in [600, 601, 598] {
            assert_eq!(watch.look(at(minutes)), None, "{minutes}");
        }
        assert_eq!(watch.look(at(10)), Some(Wrong::Behind { latest: at(601) }));
        assert_eq!(watch.look(at(11)), None, "it was told");
        assert_eq!(watch.look(at(602)), Some(Wrong::Leapt { before: at(11) }), "set right again");
        assert_eq!(watch.look(at(603)), None);
        assert_eq!(watch.look(at(2_000)), Some(Wrong::Leapt { before: at(603) }));
        assert_eq!(watch.look(at(2_001)), None);
    }
}
