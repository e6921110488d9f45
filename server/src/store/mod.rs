//! The store: all SQL stands below this folder, and [`Store::write`] is the only way to change anything.
//!
//! On SQLite one task owns the writing connection. It takes the units of work that wait into one transaction, a savepoint
//! each, and answers after COMMIT: one fsync serves many, a caller that goes away cancels nothing, and an unit of work that
//! is refused or panics undoes only itself. On PostgreSQL, which does the same by itself, each unit of work has a task and
//! a transaction of its own, and is tried again when the database asks for it. The SQL is the same for both; what
//! differs stands in `dialect.rs`. Reads see all as it was at one instant, and can't write.

use std::sync::Arc;

use model::api::{ApiError, Problem};
use model::ids::AggregatorId;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool, Postgres};
use sqlx::sqlite::{Sqlite, SqliteConnection, SqlitePool};
use tokio::sync::{Notify, mpsc};

use crate::metrics::Metrics;
use dialect::{Failure, LockMode, only_reads};
use file::OpenedFile;
use sql::{Connection, counted, sql};

mod account;
mod address;
mod assignment;
pub mod backup;
mod basket;
mod block_on;
mod board;
mod call;
mod catalogue;
pub mod copy;
mod dialect;
mod export;
mod file;
mod idempotency;
mod installation;
mod ledger;
mod moves;
mod news;
mod notice;
mod open;
mod people;
mod proposal;
mod queue;
mod request;
mod security;
mod session;
mod sign_in;
mod sql;
mod standing;
mod submission;
mod tables;
mod territory;
mod timeline;
mod writer;

pub(crate) use account::hexadecimal;
pub use account::{AccountRow, EntryRow, HoldRow};
pub use address::Address;
pub use assignment::AssignmentRow;
pub use basket::BasketRow;
pub use board::{BoardBodyRow, MatrixRequestRow};
pub use call::{CallRow, ExtensionRow};
pub use catalogue::Catalogue;
pub use export::Digest;
pub use idempotency::{AskedFor, IdempotencyRecord};
pub use installation::Demonstration;
pub use ledger::BookRow;
pub use news::NewsRow;
pub use people::{PersonRow, RoleRow};
pub use proposal::{NewAssignment, NewProposal, ProposalRow};
pub use queue::{QueueFilter, TallyRow};
pub use request::{QueueRow, RequestRow};
pub use security::{EventFilter, EventRow, NewEvent};
pub use session::{CallerFound, NewSession, SessionRow};
pub use sign_in::TriesRow;
pub(crate) use submission::number as submission_number;
pub use submission::{NewLine, SubmissionLineRow, SubmissionRow};
pub use territory::{AggregatorRow, MunicipalityRow};
pub use timeline::{MilestoneRow, NewStep, StepRow};
pub use writer::UnitOfWork;

/// Why the store can't do what it is asked.
#[derive(Debug)]
pub enum StoreError {
    /// The database says no: full, locked, gone, or a statement is wrong.
    Database(sqlx::Error),
    /// The file of the database was removed or replaced while it was in use.
    FileGone(std::path::PathBuf),
    /// A row that can't be: `what` names the table and what is wrong with it.
    Inconsistent { what: &'static str, found: String },
}

pub type StoreResult<T> = Result<T, StoreError>;

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Database(error) => write!(f, "the database answered: {error}"),
            Self::FileGone(file) => write!(f, "the file {} was removed or replaced", file.display()),
            Self::Inconsistent { what, found } => write!(f, "{what} holds what it can't: {found}"),
        }
    }
}

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
pub(crate) fn known<T>(value: Option<T>, what: &'static str, found: &str) -> StoreResult<T> {
    value.ok_or_else(|| StoreError::Inconsistent { what, found: found.to_owned() })
}

/// A document in the database that the model can't read.
pub(crate) fn document<T: serde::de::DeserializeOwned>(text: &str, what: &'static str) -> StoreResult<T> {
    serde_json::from_str(text).map_err(|error| StoreError::Inconsistent { what, found: error.to_string() })
}

