//! Delivers what handlers left in the outbox: leases what is due, does it, and notes how it ended.

use std::time::Duration;

use handlers::context::{CallerContext, Identity, RequestContext};
use handlers::marketplace::{Marketplace, Tenant};
use handlers::submissions::letter::AuthorisationLetter;
use model::access::Permission;
use model::api::Problem;
use model::calendar::Instant;
use store::hashing::{random, token};
use store::{Effect, LeasedEffect, Outcome, Transaction, UnitOfWork};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::mail::{Letter, Mail, MailError};

/// Between two rounds.
const ROUND: Duration = Duration::from_secs(5);
/// How long a server has what it leased, in seconds: longer than a delivery takes.
const LEASE: i64 = 60;
/// Between two tries, in seconds: doubled each time, from the first to the last of these.
const PAUSES: (i64, i64) = (10, 3_600);
/// After so many seconds an effect that always failed is given up: three days.
const GIVEN_UP_AFTER: i64 = 3 * 24 * 3_600;

/// Delivers until `stop` turns true; what is under way then is finished.
pub async fn work(marketplace: Marketplace, mail: Mail, mut stop: watch::Receiver<bool>) {
    let mut rounds = interval(ROUND);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            // Whoever could say stop is gone: that is a stop too.
            _ = stop.wait_for(|stop| *stop) => return,
            _ = rounds.tick() => {}
        }
        run(&marketplace, &mail).await;
    }
}

/// Delivers what is due, for each aggregator, until nothing is.
pub async fn run(marketplace: &Marketplace, mail: &Mail) {
    for (place, tenant) in marketplace.tenants.iter().enumerate() {
        if let Err(problem) = run_for(marketplace, mail, (tenant, place == 0)).await {
            tracing::error!(aggregator = tenant.id.0, ?problem, "the outbox could not be worked on");
            marketplace.store.metrics.job_failed("outbox");
        }
    }
}

async fn run_for(
    marketplace: &Marketplace,
    mail: &Mail,
    (tenant, is_first): (&Tenant, bool),
) -> Result<(), Problem> {
    loop {
        let (lease, now) = (token(), marketplace.clock.now());
        let leased = marketplace.write(tenant.id, Lease { lease: lease.clone(), now }).await?;
        if leased.is_empty() {
            return Ok(());
        }
        for effect in leased {
            // What is slow must not outlast the lease: the rest is leased again, by whichever server comes first.
            if marketplace.clock.now() > now.plus_seconds(LEASE / 2) {
                break;
            }
            let delivered = deliver(marketplace, mail, (tenant, is_first), &effect).await;
            let now = marketplace.clock.now();
            let end = end_of(&effect, delivered, now);
            marketplace.store.metrics.delivery(end.name());
            if let DeliveryEnd::Postponed { error, .. }
            | DeliveryEnd::Settled { outcome: Outcome::GivenUp, error } = &end
            {
                let (id, kind, attempt) = (effect.id, effect.effect.kind(), effect.attempts);
                tracing::warn!(
                    aggregator = tenant.id.0,
                    id,
                    kind,
                    attempt,
                    error,
                    "an effect was not delivered"
                );
            }
            let note = NoteEnd { id: effect.id, lease: lease.clone(), end, now };
            marketplace.write(tenant.id, note).await?;
        }
    }
}

/// Why a try failed. Each is of one effect, and holds up only what is for the same recipient.
#[derive(Debug, thiserror::Error)]
enum DeliveryError {
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error("what the letter is about can't be read: {0:?}")]
    Unreadable(Problem),
    #[error("this version of the server can't read it")]
    Unknown,
}

impl From<Problem> for DeliveryError {
    fn from(problem: Problem) -> Self {
        Self::Unreadable(problem)
    }
}

