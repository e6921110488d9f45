//! Imports: files that an administrator writes, read and checked whole before anything is changed.
//!
//! Reading a file is separate from storing it: the first part names every fault with its place and touches nothing,
//! the second runs as one unit of work through the store's writer.

use std::fmt;

use model::access::Permission;
use model::api::Problem;
use model::api::security::EventKind;
use model::calendar::Instant;

use handlers::context::{CallerContext, Identity};
use handlers::security_log::COMMAND;
use store::{NewEvent, Transaction};

pub mod aggregator;
pub mod call;
pub mod catalogue;
pub mod comuni;
pub mod joined;
pub mod people;
pub mod soundness;
pub mod table;

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError {
    pub file: String,
    pub line: Option<u64>,
    /// The column of a table, or the key of a document.
    pub field: Option<String>,
    /// A clause that follows the place: "six digits are expected, not “12”".
    pub what: String,
}

impl ImportError {
    pub fn of_file(file: &str, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: None, field: None, what: what.into() }
    }

    #[must_use]
    pub fn on_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    #[must_use]
    pub fn in_field(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(field) = &self.field {
            write!(f, ", {field}")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// What an import did, row by row counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// In the store, and no longer in the file: left as they are.
    pub left: Vec<String>,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { added, changed, unchanged, left } = self;
        write!(f, "{added} added, {changed} changed, {unchanged} unchanged")?;
        if !left.is_empty() {
            let names = left.join(", ");
            write!(f, "; left as they were, though not in the file: {names}")?;
        }
        Ok(())
    }
}

/// A document of this file, or the one fault that its reader names, with its line.
///
/// # Errors
/// The fault.
pub fn document<T: serde::de::DeserializeOwned>(file: &str, bytes: &[u8]) -> Result<T, ImportError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        ImportError::of_file(file, "is not UTF-8").on_line(line_at(before))
    })?;
    toml::from_str(text).map_err(|error| {
        let what = error.message().trim().replace('\n', "; ");
        let fault = ImportError::of_file(file, what);
        match error.span().and_then(|span| text.get(..span.start)) {
            Some(before) => fault.on_line(line_at(before.as_bytes())),
            None => fault,
        }
    })
}

/// The number of the line that begins after, or goes on from, what stands before.
fn line_at(before: &[u8]) -> u64 {
    u64::try_from(before.split(|byte| *byte == b'\n').count()).unwrap_or(u64::MAX)
}

/// Asks the policy whether this may be set up: what an unit of work of an import does first.
async fn allowed(tx: &mut Transaction, now: Instant) -> Result<(), Problem> {
    CallerContext::open(tx, &Identity::System, now).await?.check(Permission::SetUp, None)
}

/// Keeps in the security log that something was brought in.
async fn noted(tx: &mut Transaction, command: &str, now: Instant) -> Result<(), Problem> {
    let event = NewEvent { source: COMMAND.to_owned(), ..NewEvent::done(command, EventKind::Done, now) };
    Ok(tx.add_events(&[event]).await?)
}
