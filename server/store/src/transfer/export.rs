//! The canonical export: every row of every table as one line of JSON, in the order of its key, the same bytes from
//! both databases. It is never kept, only hashed: two databases with the same hash hold the same.

use std::collections::BTreeMap;

use futures::TryStreamExt as _;
use model::ids::AggregatorId;
use sha2::{Digest as _, Sha256};
use sqlx::{ColumnIndex, Decode, FromRow, Row, Type, TypeInfo as _, ValueRef as _};

use crate::database::sql::Value;
use crate::transfer::tables::DatabaseTable;
use crate::{StoreResult, Transaction};

/// A row of whatever columns: integers and texts.
pub(crate) struct ExportedRow(pub Vec<Value>);

impl<'r, R: Row> FromRow<'r, R> for ExportedRow
where
    usize: ColumnIndex<R>,
    Option<i64>: Decode<'r, R::Database> + Type<R::Database>,
    Option<String>: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        let value = |at| match row.try_get_raw(at)?.type_info().name() {
            "TEXT" => row.try_get(at).map(Value::Text),
            _ => row.try_get(at).map(Value::Integer),
        };
        (0..row.len()).map(value).collect::<sqlx::Result<_>>().map(Self)
    }
}

/// What a database holds, table by table: rows, and the SHA-256 of their lines in hexadecimal.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Digest(BTreeMap<String, (u64, String)>);

impl Digest {
    pub fn tables(&self) -> usize {
        self.0.len()
    }

    pub fn rows(&self) -> u64 {
        self.0.values().map(|(rows, _)| rows).sum()
    }

    /// SHA-256 over a line for each table, in the order of their names: hash, rows, name.
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for (name, (rows, of_rows)) in &self.0 {
            hash.update(format!("{of_rows} {rows} {name}\n"));
        }
        hex::encode(hash.finalize())
    }

    /// The first table that the other does not hold just so.
    pub fn difference<'a>(&'a self, other: &'a Self) -> Option<&'a str> {
        let different = |name: &&String| self.0.get(*name) != other.0.get(*name);
        self.0.keys().chain(other.0.keys()).find(different).map(String::as_str)
    }

    pub(crate) fn note(&mut self, table: &DatabaseTable, lines: TableHash) -> u64 {
        self.0.insert(table.name.clone(), (lines.rows, hex::encode(lines.hash.finalize())));
        lines.rows
    }
}

/// The lines of one table on their way into its hash.
pub(crate) struct TableHash {
    hash: Sha256,
    rows: u64,
}

impl TableHash {
    /// Begins with the names of the columns.
    pub fn of(table: &DatabaseTable) -> Self {
        let mut lines = Self { hash: Sha256::new(), rows: 0 };
        lines.write(&table.column_names());
        lines
    }

    pub fn add(&mut self, row: &[Value]) {
        self.write(&row);
        self.rows += 1;
    }

    fn write(&mut self, line: &impl serde::Serialize) {
        self.hash.update(crate::to_json(line));
        self.hash.update("\n");
    }
}

impl Transaction {
    /// The aggregators of the whole database.
    pub(crate) async fn tenants(&mut self) -> StoreResult<Vec<AggregatorId>> {
        let rows = self.aggregators().await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// Reads the whole database.
    pub(crate) async fn digest(&mut self) -> StoreResult<Digest> {
        let (tables, tenants) = (self.tables().await?, self.tenants().await?);
        let mut digest = Digest::default();
        for table in &tables {
            let mut lines = TableHash::of(table);
            for scope in table.scopes(&tenants) {
                let statement = self.contents(table, scope).await?;
                let mut rows = self.stream::<ExportedRow>(statement);
                while let Some(ExportedRow(row)) = rows.try_next().await? {
                    lines.add(&row);
                }
            }
            digest.note(table, lines);
        }
        Ok(digest)
    }
}
