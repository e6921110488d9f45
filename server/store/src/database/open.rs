//! Opening the database: making it and bringing it up to date where needed.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _, SqlSafeStr as _};
use tokio::sync::{Notify, mpsc};

use crate::Transaction;
use crate::catalogue_cache::Catalogues;
use crate::database::address::Address;
use crate::database::dialect::{Failure, refuse_read_only, refuse_unbound_role};
use crate::database::file::OpenedFile;
use crate::database::open_error::OpenError;
use crate::database::sql::ConnectionRef;
use crate::database::writer;
use crate::database::{Connection, Database, Scope};
use metrics::Metrics;

/// Most units of work in one transaction.
const MOST_TOGETHER: usize = 128;
/// Oldest SQLite without the WAL-reset bug.
const LEAST_SQLITE: (u32, u32, u32) = (3, 51, 3);
/// Connections of one server to PostgreSQL.
const CONNECTIONS: u32 = 24;
/// Statements that a connection keeps prepared: one that writes rows is another with each count of them.
const STATEMENTS: usize = 250;
/// How often the tables of a PostgreSQL in use are tried to be changed.
const CHANGE_TRIES: u32 = 5;
/// How long a connection is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Ends what a reader or a caller that went away left open.
const ROLLBACK: &str = "ROLLBACK";
/// The same on PostgreSQL, which need not warn us that nothing was open.
const QUIET_ROLLBACK: &str = "SET LOCAL client_min_messages = error; ROLLBACK";

static ON_SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");
static ON_POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");

pub(crate) async fn sqlite(
    address: &Address<'_>,
    catalogues: &Catalogues,
    metrics: &Metrics,
) -> Result<Database, OpenError> {
    let options = writing(address)?;
    let mut writer = sqlite_connection(address, &of_many(&options)).await?;
    bring_up_to_date(address, ConnectionRef::Sqlite(&mut writer)).await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(4)
        .acquire_timeout(PATIENCE)
        // A file that goes away is noticed before, and never made anew.
        .test_before_acquire(false)
        .after_release(|connection, _| {
            Box::pin(async move {
                // Without an open transaction this fails, which does no harm.
                let _ = sqlx::raw_sql(ROLLBACK).execute(connection).await;
                Ok(true)
            })
        })
        .connect_with(options.create_if_missing(false).pragma("query_only", "1"))
        .await
        .map_err(|error| address.unopened(&error))?;
    let (queue, waiting) = mpsc::channel(1024);
    let tx = Transaction {
        connection: Connection::Sqlite(writer),
        scope: Scope::Installation,
        catalogues: catalogues.clone(),
        failure: None,
        moved: 0,
        changed: false,
    };
    let shut = Arc::new(Notify::new());
    let file = OpenedFile::of(crate::database::backup::file_of(address.url), metrics.clone());
    writer::keep(tx, waiting, (Arc::clone(&shut), file.clone(), metrics.clone()), MOST_TOGETHER)?;
    Ok(Database::Sqlite { queue, shut, readers, file })
}

pub(crate) async fn postgres(address: &Address<'_>) -> Result<PgPool, OpenError> {
    let options = address.postgres()?.application_name("comunanza");
    let mut first = postgres_connection(address, &options).await?;
    bring_up_to_date(address, ConnectionRef::Postgres(&mut first)).await?;
    let _ = first.close().await;
    let settings = [
        ("idle_in_transaction_session_timeout", "10s"),
        ("lock_timeout", "3s"),
        ("statement_timeout", "10s"),
        // Every statement reads a few rows by their index. It must not become a scan of whole tables or indexes where
        // these have grown since the plan was made.
        ("random_page_cost", "1.1"),
        ("enable_mergejoin", "off"),
        ("jit", "off"),
    ];
    PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE)
        // A caller that goes away while a transaction begins leaves it open: sqlx 0.9.0 gives such a connection to the
        // next caller.
        .after_release(|connection, _| {
            Box::pin(async move {
                let ended = sqlx::raw_sql(QUIET_ROLLBACK).execute(connection);
                match tokio::time::timeout(PATIENCE, ended).await {
                    Ok(ended) => Ok(ended.is_ok()),
                    // The connection is dropped without a goodbye: nobody would receive it.
                    Err(_) => Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
                }
            })
        })
        .connect_with(options.options(settings).statement_cache_capacity(STATEMENTS))
        .await
        .map_err(|error| address.unopened(&error))
}

/// How an SQLite database is opened to be written; the folder in which its file is to lie is made.
pub(crate) fn writing(address: &Address<'_>) -> Result<SqliteConnectOptions, OpenError> {
    let options = address
        .sqlite()?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .statement_cache_capacity(STATEMENTS);
    folder_of(options.get_filename())?;
    Ok(options)
}

/// For the connection that writes many units of work in one transaction: the pages that it changes stay in memory until
/// COMMIT, and so does what it needs to undo one unit of work; the log is copied to the file less often.
fn of_many(options: &SqliteConnectOptions) -> SqliteConnectOptions {
    let options = options.clone();
    options.pragma("cache_size", "-32768").pragma("temp_store", "MEMORY").pragma("wal_autocheckpoint", "4000")
}

