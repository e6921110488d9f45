//! Whether this machine's clock can be right. Nothing here puts the entries in order by their time; but calls open and
//! close by it, and so it is said when it is not.

use model::access::Deed;
use model::api::Problem;
use model::api::ledger::ClockDoubt;
use model::calendar::Instant;
use model::ids::AggregatorId;

use crate::clock::{doubt, is_behind};
use crate::desk::{Desk, Identity};
use crate::office::Office;
use crate::store::{Errand, Work};

/// In milliseconds: more between two rounds, which half a minute lies between, is no waiting.
const LEAP: i64 = 3_600 * 1_000;

/// What the clock has shown so far.
#[derive(Default)]
pub struct Watch {
    before: Option<Instant>,
    told: Option<Wrong>,
}

/// What is wrong with the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Too far from when it was last found right: what is decided by time waits.
    InDoubt {
        last: Instant,
    },
    /// A check of the ledger was made later than now.
    Behind {
        checked: Instant,
    },
    SetBack {
        before: Instant,
    },
    Leapt {
        before: Instant,
    },
}

impl Watch {
    /// Looks at the clock and notes the time; answers whether anything may be decided by it in this round.
    pub async fn run(&mut self, office: &Office) -> bool {
        let now = office.clock.now();
        // The clock of a demonstration decides nothing that matters, and it may be off for weeks.
        let noted = office.write(AggregatorId(0), NoteTime { now, confirmed: office.demo }).await;
        let Ok(doubt) = noted else {
            // The log has heard why; nothing else could be stored either.
            office.store.measures.job_failed("clock");
            return false;
        };
        office.store.measures.clock_waiting.set(i64::from(doubt.is_some()));
        let wrong = match doubt {
            Some(ClockDoubt { last, .. }) => {
                self.before = Some(now);
                Some(Wrong::InDoubt { last })
            }
            None => self.look(now, last_check(office).await),
        };
        if let Some(Wrong::InDoubt { .. } | Wrong::Behind { .. } | Wrong::SetBack { .. }) = wrong {
            office.store.measures.job_failed("clock");
        }
        if wrong != std::mem::replace(&mut self.told, wrong) {
            tell(now, wrong);
        }
        doubt.is_none()
    }

    /// What is wrong in this round, with the clock as it is and the last check of the ledger.
    pub fn look(&mut self, now: Instant, checked: Option<Instant>) -> Option<Wrong> {
        let before = self.before.replace(now);
        if let Some(checked) = checked.filter(|checked| is_behind(now, *checked)) {
            return Some(Wrong::Behind { checked });
        }
        let before = before?;
        if is_behind(now, before) {
            return Some(Wrong::SetBack { before });
        }
        (now.minus(before) > LEAP).then_some(Wrong::Leapt { before })
    }
}

fn tell(now: Instant, wrong: Option<Wrong>) {
    match wrong {
        Some(Wrong::InDoubt { last }) => {
            tracing::error!(%now, %last, "this machine's clock is far from when it was last found right: calls, \
                    submissions and packages wait; see that it is right, then run `server clock confirm`");
        }
        Some(Wrong::Behind { checked }) => {
            tracing::error!(%now, %checked, "this machine's clock is behind the last check of the ledger: see that it is right");
        }
        Some(Wrong::SetBack { before }) => {
            tracing::error!(%now, %before, "this machine's clock was set back: see that it is right");
        }
        Some(Wrong::Leapt { before }) => {
            tracing::warn!(%now, %before, "this machine's clock leapt forward, or the machine slept: see that it is right");
        }
        None => {}
    }
}

/// Notes the time, unless it can't be right; answers why not.
#[derive(Clone)]
pub struct NoteTime {
    pub now: Instant,
    /// Somebody said that the clock is right.
    pub confirmed: bool,
}

impl Errand for NoteTime {
    type Answer = Option<ClockDoubt>;
    const REPEATABLE: bool = true;

    async fn run(self, work: &mut Work) -> Result<Option<ClockDoubt>, Problem> {
        let mut desk = Desk::open(work, &Identity::System, self.now).await?;
        desk.allow(Deed::ActInTime, None)?;
        let last = desk.work.last_beat().await?;
        let doubt = doubt(self.now, last).filter(|_| !self.confirmed);
        // A clock that is being set right by a few seconds goes back; what was noted does not.
        let earlier = last.is_some_and(|last| self.now <= last) && !self.confirmed;
        if doubt.is_none() && !earlier {
            desk.work.note_beat(self.now).await?;
        }
        Ok(doubt)
    }
}

/// When the newest check of the ledger was made; none while the store does not answer.
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
    fn a_clock_that_is_set_back_leaps_or_is_behind_what_was_written_is_told() {
        let at = |minutes: i64| Instant(minutes * 60_000);
        let mut watch = Watch::default();
        for minutes in [600, 601, 598] {
            assert_eq!(watch.look(at(minutes), Some(at(601))), None, "{minutes}");
        }
        for minutes in [10, 11] {
            let wrong = watch.look(at(minutes), Some(at(601)));
            assert_eq!(wrong, Some(Wrong::Behind { checked: at(601) }), "as long as it is");
        }
        assert_eq!(watch.look(at(602), Some(at(601))), Some(Wrong::Leapt { before: at(11) }), "set right");
        assert_eq!(watch.look(at(603), None), None);
        assert_eq!(watch.look(at(90), Some(at(30))), Some(Wrong::SetBack { before: at(603) }));
        assert_eq!(watch.look(at(91), Some(at(30))), None, "it may have been wrong before");
    }
}
