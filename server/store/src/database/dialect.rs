//! What the two databases do each in its own way: beginning, waiting for one another, and knowing what went wrong.

use std::borrow::Cow;

use model::ids::BodyId;
use sqlx::error::DatabaseError;
use sqlx::{AssertSqlSafe, FromRow, PgConnection, SqlSafeStr as _};

use crate::database::Scope;
use crate::database::address::{Address, describe};
use crate::database::open_error::OpenError;
use crate::database::sql::{ConnectionRef, sql};
use crate::{StoreResult, Transaction};

/// What a statement that failed means for the work that it was a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Another try may well succeed.
    Transient,
    Permanent,
}

/// PostgreSQL's code for a write where only reads are allowed.
const ONLY_READ: &str = "25006";

/// The code that the database gave to an error; none where the error is not the database's own, such as a lost
/// connection.
pub(crate) fn sqlstate(error: &sqlx::Error) -> Option<Cow<'_, str>> {
    error.as_database_error().and_then(DatabaseError::code)
}

/// Whether the connection led to a database that can only be read.
pub(crate) fn only_reads(error: &sqlx::Error) -> bool {
    sqlstate(error).as_deref() == Some(ONLY_READ)
}

/// A statement that failed, or a transaction that could not be begun or stored.
#[derive(Clone, Debug)]
pub(crate) struct FailedStatement {
    pub failure: Failure,
    pub sqlstate: Option<String>,
    /// In the words of whoever found it.
    pub reason: String,
}

impl From<&sqlx::Error> for FailedStatement {
    fn from(error: &sqlx::Error) -> Self {
        Self {
            failure: Failure::of(error),
            sqlstate: sqlstate(error).map(Cow::into_owned),
            reason: describe(error),
        }
    }
}

impl Failure {
    pub fn of(error: &sqlx::Error) -> Self {
        let passing = match error {
            sqlx::Error::Database(error) => match error.code().as_deref() {
                // Serialisation, deadlock, a lock waited for too long; ordered to stop, connection lost; a standby that is
                // not yet the primary.
                Some(
                    "40001" | "40P01" | "55P03" | "57P01" | "57P02" | "57P03" | "08000" | "08003" | "08006"
                    | ONLY_READ,
                ) => true,
                // The same key at the same time: the other one has done it.
                Some("23505") => error.constraint() == Some("idempotency_record_pkey"),
                _ => false,
            },
            // Cut off, which in the middle of a greeting looks like an answer that makes no sense; or no connection
            // within the pool's patience: while the database is away there is none to be had.
            sqlx::Error::Io(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::PoolTimedOut => true,
            _ => false,
        };
        if passing { Self::Transient } else { Self::Permanent }
    }
}

/// Who else may write at the same time, where several can: for the others with a share of the aggregator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockMode {
    /// Nobody in this aggregator.
    None,
    /// Whoever writes on other bodies.
    OtherBodies,
    /// It only reads, all of it as at one instant.
    Reading,
}

/// How a statement says where its values go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placeholders {
    Numbered,
    /// One after the other: each numbered one SQLite would look for among all of them.
    InTurn,
}

impl Transaction {
    /// Begins on PostgreSQL: for one scope, which row-level security then keeps to, and with its lock.
    pub(crate) async fn begin_on_postgres(&mut self, share: LockMode) -> sqlx::Result<()> {
        let scope = self.scope.number();
        let (mode, lock) = match share {
            LockMode::Reading => ("ISOLATION LEVEL REPEATABLE READ READ ONLY", String::new()),
            LockMode::OtherBodies => {
                ("ISOLATION LEVEL READ COMMITTED", format!(", pg_advisory_xact_lock_shared({})", scope << 32))
            }
            LockMode::None => {
                ("ISOLATION LEVEL READ COMMITTED", format!(", pg_advisory_xact_lock({})", scope << 32))
            }
        };
        // Only numbers are put into it.
        self.execute_raw(AssertSqlSafe(format!(
            "BEGIN {mode}; SELECT set_config('comunanza.aggregator', '{scope}', true){lock}"
        )))
        .await
    }

    /// How the places of many values are written.
    pub(crate) fn places(&mut self) -> Placeholders {
        match self.connection() {
            ConnectionRef::Sqlite(_) => Placeholders::InTurn,
            ConnectionRef::Postgres(_) => Placeholders::Numbered,
        }
    }

