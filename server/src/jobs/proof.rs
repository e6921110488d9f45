//! The daily proof of the ledger: the anchor of the day, in the second place too, then a check of everything.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use model::calendar::Day;

use crate::desk::Identity;
use crate::ledger::anchor::{MakeAnchor, newest_elsewhere, write_elsewhere};
use crate::ledger::check;
use crate::office::{Office, Tenant};

/// What this worker did already, and where the anchors are written beside the database.
pub struct Proof {
    /// The day of each tenant's last proof.
    done: BTreeMap<i64, Day>,
    elsewhere: Option<PathBuf>,
}

impl Proof {
    /// `elsewhere` is a folder on another disk or machine.
    pub fn with(elsewhere: Option<PathBuf>) -> Self {
        Self { done: BTreeMap::new(), elsewhere }
    }

    pub async fn run(&mut self, office: &Office) {
        let today = office.clock.now().day_in_rome();
        for tenant in office.tenants.iter() {
            if self.done.get(&tenant.id.0) == Some(&today) {
                continue;
            }
            if of_tenant(office, tenant, self.elsewhere.as_deref()).await {
                self.done.insert(tenant.id.0, today);
            } else {
                office.store.measures.job_failed("proof");
            }
        }
    }
}

/// Whether it was done; else the next round tries again.
async fn of_tenant(office: &Office, tenant: &Tenant, elsewhere: Option<&Path>) -> bool {
    // What was written there before is what the check must find.
    let mut readable = true;
    let known = match elsewhere.map(|folder| newest_elsewhere(folder, &tenant.host)).transpose() {
        Ok(known) => known.flatten(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            tracing::warn!(
                aggregator = tenant.id.0,
                "the second place of the anchors is not there: it is made"
            );
            None
        }
        Err(error) => {
            tracing::error!(aggregator = tenant.id.0, %error, "the anchors in their second place can't be read");
            readable = false;
            None
        }
    };
    if let Err(problem) = check::run(office, tenant.id, &Identity::System, known.as_ref()).await {
        tracing::error!(aggregator = tenant.id.0, ?problem, "the ledger was not checked");
        return false;
    }
    // Somebody must look: a new anchor there would hide what the old one said.
    if !readable {
        return false;
    }
    let errand = MakeAnchor { aggregator: tenant.profile.name.clone(), now: office.clock.now() };
    match office.write(tenant.id, errand).await {
        Ok(anchor) => match elsewhere.map(|folder| write_elsewhere(folder, &tenant.host, &anchor)) {
            Some(Err(error)) => {
                tracing::error!(aggregator = tenant.id.0, %error, "the anchor was not written to its second place");
                false
            }
            _ => true,
        },
        Err(problem) => {
            tracing::error!(aggregator = tenant.id.0, ?problem, "the anchor of the day was not made");
            false
        }
    }
}
