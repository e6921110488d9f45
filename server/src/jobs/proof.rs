//! The daily proof of the ledger: a check of everything, then the anchor of the day, in the second place too.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use model::calendar::Day;
use model::ledger::Anchor;

use handlers::context::Identity;
use handlers::credits::anchor::{MakeAnchor, known_elsewhere, write_elsewhere};
use handlers::credits::check;
use handlers::marketplace::{Marketplace, Tenant};

/// What this worker did already, and where the anchors are written beside the database.
pub struct Proof {
    /// By tenant, its last check.
    checked: BTreeMap<i64, Checked>,
    /// By tenant, the day of its last anchor.
    anchored: BTreeMap<i64, Day>,
    elsewhere: Option<PathBuf>,
}

/// A check: of which day, what it knew of the second place, and whether all was sound.
struct Checked {
    day: Day,
    known: Option<Vec<Anchor>>,
    sound: bool,
}

impl Proof {
    /// `elsewhere` is a folder on another disk or machine.
    pub fn with(elsewhere: Option<PathBuf>) -> Self {
        Self { checked: BTreeMap::new(), anchored: BTreeMap::new(), elsewhere }
    }

    pub async fn run(&mut self, marketplace: &Marketplace) {
        let today = marketplace.clock.now().day_in_rome();
        for tenant in marketplace.tenants.iter() {
            if self.anchored.get(&tenant.id.0) == Some(&today) {
                continue;
            }
            if self.check(marketplace, tenant, today).await
                && anchor(marketplace, tenant, self.elsewhere.as_deref()).await
            {
                self.anchored.insert(tenant.id.0, today);
            } else {
                marketplace.store.metrics.job_failed("proof");
            }
        }
    }

    /// Checks once a day, and again when the second place tells something else. False while an anchor must not be made:
    /// it would hide what is wrong, or what could not be compared.
    async fn check(&mut self, marketplace: &Marketplace, tenant: &Tenant, today: Day) -> bool {
        // What was written there before is what the check must find.
        let known = known_elsewhere(marketplace, self.elsewhere.clone(), tenant, today).await.ok();
        if let Some(last) = self.checked.get(&tenant.id.0)
            && (last.day, &last.known) == (today, &known)
        {
            return last.sound && known.is_some();
        }
        let anchors = known.as_deref().unwrap_or_default();
        match check::run(marketplace, tenant.id, &Identity::System, anchors).await {
            Ok(found) => {
                let sound = found.fault.is_none();
                let may = sound && known.is_some();
                self.checked.insert(tenant.id.0, Checked { day: today, known, sound });
                may
            }
            Err(problem) => {
                tracing::error!(aggregator = tenant.id.0, ?problem, "the ledger was not checked");
                false
            }
        }
    }
}

/// Whether the anchor of the day stands where it should; else the next round tries again.
async fn anchor(marketplace: &Marketplace, tenant: &Tenant, elsewhere: Option<&Path>) -> bool {
    let unit = MakeAnchor { aggregator: tenant.profile.name.clone(), now: marketplace.clock.now() };
    match marketplace.write(tenant.id, unit).await {
        Ok(Some(anchor)) => {
            let written = elsewhere.map_or(Ok(()), |folder| write_elsewhere(folder, &tenant.host, &anchor));
            if let Err(error) = &written {
                tracing::error!(aggregator = tenant.id.0, %error, "the anchor was not written to its second place");
            }
            written.is_ok()
        }
        // The check has said it.
        Ok(None) => false,
        Err(problem) => {
            tracing::error!(aggregator = tenant.id.0, ?problem, "the anchor of the day was not made");
            false
        }
    }
}
