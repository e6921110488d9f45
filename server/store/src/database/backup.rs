//! Copies of an SQLite database, made while it goes on being used. PostgreSQL has its own tools for this.

use std::path::{Path, PathBuf};

use sqlx::SqlSafeStr as _;
use sqlx::sqlite::SqlitePool;

use crate::database::Database;
use crate::database::address::describe;
use crate::database::open_error::OpenError;
use crate::database::sql::sql;
use crate::{Store, StoreError, Transaction};

/// Why a database was not copied, as a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("A PostgreSQL database is copied with its own tools: pg_dump, or pg_basebackup.")]
    NotOneFile,
    #[error("The database can't be copied: {0}.")]
    Unavailable(StoreError),
    #[error("The file {} is there already.", .0.display())]
    Exists(PathBuf),
    #[error("The copy {} can't be made: {}.", .file.display(), describe(.error))]
    NotWritten { file: PathBuf, error: sqlx::Error },
    #[error("The copy {} can't be made: {error}.", .file.display())]
    NotRenamed { file: PathBuf, error: std::io::Error },
}

/// Commands end with a sentence.
impl From<BackupError> for String {
    fn from(error: BackupError) -> Self {
        error.to_string()
    }
}

/// What is wrong with a database that was opened, as a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    #[error("It can't be read: {0}.")]
    Unreadable(#[from] StoreError),
    #[error("It is damaged: {0}.")]
    Pages(String),
    #[error("It is damaged: a row of {0} refers to one that is not there.")]
    Reference(String),
}

impl Store {
    /// Whether the whole database is one file, which can be copied as such.
    pub fn is_one_file(&self) -> bool {
        matches!(self.database, Database::Sqlite { .. })
    }

    /// Copies the whole database as it is now into one file, whole or not at all.
    ///
    /// # Errors
    /// Why nothing was copied.
    pub async fn back_up(&self, to: &Path) -> Result<(), BackupError> {
        let Database::Sqlite { readers, file, .. } = &self.database else {
            return Err(BackupError::NotOneFile);
        };
        file.check().map_err(BackupError::Unavailable)?;
        if to.exists() {
            return Err(BackupError::Exists(to.to_owned()));
        }
        let unfinished = unfinished(to);
        let _ = std::fs::remove_file(&unfinished);
        let done = match write_copy(readers, &unfinished).await {
            Ok(()) => std::fs::rename(&unfinished, to)
                .map_err(|error| BackupError::NotRenamed { file: to.to_owned(), error }),
            Err(error) => Err(BackupError::NotWritten { file: to.to_owned(), error }),
        };
        if done.is_err() {
            // On a full disk it would take the space that is left.
            let _ = std::fs::remove_file(&unfinished);
        }
        done
    }
}

async fn write_copy(readers: &SqlitePool, to: &Path) -> sqlx::Result<()> {
    let mut connection = readers.acquire().await?;
    // It writes a new file, and nothing in this database.
    let copied = async {
        sqlx::raw_sql("PRAGMA query_only = 0").execute(&mut *connection).await?;
        let name = to.to_string_lossy().into_owned();
        sqlx::query("VACUUM INTO $1".into_sql_str()).bind(name).execute(&mut *connection).await
    }
    .await;
    let again = sqlx::raw_sql("PRAGMA query_only = 1").execute(&mut *connection).await;
    copied.and(again)?;
    Ok(std::fs::File::open(to).and_then(|file| file.sync_all())?)
}

impl Transaction {
    /// What is wrong with the pages of an SQLite file, or with its references.
    ///
    /// # Errors
    /// The first damage that was found.
    pub async fn refuse_damaged(&mut self) -> Result<(), Damage> {
        let pages: String = self.scalar(sql("PRAGMA integrity_check(1)")).await?;
        if pages != "ok" {
            return Err(Damage::Pages(pages));
        }
        match self.dangling().await? {
            Some(table) => Err(Damage::Reference(table)),
            None => Ok(()),
        }
    }
}

/// A name beside that of the copy, which no copy has.
fn unfinished(to: &Path) -> PathBuf {
    let mut name = to.as_os_str().to_owned();
    name.push(".unfinished");
    name.into()
}

/// The file of an SQLite database; none for another address, and for one that is only in memory.
pub fn file_of(url: &str) -> Option<PathBuf> {
    if url.contains(":memory:") || url.contains("mode=memory") {
        return None;
    }
    let options: sqlx::sqlite::SqliteConnectOptions =
        url.starts_with("sqlite:").then(|| url.parse().ok())??;
    Some(options.get_filename().to_path_buf())
}

/// Takes an SQLite database for one server, until what comes back is dropped; PostgreSQL has room for several.
///
/// # Errors
/// [`OpenError::OtherServer`] when another server has it.
pub fn take(url: &str) -> Result<Option<std::fs::File>, OpenError> {
    let Some(file) = file_of(url) else { return Ok(None) };
    crate::database::open::folder_of(&file)?;
    let mut name = file.clone().into_os_string();
    name.push(".lock");
    let lock =
        std::fs::File::create(&name).map_err(|error| OpenError::LockFile { file: name.into(), error })?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(_) => Err(OpenError::OtherServer { file }),
    }
}
