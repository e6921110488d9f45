//! `server copy`: a whole installation into an empty database, from SQLite to PostgreSQL, back, or between two alike.

use std::path::Path;

use clap::Args;

use super::sentences::{counted, instant};
use crate::settings::Settings;
use handlers::clock::Clock;
use handlers::credits::anchor::{AnchorError, held_elsewhere};
use handlers::credits::check;
use handlers::security_log::note_command;
use store::copy::Transfer;
use store::{Address, Transaction};

#[derive(Args)]
pub struct Copy {
    /// The database that is copied: `sqlite:FILE` or `postgres://ROLE@HOST/DATABASE`
    #[arg(long, value_name = "URL")]
    from: String,
    /// The empty database that it is copied into; an SQLite file is made
    #[arg(long, value_name = "URL")]
    to: String,
}

impl Copy {
    pub async fn run(self, settings: &Settings) -> Result<String, String> {
        let copied = self.copied(settings.anchors.as_deref()).await;
        copied.map_err(|why| format!("{why}\nNothing was copied."))
    }

    async fn copied(&self, anchors: Option<&Path>) -> Result<String, String> {
        let from = Address { url: &self.from, given: "--from" };
        let to = Address { url: &self.to, given: "--to" };
        let mut transfer = Transfer::begin(from, to).await?;
        let now = Clock::Real.now();
        // Before the rows travel: it would be a pity to find it afterwards.
        sound(&mut transfer.source, "source", anchors).await?;
        let read = transfer
            .pour(|table, rows| {
                eprintln!("{table}: {}", counted(usize::try_from(rows).unwrap_or(usize::MAX), "row", "rows"));
            })
            .await?;
        eprintln!("Reading the copy again, and checking its ledger.");
        transfer.compare(&read).await?;
        let entries = sound(&mut transfer.target, "copy", anchors).await?;
        transfer.number().await?;
        let noted = note_command(&mut transfer.target, "copy", now).await;
        noted.map_err(|error| format!("The security log of the copy can't be written: {error}."))?;
        transfer.keep().await?;
        Ok(format!(
            "{} rows in {} tables were copied, as they were on {}.\nSHA-256 of both: {}\nThe ledger of the copy is \
             sound: {entries} entries.\n",
            read.rows(),
            read.tables(),
            instant(now),
            read.sha256()
        ))
    }
}

/// Checks the ledger of every aggregator, and counts its entries.
async fn sound(tx: &mut Transaction, which: &str, anchors: Option<&Path>) -> Result<i64, String> {
    let unread =
        |error: &dyn std::fmt::Display| format!("The ledger of the {which} can't be checked: {error}.");
    let aggregators = tx.aggregators().await.map_err(|error| unread(&error))?;
    let mut entries = 0;
    for aggregator in aggregators {
        let now = Clock::Real.now();
        let known = anchors
            .map(|folder| held_elsewhere(folder, &aggregator.host, now.day_in_rome()))
            .transpose()
            .map_err(|error| AnchorError::from(error).to_string())?
            .unwrap_or_default();
        tx.turn_to(aggregator.id).await.map_err(|error| unread(&error))?;
        let found = check::everything(tx, now, &known).await;
        let found = found.map_err(|error| unread(&error))?;
        if let Some(fault) = found.fault {
            let host = aggregator.host;
            return Err(format!("The ledger of the {which} is NOT sound. First fault, at {host}: {fault}."));
        }
        entries += found.entries;
    }
    Ok(entries)
}
