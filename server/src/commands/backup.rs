//! `server backup` and `server restore`: the whole SQLite database as one file, and back.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::cli_context::CliContext;
use super::sentences::problem;
use super::verify::{self, KnownAnchors};
use crate::encryption;
use crate::settings::Settings;
use handlers::security_log::NoteCommand;
use store::Scope;
use store::backup::{file_of, take};

/// How the names of the files end that a database is made of.
const ENDS: [&str; 3] = ["", "-wal", "-shm"];

#[derive(Args)]
pub struct Backup {
    /// The file to be made; it must not be there yet. With `BACKUP_RECIPIENT` it is encrypted, and its name ends with .age
    file: PathBuf,
}

#[derive(Args)]
pub struct Restore {
    /// A file that `server backup` made
    file: PathBuf,
    /// The file with the secret key, as age-keygen wrote it, where the copy is encrypted
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// Put aside the database that is there, under its name, “.before-restore” and a number
    #[arg(long)]
    replace: bool,
}

impl Backup {
    pub async fn run(self, cli: &CliContext, settings: &Settings) -> Result<String, String> {
        let store = &cli.marketplace.store;
        let (mut file, mut how) = (self.file, "copied");
        if let Some((recipient, database)) = settings.recipient.as_ref().zip(file_of(&settings.database)) {
            if file.extension().is_none_or(|end| end != "age") {
                file = beside(&file, encryption::END);
            }
            how = "copied, encrypted,";
            encryption::back_up(store, &database, recipient, &file).await?;
        } else {
            store.back_up(&file).await?;
        }
        note(cli, "backup").await.map_err(|fault| {
            format!("The copy {} was made, but the security log does not tell of it: {fault}", file.display())
        })?;
        let size = std::fs::metadata(&file).map_or(0, |data| data.len()) / 1_000;
        Ok(format!("The database was {how} to {} ({size} kB).\n", file.display()))
    }
}

impl Restore {
    /// Checks the copy before it takes the database's place.
    pub async fn run(self, settings: &Settings) -> Result<String, String> {
        let Some(database) = file_of(&settings.database) else {
            return Err("A PostgreSQL database is restored with its own tools: pg_restore.".to_owned());
        };
        if let Some(folder) = database.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|error| format!("The folder {} can't be made: {error}.", folder.display()))?;
        }
        let _mine = take(&settings.database)?;
        if ENDS.iter().any(|end| beside(&database, end).exists()) && !self.replace {
            return Err(format!(
                "The database {} is there: --replace puts it aside. Nothing was changed.",
                database.display()
            ));
        }
        let trial = beside(&database, ".restoring");
        forget(&trial);
        let checked = self.checked(&trial, settings).await;
        if checked.is_err() {
            forget(&trial);
        }
        let mut output = checked?;
        // A log that was left alone would be read into the copy.
        let is_there = ENDS.iter().any(|end| beside(&database, end).exists());
        let aside = is_there.then(|| aside(&database));
        let moved = (|| {
            if let Some(aside) = &aside {
                for end in ENDS {
                    let from = beside(&database, end);
                    if from.exists() {
                        std::fs::rename(from, beside(aside, end))?;
                    }
                }
            }
            std::fs::rename(&trial, &database)
        })();
        moved.map_err(|error| format!("The copy can't take the database's place: {error}."))?;
        let _ = writeln!(output, "The database was restored from {}.", self.file.display());
        if let Some(aside) = aside {
            let _ = writeln!(output, "The one that was there is {} now.", aside.display());
        }
        Ok(output)
    }

    /// The copy under another name, brought up to date and its ledger checked.
    async fn checked(&self, trial: &Path, settings: &Settings) -> Result<String, String> {
        let name = self.file.display();
        let unreadable = |error: std::io::Error| format!("The file {name} can't be read: {error}.");
        let unchanged = |fault: String| format!("{fault} Nothing was changed.");
        if head(&self.file).map_err(unreadable)? == encryption::HEAD {
            let Some(identity) = &self.identity else {
                return Err(unchanged(format!(
                    "The file {name} is encrypted: --identity names the file with the secret key."
                )));
            };
            let decrypted = encryption::decrypt(identity, &self.file, trial).await;
            decrypted.map_err(|error| unchanged(error.to_string()))?;
        } else {
            std::fs::copy(&self.file, trial).map_err(unreadable)?;
        }
        if &head(trial).map_err(unreadable)? != b"SQLite format 3\0" {
            return Err(unchanged(format!("The file {name} is no SQLite database.")));
        }
        let url = format!("sqlite:{}", trial.display());
        let cli = CliContext::open(&Settings { database: url, ..settings.clone() }, None).await?;
        let mut output = judged(&cli, settings).await;
        if output.is_ok() {
            // In the copy, which takes the database's place.
            output = note(&cli, "restore").await.and(output);
        }
        cli.marketplace.store.close().await;
        let stored = std::fs::File::open(trial).and_then(|file| file.sync_all());
        let stored = if beside(trial, "-wal").exists() {
            Err("The copy can't be closed: see the log.".to_owned())
        } else {
            stored.map_err(|error| format!("The copy can't be written: {error}."))
        };
        output
            .and_then(|output| stored.map(|()| output))
            .map_err(|fault| format!("{fault}\nNothing was changed."))
    }
}

/// Keeps in the security log of each aggregator that the whole database was copied or put back.
async fn note(cli: &CliContext, command: &'static str) -> Result<(), String> {
    let noted = cli.marketplace.write(Scope::Installation, NoteCommand { command, now: cli.now() }).await;
    noted.map_err(|what| problem(&what))
}

/// The first bytes of a file, which tell what it is.
fn head(file: &Path) -> std::io::Result<[u8; 16]> {
    let mut head = [0; 16];
    std::io::Read::read_exact(&mut std::fs::File::open(file)?, &mut head)?;
    Ok(head)
}

/// Pages, references and ledger. Of the second place's anchors only those count that the copy can know.
async fn judged(cli: &CliContext, settings: &Settings) -> Result<String, String> {
    let tx = cli.marketplace.store.read(Scope::Installation).await;
    let mut tx = tx.map_err(|error| format!("It can't be read: {error}."))?;
    tx.refuse_damaged().await.map_err(|fault| format!("The copy can't be used. {fault}"))?;
    drop(tx);
    verify::everything(cli, settings.anchors.as_deref(), KnownAnchors::ByTheCopy).await
}

/// A name for the database that is put aside, which none has that was put aside before.
fn aside(database: &Path) -> PathBuf {
    let free = |name: &PathBuf| ENDS.iter().all(|end| !beside(name, end).exists());
    let numbered = (2..).map(|number| beside(database, &format!(".before-restore-{number}")));
    let mut names = std::iter::once(beside(database, ".before-restore")).chain(numbered);
    names.find(free).unwrap_or_else(|| beside(database, ".before-restore"))
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn forget(file: &Path) {
    for end in ENDS {
        let _ = std::fs::remove_file(beside(file, end));
    }
}
