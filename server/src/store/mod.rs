//! The store: all SQL stands below this folder, and [`Store::write`] is the only way to change anything.
//!
//! On SQLite one task owns the writing connection. It takes the errands that wait into one transaction, a savepoint
//! each, and answers after COMMIT: one fsync serves many, a caller that goes away cancels nothing, and an errand that
//! is refused or panics undoes only itself. On PostgreSQL, which does the same by itself, each errand has a task and
//! a transaction of its own, and is tried again when the database asks for it. The SQL is the same for both; what
//! differs stands in `dialect.rs`. Reads see all as it was at one instant, and can't write.

use std::sync::Arc;

use model::api::{Problem, Trouble};
use model::ids::AggregatorId;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool, Postgres};
use sqlx::sqlite::{Sqlite, SqliteConnection, SqlitePool};
use tokio::sync::{Notify, mpsc};

use crate::measures::Measures;
use dialect::{Failure, Share, only_reads};
use file::OpenedFile;
use sql::{Connection, counted, sql};

mod account;
mod address;
mod assignment;
mod attend;
pub mod backup;
mod basket;
mod board;
mod call;
mod catalogue;
pub mod copy;
mod deed;
mod dialect;
mod door;
mod export;
mod file;
mod installation;
mod ledger;
mod moves;
mod news;
mod open;
mod people;
mod proposal;
mod queue;
mod request;
mod security;
mod sign_in;
mod sql;
mod standing;
mod submission;
mod tables;
mod territory;
mod timeline;

pub(crate) use account::hexadecimal;
pub use account::{AccountRow, EntryRow, HoldRow};
pub use address::Address;
pub use assignment::AssignmentRow;
pub use basket::BasketRow;
pub use board::{BoardBodyRow, MatrixRequestRow};
pub use call::{CallRow, ExtensionRow};
pub use catalogue::Catalogue;
pub use deed::{AskedFor, DeedRow};
pub use door::Errand;
pub use export::Digest;
pub use installation::Demonstration;
pub use ledger::BookRow;
pub use news::NewsRow;
pub use people::{CallerFound, NewSession, PersonRow, RoleRow, SessionRow};
pub use proposal::{NewAssignment, NewProposal, ProposalRow};
pub use queue::{QueueFilter, TallyRow};
pub use request::{QueueRow, RequestRow};
pub use security::{EventFilter, EventRow, NewEvent};
pub use sign_in::TriesRow;
pub(crate) use submission::number as submission_number;
pub use submission::{NewLine, SubmissionLineRow, SubmissionRow};
pub use territory::{AggregatorRow, MunicipalityRow};
pub use timeline::{MilestoneRow, NewStep, StepRow};

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

pub type Stored<T> = Result<T, StoreError>;

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
            StoreError::Database(cause) => (Failure::of(cause) == Failure::Passing, Trouble::Unavailable),
            StoreError::FileGone(_) => (false, Trouble::Unavailable),
            StoreError::Inconsistent { .. } => (false, Trouble::Internal),
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
pub(crate) fn known<T>(value: Option<T>, what: &'static str, found: &str) -> Stored<T> {
    value.ok_or_else(|| StoreError::Inconsistent { what, found: found.to_owned() })
}

/// A document in the database that the model can't read.
pub(crate) fn document<T: serde::de::DeserializeOwned>(text: &str, what: &'static str) -> Stored<T> {
    serde_json::from_str(text).map_err(|error| StoreError::Inconsistent { what, found: error.to_string() })
}

/// A value of the model as it is kept in a text column.
pub(crate) fn kept(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A connection at work for one aggregator: every query below is a method of it, and sees that aggregator only.
pub struct Work {
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

impl Work {
    /// The tenant of every statement.
    pub fn aggregator(&self) -> AggregatorId {
        self.aggregator
    }

    /// How many credits the entries moved that were written since this errand began: the sum of their amounts, each without
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

/// The door to the data.
#[derive(Clone)]
pub struct Store {
    database: Database,
    catalogues: catalogue::Catalogues,
    pub measures: Measures,
}

#[derive(Clone)]
enum Database {
    Sqlite {
        errands: mpsc::Sender<Box<dyn door::Waiting>>,
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
        let (catalogues, measures) = (catalogue::Catalogues::default(), Measures::default());
        let address = Address { url, given: "DATABASE_URL" };
        let database = if address.is_sqlite() {
            open::sqlite(&address, &catalogues, &measures).await?
        } else {
            Database::Postgres(open::postgres(&address).await?)
        };
        Ok(Self { database, catalogues, measures })
    }

    /// Lets go of the database: what was written stands in its file alone.
    pub async fn close(&self) {
        match &self.database {
            Database::Sqlite { errands, shut, readers, .. } => {
                readers.close().await;
                shut.notify_one();
                errands.closed().await;
            }
            Database::Postgres(pool) => pool.close().await,
        }
    }

    /// A connection that reads, for one aggregator, and sees all as it was at one instant.
    pub async fn read(&self, aggregator: AggregatorId) -> Stored<Work> {
        let connection = match &self.database {
            Database::Sqlite { readers, file, .. } => {
                file.check()?;
                Link::SqliteReader(readers.acquire().await?)
            }
            Database::Postgres(pool) => Link::PostgresReader(pool.acquire().await?),
        };
        let mut work = self.work(connection, aggregator);
        match &self.database {
            Database::Sqlite { .. } => work.say("BEGIN").await?,
            Database::Postgres(_) => work.begin_on_postgres(Share::Reading).await?,
        }
        Ok(work)
    }

    fn work(&self, connection: Link, aggregator: AggregatorId) -> Work {
        Work {
            connection,
            aggregator,
            catalogues: self.catalogues.clone(),
            failure: None,
            moved: 0,
            changed: false,
        }
    }

    /// Changes something, or nothing: the errand's effects are stored together with its answer.
    pub async fn write<E: Errand>(&self, aggregator: AggregatorId, errand: E) -> Result<E::Answer, Problem> {
        let timed = self.measures.write();
        let outcome = match &self.database {
            Database::Sqlite { errands, .. } => door::enter(errands, aggregator, errand).await,
            Database::Postgres(pool) => door::alone(self.clone(), pool.clone(), aggregator, errand).await,
        };
        timed.ended(&outcome);
        outcome
    }

    /// Notes how many wait at the door, and the connections that are open.
    pub fn measure(&self) {
        let (open, idle) = match &self.database {
            Database::Sqlite { errands, readers, .. } => {
                let waiting = errands.max_capacity() - errands.capacity();
                self.measures.waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
                (readers.size(), readers.num_idle())
            }
            Database::Postgres(pool) => (pool.size(), pool.num_idle()),
        };
        self.measures.connected(open, idle);
    }
}
