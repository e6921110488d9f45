//! `server clock`: what is decided by time goes on once somebody says that the clock is right.

use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use clap::Subcommand;
use model::api::Problem;
use model::calendar::Instant;

use super::cli_context::CliContext;
use super::sentences::{counted, instant, problem};
use crate::jobs::clock::NoteTime;
use handlers::calls::time::{Rehearsal, TickOutcome};
use handlers::marketplace::Tenant;
use handlers::security_log::note_command;
use model::clock::doubt;
use store::{Scope, Transaction, UnitOfWork};

#[derive(Subcommand)]
pub enum OfClock {
    /// Confirm that this machine's clock is right: what waited for it is then decided
    ///
    /// A server that was off for more than 36 hours, or whose clock was set while it ran, closes no call, lets no submission
    /// lapse and keeps no package until this is said. It tells what will then be decided.
    Confirm {
        /// Only tell what would be decided
        #[arg(long)]
        dry_run: bool,
    },
}

impl OfClock {
    pub async fn run(self, cli: &CliContext) -> Result<String, String> {
        let Self::Confirm { dry_run } = self;
        let now = cli.now();
        // Without an aggregator there is nothing to decide.
        let mut tx =
            cli.marketplace.store.read(cli.tenant()?.id).await.map_err(|error| unreadable(&error))?;
        let noted = tx.clock_noted().await.map_err(|error| unreadable(&error))?;
        drop(tx);
        let mut output = format!("This machine's clock says {} in Rome.\n", instant(now));
        let _ = match noted.last {
            Some(last) => writeln!(output, "It was last found right on {}.", instant(last)),
            None => writeln!(output, "No server has worked on this database yet."),
        };
        if doubt(now, noted).is_none() {
            output.push_str("Nothing waits for it to be confirmed.\n");
        }
        for tenant in cli.marketplace.tenants.iter() {
            let outcome = rehearsed(cli, tenant, now).await?;
            let _ = writeln!(output, "{}: {}.", tenant.profile.name, due(outcome));
        }
        if dry_run {
            output.push_str("Nothing was changed.\n");
            return Ok(output);
        }
        let confirmed = cli.marketplace.write(Scope::Installation, Confirmation { now }).await;
        confirmed.map_err(|what| problem(&what))?;
        output.push_str("The clock is confirmed: a server that runs goes on within half a minute.\n");
        Ok(output)
    }
}

/// Somebody says that the clock is right, as the security log of each aggregator tells.
#[derive(Clone)]
struct Confirmation {
    now: Instant,
}

impl UnitOfWork for Confirmation {
    type Answer = ();

    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        let now = self.now;
        NoteTime { now, leapt: false, confirmed: true }.run(tx).await?;
        Ok(note_command(tx, "clock confirm", now).await?)
    }
}

/// What the next round decides for an aggregator.
async fn rehearsed(cli: &CliContext, tenant: &Tenant, now: Instant) -> Result<TickOutcome, String> {
    let rehearsed = Arc::new(OnceLock::new());
    let rehearsal = Rehearsal { now, outcome: Arc::clone(&rehearsed) };
    let outcome = cli.marketplace.write(tenant.id, rehearsal).await;
    rehearsed.get().copied().ok_or_else(|| outcome.err().as_ref().map(problem).unwrap_or_default())
}

fn due(outcome: TickOutcome) -> String {
    if outcome == TickOutcome::default() {
        return "nothing is due".to_owned();
    }
    let TickOutcome { closed, lapsed, kept } = outcome;
    format!(
        "{}, {}, {}",
        counted(closed as usize, "call closes", "calls close"),
        counted(lapsed as usize, "submission lapses", "submissions lapse"),
        counted(kept as usize, "package is kept by silence", "packages are kept by silence"),
    )
}

fn unreadable(error: &dyn std::fmt::Display) -> String {
    format!("The database can't be read: {error}.")
}