    /// Has a body to itself until the transaction ends. One writer at a time has everything on SQLite, and whoever
    /// reads waits for nobody.
    pub async fn lock_body(&mut self, body: BodyId) -> StoreResult<()> {
        let key = (self.scope.number() << 32) | body.0;
        self.wait_for(key).await
    }

    /// Has what this is the SHA-256 of to itself until the transaction ends: an account's tries to sign in, a key.
    pub(crate) async fn lock_hashed(&mut self, hash: &str) -> StoreResult<()> {
        // Its first fifteen digits: below zero, where no body's key is.
        let key = hash.get(..15).and_then(|digits| i64::from_str_radix(digits, 16).ok());
        self.wait_for(-1 - key.unwrap_or_default()).await
    }

    async fn wait_for(&mut self, key: i64) -> StoreResult<()> {
        if self.reads_only() || matches!(self.connection(), ConnectionRef::Sqlite(_)) {
            return Ok(());
        }
        self.run(sql("SELECT pg_advisory_xact_lock($1)").bind(key)).await.map(drop)
    }
}

/// A column of a table, as the database itself describes it.
#[derive(Debug, FromRow)]
pub(crate) struct ColumnRow {
    pub owner: String,
    pub name: String,
    pub kind: String,
    /// Its place in the primary key, from 1; 0 outside it.
    pub key: i64,
    /// A sequence of its own numbers it.
    pub numbered: bool,
}

/// What two whole databases are compared and copied by.
impl Transaction {
    /// Goes on with another scope in the same transaction.
    pub async fn turn_to(&mut self, scope: impl Into<Scope>) -> StoreResult<()> {
        self.scope = scope.into();
        if matches!(self.connection(), ConnectionRef::Sqlite(_)) {
            return Ok(());
        }
        let tenant =
            sql("SELECT set_config('comunanza.aggregator', $1, true)").bind(self.scope.number().to_string());
        self.run(tenant).await.map(drop)
    }

    /// Which database this is, whatever address led to it.
    pub(crate) async fn identity(&mut self) -> StoreResult<String> {
        let text = match self.connection() {
            ConnectionRef::Sqlite(_) => "SELECT file FROM pragma_database_list WHERE name = 'main'",
            ConnectionRef::Postgres(_) => {
                "SELECT CONCAT(EXTRACT(EPOCH FROM pg_postmaster_start_time()), ' ', oid) FROM pg_database
                 WHERE datname = current_database()"
            }
        };
        self.scalar(sql(text)).await
    }

    /// Every column of every table, in their order; but for what the migrations keep for themselves.
    pub(crate) async fn columns(&mut self) -> StoreResult<Vec<ColumnRow>> {
        let text = match self.connection() {
            ConnectionRef::Sqlite(_) => {
                "SELECT t.name AS owner, c.name AS name, c.type AS kind, c.pk AS key, FALSE AS numbered
                 FROM sqlite_schema t JOIN pragma_table_info(t.name) c
                 WHERE t.type = 'table' AND SUBSTR(t.name, 1, 7) <> 'sqlite_' AND SUBSTR(t.name, 1, 5) <> '_sqlx'
                 ORDER BY t.name, c.cid"
            }
            ConnectionRef::Postgres(_) => {
                "SELECT CAST(t.relname AS TEXT) AS owner, CAST(c.attname AS TEXT) AS name, CAST(k.typname AS TEXT) AS kind,
                     COALESCE(p.place, 0) AS key, c.attidentity <> '' AS numbered
                 FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped
                 JOIN pg_type k ON k.oid = c.atttypid
                 LEFT JOIN (SELECT i.indrelid, u.number, u.place FROM pg_index i
                            CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS u (number, place)
                            WHERE i.indisprimary) p ON p.indrelid = t.oid AND p.number = c.attnum
                 WHERE t.relnamespace = CAST(current_schema() AS REGNAMESPACE) AND t.relkind IN ('r', 'p')
                   AND SUBSTR(t.relname, 1, 5) <> '_sqlx'
                 ORDER BY t.relname, c.attnum"
            }
        };
        self.all(sql(text)).await
    }

