//! Whether this machine's clock can be right. Nothing here puts the entries in order by their time; but calls open and
//! close by it, and so it is said when it is not.

use model::access::Permission;
use model::api::Problem;
use model::api::credits::ClockDoubt;
use model::calendar::Instant;

use handlers::clock::Reading;
use handlers::context::{CallerContext, Identity};
use handlers::marketplace::Marketplace;
use model::clock::{doubt, is_behind};
use store::{Scope, StoreResult, Transaction, UnitOfWork};

/// What the clock has shown so far.
#[derive(Default)]
pub struct Watch {
    /// In the last round in which it was right.
    right: Option<Reading>,
    told: Option<ClockFault>,
}

/// What is wrong with the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ClockFault {
    /// Too far from when it was last found right: what is decided by time waits.
    InDoubt { last: Instant },
    /// A check of the ledger was made later than now.
    Behind { checked: Instant },
}

impl Watch {
    /// Looks at the clock and notes the time; answers whether anything may be decided by it in this round.
    pub async fn run(&mut self, marketplace: &Marketplace) -> bool {
        let reading = marketplace.clock.read();
        let now = reading.now;
        let leapt = self.right.is_some_and(|right| reading.has_leapt_since(right));
        // The clock of a demonstration decides nothing that matters, and it may be off for weeks.
        let noted = marketplace
            .write(Scope::Installation, NoteTime { now, leapt, confirmed: marketplace.demo })
            .await;
        let Ok(doubt) = noted else {
            // The log has heard why; nothing else could be stored either.
            marketplace.store.metrics.job_failed("clock");
            return false;
        };
        marketplace.store.metrics.clock_waiting.set(i64::from(doubt.is_some()));
        let wrong = if let Some(ClockDoubt { last, .. }) = doubt {
            Some(ClockFault::InDoubt { last })
        } else {
            self.right = Some(reading);
            let checked = last_check(marketplace).await.filter(|checked| is_behind(now, *checked));
            checked.map(|checked| ClockFault::Behind { checked })
        };
        if wrong.is_some() {
            marketplace.store.metrics.job_failed("clock");
        }
        if wrong != std::mem::replace(&mut self.told, wrong) {
            report(now, wrong);
        }
        doubt.is_none()
    }
}

fn report(now: Instant, wrong: Option<ClockFault>) {
    match wrong {
        Some(ClockFault::InDoubt { last }) => {
            tracing::error!(%now, %last, "this machine's clock is far from when it was last found right: calls, \
                    submissions and packages wait; see that it is right, then run `server clock confirm`");
        }
        Some(ClockFault::Behind { checked }) => {
            tracing::error!(%now, %checked, "this machine's clock is behind the last check of the ledger: see that it is right");
        }
        None => {}
    }
}

/// Notes the time, unless it can't be right; answers why not.
#[derive(Clone)]
pub struct NoteTime {
    pub now: Instant,
    /// The clock went further than the time that went by since it was right.
    pub leapt: bool,
    /// Somebody said that the clock is right.
    pub confirmed: bool,
}

impl UnitOfWork for NoteTime {
    type Answer = Option<ClockDoubt>;
    const IDEMPOTENT: bool = true;

    async fn run(self, tx: &mut Transaction) -> Result<Option<ClockDoubt>, Problem> {
        let Self { now, leapt, confirmed } = self;
        let ctx =
            CallerContext::open(tx, &Identity::System, now).await?.authorize(Permission::ActInTime, None)?;
        let mut noted = ctx.tx.clock_noted().await?;
        if noted.last.is_none() {
            // As after an upgrade from a version that noted no time.
            noted.last = last_written(ctx.tx).await?;
            if let Some(last) = noted.last {
                ctx.tx.note_clock(last).await?;
            }
        }
        // Where the time was noted just now, by a person who confirmed it or by a server whose clock agrees, it is right.
        let agreed = noted.last.is_some_and(|last| !is_behind(last, now));
        if leapt && !agreed && !confirmed {
            ctx.tx.note_leap(now).await?;
            noted.leapt_to = Some(now);
        }
        if let Some(doubt) = doubt(now, noted).filter(|_| !confirmed) {
            return Ok(Some(doubt));
        }
        if noted.leapt_to.is_some() {
            ctx.tx.forget_leap().await?;
        }
        // A clock that is being set right by a few seconds goes back; what was noted does not.
        if confirmed || noted.last.is_none_or(|last| now > last) {
            ctx.tx.note_clock(now).await?;
        }
        Ok(None)
    }
}

/// When something was last written, in whatever aggregator.
async fn last_written(tx: &mut Transaction) -> StoreResult<Option<Instant>> {
    let before = tx.scope();
    let mut last = None;
    for aggregator in tx.aggregators().await? {
        tx.turn_to(aggregator.id).await?;
        last = last.max(tx.last_written().await?);
    }
    tx.turn_to(before).await?;
    Ok(last)
}

/// When the newest check of the ledger was made; none while the store does not answer.
async fn last_check(marketplace: &Marketplace) -> Option<Instant> {
    let mut latest = None;
    for tenant in marketplace.tenants.iter() {
        let mut tx = marketplace.store.read(tenant.id).await.ok()?;
        latest = latest.max(tx.latest_check().await.ok()?.map(|check| check.at));
    }
    latest
}
