//! The aggregator as a document: its names, its province, and where to ask for help.

use model::api::Problem;
use model::calendar::Instant;
use model::ids::AggregatorId;
use model::territory::Aggregator;
use serde::Deserialize;

use super::{ImportError, allowed, document, noted};
use store::{Transaction, UnitOfWork};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AggregatorDocument {
    help: Help,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Help {
    aggregator: String,
    brand: String,
    province: String,
    office: String,
    phone: String,
    email: String,
    pec: String,
    hours: String,
    #[serde(default)]
    address: String,
}

/// Reads the document.
///
/// # Errors
/// Its fault.
pub fn read(file: &str, bytes: &[u8]) -> Result<Aggregator, ImportError> {
    let AggregatorDocument { help } = document(file, bytes)?;
    // One line on the pages: who it is, and where.
    let office = [help.office, help.address]
        .into_iter()
        .filter(|part| !part.trim().is_empty())
        .collect::<Vec<_>>()
        .join(" – ");
    Ok(Aggregator {
        name: help.aggregator,
        brand: help.brand,
        province: help.province,
        phone: help.phone,
        email: help.email,
        certified_email: help.pec,
        hours: help.hours,
        office,
    })
}

/// What an aggregator can't do without.
pub fn faults(profile: &Aggregator) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, text) in [("name", &profile.name), ("brand", &profile.brand)] {
        if text.trim().is_empty() {
            faults.push(format!("its {name} is empty"));
        }
    }
    let province = profile.province.as_bytes();
    if province.len() != 2 || !province.iter().all(u8::is_ascii_uppercase) {
        let found = &profile.province;
        faults.push(format!("its province is two capital letters, not “{found}”"));
    }
    faults
}

/// Stores an aggregator under its host name, or brings the one that has it up to date.
#[derive(Clone)]
pub struct SaveAggregator {
    pub host: String,
    pub profile: Aggregator,
    pub now: Instant,
}

impl UnitOfWork for SaveAggregator {
    /// Its number.
    type Answer = AggregatorId;

    async fn run(self, tx: &mut Transaction) -> Result<AggregatorId, Problem> {
        allowed(tx, self.now).await?;
        let id = tx.save_aggregator(&self.host, &self.profile).await?;
        let before = tx.scope();
        // Its own log: the others have nothing to do with it.
        tx.turn_to(id).await?;
        noted(tx, "create-aggregator", self.now).await?;
        tx.turn_to(before).await?;
        Ok(id)
    }
}
