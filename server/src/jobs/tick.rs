//! The clock's tick for each aggregator: calls close, submissions lapse, silence keeps the package.

use handlers::calls::time::{Tick, TickOutcome};
use handlers::marketplace::Marketplace;

pub async fn run(marketplace: &Marketplace) {
    for tenant in marketplace.tenants.iter() {
        // By this instant it is decided, and by no other: the unit of work itself looks whether it can be right.
        let now = marketplace.clock.now();
        match marketplace.write(tenant.id, Tick { now }).await {
            Ok(outcome) if outcome == TickOutcome::default() => {}
            Ok(TickOutcome { closed, lapsed, kept }) => {
                tracing::info!(aggregator = tenant.id.0, closed, lapsed, kept, "the clock");
            }
            // The next round tries again.
            Err(problem) => {
                tracing::error!(aggregator = tenant.id.0, ?problem, "the clock was not heard");
                marketplace.store.metrics.job_failed("beat");
            }
        }
    }
}
