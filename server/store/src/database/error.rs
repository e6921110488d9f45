//! Why the store can't answer, and how columns of text are read.

use model::api::{ApiError, Problem};

use super::dialect::Failure;
use super::row::Unreadable;

/// Why the store can't do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused: full, locked, gone, or a statement is wrong.
    #[error("the database answered: {0}")]
    Database(sqlx::Error),
    /// The file of the database was removed or replaced while it was in use.
    #[error("the file {} was removed or replaced", .0.display())]
    FileGone(std::path::PathBuf),
    /// A row that can't be: `what` names the table and the column.
    #[error("{what} holds what it can't: {found}")]
    Inconsistent { what: String, found: String },
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::ColumnDecode { index, source } if source.is::<Unreadable>() => {
                Self::Inconsistent { what: index, found: source.to_string() }
            }
            error => Self::Database(error),
        }
    }
}

pub type StoreResult<T> = Result<T, StoreError>;

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let (passing, trouble) = match &error {
            StoreError::Database(cause) => (Failure::of(cause) == Failure::Transient, ApiError::Unavailable),
            StoreError::FileGone(_) => (false, ApiError::Unavailable),
            StoreError::Inconsistent { .. } => (false, ApiError::Internal),
        };
        // A write is then tried again.
        if passing {
            tracing::warn!(%error, "store");
        } else {
            tracing::error!(%error, "store");
        }
        trouble.into()
    }
}

/// A name in the database that the model does not know.
pub(crate) fn parse_column<T>(value: Option<T>, what: &'static str, found: &str) -> StoreResult<T> {
    value.ok_or_else(|| StoreError::Inconsistent { what: what.to_owned(), found: found.to_owned() })
}

/// A document in the database that the model can't read.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(text: &str, what: &'static str) -> StoreResult<T> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Inconsistent { what: what.to_owned(), found: error.to_string() })
}

/// A value of the model as it is kept in a text column.
pub(crate) fn to_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
