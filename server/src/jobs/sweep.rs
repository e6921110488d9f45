//! The hourly sweep: notices that are over, sessions and tries that are over for more than a day, answers of more than
//! thirty days ago, and old events of the security log.

use model::access::Deed;
use model::api::Problem;
use model::calendar::Instant;

use crate::desk::{Desk, Identity};
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
        desk.work.sweep(self.now.0, DAY).await?;
        desk.work.prune_events(self.now.0 - i64::from(self.security_days) * DAY).await?;
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
