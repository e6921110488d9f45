//! Statements, written once for both databases: the text, then its values in the order of `$1`, `$2`, …

use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::BoxStream;
use model::calendar::{Day, Instant};
use model::ids::{AccountId, BodyId, CallId, PersonId, ProposalId, RequestId, SubmissionId};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow, PgConnection, SqlSafeStr, SqlStr, SqliteConnection};

use crate::database::dialect::Placeholders;
use crate::database::{Connection, Scope};
use crate::{StoreResult, Transaction};

/// A value of a statement, in the few types that both databases share.
#[derive(Clone, Debug, serde::Serialize)]
#[serde(untagged)]
pub(crate) enum Value {
    Integer(Option<i64>),
    Text(Option<String>),
    Flag(Option<bool>),
}

/// A statement with its values.
pub(crate) struct Statement {
    text: SqlStr,
    values: Vec<Value>,
}

/// A statement of no aggregator, that stands in the program: see [`Transaction::sql`] for the others.
pub(crate) fn sql(text: &'static str) -> Statement {
    Statement { text: text.into_sql_str(), values: Vec::new() }
}

/// A statement that was put together: of texts that stand in the program, never of what somebody entered.
pub(crate) fn assembled(text: String) -> Statement {
    Statement { text: AssertSqlSafe(text).into_sql_str(), values: Vec::new() }
}

/// Values that both databases take in one statement.
const MOST_VALUES: usize = 32_766;
/// Rows that are written together.
const MOST_ROWS: usize = 500;

/// How many rows of so many values one statement writes.
pub(crate) fn rows_together(width: usize) -> usize {
    (MOST_VALUES / width.max(1)).clamp(1, MOST_ROWS)
}

/// `($1, $2), ($3, $4)`, or `(?, ?), (?, ?)`: the places of the values of some rows.
pub(crate) fn brackets(rows: usize, width: usize, places: Placeholders) -> String {
    let bracket = |row: usize| {
        let place = |place| match places {
            Placeholders::Numbered => format!("${}", row * width + place),
            Placeholders::InTurn => "?".to_owned(),
        };
        format!("({})", (1..=width).map(place).collect::<Vec<_>>().join(", "))
    };
    (0..rows).map(bracket).collect::<Vec<_>>().join(", ")
}

/// A statement with a bracket of values for each row, where its text says `{rows}`: the aggregator, then the row's own.
fn with_rows<const N: usize>(
    text: &str,
    scope: Scope,
    rows: &[[Value; N]],
    places: Placeholders,
) -> Statement {
    let mut statement = assembled(text.replace("{rows}", &brackets(rows.len(), N + 1, places)));
    for row in rows {
        statement.values.push(scope.number().into());
        statement.values.extend_from_slice(row);
    }
    statement
}

impl Statement {
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Whether it changes rows, where there are any for it.
    fn writes(&self) -> bool {
        !self.text.as_str().trim_start().starts_with("SELECT")
    }

    /// Two values to lie between: one body, or all. No index serves a condition that is there or not.
    pub fn bind_bodies(self, body: Option<BodyId>) -> Self {
        let (first, last) = body.map_or((i64::MIN, i64::MAX), |body| (body.0, body.0));
        self.bind(first).bind(last)
    }
}

macro_rules! values {
    ($($from:ty => |$value:ident| $made:expr;)+) => { $(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $made
            }
        }
    )+ };
}

values! {
    i64 => |value| Self::Integer(Some(value));
    Option<i64> => |value| Self::Integer(value);
    i32 => |value| Self::Integer(Some(value.into()));
    Option<i32> => |value| Self::Integer(value.map(i64::from));
    bool => |value| Self::Flag(Some(value));
    Instant => |value| value.0.into();
    Option<Instant> => |value| value.map(|at| at.0).into();
    Day => |value| value.0.into();
    AccountId => |value| value.0.into();
    BodyId => |value| value.0.into();
    Option<BodyId> => |value| value.map(|id| id.0).into();
    CallId => |value| value.0.into();
    PersonId => |value| value.0.into();
    Option<PersonId> => |value| value.map(|id| id.0).into();
    ProposalId => |value| value.0.into();
    RequestId => |value| value.0.into();
    SubmissionId => |value| value.0.into();
    String => |value| Self::Text(Some(value));
    Option<String> => |value| Self::Text(value);
    &String => |value| Self::Text(Some(value.clone()));
    &str => |value| Self::Text(Some(value.to_owned()));
    Option<&str> => |value| Self::Text(value.map(str::to_owned));
}

