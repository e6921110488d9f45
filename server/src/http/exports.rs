//! CSV files for a spreadsheet: semicolons and a byte order mark, as Italian Excel wants them. They are read by people:
//! words in Italian, hours as the clocks in Rome show them. Programs have the same in JSON.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use model::api::bodies::ListEntries;
use model::api::calls::{Cell, ReadMatrix};
use model::api::{ApiError, Problem};
use model::calendar::Instant;
use model::ids::BodyId;
use model::spelling::folded;

use super::operation::request_info;
use super::{Site, problem};
use crate::http::plain_page::Lang;

pub fn routes(router: Router<Site>) -> Router<Site> {
    router
        .route("/api/v1/bodies/{body}/entries.csv", get(entries))
        .route("/api/v1/board/matrix.csv", get(matrix))
}

async fn entries(State(site): State<Site>, Path(body): Path<String>, headers: HeaderMap) -> Response {
    let Ok(body) = body.parse::<BodyId>() else {
        return problem::answer(&ApiError::NotFound.into());
    };
    match entries_text(&site, &headers, body).await {
        Ok((name, text)) => file(&name, text),
        Err(refused) => problem::answer(&refused),
    }
}

async fn entries_text(site: &Site, headers: &HeaderMap, body: BodyId) -> Result<(String, String), Problem> {
    let info = request_info(site, headers).await.ok_or(ApiError::HostUnknown)?;
    let read = ListEntries { body, kind: None };
    let entries = site.marketplace.execute(info.aggregator, info.identity, None, read).await?;
    let mut rows = vec![
        [
            "ente",
            "numero",
            "data",
            "tipo",
            "crediti",
            "variazione dei disponibili",
            "assegnati",
            "prenotati",
            "spesi",
            "disponibili",
            "servizio",
            "codice del servizio",
            "pratica",
            "chi",
            "proposto da",
            "causale",
            "motivo",
            "impronta",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    let mut before = 0;
    for entry in entries.entries.iter().rev() {
        let available = entry.after.available();
        let change = available - std::mem::replace(&mut before, available);
        rows.push(vec![
            entries.body.title.clone(),
            entry.sequence.to_string(),
            moment(entry.at),
            Lang::It.entry_kind(entry.kind).to_owned(),
            entry.amount.to_string(),
            change.to_string(),
            entry.after.granted.to_string(),
            entry.after.held.to_string(),
            entry.after.spent.to_string(),
            available.to_string(),
            entry.service.as_ref().map(|service| service.name.clone()).unwrap_or_default(),
            entry.service.as_ref().map(|service| service.code.to_string()).unwrap_or_default(),
            entry.submission_number.clone().unwrap_or_default(),
            entry.actor.clone().unwrap_or_else(|| Lang::It.common_system().to_owned()),
            entry.proposed_by.clone().unwrap_or_default(),
            Lang::It.entry_cause(entry),
            entry.reason.clone(),
            entry.hash.clone(),
        ]);
    }
    Ok((file_name(site, &["movimenti", &entries.body.title]), written(&rows)?))
}

async fn matrix(State(site): State<Site>, headers: HeaderMap) -> Response {
    match matrix_text(&site, &headers).await {
        Ok((name, text)) => file(&name, text),
        Err(refused) => problem::answer(&refused),
    }
}

async fn matrix_text(site: &Site, headers: &HeaderMap) -> Result<(String, String), Problem> {
    let info = request_info(site, headers).await.ok_or(ApiError::HostUnknown)?;
    let matrix = site.marketplace.execute(info.aggregator, info.identity, None, ReadMatrix {}).await?;
    let head =
        std::iter::once("ente".to_owned()).chain(matrix.services.iter().map(|service| service.name.clone()));
    let mut rows = vec![head.collect::<Vec<_>>()];
    for row in &matrix.rows {
        let cells = row.cells.iter().map(|cell| {
            match cell {
                Cell::Nothing => "",
                cell => Lang::It.cell(*cell),
            }
            .to_owned()
        });
        rows.push(std::iter::once(row.body.title.clone()).chain(cells).collect());
    }
    Ok((file_name(site, &["progetto-esecutivo", &matrix.call_title]), written(&rows)?))
}

/// "movimenti-comune-di-bellagio-2026-12-01.csv": what it is, of whom, and of which day.
fn file_name(site: &Site, parts: &[&str]) -> String {
    let parts: Vec<_> = parts.iter().map(|part| folded(part).replace(' ', "-")).collect();
    let day = site.marketplace.clock.now().day_in_rome();
    let name: String = parts.join("-").chars().filter(char::is_ascii).take(MOST_NAME).collect();
    format!("{name}-{day}.csv")
}

/// Characters of a file's name before its day.
const MOST_NAME: usize = 120;

fn written(rows: &[Vec<String>]) -> Result<String, Problem> {
    let mut writer = csv::WriterBuilder::new().delimiter(b';').flexible(true).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell))).map_err(|_| ApiError::Internal)?;
    }
    let bytes = writer.into_inner().map_err(|_| ApiError::Internal)?;
    Ok(format!("\u{feff}{}", String::from_utf8(bytes).map_err(|_| ApiError::Internal)?))
}

/// "2026-11-28 10:42:07", by the clocks in Rome: a spreadsheet takes it for a date.
fn moment(at: Instant) -> String {
    let civil = at.civil_in_rome();
    format!("{} {:02}:{:02}:{:02}", civil.day, civil.hour, civil.minute, civil.second)
}

/// With these a spreadsheet's formulas begin, the wide ones too where it is set to Chinese or Japanese.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A cell that a spreadsheet would take for a formula is made text.
pub fn harmless(cell: &str) -> String {
    let number = cell.parse::<i64>().is_ok();
    if !number && cell.starts_with(FORMULA) { format!("'{cell}") } else { cell.to_owned() }
}

fn file(name: &str, text: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let kind = "text/csv; charset=utf-8".to_owned();
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, text).into_response()
}

#[cfg(test)]
mod tests {
    use model::calendar::Instant;

    use super::{harmless, moment};

    #[test]
    fn hours_are_those_of_rome() {
        let winter = Instant::parse("2026-11-28T23:05:09Z").expect("an instant");
        assert_eq!(moment(winter), "2026-11-29 00:05:09");
    }

    #[test]
    fn a_formula_becomes_text_and_a_number_stays_one() {
        assert_eq!(harmless("=1+1"), "'=1+1");
        assert_eq!(harmless("@cmd"), "'@cmd");
        assert_eq!(harmless("-5"), "-5");
        assert_eq!(harmless("-5+cmd"), "'-5+cmd");
        assert_eq!(harmless("\n=1+1"), "'\n=1+1");
        assert_eq!(harmless("＝1+1"), "'＝1+1");
        assert_eq!(harmless("Comune di Bellagio"), "Comune di Bellagio");
    }
}