/// Makes the folder in which a database is to lie.
pub(crate) fn folder_of(file: &Path) -> Result<(), OpenError> {
    let Some(folder) = file.parent() else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|error| OpenError::NoFolder { folder: folder.to_owned(), error })
}

pub(crate) async fn sqlite_connection(
    address: &Address<'_>,
    options: &SqliteConnectOptions,
) -> Result<SqliteConnection, OpenError> {
    let mut connection =
        SqliteConnection::connect_with(options).await.map_err(|error| address.unopened(&error))?;
    refuse_old_sqlite(&mut connection, address).await?;
    Ok(connection)
}

pub(crate) async fn postgres_connection(
    address: &Address<'_>,
    options: &PgConnectOptions,
) -> Result<PgConnection, OpenError> {
    let connecting = tokio::time::timeout(PATIENCE, options.connect()).await;
    let silent =
        || sqlx::Error::Io(std::io::Error::other(format!("no answer within {} seconds", PATIENCE.as_secs())));
    let connected = connecting.unwrap_or_else(|_| Err(silent()));
    let mut connection = connected.map_err(|error| address.unopened(&error))?;
    refuse_unbound_role(address, &mut connection).await?;
    Ok(connection)
}

/// Makes the tables, or changes them to what this program knows.
pub(crate) async fn bring_up_to_date(
    address: &Address<'_>,
    mut connection: ConnectionRef<'_>,
) -> Result<(), OpenError> {
    if matches!(connection, ConnectionRef::Postgres(_)) {
        refuse_read_only(address, &mut connection).await?;
    }
    let done = match &mut connection {
        ConnectionRef::Sqlite(connection) => ON_SQLITE.run(&mut **connection).await,
        ConnectionRef::Postgres(connection) => change_postgres(connection).await,
    };
    done.map_err(|error| address.outdated(&error))?;
    // A file tells only once it has tables.
    refuse_read_only(address, &mut connection).await
}

/// Changes are tried again where another server, which goes on meanwhile, waited crosswise.
async fn change_postgres(connection: &mut PgConnection) -> Result<(), MigrateError> {
    use MigrateError::{Execute, ExecuteMigration};
    for _ in 1..CHANGE_TRIES {
        match ON_POSTGRES.run(&mut *connection).await {
            Err(Execute(error) | ExecuteMigration(error, _)) if Failure::of(&error) == Failure::Transient => {
            }
            done => return done,
        }
    }
    ON_POSTGRES.run(connection).await
}

/// Refuses tables that are not exactly those that this program knows, and changes none.
pub(crate) async fn refuse_other_tables(
    address: &Address<'_>,
    connection: ConnectionRef<'_>,
) -> Result<(), OpenError> {
    match connection {
        ConnectionRef::Sqlite(connection) => compare(address, connection, &ON_SQLITE).await,
        ConnectionRef::Postgres(connection) => compare(address, connection, &ON_POSTGRES).await,
    }
}

/// Whether this program ever made tables there.
pub(crate) async fn has_our_tables(connection: ConnectionRef<'_>) -> bool {
    let applied = match connection {
        ConnectionRef::Sqlite(connection) => connection.list_applied_migrations(&ON_SQLITE.table_name).await,
        ConnectionRef::Postgres(connection) => {
            connection.list_applied_migrations(&ON_POSTGRES.table_name).await
        }
    };
    applied.is_ok_and(|applied| !applied.is_empty())
}

async fn compare<C: Migrate>(
    address: &Address<'_>,
    connection: &mut C,
    migrator: &Migrator,
) -> Result<(), OpenError> {
    use MigrateError::{Execute, VersionMismatch, VersionMissing};
    let applied = match connection.list_applied_migrations(&migrator.table_name).await {
        Ok(applied) => applied,
        Err(Execute(error)) if !is_without_table(&error) => return Err(address.unopened(&error)),
        Err(_) => {
            return Err(OpenError::NotOurs { place: address.place(), given: address.given });
        }
    };
    for change in &applied {
        let ours = migrator.iter().find(|ours| ours.version == change.version);
        let fault = match ours {
            None => VersionMissing(change.version),
            Some(ours) if ours.checksum != change.checksum => VersionMismatch(change.version),
            Some(_) => continue,
        };
        return Err(address.outdated(&fault));
    }
    if applied.len() < migrator.iter().count() {
        return Err(OpenError::OlderVersion { place: address.place() });
    }
    Ok(())
}

fn is_without_table(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(code.as_deref(), Some("1" | "42P01"))
}

async fn refuse_old_sqlite(
    connection: &mut SqliteConnection,
    address: &Address<'_>,
) -> Result<(), OpenError> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()".into_sql_str())
        .fetch_one(connection)
        .await
        .map_err(|error| address.unopened(&error))?;
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let mut part = || parts.next().unwrap_or(0);
    if (part(), part(), part()) < LEAST_SQLITE {
        return Err(OpenError::OldSqlite { version });
    }
    Ok(())
}
