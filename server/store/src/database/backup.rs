//! Copies of an SQLite database, made while it goes on being used. PostgreSQL has its own tools for this.

use std::path::{Path, PathBuf};

use sqlx::SqlSafeStr as _;
use sqlx::sqlite::SqlitePool;

use crate::database::Database;
use crate::database::address::describe;
use crate::database::sql::sql;
use crate::{Store, StoreError, Transaction};

impl Store {
    /// Whether the whole database is one file, which can be copied as such.
    pub fn is_one_file(&self) -> bool {
        matches!(self.database, Database::Sqlite { .. })
    }

    /// Copies the whole database as it is now into one file, whole or not at all.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn back_up(&self, to: &Path) -> Result<(), String> {
        let Database::Sqlite { readers, file, .. } = &self.database else {
            return Err(
                "A PostgreSQL database is copied with its own tools: pg_dump, or pg_basebackup.".to_owned()
            );
        };
        file.check().map_err(|error| format!("The database can't be copied: {error}."))?;
        if to.exists() {
            return Err(format!("The file {} is there already.", to.display()));
        }
        let wrong =
            |error: &dyn std::fmt::Display| format!("The copy {} can't be made: {error}.", to.display());
        let unfinished = unfinished(to);
        let _ = std::fs::remove_file(&unfinished);
        let done = match write_copy(readers, &unfinished).await {
            Ok(()) => std::fs::rename(&unfinished, to).map_err(|error| wrong(&error)),
            Err(error) => Err(wrong(&describe(&error))),
        };
        if done.is_err() {
            // On a disk that is full it would take what room there is.
            let _ = std::fs::remove_file(&unfinished);
        }
        done
    }
}

async fn write_copy(readers: &SqlitePool, to: &Path) -> sqlx::Result<()> {
    let mut connection = readers.acquire().await?;
    // It writes a file of its own; in the database at hand nothing.
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
    /// A sentence.
    pub async fn refuse_damaged(&mut self) -> Result<(), String> {
        let unread = |error: StoreError| format!("It can't be read: {error}.");
        let pages = sql("PRAGMA integrity_check(1)");
        let pages: String = self.scalar(pages).await.map_err(unread)?;
        if pages != "ok" {
            return Err(format!("It is damaged: {pages}."));
        }
        match self.dangling().await.map_err(unread)? {
            Some(table) => Err(format!("It is damaged: a row of {table} refers to one that is not there.")),
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
/// A sentence, when another server has it.
pub fn take(url: &str) -> Result<Option<std::fs::File>, String> {
    let Some(file) = file_of(url) else { return Ok(None) };
    crate::database::open::folder_of(&file)?;
    let mut name = file.clone().into_os_string();
    name.push(".lock");
    let lock = std::fs::File::create(&name)
        .map_err(|error| format!("The file {} can't be made: {error}.", name.to_string_lossy()))?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(_) => Err(format!("Another server is using the database {}: stop it first.", file.display())),
    }
}
