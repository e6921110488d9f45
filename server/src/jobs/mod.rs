//! What is done without being asked: a worker that goes round every half minute, until it is told to stop.
//!
//! One file a job; jobs act through the store's writer like everybody else.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use handlers::marketplace::Marketplace;

pub mod backup;
pub mod tick;
pub mod clock;
pub mod outbox;
pub mod proof;
pub mod security;
pub mod sweep;

/// Between two rounds.
const ROUND: Duration = Duration::from_secs(30);
/// Rounds between two sweeps: an hour.
const SWEEP_EVERY: u32 = 120;

/// Goes round at once and then every half minute. What is under way when `stop` turns true is finished.
pub async fn work(
    marketplace: Marketplace,
    mut backups: backup::Backups,
    mut proof: proof::Proof,
    security_days: u32,
    mut stop: watch::Receiver<bool>,
) {
    let mut rounds = interval(ROUND);
    // After a machine slept, one round is enough.
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut until_sweep = 0;
    let mut watch = clock::Watch::default();
    loop {
        tokio::select! {
            biased;
            // Whoever could say stop is gone: that is a stop too.
            _ = stop.wait_for(|stop| *stop) => return,
            _ = rounds.tick() => {}
        }
        // What is decided or removed by time waits while the clock is in doubt.
        let clock_is_right = watch.run(&marketplace).await;
        backups.run(&marketplace, clock_is_right).await;
        if !clock_is_right {
            continue;
        }
        tick::run(&marketplace).await;
        proof.run(&marketplace).await;
        if until_sweep == 0 {
            sweep::run(&marketplace, security_days).await;
            until_sweep = SWEEP_EVERY;
        }
        until_sweep -= 1;
    }
}
