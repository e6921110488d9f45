//! The hourly sweep: notices that are over, tries that count for nothing any more, sessions that are over for more than a
//! day, answers and letters of more than thirty days ago, and old events of the security log.

use model::access::Permission;
use model::api::Problem;
use model::calendar::Instant;

use crate::http::{notices, tries};
use handlers::context::{CallerContext, Identity};
use handlers::marketplace::Marketplace;
use store::{Transaction, UnitOfWork};

/// In seconds.
const DAY: i64 = 24 * 3_600;

/// For how many days it is kept what became of letters; those that were given up stay.
const OUTBOX_DAYS: i64 = 30;

#[derive(Clone)]
struct Sweep {
    now: Instant,
    /// For how many days the security log is kept.
    security_days: u32,
}

impl UnitOfWork for Sweep {
    type Answer = ();

    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        let ctx = CallerContext::open(tx, &Identity::System, self.now)
            .await?
            .authorize(Permission::ActInTime, None)?;
        let now = self.now;
        ctx.tx.remove_notices_over(now).await?;
        ctx.tx.remove_notices_after(notices::longest(self.now)).await?;
        ctx.tx
            .keep_tries_between(now.plus_seconds(-tries::REMEMBERED), now.plus_seconds(tries::WINDOW))
            .await?;
        ctx.tx.sweep(now).await?;
        ctx.tx.remove_settled_effects(now.plus_seconds(-OUTBOX_DAYS * DAY)).await?;
        ctx.tx.prune_events(now.plus_seconds(-i64::from(self.security_days) * DAY)).await?;
        Ok(())
    }
}

pub async fn run(marketplace: &Marketplace, security_days: u32) {
    for tenant in marketplace.tenants.iter() {
        let now = marketplace.clock.now();
        if let Err(problem) = marketplace.write(tenant.id, Sweep { now, security_days }).await {
            tracing::error!(aggregator = tenant.id.0, ?problem, "the sweep was not done");
            marketplace.store.metrics.job_failed("sweep");
        }
    }
}
