//! A database's address, and why the database that it names can't be opened.

use std::str::FromStr as _;

use sqlx::migrate::MigrateError;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

use crate::database::backup::file_of;
use crate::database::open_error::OpenError;

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
    /// [`OpenError::OtherKind`], which repeats of the address only how it begins.
    pub fn refuse_other_kinds(&self) -> Result<(), OpenError> {
        if ["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| self.url.starts_with(scheme)) {
            return Ok(());
        }
        let scheme = self.url.split_once(':').map(|(scheme, _)| scheme.to_owned());
        Err(OpenError::OtherKind { given: self.given, scheme })
    }

    /// Refuses a database that is gone with the program.
    ///
    /// # Errors
    /// [`OpenError::InMemory`].
    pub fn refuse_passing(&self) -> Result<(), OpenError> {
        if self.is_sqlite() && file_of(self.url).is_none() {
            return Err(OpenError::InMemory { given: self.given });
        }
        Ok(())
    }

    /// Refuses a file that is not there, where one is to be read.
    ///
    /// # Errors
    /// [`OpenError::Absent`].
    pub fn refuse_absent(&self) -> Result<(), OpenError> {
        if file_of(self.url).is_none_or(|file| file.exists()) {
            return Ok(());
        }
        Err(OpenError::Absent { place: self.place(), given: self.given })
    }

    pub(crate) fn sqlite(&self) -> Result<SqliteConnectOptions, OpenError> {
        let refused = |error| OpenError::NoSqliteAddress { given: self.given, reason: describe(&error) };
        SqliteConnectOptions::from_str(self.url).map_err(refused)
    }

    pub(crate) fn postgres(&self) -> Result<PgConnectOptions, OpenError> {
        let given = self.given;
        let settings = self.url.split_once('?').map_or("", |(_, settings)| settings);
        let name = |setting: &str| setting.split_once('=').map_or(setting, |(name, _)| name).to_owned();
        let unknown = settings.split('&').map(name).find(|name| !name.is_empty() && !is_setting(name));
        if let Some(name) = unknown {
            return Err(OpenError::UnknownSetting { given, name });
        }
        PgConnectOptions::from_str(self.url).map_err(|_| OpenError::NoPostgresAddress { given })
    }

    /// The database as a sentence names it.
    pub fn place(&self) -> String {
        if let Some(file) = file_of(self.url) {
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

    pub(crate) fn unopened(&self, error: &sqlx::Error) -> OpenError {
        let (place, given, reason) = (self.place(), self.given, describe(error));
        if self.is_sqlite() {
            return match sqlite_code(error) {
                Some(5 | 6) => OpenError::HeldByAnother { place, reason },
                Some(8) => self.only_read(),
                Some(11) => OpenError::Damaged { place, reason },
                Some(14) => OpenError::NoFile { place, given },
                Some(26) => OpenError::NotSqlite { place, given },
                _ => OpenError::Other { place, reason },
            };
        }
        match error {
            sqlx::Error::Io(_) => OpenError::Unreachable { place, given, reason },
            sqlx::Error::Database(error) => match error.code().as_deref() {
                Some("25006") => self.only_read(),
                Some("57P03" | "53300") => OpenError::NotReady { place, reason },
                _ => OpenError::Rejected { place, given, reason },
            },
            _ => OpenError::Other { place, reason },
        }
    }

    pub(crate) fn only_read(&self) -> OpenError {
        OpenError::ReadOnly { place: self.place(), given: self.given }
    }

    /// Why it can't be brought up to date.
    pub(crate) fn outdated(&self, error: &MigrateError) -> OpenError {
        let place = self.place();
        match error {
            MigrateError::VersionMissing(change) => OpenError::NewerVersion { place, change: *change },
            MigrateError::VersionMismatch(change) => OpenError::OtherBuild { place, change: *change },
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                match sqlite_code(error) {
                    // The file is at fault, not the migration.
                    Some(5 | 6 | 8 | 11 | 14 | 26) if self.is_sqlite() => self.unopened(error),
                    _ => OpenError::NotMigrated { place, reason: describe(error) },
                }
            }
            error => OpenError::NotMigrated { place, reason: error.to_string() },
        }
    }
}

/// Whether an address may have this setting: any other would be ignored, and its value written in the log.
fn is_setting(name: &str) -> bool {
    const SETTINGS: [&str; 18] = [
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
    SETTINGS.contains(&name) || name.starts_with("options[")
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