/// What became of an effect: delivered, or dropped as out of date.
async fn deliver(
    marketplace: &Marketplace,
    mail: &Mail,
    (tenant, is_first): (&Tenant, bool),
    effect: &LeasedEffect,
) -> Result<Outcome, DeliveryError> {
    let now = marketplace.clock.now();
    let mut tx = marketplace.store.read(tenant.id).await.map_err(Problem::from)?;
    let caller = CallerContext::open(&mut tx, &Identity::System, now).await.map_err(Problem::from)?;
    let mut ctx = caller.authorize(Permission::ActInTime, None)?;
    let letter = letter(mail, (tenant, is_first), &mut ctx, effect).await?;
    // The database is let go before anything outside of it is waited for.
    drop(tx);
    let Some(letter) = letter else { return Ok(Outcome::Dropped) };
    mail.send(letter, tenant, effect.id, effect.created_at).await?;
    Ok(Outcome::Delivered)
}

/// The letter of an effect; none where it is out of date.
async fn letter(
    mail: &Mail,
    tenant: (&Tenant, bool),
    ctx: &mut RequestContext<'_>,
    effect: &LeasedEffect,
) -> Result<Option<Letter>, DeliveryError> {
    match effect.effect {
        Effect::AuthorisationNeeded { submission } => {
            let letter = AuthorisationLetter::read(ctx, submission, effect.recipient).await?;
            Ok(letter.map(|letter| mail.authorisation(tenant, submission, letter)))
        }
        Effect::Unknown => Err(DeliveryError::Unknown),
    }
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum DeliveryEnd {
    Settled { outcome: Outcome, error: String },
    Postponed { due: Instant, error: String },
}

impl DeliveryEnd {
    fn name(&self) -> &'static str {
        match self {
            Self::Settled { outcome, .. } => outcome.name(),
            Self::Postponed { .. } => "failed",
        }
    }
}

fn end_of(effect: &LeasedEffect, delivered: Result<Outcome, DeliveryError>, now: Instant) -> DeliveryEnd {
    match delivered {
        Ok(outcome) => DeliveryEnd::Settled { outcome, error: String::new() },
        Err(error) if now >= effect.created_at.plus_seconds(GIVEN_UP_AFTER) => {
            DeliveryEnd::Settled { outcome: Outcome::GivenUp, error: error.to_string() }
        }
        Err(error) => {
            let due = now.plus_seconds(pause(effect.attempts, random::<1>()[0]));
            DeliveryEnd::Postponed { due, error: error.to_string() }
        }
    }
}

/// How long to wait after a try that failed, in seconds; up to a quarter more, so that what failed together does not
/// come again together.
fn pause(attempts: u32, chance: u8) -> i64 {
    let (first, last) = PAUSES;
    let pause = (first << attempts.saturating_sub(1).min(16)).min(last);
    pause + pause * i64::from(chance) / 1_024
}

/// Takes what is due.
#[derive(Clone)]
struct Lease {
    lease: String,
    now: Instant,
}

impl UnitOfWork for Lease {
    type Answer = Vec<LeasedEffect>;

    async fn run(self, tx: &mut Transaction) -> Result<Self::Answer, Problem> {
        Ok(tx.lease_effects(&self.lease, self.now, self.now.plus_seconds(LEASE)).await?)
    }
}

/// Notes how a try ended. Where the lease was over, and another server has the effect, nothing is noted.
#[derive(Clone)]
struct NoteEnd {
    id: i64,
    lease: String,
    end: DeliveryEnd,
    now: Instant,
}

impl UnitOfWork for NoteEnd {
    type Answer = ();
    const IDEMPOTENT: bool = true;

    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        let Self { id, lease, end, now } = self;
        match end {
            DeliveryEnd::Settled { outcome, error } => {
                tx.settle_effect(id, &lease, outcome, &error, now).await?;
            }
            DeliveryEnd::Postponed { due, error } => tx.postpone_effect(id, &lease, &error, due).await?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour() {
        let pauses: Vec<_> = (1..=10).map(|attempts| pause(attempts, 0)).collect();
        assert_eq!(pauses, [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600]);
        assert_eq!(pause(40, 0), 3_600);
        assert!((10..=12).contains(&pause(1, u8::MAX)));
    }
}
