//! Anchors: once a day the last entry of each account is published, and written to a second place where one is set.

use std::path::Path;

use model::access::Deed;
use model::api::Problem;
use model::calendar::{Day, Instant};
use model::ledger::{Anchor, LedgerFault, Wrong};
use sha2::{Digest as _, Sha256};

use crate::desk::{Desk, Identity};
use crate::store::{BookRow, Errand, Work, hexadecimal};

/// Makes the anchor of the day, or finds it made.
#[derive(Clone)]
pub struct MakeAnchor {
    pub aggregator: String,
    pub now: Instant,
}

impl Errand for MakeAnchor {
    type Answer = Anchor;

    async fn run(self, work: &mut Work) -> Result<Anchor, Problem> {
        let mut desk = Desk::open(work, &Identity::System, self.now).await?;
        desk.allow(Deed::ActInTime, None)?;
        let day = desk.today();
        if let Some(made) = desk.work.anchor(day).await? {
            return Ok(made);
        }
        let tips = desk.work.tips().await?;
        let anchor = Anchor { aggregator: self.aggregator, day, at: self.now, tips };
        desk.work.add_anchor(&anchor).await?;
        Ok(anchor)
    }
}

/// The anchor as the API answers it, as it is written elsewhere, and as its hash is taken.
pub fn document(anchor: &Anchor) -> String {
    serde_json::to_string(anchor).unwrap_or_default()
}

/// SHA-256 of the document, in hexadecimal.
pub fn hash(anchor: &Anchor) -> String {
    hexadecimal(&Sha256::digest(document(anchor)))
}

fn name(host: &str, day: Day) -> String {
    format!("{host}-{day}.json")
}

/// Writes the anchor beside those of the other days, once; a file that is there is never written again.
///
/// # Errors
/// What the system says.
pub fn write_elsewhere(folder: &Path, host: &str, anchor: &Anchor) -> std::io::Result<()> {
    let path = folder.join(name(host, anchor.day));
    if path.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    // Whole or not at all: a name that begins with a dot is one that was not finished.
    let unfinished = folder.join([".", &name(host, anchor.day)].concat());
    std::fs::write(&unfinished, document(anchor))?;
    std::fs::rename(&unfinished, &path)
}

/// The newest anchor of this host in the second place.
///
/// # Errors
/// What the system says, or that the file is no anchor.
pub fn newest_elsewhere(folder: &Path, host: &str) -> std::io::Result<Option<Anchor>> {
    let of_day = |name: &str| -> Option<Day> {
        Day::parse(name.strip_prefix(host)?.strip_prefix('-')?.strip_suffix(".json")?)
    };
    let days = std::fs::read_dir(folder)?.flatten();
    let Some(newest) = days.filter_map(|entry| of_day(&entry.file_name().to_string_lossy())).max() else {
        return Ok(None);
    };
    let text = std::fs::read_to_string(folder.join(name(host, newest)))?;
    Ok(Some(serde_json::from_str(&text)?))
}

/// An account of the anchor that is not there any more.
pub fn without_account(anchor: &Anchor, accounts: &[BookRow]) -> Option<LedgerFault> {
    let gone = anchor.tips.iter().find(|tip| accounts.iter().all(|row| row.id() != tip.account))?;
    let what = Wrong::Anchored { day: anchor.day };
    Some(LedgerFault { account: gone.account, sequence: Some(gone.sequence), what })
}
