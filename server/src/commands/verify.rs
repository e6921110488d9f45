//! `server verify` and `server verify-ledger`: whether the ledger was altered.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use model::api::ledger::Ledger;
use model::ledger::Anchor;

use super::say::{counted, problem};
use super::town_hall::{TownHall, file};
use crate::desk::Identity;
use crate::ledger::anchor::newest_elsewhere;
use crate::ledger::{chained, check};

/// Checks the ledger of the aggregator at hand, or of all where none is named.
pub async fn everything(hall: &TownHall, elsewhere: Option<&Path>) -> Result<String, String> {
    let named = hall.tenant()?;
    let tenants: Vec<_> = match &hall.host {
        Some(_) => vec![named],
        None => hall.office.tenants.iter().collect(),
    };
    let mut said = String::new();
    let mut sound = true;
    for tenant in tenants {
        let known = elsewhere.map(|folder| newest_elsewhere(folder, &tenant.host)).transpose();
        let known =
            known.map_err(|error| format!("The anchors in the second place can't be read: {error}."))?;
        let found = check::run(&hall.office, tenant.id, &Identity::System, known.flatten().as_ref())
            .await
            .map_err(|what| problem(&what))?;
        let (name, accounts, entries) = (&tenant.profile.name, found.accounts, found.entries);
        let _ = write!(said, "{name}: {}, ", counted(accounts as usize, "account", "accounts"));
        let _ = write!(said, "{entries} entries: ");
        let _ = match &found.fault {
            None => writeln!(said, "the ledger is sound."),
            Some(fault) => writeln!(said, "the ledger is NOT sound. First fault: {fault}."),
        };
        sound &= found.fault.is_none();
    }
    if sound { Ok(said) } else { Err(said.trim_end().to_owned()) }
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
    for book in &ledger.books {
        book.check(chained)
            .and_then(|()| anchors.iter().try_for_each(|anchor| book.check_anchor(anchor)))
            .map_err(|fault| format!("This copy is NOT sound. First fault: {fault}."))?;
    }
    let entries: usize = ledger.books.iter().map(|book| book.entries.len()).sum();
    let accounts = counted(ledger.books.len(), "account", "accounts");
    let beside = match anchors.len() {
        0 => String::new(),
        several => format!(", and agrees with {}", counted(several, "anchor", "anchors")),
    };
    Ok(format!(
        "{}, {}: {accounts}, {}: this copy is sound{beside}.\n",
        ledger.body.title,
        ledger.at,
        counted(entries, "entry", "entries")
    ))
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, String> {
    let (name, bytes) = file(path)?;
    serde_json::from_slice(&bytes)
        .map_err(|error| format!("The file {name} is not what the marketplace gives: {error}."))
}
