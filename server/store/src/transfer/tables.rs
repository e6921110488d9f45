//! Which tables and columns there are, as the database itself tells: what is said of all of them can forget none.

use std::collections::BTreeMap;

use model::ids::AggregatorId;

use crate::database::Scope;
use crate::database::dialect::{ColumnRow, Placeholders};
use crate::database::sql::{Statement, Value, assembled, brackets, rows_together};
use crate::{StoreError, StoreResult, Transaction};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StorageKind {
    Integer,
    Text,
    Flag,
}

#[derive(Debug)]
struct TableColumn {
    name: String,
    kind: StorageKind,
    key: i64,
    numbered: bool,
}

#[derive(Debug, Default)]
pub(crate) struct DatabaseTable {
    pub name: String,
    columns: Vec<TableColumn>,
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The column that names the tenant of a row, and the table that it is in.
const TENANT: &str = "aggregator";

impl DatabaseTable {
    pub fn column_names(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }

    /// Its rows belong each to one aggregator.
    pub fn has_tenants(&self) -> bool {
        self.columns.iter().any(|column| column.name == TENANT)
    }

    /// In which scopes it is read: each aggregator in turn, or once where its rows belong to none.
    pub fn scopes(&self, tenants: &[AggregatorId]) -> Vec<Scope> {
        if self.has_tenants() {
            tenants.iter().copied().map(Scope::Aggregator).collect()
        } else {
            vec![Scope::Installation]
        }
    }

    /// All its rows of a scope, in the order of the key: integers and texts, flags as 0 and 1.
    fn select(&self, scope: Scope, bytewise: &str) -> Statement {
        let columns: Vec<_> = self.columns.iter().map(TableColumn::read).collect();
        let mut key: Vec<_> = self.columns.iter().filter(|column| column.key > 0).collect();
        key.sort_by_key(|column| column.key);
        let key: Vec<_> = key.into_iter().map(|column| column.sorted(bytewise)).collect();
        let (columns, table, key) = (columns.join(", "), quoted(&self.name), key.join(", "));
        if self.has_tenants() {
            let text = format!("SELECT {columns} FROM {table} WHERE {TENANT} = $1 ORDER BY {key}");
            assembled(text).bind(scope.number())
        } else {
            assembled(format!("SELECT {columns} FROM {table} ORDER BY {key}"))
        }
    }

    /// How many rows one statement writes.
    pub fn rows_together(&self) -> usize {
        rows_together(self.columns.len())
    }

    pub fn insert(&self, rows: Vec<Vec<Value>>, places: Placeholders) -> Statement {
        let places = brackets(rows.len(), self.columns.len(), places);
        let columns: Vec<_> = self.columns.iter().map(|column| quoted(&column.name)).collect();
        let (table, columns) = (quoted(&self.name), columns.join(", "));
        let statement = assembled(format!("INSERT INTO {table} ({columns}) VALUES {places}"));
        rows.into_iter().fold(statement, |statement, row| {
            self.columns
                .iter()
                .zip(row)
                .fold(statement, |statement, (column, value)| statement.bind(column.typed(value)))
        })
    }

    /// The column that a sequence of the database numbers, and its highest number among these rows.
    pub fn highest(&self, rows: &[Vec<Value>]) -> Option<(&str, i64)> {
        let at = self.columns.iter().position(|column| column.numbered)?;
        let numbers = rows.iter().filter_map(|row| match row.get(at) {
            Some(Value::Integer(number)) => *number,
            _ => None,
        });
        Some((&self.columns[at].name, numbers.max()?))
    }
}

impl TableColumn {
    fn read(&self) -> String {
        let name = quoted(&self.name);
        match self.kind {
            StorageKind::Text => name,
            StorageKind::Integer => format!("CAST({name} AS BIGINT)"),
            StorageKind::Flag => format!("CAST(CAST({name} AS INTEGER) AS BIGINT)"),
        }
    }

    fn sorted(&self, bytewise: &str) -> String {
        let name = quoted(&self.name);
        if self.kind == StorageKind::Text { name + bytewise } else { name }
    }

    /// A value that was read, in the type that this column is written with.
    fn typed(&self, value: Value) -> Value {
        match (self.kind, value) {
            (StorageKind::Flag, Value::Integer(value)) => Value::Flag(value.map(|value| value != 0)),
            (StorageKind::Text, Value::Integer(None)) => Value::Text(None),
            (StorageKind::Integer, Value::Text(None)) => Value::Integer(None),
            (StorageKind::Flag, Value::Text(None)) => Value::Flag(None),
            (_, value) => value,
        }
    }
}

impl TryFrom<ColumnRow> for TableColumn {
    type Error = StoreError;

    fn try_from(row: ColumnRow) -> StoreResult<Self> {
        let kind = match row.kind.as_str() {
            "INTEGER" | "int2" | "int4" | "int8" => StorageKind::Integer,
            "TEXT" | "text" => StorageKind::Text,
            "bool" => StorageKind::Flag,
            kind => {
                let found = format!("{} is of the type {kind}", row.name);
                return Err(StoreError::Inconsistent { what: "a table".to_owned(), found });
            }
        };
        Ok(Self { name: row.name, kind, key: row.key, numbered: row.numbered })
    }
}

impl Transaction {
    /// Every table, those that others refer to first.
    pub(crate) async fn tables(&mut self) -> StoreResult<Vec<DatabaseTable>> {
        let mut waiting: BTreeMap<String, DatabaseTable> = BTreeMap::new();
        for row in self.columns().await? {
            let table = waiting.entry(row.owner.clone()).or_default();
            table.name.clone_from(&row.owner);
            table.columns.push(row.try_into()?);
        }
        if let Some(table) = waiting.values().find(|table| table.columns.iter().all(|column| column.key == 0))
        {
            let found = format!("{} has no primary key", table.name);
            return Err(StoreError::Inconsistent { what: "the database".to_owned(), found });
        }
        let mut references = self.references().await?;
        // Said or not, a row is of an aggregator.
        let owned = waiting.values().filter(|table| table.has_tenants());
        references.extend(owned.map(|table| (table.name.clone(), TENANT.to_owned())));
        let mut tables = Vec::with_capacity(waiting.len());
        while !waiting.is_empty() {
            let ready = waiting.keys().find(|name| {
                references.iter().all(|(from, to)| from != *name || to == from || !waiting.contains_key(to))
            });
            let Some(table) = ready.cloned().and_then(|name| waiting.remove(&name)) else {
                let found = "tables that refer to each other in a circle".to_owned();
                return Err(StoreError::Inconsistent { what: "the database".to_owned(), found });
            };
            tables.push(table);
        }
        Ok(tables)
    }

    /// Goes on with a scope, and makes the statement for what a table has in it.
    pub(crate) async fn contents(&mut self, table: &DatabaseTable, scope: Scope) -> StoreResult<Statement> {
        self.turn_to(scope).await?;
        Ok(table.select(scope, self.bytewise()))
    }
}
