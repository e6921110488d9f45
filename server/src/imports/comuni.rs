//! The national list of municipalities, with their population where it is known.

use std::collections::BTreeMap;

use model::api::Problem;
use model::calendar::Instant;

use super::table::{CellError, CsvRow, CsvTable, istat, needed};
use super::{ImportError, Tally, allowed, noted};
use store::{MunicipalityRow, Transaction, UnitOfWork};

/// Whose population it is, and of which year.
#[derive(Clone, Debug)]
pub struct Census {
    /// None: the year that the column's name tells, as `popolazione_2023`.
    pub year: Option<u16>,
    pub source: String,
}

const ISTAT: &str = "codice_istat";
const COLUMNS: [&str; 8] = [
    ISTAT,
    "nome",
    "nome_altra_lingua",
    "codice_catastale",
    "sigla_provincia",
    "provincia",
    "regione",
    "capoluogo",
];

/// Reads the list.
///
/// # Errors
/// Every fault of the file, by line and column.
pub fn read(file: &str, bytes: &[u8], census: &Census) -> Result<Vec<MunicipalityRow>, Vec<ImportError>> {
    let (population, named) = population_column(bytes);
    let mut wanted = COLUMNS.to_vec();
    wanted.push(&population);
    let mut table = CsvTable::read(file, bytes, &wanted)?;
    let Some(year) = census.year.or(named) else {
        let what = "tells no year: name it popolazione_2023, or give --year";
        let fault = ImportError::of_file(file, what).on_line(1).in_field(&population);
        return Err(vec![fault]);
    };
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let rows = table.each(|row| {
        let read = municipality(row, &population, year, &census.source);
        if let Some(code) = row.cell(ISTAT, |text| Ok(text.to_owned()))
            && let Some(first) = seen.insert(code.clone(), row.line)
        {
            row.fault(ISTAT, &format!("{code} stands already on line {first}"));
        }
        read
    });
    let rows = table.finish(rows)?;
    if rows.is_empty() {
        return Err(vec![ImportError::of_file(file, "holds no municipality")]);
    }
    Ok(rows)
}

/// The column of the population, and the year in its name.
fn population_column(bytes: &[u8]) -> (String, Option<u16>) {
    let header = bytes.split(|byte| *byte == b'\n').next();
    let header = String::from_utf8_lossy(header.unwrap_or_default());
    let named = header
        .split(',')
        .map(|name| name.trim().trim_matches('"'))
        .find(|name| name.starts_with("popolazione"));
    let name = named.unwrap_or("popolazione").to_owned();
    let year = name.strip_prefix("popolazione_").and_then(|year| year.parse().ok());
    (name, year)
}

fn municipality(row: &mut CsvRow<'_>, population: &str, year: u16, source: &str) -> Option<MunicipalityRow> {
    // Each cell is read before any is missed, so that all faults of the row are named.
    let code = row.cell(ISTAT, istat);
    let name = row.cell("nome", needed);
    let other_name = row.cell("nome_altra_lingua", |text| Ok(text.to_owned()));
    let cadastral = row.cell("codice_catastale", cadastral);
    let province = row.cell("sigla_provincia", province);
    let province_name = row.cell("provincia", needed);
    let region = row.cell("regione", needed);
    let capital = row.cell("capoluogo", yes_or_no);
    let population = row.cell(population, number)?;
    Some(MunicipalityRow {
        istat: code?,
        name: name?,
        other_name: other_name?,
        cadastral: cadastral?,
        province: province?,
        province_name: province_name?,
        region: region?,
        capital: capital?,
        population,
        // Of a number that nobody knows there is neither year nor source.
        population_year: population.map(|_| i64::from(year)),
        population_source: population.map(|_| source.to_owned()).unwrap_or_default(),
    })
}

/// Empty is unknown, never zero.
fn number(text: &str) -> Result<Option<i64>, CellError> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || CellError::other("a whole number from 0 up is expected, or nothing", text);
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    text.parse::<u32>().map(|number| Some(i64::from(number))).map_err(|_| wrong())
}

fn province(text: &str) -> Result<String, CellError> {
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        Ok(text.to_owned())
    } else {
        Err(CellError::other("two capital letters are expected", text))
    }
}

fn cadastral(text: &str) -> Result<String, CellError> {
    let well_formed = match text.as_bytes() {
        [] => true,
        [letter, digits @ ..] => {
            letter.is_ascii_uppercase() && digits.len() == 3 && digits.iter().all(u8::is_ascii_digit)
        }
    };
    if well_formed {
        Ok(text.to_owned())
    } else {
        Err(CellError::other("a letter and three digits are expected", text))
    }
}

fn yes_or_no(text: &str) -> Result<bool, CellError> {
    match text {
        "1" => Ok(true),
        "0" => Ok(false),
        _ => Err(CellError::other("1 or 0 is expected", text)),
    }
}

/// Stores the list: what is new is added, what differs is changed, what is missing is left.
#[derive(Clone)]
pub struct ImportMunicipalities {
    pub rows: Vec<MunicipalityRow>,
    pub now: Instant,
}

impl UnitOfWork for ImportMunicipalities {
    type Answer = Tally;
    /// It concerns every body.
    const EXCLUSIVE: bool = true;

    async fn run(self, tx: &mut Transaction) -> Result<Tally, Problem> {
        allowed(tx, self.now).await?;
        let mut before: BTreeMap<String, MunicipalityRow> =
            tx.municipalities().await?.into_iter().map(|row| (row.istat.clone(), row)).collect();
        let mut tally = Tally::default();
        let mut differing = Vec::new();
        for row in self.rows {
            match before.remove(&row.istat) {
                None => tally.added += 1,
                Some(same) if same == row => {
                    tally.unchanged += 1;
                    continue;
                }
                Some(_) => tally.changed += 1,
            }
            differing.push(row);
        }
        tx.save_municipalities(&differing).await?;
        noted(tx, "import comuni", self.now).await?;
        tally.left = before.into_values().map(|row| format!("{} ({})", row.name, row.istat)).collect();
        Ok(tally)
    }
}