/// A value of the model as it is kept in a text column.
pub(crate) fn kept(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A connection at work for one aggregator: every query below is a method of it, and sees that aggregator only.
pub struct Transaction {
    connection: Link,
    aggregator: AggregatorId,
    catalogues: catalogue::Catalogues,
    /// What went wrong since it began: nothing of it may then be saved. On PostgreSQL the COMMIT of a transaction in
    /// which a statement failed answers OK and stores nothing.
    failure: Option<Failure>,
    /// The amounts, without their signs, of all entries that were written since it began.
    moved: i64,
    /// Some row was added, changed or removed since it began.
    changed: bool,
}

enum Link {
    /// The one that writes.
    Sqlite(SqliteConnection),
    /// One of those that read.
    SqliteReader(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
    PostgresReader(PoolConnection<Postgres>),
    /// One that belongs to no server.
    PostgresAlone(PgConnection),
}

impl Transaction {
    /// The tenant of every statement.
    pub fn aggregator(&self) -> AggregatorId {
        self.aggregator
    }

    /// How many credits the entries moved that were written since this unit of work began: the sum of their amounts, each without
    /// its sign.
    pub fn moved(&self) -> i64 {
        self.moved
    }

    fn catalogues(&self) -> &catalogue::Catalogues {
        &self.catalogues
    }

    fn reads_only(&self) -> bool {
        matches!(self.connection, Link::SqliteReader(_) | Link::PostgresReader(_))
    }

    /// The connection, for the SQL of this folder only.
    fn link(&mut self) -> Connection<'_> {
        match &mut self.connection {
            Link::Sqlite(connection) => Connection::Sqlite(connection),
            Link::SqliteReader(connection) => Connection::Sqlite(connection),
            Link::Postgres(connection) | Link::PostgresReader(connection) => Connection::Postgres(connection),
            Link::PostgresAlone(connection) => Connection::Postgres(connection),
        }
    }

    /// Keeps in mind that a statement failed.
    fn remember<T>(&mut self, outcome: sqlx::Result<T>) -> sqlx::Result<T> {
        if let Err(error) = &outcome {
            self.failure = Some(Failure::of(error));
            // The next connection may lead to the one that took its place.
            if let Link::Postgres(connection) = &mut self.connection
                && only_reads(error)
            {
                connection.close_on_drop();
            }
        }
        outcome
    }
}

/// The writer to the data.
#[derive(Clone)]
pub struct Store {
    database: Database,
    catalogues: catalogue::Catalogues,
    pub metrics: Metrics,
}

#[derive(Clone)]
enum Database {
    Sqlite {
        queue: mpsc::Sender<Box<dyn writer::Waiting>>,
        shut: Arc<Notify>,
        readers: SqlitePool,
        file: OpenedFile,
    },
    Postgres(PgPool),
}

impl Store {
    /// Opens the database, making it and bringing it up to date where needed.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn open(url: &str) -> Result<Self, String> {
        let (catalogues, metrics) = (catalogue::Catalogues::default(), Metrics::default());
        let address = Address { url, given: "DATABASE_URL" };
        let database = if address.is_sqlite() {
            open::sqlite(&address, &catalogues, &metrics).await?
        } else {
            Database::Postgres(open::postgres(&address).await?)
        };
        Ok(Self { database, catalogues, metrics })
    }

    /// Lets go of the database: what was written stands in its file alone.
    pub async fn close(&self) {
        match &self.database {
            Database::Sqlite { queue, shut, readers, .. } => {
                readers.close().await;
                shut.notify_one();
                queue.closed().await;
            }
            Database::Postgres(pool) => pool.close().await,
        }
    }

    /// A connection that reads, for one aggregator, and sees all as it was at one instant.
    pub async fn read(&self, aggregator: AggregatorId) -> StoreResult<Transaction> {
        let connection = match &self.database {
            Database::Sqlite { readers, file, .. } => {
                file.check()?;
                Link::SqliteReader(readers.acquire().await?)
            }
            Database::Postgres(pool) => Link::PostgresReader(pool.acquire().await?),
        };
        let mut tx = self.transaction(connection, aggregator);
        match &self.database {
            Database::Sqlite { .. } => tx.execute_raw("BEGIN").await?,
            Database::Postgres(_) => tx.begin_on_postgres(LockMode::Reading).await?,
        }
        Ok(tx)
    }

    fn transaction(&self, connection: Link, aggregator: AggregatorId) -> Transaction {
        Transaction {
            connection,
            aggregator,
            catalogues: self.catalogues.clone(),
            failure: None,
            moved: 0,
            changed: false,
        }
    }

    /// Changes something, or nothing: the unit of work's effects are stored together with its answer.
    pub async fn write<E: UnitOfWork>(
        &self,
        aggregator: AggregatorId,
        unit: E,
    ) -> Result<E::Answer, Problem> {
        let timed = self.metrics.write();
        let outcome = match &self.database {
            Database::Sqlite { queue, .. } => writer::enter(queue, aggregator, unit).await,
            Database::Postgres(pool) => writer::alone(self.clone(), pool.clone(), aggregator, unit).await,
        };
        timed.ended(&outcome);
        outcome
    }

    /// Notes how many wait at the writer, and the connections that are open.
    pub fn measure(&self) {
        let (open, idle) = match &self.database {
            Database::Sqlite { queue, readers, .. } => {
                let waiting = queue.max_capacity() - queue.capacity();
                self.metrics.waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
                (readers.size(), readers.num_idle())
            }
            Database::Postgres(pool) => (pool.size(), pool.num_idle()),
        };
        self.metrics.connected(open, idle);
    }
}
