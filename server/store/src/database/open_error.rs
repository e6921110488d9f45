//! Why a database can't be opened. Each error is one sentence for the operator, with what to do. A password that stands in
//! the address stays out of all of them.

use std::path::PathBuf;

/// Why a database can't be opened. `place` is the database as a sentence names it, `given` the name under which its address
/// was given.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{given} must begin with sqlite: or postgres:{}.", not(.scheme.as_deref()))]
    OtherKind { given: &'static str, scheme: Option<String> },
    #[error("{given} names a database that is only in memory: it must name a file.")]
    InMemory { given: &'static str },
    #[error("There is no database {place}: see that {given} is right.")]
    Absent { place: String, given: &'static str },
    #[error("{given} is no database address ({reason}): it must be like sqlite:data/comunanza.db.")]
    NoSqliteAddress { given: &'static str, reason: String },
    #[error("{given} is no database address: it must be like postgres://role@host/database.")]
    NoPostgresAddress { given: &'static str },
    #[error("{given} asks for something that is not known: “{name}”.")]
    UnknownSetting { given: &'static str, name: String },
    #[error("The database {place} is held by another program ({reason}): stop that program, or wait for it.")]
    HeldByAnother { place: String, reason: String },
    #[error(
        "The database {place} can only be read (it is a standby, or was made so): {given} must name one that may be \
         written."
    )]
    ReadOnly { place: String, given: &'static str },
    #[error("The database {place} is damaged ({reason}): `server restore` puts back a copy.")]
    Damaged { place: String, reason: String },
    #[error(
        "The database {place} can't be opened: see that {given} names the right file, and that this program may write it \
         and its folder."
    )]
    NoFile { place: String, given: &'static str },
    #[error("The file {place} is no SQLite database: see that {given} names the right file.")]
    NotSqlite { place: String, given: &'static str },
    #[error(
        "The database {place} can't be reached ({reason}): see that it runs there, and that {given} is right."
    )]
    Unreachable { place: String, given: &'static str, reason: String },
    #[error(
        "The database {place} lets nobody in now ({reason}): wait until it has started, or give it more connections."
    )]
    NotReady { place: String, reason: String },
    #[error("The database {place} does not let us in ({reason}): see that {given} is right.")]
    Rejected { place: String, given: &'static str, reason: String },
    #[error("The database {place} can't be opened: {reason}.")]
    Other { place: String, reason: String },
    #[error("The folder {} of the database can't be made: {error}.", .folder.display())]
    NoFolder { folder: PathBuf, error: std::io::Error },
    #[error("SQLite {version} can damage a database; 3.51.3 or newer is needed.")]
    OldSqlite { version: String },
    #[error("The database does not answer: {reason}.")]
    NoAnswer { reason: String },
    #[error(
        "{given} signs in with a role that may see every tenant's rows (a superuser, or BYPASSRLS): give the server a \
         plain role of its own."
    )]
    UnboundRole { given: &'static str },
    #[error(
        "The database {place} was made by a newer version of this program (it knows change {change}): install that \
         version."
    )]
    NewerVersion { place: String, change: i64 },
    #[error(
        "The database {place} was made by another make of this program (its change {change} is not ours): install that \
         one."
    )]
    OtherBuild { place: String, change: i64 },
    #[error(
        "The database {place} was made by an older version of this program: bring it up to date first, with \
         DATABASE_URL set to it and `server migrate`."
    )]
    OlderVersion { place: String },
    #[error("The database {place} can't be brought up to date: {reason}.")]
    NotMigrated { place: String, reason: String },
    #[error("The database {place} is none of the marketplace: see that {given} is right.")]
    NotOurs { place: String, given: &'static str },
    #[error("The thread that writes can't be started: {0}.")]
    WriterThread(std::io::Error),
    #[error("The file {} can't be made: {error}.", .file.display())]
    LockFile { file: PathBuf, error: std::io::Error },
    #[error("Another server is using the database {}: stop it first.", .file.display())]
    OtherServer { file: PathBuf },
}

fn not(scheme: Option<&str>) -> String {
    scheme.map(|scheme| format!(", not “{scheme}”")).unwrap_or_default()
}

/// Commands end with a sentence.
impl From<OpenError> for String {
    fn from(error: OpenError) -> Self {
        error.to_string()
    }
}
