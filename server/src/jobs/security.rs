//! Writes the security log: every two seconds what was noted meanwhile.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use handlers::marketplace::Marketplace;

/// Between two batches: what a server that is killed may lose.
const ROUND: Duration = Duration::from_secs(2);

/// Until `stop` turns true; what comes after that is for whoever stops the server to write.
pub async fn write(marketplace: Marketplace, mut stop: watch::Receiver<bool>) {
    let mut rounds = interval(ROUND);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            // Whoever could say stop is gone: that is a stop too.
            _ = stop.wait_for(|stop| *stop) => return,
            _ = rounds.tick() => {}
        }
        marketplace.write_security_log(false).await;
    }
}
