//! `server verify` and `server verify-ledger`: whether the ledger was altered.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use model::api::credits::Ledger;
use model::calendar::Day;
use model::ledger::Anchor;

use super::cli_context::{CliContext, file};
use super::sentences::{counted, problem};
use handlers::context::Identity;
use handlers::credits::anchor::known_elsewhere;
use handlers::credits::check;
use handlers::marketplace::Tenant;
use store::hashing::{chained, placed, sealed};

/// Which anchors of the second place a ledger must hold to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum KnownAnchors {
    /// The newest up to today.
    ByTheClock,
    /// The newest up to that of the ledger itself, which is a copy of some day.
    ByTheCopy,
}

/// Checks the ledger of the aggregator at hand, or of all where none is named.
pub async fn everything(
    cli: &CliContext,
    elsewhere: Option<&Path>,
    known: KnownAnchors,
) -> Result<String, String> {
    let named = cli.tenant()?;
    let tenants: Vec<_> = match &cli.host {
        Some(_) => vec![named],
        None => cli.marketplace.tenants.iter().collect(),
    };
    let mut output = String::new();
    let mut sound = true;
    for tenant in tenants {
        let last = match known {
            KnownAnchors::ByTheClock => cli.now().day_in_rome(),
            KnownAnchors::ByTheCopy => newest_anchor(cli, tenant).await?,
        };
        let elsewhere = elsewhere.map(Path::to_owned);
        let mut anchors = known_elsewhere(&cli.marketplace, elsewhere, tenant, last)
            .await
            .map_err(|error| error.to_string())?;
        let later = anchors.iter().map(|anchor| anchor.day).filter(|day| *day > last).max();
        if let Some(later) = later.filter(|_| known == KnownAnchors::ByTheCopy) {
            anchors.retain(|anchor| anchor.day <= last);
            let _ = writeln!(
                output,
                "{}: the second place has anchors up to {later}. What was written after this copy is lost, and the \
                 daily check will say so until they are put aside.",
                tenant.profile.name
            );
        }
        let found = check::run(&cli.marketplace, tenant.id, &Identity::System, &anchors)
            .await
            .map_err(|what| problem(&what))?;
        let (name, accounts, entries) = (&tenant.profile.name, found.accounts, found.entries);
        let _ = write!(output, "{name}: {}, ", counted(accounts as usize, "account", "accounts"));
        let _ = write!(output, "{entries} entries: ");
        let _ = match &found.fault {
            None => writeln!(output, "the ledger is sound."),
            Some(fault) => writeln!(output, "the ledger is NOT sound. First fault: {fault}."),
        };
        sound &= found.fault.is_none();
    }
    if sound { Ok(output) } else { Err(output.trim_end().to_owned()) }
}

/// The day of the last anchor that this ledger knows of.
async fn newest_anchor(cli: &CliContext, tenant: &Tenant) -> Result<Day, String> {
    let newest = async { cli.marketplace.store.read(tenant.id).await?.newest_anchor_day().await };
    let newest = newest.await.map_err(|error| format!("The database can't be read: {error}."))?;
    Ok(newest.unwrap_or(Day(i32::MIN)))
}

#[derive(Args)]
pub struct VerifyLedger {
    /// The copy, as it was downloaded from the page of the movements
    file: PathBuf,
    /// An anchor that was published on some day, kept since then
    #[arg(long, value_name = "FILE")]
    anchor: Vec<PathBuf>,
}

impl VerifyLedger {
    pub fn run(self) -> Result<String, String> {
        let ledger: Ledger = read(&self.file)?;
        let anchors: Vec<Anchor> = self.anchor.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
        judge(&ledger, &anchors)
    }
}

/// What there is to say of a copy, beside the anchors that somebody kept.
///
/// # Errors
/// The first fault.
pub fn judge(ledger: &Ledger, anchors: &[Anchor]) -> Result<String, String> {
    if let Some(anchor) = anchors.iter().find(|anchor| anchor.aggregator != ledger.aggregator) {
        return Err(format!(
            "The anchor of {} is of another aggregator, {}: it proves nothing here.",
            anchor.day, anchor.aggregator
        ));
    }
    let unsound = |fault| format!("This copy is NOT sound. First fault: {fault}.");
    let mut known = vec![0; anchors.len()];
    for book in &ledger.books {
        book.check(chained).and_then(|()| book.check_notes(sealed)).map_err(unsound)?;
        for (anchor, known) in anchors.iter().zip(&mut known) {
            *known += usize::from(book.check_anchor(anchor, placed).map_err(unsound)?);
        }
    }
    let entries: usize = ledger.books.iter().map(|book| book.entries.len()).sum();
    let accounts = counted(ledger.books.len(), "account", "accounts");
    let mut output = format!(
        "{}, {}: {accounts}, {}: this copy is sound.\n",
        ledger.body.title,
        ledger.at,
        counted(entries, "entry", "entries")
    );
    for (anchor, known) in anchors.iter().zip(known) {
        let _ = match known {
            0 => writeln!(
                output,
                "The anchor of {} knows none of them: it proves nothing of this copy.",
                anchor.day
            ),
            known => writeln!(
                output,
                "It agrees with the anchor of {}, which knows {}.",
                anchor.day,
                counted(known, "account", "accounts")
            ),
        };
    }
    Ok(output)
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, String> {
    let (name, bytes) = file(path)?;
    serde_json::from_slice(&bytes)
        .map_err(|error| format!("The file {name} is not what the marketplace gives: {error}."))
}
