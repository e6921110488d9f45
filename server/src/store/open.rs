//! Opening the database: making it and bringing it up to date where needed.

use std::str::FromStr;
use std::time::Duration;

use model::ids::AggregatorId;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _, SqlSafeStr as _};
use tokio::sync::mpsc;

use super::dialect::refuse_unbound_role;
use super::{Database, Link, Work, catalogue, door};

/// Most errands in one transaction.
const MOST_TOGETHER: usize = 128;
/// Oldest SQLite without the WAL-reset bug.
const LEAST_SQLITE: (u32, u32, u32) = (3, 51, 3);
/// Connections of one server to PostgreSQL.
const CONNECTIONS: u32 = 24;
/// How long a connection is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Ends what a reader or a caller that went away left open.
const ROLLBACK: &str = "ROLLBACK";

pub(super) async fn sqlite(url: &str, catalogues: &catalogue::Catalogues) -> Result<Database, String> {
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
    sqlx::migrate!("migrations/sqlite").run(&mut writer).await.map_err(|error| outdated(&error))?;
    let readers = SqlitePoolOptions::new()
        .max_connections(4)
        .acquire_timeout(PATIENCE)
        .after_release(|connection, _| {
            Box::pin(async move {
                // Without an open transaction this fails, which does no harm.
                let _ = sqlx::raw_sql(ROLLBACK).execute(connection).await;
                Ok(true)
            })
        })
        .connect_with(options.pragma("query_only", "1"))
        .await
        .map_err(|error| format!("The database {url} can't be read: {error}."))?;
    let (errands, waiting) = mpsc::channel(1024);
    let work = Work {
        connection: Link::Sqlite(writer),
        aggregator: AggregatorId(0),
        catalogues: catalogues.clone(),
        failure: None,
    };
    tokio::spawn(door::write_all(work, waiting, MOST_TOGETHER));
    Ok(Database::Sqlite { errands, readers })
}

pub(super) async fn postgres(url: &str) -> Result<PgPool, String> {
    // The address may hold a password: it stays out of every sentence.
    let options = PgConnectOptions::from_str(url)
        .map_err(|_| "DATABASE_URL is not a database address.".to_owned())?
        .application_name("comunanza");
    let mut first =
        options.connect().await.map_err(|error| format!("The database can't be reached: {error}."))?;
    refuse_unbound_role(&mut first).await?;
    sqlx::migrate!("migrations/postgres").run(&mut first).await.map_err(|error| outdated(&error))?;
    let _ = first.close().await;
    let limits = [
        ("idle_in_transaction_session_timeout", "10s"),
        ("lock_timeout", "3s"),
        ("statement_timeout", "10s"),
    ];
    PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE)
        // A caller that goes away while a transaction begins leaves it open: sqlx 0.9.0 hands such a connection out.
        .after_release(|connection, _| {
            Box::pin(async move { Ok(sqlx::raw_sql(ROLLBACK).execute(connection).await.is_ok()) })
        })
        .connect_with(options.options(limits))
        .await
        .map_err(|error| format!("The database can't be read: {error}."))
}

fn outdated(error: &sqlx::migrate::MigrateError) -> String {
    use sqlx::migrate::MigrateError::VersionMissing;
    match error {
        VersionMissing(version) => format!(
            "The database was made by a newer version of this program (it knows change {version}): install that version."
        ),
        error => format!("The database can't be brought up to date: {error}."),
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
    let version: String = sqlx::query_scalar("SELECT sqlite_version()".into_sql_str())
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
