//! The nightly copy of an SQLite database, and how many of them are kept.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use model::calendar::Day;

use crate::encryption::{self, EncryptionError, Recipient};
use crate::settings::Settings;
use handlers::marketplace::Marketplace;
use store::Store;
use store::backup::{BackupError, file_of};

/// Where the copies go, and what this worker did already.
pub struct Backups {
    folder: Option<PathBuf>,
    /// The database, and for whom its copies are encrypted.
    encrypted: Option<(PathBuf, Recipient)>,
    kept: usize,
    done: Option<Day>,
}

impl Backups {
    /// None are made of a PostgreSQL database.
    pub fn with(settings: &Settings, store: &Store) -> Self {
        if settings.backups.is_some() && !store.is_one_file() {
            tracing::warn!("BACKUP_FOLDER is for SQLite: a PostgreSQL database is copied with its own tools");
        }
        let folder = settings.backups.clone().filter(|_| store.is_one_file());
        let encrypted = file_of(&settings.database).zip(settings.recipient.clone());
        Self { folder, encrypted, kept: settings.backups_kept, done: None }
    }

    /// Makes the copy of the day; old ones are removed by their day, and only while the clock is right.
    pub async fn run(&mut self, marketplace: &Marketplace, clock_is_right: bool) {
        let today = marketplace.clock.now().day_in_rome();
        let Some(folder) = self.folder.clone().filter(|_| self.done != Some(today)) else {
            return;
        };
        match copy(marketplace, &folder, today, self.encrypted.as_ref()).await {
            Ok(made) => {
                self.done = Some(today);
                marketplace.store.metrics.backed_up(made);
                if clock_is_right {
                    forget_old(&folder, self.kept, today);
                }
            }
            // The next round tries again.
            Err(why) => {
                tracing::error!(%why, "the database was not copied");
                marketplace.store.metrics.job_failed("backup");
            }
        }
    }
}

/// Why the copy of the day was not made.
#[derive(Debug, thiserror::Error)]
enum DailyCopyError {
    #[error("the folder {} can't be made: {error}", folder.display())]
    NoFolder {
        folder: PathBuf,
        #[source]
        error: std::io::Error,
    },
    #[error(transparent)]
    Plain(#[from] BackupError),
    #[error(transparent)]
    Encrypted(#[from] EncryptionError),
    #[error("the copy {} can't be read: {error}", copy.display())]
    Copy {
        copy: PathBuf,
        #[source]
        error: std::io::Error,
    },
}

/// Makes the copy of the day, or finds it made; answers when it was.
async fn copy(
    marketplace: &Marketplace,
    folder: &Path,
    day: Day,
    encrypted: Option<&(PathBuf, Recipient)>,
) -> Result<SystemTime, DailyCopyError> {
    std::fs::create_dir_all(folder)
        .map_err(|error| DailyCopyError::NoFolder { folder: folder.to_owned(), error })?;
    let end = encrypted.map_or("", |_| encryption::END);
    let to = folder.join(format!("comunanza-{day}.db{end}"));
    if !to.exists() {
        match encrypted {
            None => marketplace.store.back_up(&to).await?,
            Some((database, recipient)) => {
                encryption::back_up(&marketplace.store, database, recipient, &to).await?;
            }
        }
    }
    let made = std::fs::metadata(&to).and_then(|copy| copy.modified());
    made.map_err(|error| DailyCopyError::Copy { copy: to, error })
}

fn forget_old(folder: &Path, kept: usize, today: Day) {
    let ours = |name: &str| {
        let name = name.strip_suffix(encryption::END).unwrap_or(name);
        name.strip_prefix("comunanza-")?.strip_suffix(".db").and_then(Day::parse)
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut days: Vec<_> = entries
        .filter_map(|entry| Some((ours(&entry.file_name().to_string_lossy())?, entry.path())))
        .collect();
    days.sort();
    if let Some((day, path)) = days.last().filter(|(day, _)| *day > today) {
        let file = path.display();
        tracing::warn!(%day, %file, "a copy is dated later than today: none is removed until it is moved elsewhere");
        return;
    }
    for (day, path) in days.iter().rev().skip(kept) {
        if let Err(error) = std::fs::remove_file(path) {
            tracing::error!(%day, %error, "an old copy was not removed");
        }
    }
}
