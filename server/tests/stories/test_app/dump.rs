//! Every table as text, to see that nothing changed: read behind the store's back.

use std::collections::BTreeMap;

use super::TestApp;
use super::database::Raw;

/// The rows of every table, each as one line.
pub type Dump = BTreeMap<String, Vec<String>>;

impl TestApp {
    /// Changes something behind the store's back: what no operation does.
    pub async fn raw_sql(&self, text: String) {
        self.database.raw().await.execute(&text).await;
    }

    pub async fn dump(&self) -> Dump {
        let mut raw = self.database.raw().await;
        let mut dump = Dump::new();
        for table in raw.tables().await {
            let columns = raw.columns(&table).await;
            let line = match raw {
                Raw::Sqlite(_) => {
                    let quoted: Vec<_> =
                        columns.iter().map(|(name, _)| format!("quote(\"{name}\")")).collect();
                    quoted.join("||'|'||")
                }
                Raw::Postgres(_) => format!("CAST(\"{table}\" AS TEXT)"),
            };
            let rows: Vec<(String,)> =
                raw.all(&format!("SELECT {line} AS line FROM \"{table}\" ORDER BY 1")).await;
            dump.insert(table, rows.into_iter().map(|(line,)| line).collect());
        }
        dump
    }
}

/// Fails with the lines that differ, not with two whole databases.
#[track_caller]
pub fn assert_same(before: &Dump, after: &Dump, what: &str) {
    let mut differences = Vec::new();
    for (table, rows) in after {
        let old = before.get(table).map(Vec::as_slice).unwrap_or_default();
        for row in rows.iter().filter(|row| !old.contains(row)) {
            differences.push(format!("+ {table}: {row}"));
        }
        for row in old.iter().filter(|row| !rows.contains(row)) {
            differences.push(format!("- {table}: {row}"));
        }
    }
    assert!(
        differences.is_empty() && before.len() == after.len(),
        "{what} changed the database:\n{}",
        differences.join("\n")
    );
}
