//! Anchors: once a day the last entry of each account is published, and written to a second place where one is set.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use model::access::Permission;
use model::api::Problem;
use model::calendar::{Day, Instant};
use model::ledger::{Anchor, LedgerFault, Wrong};

use crate::context::{CallerContext, Identity};
use crate::marketplace::{Marketplace, Tenant};
use store::hashing::anchor_document;
use store::{BookRow, Transaction, UnitOfWork};

/// Makes the anchor of the day, or finds it made; none on a day on which a check found a fault, which it would hide.
#[derive(Clone)]
pub struct MakeAnchor {
    pub aggregator: String,
    pub now: Instant,
}

impl UnitOfWork for MakeAnchor {
    type Answer = Option<Anchor>;

    async fn run(self, tx: &mut Transaction) -> Result<Option<Anchor>, Problem> {
        let ctx = CallerContext::open(tx, &Identity::System, self.now)
            .await?
            .authorize(Permission::ActInTime, None)?;
        let day = ctx.today();
        if ctx.tx.faulty_on(day).await? {
            return Ok(None);
        }
        if let Some(made) = ctx.tx.anchor(day).await? {
            return Ok(Some(made));
        }
        let tips = ctx.tx.tips().await?;
        let anchor = Anchor { aggregator: self.aggregator, day, at: self.now, tips };
        ctx.tx.add_anchor(&anchor).await?;
        Ok(Some(anchor))
    }
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
    file.write_all(anchor_document(anchor).as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&unfinished, &path)
}

/// What a check compares with in the second place: the newest anchor of this host up to this day, and what a wrong clock
/// dated later.
///
/// # Errors
/// What the system says, or that a file is no anchor.
pub fn held_elsewhere(folder: &Path, host: &str, today: Day) -> std::io::Result<Vec<Anchor>> {
    let of_day = |name: &str| -> Option<Day> {
        Day::parse(name.strip_prefix(host)?.strip_prefix('-')?.strip_suffix(".json")?)
    };
    let mut days = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        days.extend(of_day(&entry?.file_name().to_string_lossy()));
    }
    let newest = days.iter().filter(|day| **day <= today).max().copied().unwrap_or(today);
    days.retain(|day| *day >= newest);
    days.sort_unstable();
    let read = |day| Ok(serde_json::from_str(&std::fs::read_to_string(folder.join(name(host, day)))?)?);
    days.into_iter().map(read).collect()
}

/// The same for a tenant: nothing where there is no second place, or where it is still to be made. Once there is an anchor
/// a folder that is not there is one that was not mounted.
///
/// # Errors
/// When the second place can't be read, which was logged.
pub async fn known_elsewhere(
    marketplace: &Marketplace,
    folder: Option<PathBuf>,
    tenant: &Tenant,
    today: Day,
) -> Result<Vec<Anchor>, AnchorError> {
    let Some(folder) = folder else { return Ok(Vec::new()) };
    let host = tenant.host.clone();
    let held = tokio::task::spawn_blocking(move || held_elsewhere(&folder, &host, today)).await;
    let error = match held.map_err(std::io::Error::other).flatten() {
        Ok(anchors) => return Ok(anchors),
        Err(error) => error,
    };
    if error.kind() == std::io::ErrorKind::NotFound {
        let newest = async { marketplace.store.read(tenant.id).await?.newest_anchor_day().await };
        if matches!(newest.await, Ok(None)) {
            return Ok(Vec::new());
        }
    }
    tracing::error!(aggregator = tenant.id.0, %error, "the anchors in their second place can't be read");
    Err(AnchorError(error))
}

/// The second place can't be read.
#[derive(Debug, thiserror::Error)]
#[error("The anchors in the second place can't be read: {0}.")]
pub struct AnchorError(#[from] std::io::Error);

/// The fault of an anchor that is not as it was listed when it was made: its first account stands for all.
pub fn altered(anchor: &Anchor) -> Option<LedgerFault> {
    let tip = anchor.tips.first()?;
    let what = Wrong::Anchored { day: anchor.day };
    Some(LedgerFault { account: tip.account, sequence: Some(tip.sequence), what })
}

/// An account of the anchor that is not there any more.
pub fn without_account(anchor: &Anchor, accounts: &[BookRow]) -> Option<LedgerFault> {
    let gone = anchor.tips.iter().find(|tip| accounts.iter().all(|row| row.id() != tip.account))?;
    let what = Wrong::Anchored { day: anchor.day };
    Some(LedgerFault { account: gone.account, sequence: Some(gone.sequence), what })
}
