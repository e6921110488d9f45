//! The hourly sweep: notices that are over, tries that count for nothing any more, sessions that are over for more than a
//! day, answers of more than thirty days ago, and old events of the security log.

use model::access::Deed;
use model::api::Problem;
use model::calendar::Instant;

use crate::desk::{Desk, Identity};
use crate::http::{notices, tries};
use crate::office::Office;
use crate::store::{Errand, Work};

/// In milliseconds.
const DAY: i64 = 24 * 3_600 * 1_000;

#[derive(Clone)]
struct Sweep {
    now: Instant,
    /// For how many days the security log is kept.
    security_days: u32,
}

impl Errand for Sweep {
    type Answer = ();

    async fn run(self, work: &mut Work) -> Result<(), Problem> {
        let mut desk = Desk::open(work, &Identity::System, self.now).await?;
        desk.allow(Deed::ActInTime, None)?;
        let now = self.now.0;
        desk.work.remove_notices_over(now).await?;
        desk.work.remove_notices_after(notices::longest(self.now).0).await?;
        desk.work.keep_tries_between(now - tries::REMEMBERED, now + tries::WINDOW).await?;
        desk.work.sweep(now, DAY).await?;
        desk.work.prune_events(now - i64::from(self.security_days) * DAY).await?;
        Ok(())
    }
}

pub async fn run(office: &Office, security_days: u32) {
    for tenant in office.tenants.iter() {
        let now = office.clock.now();
        if let Err(problem) = office.write(tenant.id, Sweep { now, security_days }).await {
            tracing::error!(aggregator = tenant.id.0, ?problem, "the sweep was not done");
            office.store.measures.job_failed("sweep");
        }
    }
}
