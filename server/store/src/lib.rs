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

use database::dialect::{Failure, LockMode, only_reads};
use database::file::OpenedFile;
use database::sql::{ConnectionRef, counted, sql};
use database::{open, writer};
use metrics::Metrics;

mod baskets;
mod bodies;
mod calls;
mod catalogue;
mod credits;
mod database;
pub mod hashing;
mod idempotency;
mod installation;
mod people;
mod requests;
mod security;
mod submissions;

pub use baskets::BasketRow;
pub use bodies::{AggregatorRow, MunicipalityRow};
pub use calls::assignment::AssignmentRow;
pub use calls::board::{BoardBodyRow, MatrixRequestRow};
pub use calls::{CallRow, ExtensionRow};
pub use catalogue::Catalogue;
pub use catalogue::search::Index;
pub use credits::ledger::BookRow;
pub use credits::proposals::{NewAssignment, NewProposal, ProposalRow};
pub use credits::{AccountRow, EntryRow, HoldRow};
pub use database::address::Address;
pub use database::export::Digest;
pub use database::writer::UnitOfWork;
pub use database::{backup, copy};
pub use idempotency::{AskedFor, IdempotencyRecord};
pub use installation::Demonstration;
pub use people::sessions::{CallerFound, NewSession, SessionRow};
pub use people::sign_in::TriesRow;
pub use people::{PersonRow, RoleRow};
pub use requests::news::NewsRow;
pub use requests::queue::{QueueFilter, TallyRow};
pub use requests::timeline::{MilestoneRow, NewStep, StepRow};
pub use requests::{QueueRow, RequestRow};
pub use security::{EventFilter, EventRow, NewEvent};
pub use submissions::{NewLine, SubmissionLineRow, SubmissionRow, number as submission_number};

/// Why the store can't do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused: full, locked, gone, or a statement is wrong.
    #[error("the database answered: {0}")]
    Database(#[from] sqlx::Error),
    /// The file of the database was removed or replaced while it was in use.
    #[error("the file {} was removed or replaced", .0.display())]
    FileGone(std::path::PathBuf),
    /// A row that can't be: `what` names the table and the column.
    #[error("{what} holds what it can't: {found}")]
    Inconsistent { what: &'static str, found: String },
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
    value.ok_or_else(|| StoreError::Inconsistent { what, found: found.to_owned() })
}

/// A document in the database that the model can't read.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(text: &str, what: &'static str) -> StoreResult<T> {
    serde_json::from_str(text).map_err(|error| StoreError::Inconsistent { what, found: error.to_string() })
}

/// A value of the model as it is kept in a text column.
pub(crate) fn to_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A connection at work for one aggregator: every query below is a method of it, and sees that aggregator only.
pub struct Transaction {
    connection: Connection,
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

enum Connection {
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
        matches!(self.connection, Connection::SqliteReader(_) | Connection::PostgresReader(_))
    }

    /// The connection, for the SQL of this folder only.
    fn connection(&mut self) -> ConnectionRef<'_> {
        match &mut self.connection {
            Connection::Sqlite(connection) => ConnectionRef::Sqlite(connection),
            Connection::SqliteReader(connection) => ConnectionRef::Sqlite(connection),
            Connection::Postgres(connection) | Connection::PostgresReader(connection) => {
                ConnectionRef::Postgres(connection)
            }
            Connection::PostgresAlone(connection) => ConnectionRef::Postgres(connection),
        }
    }

    /// Keeps in mind that a statement failed.
    fn remember<T>(&mut self, outcome: sqlx::Result<T>) -> sqlx::Result<T> {
        if let Err(error) = &outcome {
            self.failure = Some(Failure::of(error));
            // The next connection may lead to the one that took its place.
            if let Connection::Postgres(connection) = &mut self.connection
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
                Connection::SqliteReader(readers.acquire().await?)
            }
            Database::Postgres(pool) => Connection::PostgresReader(pool.acquire().await?),
        };
        let mut tx = self.transaction(connection, aggregator);
        match &self.database {
            Database::Sqlite { .. } => tx.execute_raw("BEGIN").await?,
            Database::Postgres(_) => tx.begin_on_postgres(LockMode::Reading).await?,
        }
        Ok(tx)
    }

    fn transaction(&self, connection: Connection, aggregator: AggregatorId) -> Transaction {
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
