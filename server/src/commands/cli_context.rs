//! Where a command finds what it needs: the marketplace over the database, and the aggregator it works for.

use model::api::{FieldError, Operation};
use model::calendar::Instant;

use super::sentences;
use crate::imports::ImportError;
use crate::settings::Settings;
use handlers::clock::Clock;
use handlers::context::{Handler, Identity};
use handlers::marketplace::{Marketplace, Tenant};
use handlers::security_log::COMMAND;
use store::{Store, Transaction, UnitOfWork};

pub struct CliContext {
    pub marketplace: Marketplace,
    /// As it was given: `--host`.
    pub host: Option<String>,
}

impl CliContext {
    pub async fn open(settings: &Settings, host: Option<String>) -> Result<Self, String> {
        let store = Store::open(&settings.database).await?;
        let marketplace = Marketplace::open(store, Clock::Real, settings.demo)
            .await
            .map_err(|error| format!("The database can't be read: {error}."))?;
        Ok(Self { marketplace, host })
    }

    /// The aggregator at hand.
    pub fn tenant(&self) -> Result<&Tenant, String> {
        let tenants = &self.marketplace.tenants;
        let Some(host) = &self.host else {
            return tenants.first().ok_or_else(|| {
                "There is no aggregator yet: `server create-aggregator --help` says how to add one."
                    .to_owned()
            });
        };
        let found = tenants.iter().find(|tenant| tenant.host == *host);
        found.ok_or_else(|| {
            let hosts: Vec<_> = tenants.iter().map(|tenant| tenant.host.as_str()).collect();
            format!("No aggregator has the host name {host}; there are: {}.", hosts.join(", "))
        })
    }

    pub fn now(&self) -> Instant {
        self.marketplace.clock.now()
    }

    /// A connection that reads, for the aggregator at hand.
    pub async fn read(&self) -> Result<Transaction, String> {
        let tx = self.marketplace.store.read(self.tenant()?.id).await;
        tx.map_err(|error| format!("The database can't be read: {error}."))
    }

    /// Performs an operation of the API as the owner of this machine.
    pub async fn execute<F: Handler>(&self, handler: F) -> Result<F::Answer, String> {
        let faults: Vec<FieldError> = Operation::faults(&handler);
        if !faults.is_empty() {
            return Err(sentences::fields(&faults));
        }
        let key = Some(store::hashing::token());
        self.marketplace
            .execute_from(COMMAND.to_owned(), self.tenant()?.id, Identity::System, key, handler)
            .await
            .map_err(|problem| sentences::problem(&problem))
    }

    /// Does something of our own through the store's writer.
    pub async fn write<E: UnitOfWork>(&self, unit: E) -> Result<E::Answer, String> {
        self.marketplace.write(self.tenant()?.id, unit).await.map_err(|problem| sentences::problem(&problem))
    }
}

/// A file that a command was given: its name for the faults, and its bytes.
pub fn file(path: &std::path::Path) -> Result<(String, Vec<u8>), String> {
    let name = path.display().to_string();
    match std::fs::read(path) {
        Ok(bytes) => Ok((name, bytes)),
        Err(error) => Err(format!("The file {name} can't be read: {error}.")),
    }
}

/// What to say of a file with faults.
pub fn refused(faults: &[ImportError]) -> String {
    let mut output: Vec<String> = faults.iter().map(ToString::to_string).collect();
    output.push(match faults.len() {
        1 => "Nothing was changed, because of this fault.".to_owned(),
        several => format!("Nothing was changed, because of these {several} faults."),
    });
    output.join("\n")
}
