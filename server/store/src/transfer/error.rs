//! Why an installation can't be copied. Each error is one sentence for the operator.

use crate::database::address::describe;
use crate::{OpenError, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("A database can't be read: {}.", short(.0))]
    Unreadable(#[from] StoreError),
    #[error("{from} and {to} name the same database.")]
    SameDatabase { from: &'static str, to: &'static str },
    #[error("The database {place} holds no aggregator: there is nothing to copy.")]
    NoAggregator { place: String },
    #[error(
        "The database {place} is not empty: {given} must name a new one, or one that only `server migrate` has seen."
    )]
    NotEmpty { place: String, given: &'static str },
    #[error("The database {place} is being used ({reason}): stop what uses it.")]
    InUse { place: String, reason: String },
    #[error("The database {place} has a table that the other has not just so: {table}.")]
    OtherTables { place: String, table: String },
    #[error("The tables of the two databases refer to each other differently.")]
    OtherReferences,
    #[error("The source is damaged: a row of {table} refers to one that is not there.")]
    DamagedSource { table: String },
    #[error("The table {table} can't be copied: {}.", short(.error))]
    Table { table: String, error: StoreError },
    #[error("The table {table} is not the same in both databases.")]
    Difference { table: String },
    #[error("The numbers of {table} can't go on: {}.", short(.error))]
    Numbers { table: String, error: StoreError },
    #[error("The copy was not stored: {}.", describe(.0))]
    NotStored(sqlx::Error),
    #[error("The copy can't be closed: {}.", describe(.0))]
    NotClosed(sqlx::Error),
}

fn short(error: &StoreError) -> String {
    match error {
        StoreError::Database(error) => describe(error),
        error => error.to_string(),
    }
}

/// Commands end with a sentence.
impl From<CopyError> for String {
    fn from(error: CopyError) -> Self {
        error.to_string()
    }
}
