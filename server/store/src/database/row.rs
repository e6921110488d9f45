//! Rows with the types of the model: ids, states, instants, days.

use model::api::security::EventKind;
use model::api::submissions::{LineKind, SubmissionState};
use model::calendar::{Day, Instant};
use model::calls::CallStatus;
use model::credits::EntryKind;
use model::ids::{
    AccountId, AggregatorId, BodyId, CallId, EntryId, PackageCode, PersonId, ProposalId, RequestId,
    ServiceCode, SubmissionId,
};
use model::people::Role;
use model::proposals::{ProposalKind, ProposalState};
use model::requests::{Event, Origin, State};
use sqlx::{ColumnIndex, Decode, Row, Type};

/// A type that a column holds in another form.
pub(crate) trait StoredType: Sized {
    /// As the database gives it: the same for both databases.
    type Stored;

    /// # Errors
    /// What was found, where it can't be.
    fn read(stored: Self::Stored) -> Result<Self, Unreadable>;
}

/// A value that the model does not know.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unreadable(pub String);

impl<T: StoredType> StoredType for Option<T> {
    type Stored = Option<T::Stored>;

    fn read(stored: Self::Stored) -> Result<Self, Unreadable> {
        stored.map(T::read).transpose()
    }
}

/// Types that a column holds as they are.
macro_rules! plain {
    ($($type:ty),+) => { $(
        impl StoredType for $type {
            type Stored = Self;

            fn read(stored: Self) -> Result<Self, Unreadable> {
                Ok(stored)
            }
        }
    )+ };
}

/// Types that are a number or a text with a name.
macro_rules! wrapped {
    ($($type:ident: $stored:ty),+) => { $(
        impl StoredType for $type {
            type Stored = $stored;

            fn read(stored: $stored) -> Result<Self, Unreadable> {
                Ok(Self(stored))
            }
        }
    )+ };
}

/// Enumerations that a column holds by the names of their variants.
macro_rules! named {
    ($($type:ident),+) => { $(
        impl StoredType for $type {
            type Stored = String;

            fn read(stored: String) -> Result<Self, Unreadable> {
                Self::from_name(&stored).ok_or(Unreadable(stored))
            }
        }
    )+ };
}

plain!(i64, i32, bool, String);
wrapped!(AccountId: i64, AggregatorId: i64, EntryId: i64, BodyId: i64, CallId: i64, PersonId: i64, ProposalId: i64);
wrapped!(RequestId: i64, SubmissionId: i64, PackageCode: String, ServiceCode: String, Instant: i64, Day: i32);
named!(CallStatus, EntryKind, Event, EventKind, LineKind, Origin, ProposalKind, ProposalState, Role, State);
named!(SubmissionState);

/// Reads a column; `table` is for the sentence where it can't be read.
pub(crate) fn column<'r, T, R>(row: &'r R, table: &str, name: &'static str) -> sqlx::Result<T>
where
    T: StoredType,
    R: Row,
    T::Stored: Decode<'r, R::Database> + Type<R::Database>,
    &'static str: ColumnIndex<R>,
{
    T::read(row.try_get(name)?).map_err(|unreadable| sqlx::Error::ColumnDecode {
        index: format!("{table}.{name}"),
        source: unreadable.into(),
    })
}

/// Declares a row of a table, or of a statement that begins with one: a struct, and how it is read from both databases.
/// Columns come first; rows that stand in the same statement follow after `with`, those of an outer join each `where`
/// the statement has a key in this column.
macro_rules! row {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident of $table:literal {
            $($(#[$column_meta:meta])* $column_visibility:vis $column:ident: $type:ty,)*
        }
        $(with { $($(#[$row_meta:meta])* $row_visibility:vis $row:ident: $row_type:ty $(where $key:ident)?,)* })?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        $visibility struct $name {
            $($(#[$column_meta])* $column_visibility $column: $type,)*
            $($($(#[$row_meta])* $row_visibility $row: crate::database::row::joined!(type $row_type $(, $key)?),)*)?
        }

        impl<'r, R> sqlx::FromRow<'r, R> for $name
        where
            R: sqlx::Row,
            &'static str: sqlx::ColumnIndex<R>,
            $(
                <$type as crate::database::row::StoredType>::Stored:
                    sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
            )*
            $($($row_type: sqlx::FromRow<'r, R>,)*)?
            Option<i64>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
        {
            fn from_row(row: &'r R) -> sqlx::Result<Self> {
                Ok(Self {
                    $($column: crate::database::row::column(row, $table, stringify!($column))?,)*
                    $($($row: crate::database::row::joined!(read row $(, $key)?),)*)?
                })
            }
        }
    };
}

/// The type of a row that stands in the same statement, and how it is read.
macro_rules! joined {
    (type $type:ty) => { $type };
    (type $type:ty, $key:ident) => { Option<$type> };
    (read $row:ident) => { sqlx::FromRow::from_row($row)? };
    (read $row:ident, $key:ident) => {
        match $row.try_get::<Option<i64>, _>(stringify!($key))? {
            Some(_) => Some(sqlx::FromRow::from_row($row)?),
            None => None,
        }
    };
}

pub(crate) use {joined, row};
