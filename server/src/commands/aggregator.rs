//! `server create-aggregator`: one more tenant, found by its host name.

use std::path::PathBuf;

use clap::Args;
use model::territory::Aggregator;
use store::Scope;

use super::cli_context::{CliContext, file, refused};
use super::sentences::problem;
use crate::imports::aggregator::{self, SaveAggregator};

/// Its host name is given with --host. Its names and contacts come from a document, or one by one.
#[derive(Args)]
pub struct CreateAggregator {
    /// A document such as server/demo/help.toml; what is given beside it counts more
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// “Provincia di Como”
    #[arg(long)]
    name: Option<String>,
    /// “Clicc@Servizi”
    #[arg(long)]
    brand: Option<String>,
    /// The province whose municipalities it serves, by its two letters
    #[arg(long)]
    province: Option<String>,
    #[arg(long)]
    office: Option<String>,
    #[arg(long)]
    phone: Option<String>,
    #[arg(long)]
    email: Option<String>,
    /// Certified mail (PEC)
    #[arg(long)]
    certified_email: Option<String>,
    /// When the marketplace answers
    #[arg(long)]
    hours: Option<String>,
}

impl CreateAggregator {
    pub async fn run(self, cli: &CliContext) -> Result<String, String> {
        let Some(host) = cli.host.clone() else {
            return Err(
                "Name the aggregator's host with --host, as in --host servizi.example.org.".to_owned()
            );
        };
        if !is_host(&host) {
            return Err(format!(
                "“{host}” is no host name: letters, digits, dots and hyphens are expected, without a port."
            ));
        }
        let known = cli.marketplace.tenants.iter().find(|tenant| tenant.host == host);
        let profile = self.profile(known.map(|tenant| tenant.profile.clone()))?;
        let faults = aggregator::faults(&profile);
        if !faults.is_empty() {
            return Err(format!(
                "The aggregator can't be stored: {}. Nothing was changed.",
                faults.join("; ")
            ));
        }
        let name = profile.name.clone();
        let unit = SaveAggregator { host: host.clone(), profile, now: cli.now() };
        // The aggregator need not be there yet.
        cli.marketplace.write(Scope::Installation, unit).await.map_err(|what| problem(&what))?;
        let done = if known.is_some() { "was brought up to date" } else { "was added" };
        Ok(format!(
            "The aggregator “{name}” {done}, under the host name {host}. A server that runs already sees it when it is \
             started again.\n"
        ))
    }

    /// What is given, over the document, over what is stored.
    fn profile(self, stored: Option<Aggregator>) -> Result<Aggregator, String> {
        let mut profile = match &self.from {
            Some(path) => {
                let (name, bytes) = file(path)?;
                aggregator::read(&name, &bytes).map_err(|fault| refused(&[fault]))?
            }
            None => stored.unwrap_or_default(),
        };
        for (field, given) in [
            (&mut profile.name, self.name),
            (&mut profile.brand, self.brand),
            (&mut profile.province, self.province),
            (&mut profile.office, self.office),
            (&mut profile.phone, self.phone),
            (&mut profile.email, self.email),
            (&mut profile.certified_email, self.certified_email),
            (&mut profile.hours, self.hours),
        ] {
            if let Some(given) = given {
                *field = given;
            }
        }
        Ok(profile)
    }
}

fn is_host(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
    !text.is_empty() && text.chars().all(letter)
}
