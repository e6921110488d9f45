//! The store: all SQL stands below this folder, and [`Store::write`] is the only way to change anything.
//!
//! On SQLite one task owns the writing connection. It takes the errands that wait into one transaction, a savepoint
//! each, and answers after COMMIT: one fsync serves many, a caller that goes away cancels nothing, and an errand that
//! is refused or panics undoes only itself. Reads use a small pool that can't write.

use std::str::FromStr;
use std::time::Duration;

use model::api::{Problem, Trouble};
use model::ids::AggregatorId;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{Connection as _, SqlSafeStr as _};
use tokio::sync::mpsc;

mod account;
mod assignment;
mod basket;
mod board;
mod call;
mod catalogue;
mod deed;
mod door;
mod ledger;
mod people;
mod request;
mod submission;
mod territory;

pub(crate) use account::hexadecimal;
pub use account::{AccountRow, CorrectionRow, EntryRow, HoldRow};
pub use assignment::AssignmentRow;
pub use basket::BasketRow;
pub use board::{BoardBodyRow, MatrixRequestRow};
pub use call::{CallRow, ExtensionRow};
pub use catalogue::Catalogue;
pub use deed::DeedRow;
pub use door::Errand;
pub use ledger::BookRow;
pub use people::{PersonRow, RoleRow, SessionRow};
pub use request::{MilestoneRow, QueueFilter, QueueRow, RequestRow, StepRow};
pub(crate) use submission::number as submission_number;
pub use submission::{SubmissionLineRow, SubmissionRow};
pub use territory::{AggregatorRow, MunicipalityRow};

/// Why the store can't do what it is asked.
#[derive(Debug)]
pub enum StoreError {
    /// The database says no: full, locked, gone, or a statement is wrong.
    Database(sqlx::Error),
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
            Self::Inconsistent { what, found } => write!(f, "{what} holds what it can't: {found}"),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "store");
        match error {
            StoreError::Database(_) => Trouble::Unavailable.into(),
            StoreError::Inconsistent { .. } => Trouble::Internal.into(),
        }
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
}

enum Link {
    Owned(SqliteConnection),
    Pooled(sqlx::pool::PoolConnection<sqlx::Sqlite>),
}

impl Work {
    /// The tenant of every statement.
    pub fn aggregator(&self) -> AggregatorId {
        self.aggregator
    }

    fn catalogues(&self) -> &catalogue::Catalogues {
        &self.catalogues
    }

    fn reads_only(&self) -> bool {
        matches!(self.connection, Link::Pooled(_))
    }

    /// The connection, for the SQL of this folder only.
    pub(in crate::store) fn link(&mut self) -> &mut SqliteConnection {
        match &mut self.connection {
            Link::Owned(connection) => connection,
            Link::Pooled(connection) => connection,
        }
    }

    async fn say(&mut self, text: &'static str) -> sqlx::Result<()> {
        sqlx::raw_sql(text.into_sql_str()).execute(self.link()).await.map(drop)
    }
}

/// The door to the data.
#[derive(Clone)]
pub struct Store {
    errands: mpsc::Sender<Box<dyn door::Waiting>>,
    readers: SqlitePool,
    catalogues: catalogue::Catalogues,
}

/// Most errands in one transaction.
const MOST_TOGETHER: usize = 128;
/// Oldest SQLite without the WAL-reset bug.
const LEAST_SQLITE: (u32, u32, u32) = (3, 51, 3);

impl Store {
    /// Opens the database, making it and bringing it up to date where needed.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn open(url: &str) -> Result<Self, String> {
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|error| format!("DATABASE_URL is not a database address ({error})."))?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10));
        make_folder(&options)?;
        let mut writer = SqliteConnection::connect_with(&options)
            .await
            .map_err(|error| format!("The database {url} can't be opened: {error}."))?;
        refuse_old_sqlite(&mut writer).await?;
        sqlx::migrate!("migrations/sqlite")
            .run(&mut writer)
            .await
            .map_err(|error| format!("The database can't be brought up to date: {error}."))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options.pragma("query_only", "1"))
            .await
            .map_err(|error| format!("The database {url} can't be read: {error}."))?;
        let (errands, waiting) = mpsc::channel(1024);
        let catalogues = catalogue::Catalogues::default();
        let work = Work {
            connection: Link::Owned(writer),
            aggregator: AggregatorId(0),
            catalogues: catalogues.clone(),
        };
        tokio::spawn(door::write_all(work, waiting, MOST_TOGETHER));
        Ok(Self { errands, readers, catalogues })
    }

    /// A connection that reads, for one aggregator.
    pub async fn read(&self, aggregator: AggregatorId) -> Stored<Work> {
        Ok(Work {
            connection: Link::Pooled(self.readers.acquire().await?),
            aggregator,
            catalogues: self.catalogues.clone(),
        })
    }

    /// Changes something, or nothing: the errand's effects are stored together with its answer.
    pub async fn write<E: Errand>(&self, aggregator: AggregatorId, errand: E) -> Result<E::Answer, Problem> {
        door::enter(&self.errands, aggregator, errand).await
    }
}

/// Makes the folder in which the database file is to lie.
fn make_folder(options: &SqliteConnectOptions) -> Result<(), String> {
    match options.get_filename().parent() {
        Some(folder) => std::fs::create_dir_all(folder).map_err(|error| {
            let folder = folder.display();
            format!("The folder {folder} of the database can't be made: {error}.")
        }),
        None => Ok(()),
    }
}

async fn refuse_old_sqlite(connection: &mut SqliteConnection) -> Result<(), String> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(connection)
        .await
        .map_err(|error| format!("The database does not answer: {error}."))?;
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let mut part = || parts.next().unwrap_or(0);
    if (part(), part(), part()) < LEAST_SQLITE {
        return Err(format!("SQLite {version} can damage a database; 3.51.3 or newer is needed."));
    }
    Ok(())
}