    /// Which table refers to which.
    pub(crate) async fn references(&mut self) -> StoreResult<Vec<(String, String)>> {
        let text = match self.connection() {
            ConnectionRef::Sqlite(_) => {
                "SELECT DISTINCT t.name, f.\"table\" FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f
                 WHERE t.type = 'table'"
            }
            ConnectionRef::Postgres(_) => {
                "SELECT DISTINCT CAST(t.relname AS TEXT), CAST(r.relname AS TEXT)
                 FROM pg_constraint f JOIN pg_class t ON t.oid = f.conrelid JOIN pg_class r ON r.oid = f.confrelid
                 WHERE f.contype = 'f' AND t.relnamespace = CAST(current_schema() AS REGNAMESPACE)"
            }
        };
        self.all(sql(text)).await
    }

    /// A table with a row that refers to one that is not there. PostgreSQL never has one, its own wall between
    /// aggregators included.
    pub(crate) async fn dangling(&mut self) -> StoreResult<Option<String>> {
        match self.connection() {
            ConnectionRef::Sqlite(_) => {
                self.scalar_optional(sql("SELECT \"table\" FROM pragma_foreign_key_check() LIMIT 1")).await
            }
            ConnectionRef::Postgres(_) => Ok(None),
        }
    }

    /// Texts by their bytes, which is how the other database sorts them too.
    pub(crate) fn bytewise(&mut self) -> &'static str {
        match self.connection() {
            ConnectionRef::Sqlite(_) => " COLLATE BINARY",
            ConnectionRef::Postgres(_) => " COLLATE \"C\"",
        }
    }

    /// Begins to fill a database that nobody else may write meanwhile.
    pub(crate) async fn begin_alone(&mut self) -> sqlx::Result<()> {
        match self.connection() {
            ConnectionRef::Sqlite(_) => self.execute_raw("BEGIN IMMEDIATE").await,
            // No one table is referred to by all the others.
            ConnectionRef::Postgres(_) => {
                self.execute_raw(
                    "BEGIN; DO $$ BEGIN EXECUTE (
                         SELECT 'LOCK TABLE ' || string_agg(quote_ident(relname), ', ' ORDER BY relname)
                             || ' IN EXCLUSIVE MODE'
                         FROM pg_class WHERE relnamespace = CAST(current_schema() AS REGNAMESPACE) AND relkind = 'r'
                     ); END $$",
                )
                .await
            }
        }
    }

    /// Lets a table's own numbers go on after this one: what sequences are told stands at once, committed or not.
    pub(crate) async fn number_after(&mut self, table: &str, column: &str, last: i64) -> StoreResult<()> {
        let statement = sql("SELECT setval(pg_get_serial_sequence(quote_ident($1), $2), $3)");
        self.run(statement.bind(table).bind(column).bind(last)).await.map(drop)
    }
}

/// Refuses a database that can't be written, which otherwise would be found at the first write.
pub(crate) async fn refuse_read_only(
    address: &Address<'_>,
    connection: &mut ConnectionRef<'_>,
) -> Result<(), OpenError> {
    let found = match connection {
        ConnectionRef::Sqlite(connection) => {
            let nothing = "UPDATE _sqlx_migrations SET success = success WHERE version = 0";
            sqlx::raw_sql(nothing).execute(&mut **connection).await.map(|_| false)
        }
        ConnectionRef::Postgres(connection) => {
            let setting = "SELECT current_setting('transaction_read_only') = 'on'".into_sql_str();
            sqlx::query_scalar(setting).fetch_one(&mut **connection).await
        }
    };
    match found {
        Ok(false) => Ok(()),
        Ok(true) => Err(address.only_read()),
        Err(error) => Err(address.unopened(&error)),
    }
}

/// Refuses a role that row-level security does not bind.
pub(crate) async fn refuse_unbound_role(
    address: &Address<'_>,
    connection: &mut PgConnection,
) -> Result<(), OpenError> {
    let unbound: bool = sqlx::query_scalar(
        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user".into_sql_str(),
    )
    .fetch_one(connection)
    .await
    .map_err(|error| OpenError::NoAnswer { reason: describe(&error) })?;
    if unbound { Err(OpenError::UnboundRole { given: address.given }) } else { Ok(()) }
}
