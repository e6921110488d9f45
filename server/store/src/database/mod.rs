//! The two databases: opening, transactions, the writer, statements, copies. The areas beside it hold the SQL.

use std::sync::Arc;

use model::api::Problem;
use model::ids::AggregatorId;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool, Postgres};
use sqlx::sqlite::{Sqlite, SqliteConnection, SqlitePool};
use tokio::sync::{Notify, mpsc};

use self::address::Address;
use self::dialect::{FailedStatement, LockMode, only_reads};
use self::error::StoreResult;
use self::file::OpenedFile;
use self::open_error::OpenError;
use self::sql::ConnectionRef;
use self::writer::UnitOfWork;
use crate::catalogue_cache::Catalogues;
use metrics::Metrics;

pub(crate) mod address;
pub mod backup;
mod block_on;
pub(crate) mod dialect;
pub(crate) mod file;
pub(crate) mod open;
pub(crate) mod open_error;
pub(crate) mod row;
pub(crate) mod sql;
pub(crate) mod error;
pub(crate) mod writer;

/// Whose rows a transaction reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What belongs to no aggregator: the list of aggregators, what the program notes about the installation.
    Installation,
    Aggregator(AggregatorId),
}

impl Scope {
    /// The number for statements, locks and the row-level security of PostgreSQL. No aggregator has the number 0, so a
    /// statement for one finds nothing in the scope of the installation.
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Installation => 0,
            Self::Aggregator(AggregatorId(id)) => id,
        }
    }
}

impl From<AggregatorId> for Scope {
    fn from(aggregator: AggregatorId) -> Self {
        Self::Aggregator(aggregator)
    }
}

/// A connection in use for one scope: every query below is a method of it, and sees the rows of that scope only.
pub struct Transaction {
    pub(crate) connection: Connection,
    pub(crate) scope: Scope,
    pub(crate) catalogues: Catalogues,
    /// The last statement that failed since it began: nothing of it may then be saved. On PostgreSQL the COMMIT of a
    /// transaction in which a statement failed answers OK and stores nothing.
    pub(crate) failure: Option<FailedStatement>,
    /// The amounts, without their signs, of all entries that were written since it began.
    pub(crate) moved: i64,
    /// Some row was added, changed or removed since it began.
    pub(crate) changed: bool,
}

pub(crate) enum Connection {
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
    /// Whose rows every statement reads and writes.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// How many credits the entries moved that were written since this unit of work began: the sum of their amounts, each without
    /// its sign.
    pub fn moved(&self) -> i64 {
        self.moved
    }

    pub(crate) fn catalogues(&self) -> &Catalogues {
        &self.catalogues
    }

    pub(crate) fn reads_only(&self) -> bool {
        matches!(self.connection, Connection::SqliteReader(_) | Connection::PostgresReader(_))
    }

    /// The connection, for the SQL of this crate only.
    pub(crate) fn connection(&mut self) -> ConnectionRef<'_> {
        match &mut self.connection {
            Connection::Sqlite(connection) => ConnectionRef::Sqlite(connection),
            Connection::SqliteReader(connection) => ConnectionRef::Sqlite(connection),
            Connection::Postgres(connection) | Connection::PostgresReader(connection) => {
                ConnectionRef::Postgres(connection)
            }
            Connection::PostgresAlone(connection) => ConnectionRef::Postgres(connection),
        }
    }

    /// Notes that a statement failed.
    fn remember<T>(&mut self, outcome: sqlx::Result<T>) -> sqlx::Result<T> {
        if let Err(error) = &outcome {
            self.failure = Some(error.into());
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
    pub(crate) catalogues: Catalogues,
    pub metrics: Metrics,
}

#[derive(Clone)]
pub(crate) enum Database {
    Sqlite {
        queue: mpsc::Sender<Box<dyn writer::QueuedUnit>>,
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
    /// Why it can't be opened.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let (catalogues, metrics) = (Catalogues::default(), Metrics::default());
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

    /// A connection that reads, for one scope, and sees all as it was at one instant.
    pub async fn read(&self, scope: impl Into<Scope>) -> StoreResult<Transaction> {
        let connection = match &self.database {
            Database::Sqlite { readers, file, .. } => {
                file.check()?;
                Connection::SqliteReader(readers.acquire().await?)
            }
            Database::Postgres(pool) => Connection::PostgresReader(pool.acquire().await?),
        };
        let mut tx = self.transaction(connection, scope.into());
        match &self.database {
            Database::Sqlite { .. } => tx.execute_raw("BEGIN").await?,
            Database::Postgres(_) => tx.begin_on_postgres(LockMode::Reading).await?,
        }
        Ok(tx)
    }

    fn transaction(&self, connection: Connection, scope: Scope) -> Transaction {
        Transaction {
            connection,
            scope,
            catalogues: self.catalogues.clone(),
            failure: None,
            moved: 0,
            changed: false,
        }
    }

    /// Changes something, or nothing: the unit of work's effects are stored together with its answer.
    pub async fn write<E: UnitOfWork>(&self, scope: impl Into<Scope>, unit: E) -> Result<E::Answer, Problem> {
        let scope = scope.into();
        let timed = self.metrics.write();
        let outcome = match &self.database {
            Database::Sqlite { queue, .. } => writer::enter(queue, scope, unit).await,
            Database::Postgres(pool) => writer::run_with_retry(self.clone(), pool.clone(), scope, unit).await,
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