/// A row that both databases give.
pub(crate) trait DatabaseRow:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}
impl<R> DatabaseRow for R where R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// The connection of a [`Transaction`], lent.
pub(crate) enum ConnectionRef<'w> {
    Sqlite(&'w mut SqliteConnection),
    Postgres(&'w mut PgConnection),
}

macro_rules! prepared {
    ($statement:ident) => {
        $statement.values.into_iter().fold(sqlx::query($statement.text), |query, value| match value {
            Value::Integer(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Flag(value) => query.bind(value),
        })
    };
}

/// Longest that a server of ours waits for PostgreSQL's answer, which by its own limit comes sooner: a machine that
/// went dark says nothing at all.
const SILENCE: Duration = Duration::from_secs(15);

/// An answer, or the error that it did not come within this time.
async fn within<T>(most: Option<Duration>, answer: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    match most {
        None => answer.await,
        Some(most) => {
            let silent = |_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()));
            tokio::time::timeout(most, answer).await.unwrap_or_else(silent)
        }
    }
}

/// Runs a statement on whichever database is there.
macro_rules! ask {
    ($tx:ident, $statement:ident, $fetch:ident, $rows:ident => $read:expr) => {{
        let silence = $tx.silence();
        let outcome = match $tx.connection() {
            ConnectionRef::Sqlite(connection) => {
                prepared!($statement).$fetch(connection).await.and_then(|$rows| $read)
            }
            ConnectionRef::Postgres(connection) => {
                within(silence, prepared!($statement).$fetch(connection)).await.and_then(|$rows| $read)
            }
        };
        Ok($tx.remember(outcome)?)
    }};
}

impl Transaction {
    /// A statement of this aggregator, which is its `$1`.
    pub(crate) fn sql(&self, text: &'static str) -> Statement {
        sql(text).bind(self.scope().number())
    }

    /// The same of a text that was put together: of texts that stand in the program, never of what somebody entered.
    pub(crate) fn assembled(&self, text: String) -> Statement {
        assembled(text).bind(self.scope().number())
    }

    /// How long an answer may take; for ever where it is a command's own connection.
    fn silence(&self) -> Option<Duration> {
        matches!(self.connection, Connection::Postgres(_) | Connection::PostgresReader(_)).then_some(SILENCE)
    }

    pub(crate) async fn all<R: DatabaseRow>(&mut self, statement: Statement) -> StoreResult<Vec<R>> {
        let writes = statement.writes();
        let found: StoreResult<Vec<R>> =
            ask!(self, statement, fetch_all, rows => rows.iter().map(R::from_row).collect());
        self.changed |= writes && found.as_ref().is_ok_and(|rows| !rows.is_empty());
        found
    }

    pub(crate) async fn optional<R: DatabaseRow>(&mut self, statement: Statement) -> StoreResult<Option<R>> {
        let writes = statement.writes();
        let found: StoreResult<Option<R>> =
            ask!(self, statement, fetch_optional, row => row.as_ref().map(R::from_row).transpose());
        self.changed |= writes && found.as_ref().is_ok_and(Option::is_some);
        found
    }

    pub(crate) async fn one<R: DatabaseRow>(&mut self, statement: Statement) -> StoreResult<R> {
        let writes = statement.writes();
        let found: StoreResult<R> = ask!(self, statement, fetch_one, row => R::from_row(&row));
        self.changed |= writes && found.is_ok();
        found
    }

