//! A database's address, and why what it names can't be opened: one sentence for the operator, with what to do. A
//! password that stands in the address stays out of all of them.

use std::str::FromStr as _;

use sqlx::migrate::MigrateError;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

/// An address and the name under which it was given: `DATABASE_URL`, `--from`.
#[derive(Clone, Copy)]
pub struct Address<'a> {
    pub url: &'a str,
    pub given: &'static str,
}

impl Address<'_> {
    pub fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }

    /// Refuses the address of another kind of database.
    ///
    /// # Errors
    /// A sentence that repeats of the address only how it begins.
    pub fn refuse_other_kinds(&self) -> Result<(), String> {
        if ["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| self.url.starts_with(scheme)) {
            return Ok(());
        }
        let not = self.url.split_once(':').map(|(scheme, _)| format!(", not “{scheme}”")).unwrap_or_default();
        Err(format!("{} must begin with sqlite: or postgres:{not}.", self.given))
    }

    /// Refuses a database that is gone with the program.
    ///
    /// # Errors
    /// A sentence.
    pub fn refuse_passing(&self) -> Result<(), String> {
        if self.is_sqlite() && crate::database::backup::file_of(self.url).is_none() {
            return Err(format!(
                "{} names a database that is only in memory: it must name a file.",
                self.given
            ));
        }
        Ok(())
    }

    /// Refuses a file that is not there, where one is to be read.
    ///
    /// # Errors
    /// A sentence.
    pub fn refuse_absent(&self) -> Result<(), String> {
        if crate::database::backup::file_of(self.url).is_none_or(|file| file.exists()) {
            return Ok(());
        }
        Err(format!("There is no database {}: see that {} is right.", self.place(), self.given))
    }

    pub(crate) fn sqlite(&self) -> Result<SqliteConnectOptions, String> {
        SqliteConnectOptions::from_str(self.url).map_err(|error| {
            let (given, why) = (self.given, describe(&error));
            format!("{given} is no database address ({why}): it must be like sqlite:data/comunanza.db.")
        })
    }

    pub(crate) fn postgres(&self) -> Result<PgConnectOptions, String> {
        let asked = self.url.split_once('?').map_or("", |(_, asked)| asked);
        let name = |setting: &str| setting.split_once('=').map_or(setting, |(name, _)| name).to_owned();
        let unknown = asked.split('&').map(name).find(|name| !name.is_empty() && !is_known(name));
        if let Some(name) = unknown {
            return Err(format!("{} asks for something that is not known: “{name}”.", self.given));
        }
        PgConnectOptions::from_str(self.url).map_err(|_| {
            format!("{} is no database address: it must be like postgres://role@host/database.", self.given)
        })
    }

    /// The database as a sentence names it.
    pub fn place(&self) -> String {
        if let Some(file) = crate::database::backup::file_of(self.url) {
            return file.display().to_string();
        }
        let Ok(options) = PgConnectOptions::from_str(self.url) else {
            return "there".to_owned();
        };
        let host = match options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => options.get_host().to_owned(),
        };
        let name = options.get_database().unwrap_or_else(|| options.get_username());
        format!("{name} at {host}:{}", options.get_port())
    }

    pub(crate) fn unopened(&self, error: &sqlx::Error) -> String {
        let (place, given, why) = (self.place(), self.given, describe(error));
        if self.is_sqlite() {
            return match sqlite_code(error) {
                Some(5 | 6) => format!(
                    "The database {place} is held by another program ({why}): stop that program, or wait for it."
                ),
                Some(8) => self.only_read(),
                Some(11) => {
                    format!("The database {place} is damaged ({why}): `server restore` puts back a copy.")
                }
                Some(14) => format!(
                    "The database {place} can't be opened: see that {given} names the right file, and that this \
                     program may write it and its folder."
                ),
                Some(26) => {
                    format!("The file {place} is no SQLite database: see that {given} names the right file.")
                }
                _ => format!("The database {place} can't be opened: {why}."),
            };
        }
        match error {
            sqlx::Error::Io(_) => format!(
                "The database {place} can't be reached ({why}): see that it runs there, and that {given} is right."
            ),
            sqlx::Error::Database(error) if error.code().as_deref() == Some("25006") => self.only_read(),
            sqlx::Error::Database(error) if matches!(error.code().as_deref(), Some("57P03" | "53300")) => {
                format!(
                    "The database {place} lets nobody in now ({why}): wait until it has started, or give it more \
                 connections."
                )
            }
            sqlx::Error::Database(_) => {
                format!("The database {place} does not let us in ({why}): see that {given} is right.")
            }
            _ => format!("The database {place} can't be opened: {why}."),
        }
    }

    pub(crate) fn only_read(&self) -> String {
        format!(
            "The database {} can only be read (it is a standby, or was made so): {} must name one that may be written.",
            self.place(),
            self.given
        )
    }

    /// Why it can't be brought up to date.
    pub(crate) fn outdated(&self, error: &MigrateError) -> String {
        let place = self.place();
        match error {
            MigrateError::VersionMissing(version) => format!(
                "The database {place} was made by a newer version of this program (it knows change {version}): install \
                 that version."
            ),
            MigrateError::VersionMismatch(version) => format!(
                "The database {place} was made by another make of this program (its change {version} is not ours): \
                 install that one."
            ),
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                match sqlite_code(error) {
                    // The file, not what is done to it.
                    Some(5 | 6 | 8 | 11 | 14 | 26) if self.is_sqlite() => self.unopened(error),
                    _ => format!("The database {place} can't be brought up to date: {}.", describe(error)),
                }
            }
            error => format!("The database {place} can't be brought up to date: {error}."),
        }
    }
}

/// Whether an address may ask for this: all else would be passed over, and its value told in the log.
fn is_known(name: &str) -> bool {
    const KNOWN: [&str; 18] = [
        "application_name",
        "dbname",
        "host",
        "hostaddr",
        "options",
        "password",
        "port",
        "ssl-ca",
        "ssl-cert",
        "ssl-key",
        "ssl-mode",
        "ssl-root-cert",
        "sslcert",
        "sslkey",
        "sslmode",
        "sslrootcert",
        "statement-cache-capacity",
        "user",
    ];
    KNOWN.contains(&name) || name.starts_with("options[")
}

/// What went wrong, in the words of whoever found it and without the layers round it.
pub(crate) fn describe(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Configuration(error) => error.to_string(),
        error => error.to_string(),
    }
}

/// SQLite's own number for what went wrong; the rest of an extended one is left out.
fn sqlite_code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}
