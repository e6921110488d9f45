//! Every table as text, to see that nothing changed: read over a connection of its own.

use std::collections::BTreeMap;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _};

use super::Town;

/// The rows of every table, each as one line.
pub type Dump = BTreeMap<String, Vec<String>>;

impl Town {
    /// As `DATABASE_URL` says it.
    pub fn database(&self) -> String {
        format!("sqlite:{}", self.file.display())
    }

    /// A second connection to the town's file, which only reads.
    pub async fn connection(&self) -> SqliteConnection {
        SqliteConnectOptions::new()
            .filename(&self.file)
            .pragma("query_only", "1")
            .connect()
            .await
            .expect("the file opens a second time")
    }

    /// Changes the file behind the store's back: what no operation does.
    pub async fn meddle(&self, text: String) {
        let options = SqliteConnectOptions::new().filename(&self.file);
        let mut connection = options.connect().await.expect("the file opens");
        sqlx::query(AssertSqlSafe(text)).execute(&mut connection).await.expect("it is changed");
    }

    pub async fn dump(&self) -> Dump {
        let mut connection = self.connection().await;
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\' ORDER BY name",
        )
        .fetch_all(&mut connection)
        .await
        .expect("tables are listed");
        let mut dump = Dump::new();
        for table in tables {
            let columns: Vec<String> =
                sqlx::query_scalar("SELECT name FROM pragma_table_info($1) ORDER BY cid")
                    .bind(&table)
                    .fetch_all(&mut connection)
                    .await
                    .expect("columns are listed");
            let quoted: Vec<_> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
            let text = format!("SELECT {} AS line FROM \"{table}\" ORDER BY line", quoted.join("||'|'||"));
            let rows = sqlx::query_scalar(AssertSqlSafe(text))
                .fetch_all(&mut connection)
                .await
                .expect("rows are read");
            dump.insert(table, rows);
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
