//! Anchors: once a day the last entry of each account is published, and written to a second place where one is set.

use std::io::Write as _;
use std::path::Path;

use model::access::Deed;
use model::api::Problem;
use model::calendar::{Day, Instant};
use model::ledger::{Anchor, LedgerFault, Wrong};
use sha2::{Digest as _, Sha256};

use crate::desk::{Desk, Identity};
use crate::office::Tenant;
use crate::store::{BookRow, Errand, Work, hexadecimal};

/// Makes the anchor of the day, or finds it made; none while the last check found a fault, which it would hide.
#[derive(Clone)]
pub struct MakeAnchor {
    pub aggregator: String,
    pub now: Instant,
}

impl Errand for MakeAnchor {
    type Answer = Option<Anchor>;

    async fn run(self, work: &mut Work) -> Result<Option<Anchor>, Problem> {
        let mut desk = Desk::open(work, &Identity::System, self.now).await?;
        desk.allow(Deed::ActInTime, None)?;
        let day = desk.today();
        if let Some(made) = desk.work.anchor(day).await? {
            return Ok(Some(made));
        }
        if desk.work.latest_check().await?.is_some_and(|found| found.fault.is_some()) {
            return Ok(None);
        }
        let tips = desk.work.tips().await?;
        let anchor = Anchor { aggregator: self.aggregator, day, at: self.now, tips };
        desk.work.add_anchor(&anchor).await?;
        Ok(Some(anchor))
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
    let mut file = std::fs::File::create(&unfinished)?;
    file.write_all(document(anchor).as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&unfinished, &path)
}

/// What a check compares with in the second place: the newest anchor of this host up to this day, and what a wrong clock
/// dated later. Nothing where there is no second place, or nothing was written there yet.
///
/// # Errors
/// What the system says, or that a file is no anchor.
pub fn held_elsewhere(folder: Option<&Path>, host: &str, today: Day) -> std::io::Result<Vec<Anchor>> {
    let of_day = |name: &str| -> Option<Day> {
        Day::parse(name.strip_prefix(host)?.strip_prefix('-')?.strip_suffix(".json")?)
    };
    let Some(folder) = folder else { return Ok(Vec::new()) };
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            tracing::warn!(folder = %folder.display(), "the second place of the anchors is not there");
            return Ok(Vec::new());
        }
        entries => entries?,
    };
    let mut days = Vec::new();
    for entry in entries {
        days.extend(of_day(&entry?.file_name().to_string_lossy()));
    }
    let newest = days.iter().filter(|day| **day <= today).max().copied().unwrap_or(today);
    days.retain(|day| *day >= newest);
    let read = |day| Ok(serde_json::from_str(&std::fs::read_to_string(folder.join(name(host, day)))?)?);
    days.into_iter().map(read).collect()
}

/// The same for a tenant now; the log says why it can't be told.
///
/// # Errors
/// As above.
pub fn kept_elsewhere(folder: Option<&Path>, tenant: &Tenant, now: Instant) -> std::io::Result<Vec<Anchor>> {
    let held = held_elsewhere(folder, &tenant.host, now.day_in_rome());
    if let Err(error) = &held {
        tracing::error!(aggregator = tenant.id.0, %error, "the anchors in their second place can't be read");
    }
    held
}

/// An account of the anchor that is not there any more.
pub fn without_account(anchor: &Anchor, accounts: &[BookRow]) -> Option<LedgerFault> {
    let gone = anchor.tips.iter().find(|tip| accounts.iter().all(|row| row.id() != tip.account))?;
    let what = Wrong::Anchored { day: anchor.day };
    Some(LedgerFault { account: gone.account, sequence: Some(gone.sequence), what })
}