    /// Rows one after the other, where they are too many to be held at once.
    pub(crate) fn stream<'w, R: DatabaseRow + 'w>(
        &'w mut self,
        statement: Statement,
    ) -> BoxStream<'w, StoreResult<R>> {
        match self.connection() {
            ConnectionRef::Sqlite(connection) => prepared!(statement)
                .fetch(connection)
                .map(|row| -> StoreResult<R> { Ok(R::from_row(&row?)?) })
                .boxed(),
            ConnectionRef::Postgres(connection) => prepared!(statement)
                .fetch(connection)
                .map(|row| -> StoreResult<R> { Ok(R::from_row(&row?)?) })
                .boxed(),
        }
    }

    /// The only column of every row.
    pub(crate) async fn scalars<T>(&mut self, statement: Statement) -> StoreResult<Vec<T>>
    where
        (T,): DatabaseRow,
    {
        let rows: Vec<(T,)> = self.all(statement).await?;
        Ok(rows.into_iter().map(|(value,)| value).collect())
    }

    pub(crate) async fn scalar_optional<T>(&mut self, statement: Statement) -> StoreResult<Option<T>>
    where
        (T,): DatabaseRow,
    {
        let row: Option<(T,)> = self.optional(statement).await?;
        Ok(row.map(|(value,)| value))
    }

    pub(crate) async fn scalar<T>(&mut self, statement: Statement) -> StoreResult<T>
    where
        (T,): DatabaseRow,
    {
        let (value,) = self.one(statement).await?;
        Ok(value)
    }

    /// Changes rows, and tells how many.
    pub(crate) async fn run(&mut self, statement: Statement) -> StoreResult<u64> {
        let (silence, writes) = (self.silence(), statement.writes());
        let outcome = match self.connection() {
            ConnectionRef::Sqlite(connection) => {
                prepared!(statement).execute(connection).await.map(|done| done.rows_affected())
            }
            ConnectionRef::Postgres(connection) => within(silence, prepared!(statement).execute(connection))
                .await
                .map(|done| done.rows_affected()),
        };
        self.changed |= writes && outcome.as_ref().is_ok_and(|rows| *rows > 0);
        Ok(self.remember(outcome)?)
    }

    /// Changes or adds what each row of values says, and tells how many rows that were. Before the values of each row comes
    /// the aggregator.
    pub(crate) async fn run_rows<const N: usize>(
        &mut self,
        text: &'static str,
        rows: &[[Value; N]],
    ) -> StoreResult<u64> {
        let mut done = 0;
        for part in rows.chunks(rows_together(N + 1)) {
            let statement = with_rows(text, self.scope(), part, self.places());
            done += self.run(statement).await?;
        }
        Ok(done)
    }

    /// Adds the rows, the aggregator before the values of each, and answers with the only column that each gives back.
    pub(crate) async fn add_rows<T, const N: usize>(
        &mut self,
        text: &'static str,
        rows: &[[Value; N]],
    ) -> StoreResult<Vec<T>>
    where
        (T,): DatabaseRow,
    {
        let mut found = Vec::with_capacity(rows.len());
        for part in rows.chunks(rows_together(N + 1)) {
            let statement = with_rows(text, self.scope(), part, self.places());
            found.extend(self.scalars(statement).await?);
        }
        Ok(found)
    }

    /// Says what has no values and no rows: where a transaction begins and ends.
    pub(crate) async fn execute_raw(&mut self, text: impl SqlSafeStr) -> sqlx::Result<()> {
        let (text, silence) = (sqlx::raw_sql(text), self.silence());
        let outcome = match self.connection() {
            ConnectionRef::Sqlite(connection) => text.execute(connection).await.map(drop),
            ConnectionRef::Postgres(connection) => within(silence, text.execute(connection)).await.map(drop),
        };
        self.remember(outcome)
    }
}

/// A count, which never is negative.
pub(crate) fn counted(count: i64) -> u32 {
    u32::try_from(count).unwrap_or_default()
}
