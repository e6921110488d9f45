//! `server call`: a call from its document to the archive.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use model::api::calls::{ArchiveCall, Call, CloseCall, CreateCall, ExtendCall, OpenCall, ReopenCall};
use model::calendar::{Day, Instant};
use model::calls::CallStatus;
use model::ids::CallId;

use super::cli_context::{CliContext, file, refused};
use super::sentences;
use crate::imports;

#[derive(Subcommand)]
pub enum RunCall {
    /// Create a call from a document with its title, limits, bands and modifiers
    ///
    /// It is in preparation until `server call open`.
    Create {
        file: PathBuf,
        /// First instant: a day (from 00:00:00 in Rome) or an instant such as 2026-11-02T08:00:00Z
        #[arg(long, value_parser = first_instant)]
        opens: Instant,
        /// Last instant: a day (to 23:59:59 in Rome) or an instant
        #[arg(long, value_parser = last_instant)]
        closes: Instant,
    },
    /// Open a call that is in preparation
    Open(Which),
    /// Give every body more time, while the call is not closed
    Extend {
        #[command(flatten)]
        which: Which,
        /// The new last instant: a day (to 23:59:59 in Rome) or an instant
        #[arg(long, value_parser = last_instant)]
        until: Instant,
    },
    /// Close the open call now
    Close(Which),
    /// Open a closed call again, for every body
    ///
    /// What was kept by silence stays as it is; those bodies may add services.
    Reopen {
        #[command(flatten)]
        which: Which,
        /// The new last instant: a day (to 23:59:59 in Rome) or an instant
        #[arg(long, value_parser = last_instant)]
        until: Instant,
        /// Why: every body reads it
        #[arg(long)]
        reason: String,
    },
    /// Archive a closed call: what is left of its credits expires
    Archive(Which),
    /// List the calls, newest first
    List,
}

/// Which call is meant.
#[derive(Args)]
pub struct Which {
    /// The call's number, as `server call list` tells it; without it the newest that fits
    #[arg(long, value_name = "NUMBER")]
    call: Option<CallId>,
}

impl Which {
    /// The call that was named; else the newest in one of these states, the first state before the others.
    pub async fn find(&self, cli: &CliContext, fitting: &[CallStatus]) -> Result<CallId, String> {
        if let Some(id) = self.call {
            return Ok(id);
        }
        let calls = calls(cli).await?;
        fitting
            .iter()
            .find_map(|status| calls.iter().find(|call| call.status == *status))
            .map(|call| call.id)
            .ok_or_else(|| {
                let names: Vec<_> = fitting.iter().map(|status| status.name()).collect();
                format!("No call fits: none is {}.", names.join(" or "))
            })
    }
}

async fn calls(cli: &CliContext) -> Result<Vec<Call>, String> {
    let wrong = |error| format!("The calls can't be read: {error}.");
    let rows = cli.read().await?.all_calls().await.map_err(wrong)?;
    rows.iter().map(|row| row.call().map_err(wrong)).collect::<Result<_, _>>()
}

impl RunCall {
    pub async fn run(self, cli: &CliContext) -> Result<String, String> {
        match self {
            Self::Create { file: path, opens, closes } => create(cli, &path, opens, closes).await,
            Self::Open(which) => {
                let call = which.find(cli, &[CallStatus::Draft]).await?;
                let call = cli.execute(OpenCall { call }).await?;
                Ok(format_call("is open", &call))
            }
            Self::Extend { which, until } => {
                let call = which.find(cli, &[CallStatus::Open, CallStatus::Draft]).await?;
                let call = cli.execute(ExtendCall { call, until }).await?;
                Ok(format_call("has more time", &call))
            }
            Self::Close(which) => {
                let call = which.find(cli, &[CallStatus::Open]).await?;
                let call = cli.execute(CloseCall { call }).await?;
                Ok(format_call("is closed", &call))
            }
            Self::Reopen { which, until, reason } => {
                let call = which.find(cli, &[CallStatus::Closed]).await?;
                let reopened = cli.execute(ReopenCall { call, until, reason }).await?;
                Ok(format_call("is open again", &reopened.call) + &format_kept(reopened.kept_by_silence))
            }
            Self::Archive(which) => {
                let call = which.find(cli, &[CallStatus::Closed]).await?;
                let call = cli.execute(ArchiveCall { call }).await?;
                Ok(format_call("is in the archive", &call))
            }
            Self::List => {
                let calls = calls(cli).await?;
                if calls.is_empty() {
                    return Ok("There is no call yet.\n".to_owned());
                }
                Ok(calls.iter().map(line).collect())
            }
        }
    }
}

async fn create(
    cli: &CliContext,
    path: &std::path::Path,
    opens: Instant,
    closes: Instant,
) -> Result<String, String> {
    let (name, bytes) = file(path)?;
    let (title, terms) = imports::call::read(&name, &bytes).map_err(|fault| refused(&[fault]))?;
    let call = CreateCall { title, opens, closes, terms };
    let call = cli.execute(call).await?;
    Ok(format_call("is in preparation", &call))
}

fn format_call(how: &str, call: &Call) -> String {
    format!(
        "Call {}, “{}”, {how}: from {} to {}.\n",
        call.id,
        call.title,
        sentences::instant(call.opens),
        sentences::instant(call.closes)
    )
}

/// What the new time means for bodies that had sent nothing.
fn format_kept(bodies: u32) -> String {
    let bodies = sentences::counted(bodies as usize, "body", "bodies");
    format!(
        "The package of {bodies} was kept by silence at the closing: it stays as it is, and services can be added.\n"
    )
}

fn line(call: &Call) -> String {
    format!(
        "{}  {:8}  {} – {}  {}\n",
        call.id,
        call.status.name(),
        sentences::instant(call.opens),
        sentences::instant(call.closes),
        call.title
    )
}

fn first_instant(text: &str) -> Result<Instant, String> {
    read_instant(text, (0, 0, 0))
}

fn last_instant(text: &str) -> Result<Instant, String> {
    read_instant(text, (23, 59, 59))
}

fn read_instant(text: &str, (hour, minute, second): (u8, u8, u8)) -> Result<Instant, String> {
    Day::parse(text)
        .map(|day| Instant::from_rome(day, hour, minute, second))
        .or_else(|| Instant::parse(text))
        .ok_or_else(|| {
            "a day such as 2026-11-30, or an instant such as 2026-11-30T17:00:00Z, is expected".to_owned()
        })
}
