//! The municipalities that joined: the act, its day, and their context variables.

use std::collections::BTreeMap;

use model::api::Problem;
use model::assignment::{Known, Variable};
use model::calendar::{Day, Instant};
use model::calls::latest_day;
use model::territory::{Body, Joined};

use super::table::{CellError, CsvRow, CsvTable, istat, needed};
use super::{ImportError, Tally, allowed, noted};
use store::{Transaction, UnitOfWork};

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joining {
    pub line: u64,
    pub istat: String,
    pub joined: Joined,
    pub variables: BTreeMap<Variable, Known>,
}

/// Reads the list.
///
/// # Errors
/// Every fault of the file, by line and column.
pub fn read(file: &str, bytes: &[u8]) -> Result<Vec<Joining>, Vec<ImportError>> {
    let columns: Vec<&str> =
        ["codice_istat", "act", "date"].into_iter().chain(Variable::ALL.map(Variable::name)).collect();
    let mut table = CsvTable::read(file, bytes, &columns)?;
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let joinings = table.each(|row| {
        let joining = joining(row)?;
        if let Some(first) = seen.insert(joining.istat.clone(), row.line) {
            let what = format!("{} stands already on line {first}", joining.istat);
            row.fault("codice_istat", &what);
        }
        Some(joining)
    });
    table.finish(joinings)
}

fn joining(row: &mut CsvRow<'_>) -> Option<Joining> {
    let istat = row.cell("codice_istat", istat);
    let act = row.cell("act", needed);
    let on = row.cell("date", |text| {
        Day::parse(text).ok_or_else(|| CellError::other("a day such as 2026-01-31 is expected", text))
    });
    let variables = Variable::ALL.map(|variable| {
        let known = row.cell(variable.name(), |text| {
            Known::from_name(text).ok_or_else(|| CellError::other("yes, no or unknown is expected", text))
        });
        known.map(|known| (variable, known))
    });
    Some(Joining {
        line: row.line,
        istat: istat?,
        joined: Joined { on: on?, act: act? },
        variables: variables.into_iter().collect::<Option<_>>()?,
    })
}

/// Stores who joined; who joined before and is not in the file stays joined.
#[derive(Clone)]
pub struct ImportJoined {
    pub file: String,
    pub joinings: Vec<Joining>,
    pub now: Instant,
}

impl UnitOfWork for ImportJoined {
    type Answer = Result<Tally, Vec<ImportError>>;
    /// It concerns every body.
    const EXCLUSIVE: bool = true;

    async fn run(self, tx: &mut Transaction) -> Result<Self::Answer, Problem> {
        allowed(tx, self.now).await?;
        let mut found = Vec::with_capacity(self.joinings.len());
        let mut faults = Vec::new();
        for joining in self.joinings {
            if joining.joined.on > latest_day(self.now.day_in_rome()) {
                let what = format!("{} lies too far ahead", joining.joined.on);
                faults.push(ImportError::of_file(&self.file, what).on_line(joining.line).in_field("date"));
            }
            if let Some(body) = tx.body_by_istat(&joining.istat).await? {
                found.push((body, joining));
            } else {
                let what = format!("no municipality has the code {}", joining.istat);
                let fault = ImportError::of_file(&self.file, what).on_line(joining.line);
                faults.push(fault.in_field("codice_istat"));
            }
        }
        if !faults.is_empty() {
            return Ok(Err(faults));
        }
        let mut tally = Tally::default();
        for body in tx.joined_bodies().await? {
            if found.iter().all(|(known, _)| known.id != body.id) {
                tally.left.push(body.name);
            }
        }
        for (body, joining) in found {
            if save(tx, &body, &joining).await? {
                match body.joined {
                    None => tally.added += 1,
                    Some(_) => tally.changed += 1,
                }
            } else {
                tally.unchanged += 1;
            }
        }
        noted(tx, "import joined", self.now).await?;
        Ok(Ok(tally))
    }
}

/// Saves what differs; false when nothing does.
async fn save(tx: &mut Transaction, body: &Body, joining: &Joining) -> Result<bool, Problem> {
    if body.joined.as_ref() == Some(&joining.joined) && body.variables == joining.variables {
        return Ok(false);
    }
    tx.save_joined(body.id, &joining.joined, &joining.variables).await?;
    Ok(true)
}
