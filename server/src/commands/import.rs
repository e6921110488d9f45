//! `server import`: municipalities, catalogue, who joined.

use std::path::PathBuf;

use clap::Subcommand;

use super::cli_context::{CliContext, file, refused};
use crate::imports::catalogue::ImportCatalogue;
use crate::imports::comuni::{Census, ImportMunicipalities};
use crate::imports::joined::ImportJoined;
use crate::imports::{catalogue, comuni, joined};

#[derive(Subcommand)]
pub enum Import {
    /// The national list of municipalities, as CSV
    ///
    /// Columns: `codice_istat`, `nome`, `nome_altra_lingua`, `codice_catastale`, `sigla_provincia`, `provincia`,
    /// `regione`, `capoluogo` (1 or 0), `popolazione_YYYY` (empty where it is unknown).
    Comuni {
        file: PathBuf,
        /// The year of the population, where the column's name does not tell it
        #[arg(long)]
        year: Option<u16>,
        /// Who counted it
        #[arg(long, default_value = "ISTAT")]
        source: String,
    },
    /// A folder with areas.toml, packages.toml and services/<code>.toml
    Catalogue { folder: PathBuf },
    /// Who joined, as CSV
    ///
    /// Columns: `codice_istat`, `act`, `date` (2026-01-31), `mountain`, `structural_difficulty`, `union_member`
    /// (yes, no or unknown).
    Joined { file: PathBuf },
}

impl Import {
    pub async fn run(self, cli: &CliContext) -> Result<String, String> {
        cli.tenant()?;
        match self {
            Self::Comuni { file: path, year, source } => {
                let (name, bytes) = file(&path)?;
                let census = Census { year, source };
                let rows = comuni::read(&name, &bytes, &census).map_err(|faults| refused(&faults))?;
                let now = cli.now();
                let tally = cli.write(ImportMunicipalities { rows, now }).await?;
                Ok(format!("Municipalities: {tally}.\n"))
            }
            Self::Catalogue { folder } => {
                let files = catalogue::folder(&folder).map_err(|fault| refused(&[fault]))?;
                let catalogue = catalogue::read(&files).map_err(|faults| refused(&faults))?;
                let now = cli.now();
                let imported = cli.write(ImportCatalogue { catalogue, now }).await?;
                let imported = imported.map_err(|faults| refused(&faults))?;
                Ok(format!(
                    "Areas: {}.\nServices: {}.\nPackages: {}.\n",
                    imported.areas, imported.services, imported.packages
                ))
            }
            Self::Joined { file: path } => {
                let (file, bytes) = file(&path)?;
                let joinings = joined::read(&file, &bytes).map_err(|faults| refused(&faults))?;
                let now = cli.now();
                let unit = ImportJoined { file, joinings, now };
                let tally = cli.write(unit).await?;
                let tally = tally.map_err(|faults| refused(&faults))?;
                Ok(format!("Municipalities that joined: {tally}.\n"))
            }
        }
    }
}
