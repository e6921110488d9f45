//! The clock's beat for each aggregator: calls close, submissions lapse, silence keeps the package.

use crate::flows::time::{Beat, Beaten};
use crate::office::Office;

pub async fn run(office: &Office) {
    for tenant in office.tenants.iter() {
        // By this instant it is decided, and by no other: the errand itself looks whether it can be right.
        let now = office.clock.now();
        match office.write(tenant.id, Beat { now }).await {
            Ok(beaten) if beaten == Beaten::default() => {}
            Ok(Beaten { closed, lapsed, kept }) => {
                tracing::info!(aggregator = tenant.id.0, closed, lapsed, kept, "the clock");
            }
            // The next round tries again.
            Err(problem) => {
                tracing::error!(aggregator = tenant.id.0, ?problem, "the clock was not heard");
                office.store.measures.job_failed("beat");
            }
        }
    }
}
