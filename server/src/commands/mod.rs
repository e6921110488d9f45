//! What the program can be told to do, by the owner of its machine.
//!
//! Each command answers with a sentence or two on what it did. Bad input changes nothing, and every fault is named.

use clap::{Args, Parser, Subcommand};
use model::calendar::Day;

use crate::settings::Settings;

mod aggregator;
mod assign;
mod backup;
mod call;
mod cli_context;
mod clock;
mod copy;
mod import;
mod people;
mod sentences;
mod outbox;
mod security_log;
mod serve;
pub mod verify;

use cli_context::CliContext;
use verify::KnownAnchors;

/// The marketplace of shared digital services: the server, and what its owner does from the command line.
///
/// The database is the one in `DATABASE_URL`, or sqlite:data/comunanza.db. Where it is missing, `serve`, `migrate`,
/// `create-aggregator`, `import`, `restore` and `copy` make it; the others refuse.
#[derive(Parser)]
#[command(name = "server", version)]
pub struct Program {
    /// The aggregator that a command works for, by its host name; the first one without it
    #[arg(long, global = true, value_name = "HOST")]
    host: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve pages and API until told to stop (this is what happens without a command)
    Serve,
    /// Make the database, or bring it up to date
    Migrate,
    /// Bring in files: municipalities, catalogue, who joined
    #[command(subcommand)]
    Import(import::Import),
    /// Run a call: create, open, extend, close, archive
    #[command(subcommand)]
    Call(call::RunCall),
    /// Say that this machine's clock is right, after it was off for long or was set
    #[command(subcommand)]
    Clock(clock::OfClock),
    /// Give each joined body its package and its credits by the rule
    Assign(assign::AssignByRule),
    /// Make a person, or give a role more to who is known by this address
    CreatePerson(people::CreatePerson),
    /// Make an administrator of the aggregator
    CreateAdmin(people::CreateAdmin),
    /// Take a role away from a person, now or at the end of a day
    EndRole(people::EndRoleArgs),
    /// Set another password for a person, and end their sessions
    ResetPassword(people::ResetPasswordArgs),
    /// Who signed in or failed to, what was refused, which actions were done, who read personal data
    #[command(subcommand)]
    SecurityLog(security_log::OfSecurityLog),
    /// Letters that wait to go out, or were given up
    #[command(subcommand)]
    Outbox(outbox::OfOutbox),
    /// Add an aggregator, or bring the one with this host name up to date
    CreateAggregator(aggregator::CreateAggregator),
    /// Check the whole ledger: chains, sums, holds, requests, and what was published of it
    Verify,
    /// Check a body's own copy of its ledger, on any machine and without the database
    VerifyLedger(verify::VerifyLedger),
    /// Copy the whole SQLite database to a file, while it is in use
    Backup(backup::Backup),
    /// Put back a copy of the database, after having checked it
    Restore(backup::Restore),
    /// Copy a whole installation into an empty database, of the same kind or the other
    ///
    /// Stop the servers on it first: what they write after the copy has begun stays behind. The copy is compared with
    /// the source row by row and its ledger is checked before any of it is stored.
    Copy(copy::Copy),
    /// Print the OpenAPI document of the API
    Openapi,
}

/// Where a new password comes from.
#[derive(Args)]
struct NewPassword {
    /// Read the password from the standard input, one line, instead of making one up
    #[arg(long)]
    password_stdin: bool,
}

fn read_day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "a day such as 2026-11-30 is expected".to_owned())
}

/// Does what the program was told.
///
/// # Errors
/// What to say instead, for the standard error.
pub async fn run(program: Program) -> Result<String, String> {
    let Program { host, command } = program;
    let command = match command {
        Some(Command::Openapi) => return document(),
        Some(Command::VerifyLedger(verify)) => return verify.run(),
        command => command,
    };
    let settings = Settings::from_environment()?;
    let Some(command) = command.filter(|command| !matches!(command, Command::Serve)) else {
        crate::logs::begin(settings.json_logs, "info");
        crate::panics::watch();
        return serve::serve(&settings).await;
    };
    crate::logs::begin(settings.json_logs, "warn");
    let command = match command {
        Command::Restore(restore) => return restore.run(&settings).await,
        Command::Copy(copy) => return copy.run(&settings).await,
        command => command,
    };
    if !matches!(command, Command::Migrate | Command::CreateAggregator(_) | Command::Import(_)) {
        // Made anew it would be empty, and look well.
        settings.address_of_database().refuse_absent()?;
    }
    let cli = CliContext::open(&settings, host).await?;
    let done = run_on_database(command, &cli, &settings).await;
    cli.marketplace.write_security_log(true).await;
    cli.marketplace.store.close().await;
    done
}

/// Runs a command that works on the database which is open.
async fn run_on_database(command: Command, cli: &CliContext, settings: &Settings) -> Result<String, String> {
    match command {
        Command::Serve
        | Command::Openapi
        | Command::VerifyLedger(_)
        | Command::Restore(_)
        | Command::Copy(_) => Err("This command does not work on an open database.".to_owned()),
        Command::Backup(backup) => backup.run(cli, settings).await,
        Command::Verify => {
            verify::everything(cli, settings.anchors.as_deref(), KnownAnchors::ByTheClock).await
        }
        Command::Migrate => Ok("The database is up to date.\n".to_owned()),
        Command::Import(import) => import.run(cli).await,
        Command::Call(call) => call.run(cli).await,
        Command::Clock(clock) => clock.run(cli).await,
        Command::Assign(assign) => assign.run(cli).await,
        Command::CreatePerson(person) => person.run(cli).await,
        Command::CreateAdmin(admin) => admin.run(cli).await,
        Command::EndRole(end) => end.run(cli).await,
        Command::ResetPassword(reset) => reset.run(cli).await,
        Command::SecurityLog(log) => log.run(cli).await,
        Command::Outbox(outbox) => outbox.run(cli).await,
        Command::CreateAggregator(aggregator) => aggregator.run(cli).await,
    }
}

fn document() -> Result<String, String> {
    let document = crate::http::openapi::make();
    serde_json::to_string_pretty(&document)
        .map(|text| text + "\n")
        .map_err(|error| format!("The document can't be written: {error}."))
}
