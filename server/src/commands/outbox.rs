//! `server outbox`: letters that wait or were given up.

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use model::api::Problem;
use model::calendar::Instant;
use store::{Effect, OutboxRow, Transaction, UnitOfWork};

use super::cli_context::CliContext;
use super::sentences::{counted, instant};

/// Lines of the list.
const MOST: i64 = 200;

#[derive(Subcommand)]
pub enum OfOutbox {
    /// List what waits and what was given up, oldest first, with the error of the last try
    List,
    /// Try one again at once
    Retry(RetryArgs),
}

#[derive(Args)]
pub struct RetryArgs {
    /// Its number in the list
    id: i64,
}

impl OfOutbox {
    pub async fn run(self, cli: &CliContext) -> Result<String, String> {
        match self {
            Self::List => list(cli).await,
            Self::Retry(RetryArgs { id }) => {
                let now = cli.marketplace.clock.now();
                if cli.write(RetryEffect { id, now }).await? {
                    Ok("It is tried again within some seconds, by a server with MAIL.\n".to_owned())
                } else {
                    Err(format!("Nothing with the number {id} waits or was given up."))
                }
            }
        }
    }
}

async fn list(cli: &CliContext) -> Result<String, String> {
    let unreadable = |error| format!("The outbox can't be read: {error}.");
    let mut tx = cli.marketplace.store.read(cli.tenant()?.id).await.map_err(unreadable)?;
    let rows = tx.outbox(MOST).await.map_err(unreadable)?;
    if rows.is_empty() {
        return Ok("Nothing waits, and nothing was given up.\n".to_owned());
    }
    let mut output = String::new();
    for row in &rows {
        let _ = writeln!(output, "{}", line(row, &row.effect()));
    }
    Ok(output)
}

fn line(row: &OutboxRow, effect: &Effect) -> String {
    let what = match effect {
        Effect::AuthorisationNeeded { submission } => {
            format!("authorisation needed, submission {submission}")
        }
        Effect::Unknown => "not known to this version of the server".to_owned(),
    };
    let attempts = counted(usize::try_from(row.attempts).unwrap_or_default(), "attempt", "attempts");
    let state = if row.given_up { "given up".to_owned() } else { format!("due {}", instant(row.due_at)) };
    let error = if row.error.is_empty() { String::new() } else { format!(": {}", row.error) };
    let since = instant(row.created_at);
    format!("{}  {what}, since {since}, {attempts}, {state}{error}", row.id)
}

#[derive(Clone)]
struct RetryEffect {
    id: i64,
    now: Instant,
}

impl UnitOfWork for RetryEffect {
    type Answer = bool;

    async fn run(self, tx: &mut Transaction) -> Result<bool, Problem> {
        Ok(tx.retry_effect(self.id, self.now).await?)
    }
}
