//! What the two databases do each in its own way: beginning, waiting for one another, and knowing what went wrong.

use model::ids::BodyId;
use sqlx::{AssertSqlSafe, PgConnection, SqlSafeStr as _};

use super::sql::{Connection, sql};
use super::{Stored, Work};

/// What a statement that failed means for the work that it was a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Another try may well succeed.
    Passing,
    Lasting,
}

impl Failure {
    pub fn of(error: &sqlx::Error) -> Self {
        let passing = match error {
            sqlx::Error::Database(error) => match error.code().as_deref() {
                // Serialisation, deadlock, told to stop, connection lost; a standby that is not yet the primary.
                Some(
                    "40001" | "40P01" | "57P01" | "57P02" | "57P03" | "08000" | "08003" | "08006" | "25006",
                ) => true,
                // The same key at the same time: the other one has done it.
                Some("23505") => error.constraint() == Some("deed_pkey"),
                _ => false,
            },
            // No connection within the pool's patience: while the database is away there is none to be had.
            sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed | sqlx::Error::PoolTimedOut => true,
            _ => false,
        };
        if passing { Self::Passing } else { Self::Lasting }
    }
}

/// Who else may write at the same time, where several can: for the others with a share of the aggregator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Share {
    /// Nobody in this aggregator.
    None,
    /// Whoever writes on other bodies.
    OtherBodies,
    /// It only reads, all of it as at one instant.
    Reading,
}

impl Work {
    /// Begins on PostgreSQL: for one tenant, which row-level security then holds to, and with its share.
    pub(super) async fn begin_on_postgres(&mut self, share: Share) -> sqlx::Result<()> {
        let aggregator = self.aggregator.0;
        let (mode, lock) = match share {
            Share::Reading => ("ISOLATION LEVEL REPEATABLE READ READ ONLY", String::new()),
            Share::OtherBodies => (
                "ISOLATION LEVEL READ COMMITTED",
                format!(", pg_advisory_xact_lock_shared({})", aggregator << 32),
            ),
            Share::None => {
                ("ISOLATION LEVEL READ COMMITTED", format!(", pg_advisory_xact_lock({})", aggregator << 32))
            }
        };
        // Only numbers are put into it.
        self.say(AssertSqlSafe(format!(
            "BEGIN {mode}; SELECT set_config('comunanza.aggregator', '{aggregator}', true){lock}"
        )))
        .await
    }

    /// Has a body to itself until the transaction ends. One writer at a time has everything on SQLite, and whoever
    /// reads waits for nobody.
    pub async fn hold(&mut self, body: BodyId) -> Stored<()> {
        let key = (self.aggregator.0 << 32) | body.0;
        self.wait_for(key).await
    }

    /// Has the count of tries of an account to itself until the transaction ends.
    pub(super) async fn hold_account(&mut self, account_hash: &str) -> Stored<()> {
        // The first fifteen digits of a SHA-256: below zero, where no body's key is.
        let key = account_hash.get(..15).and_then(|digits| i64::from_str_radix(digits, 16).ok());
        self.wait_for(-1 - key.unwrap_or_default()).await
    }

    async fn wait_for(&mut self, key: i64) -> Stored<()> {
        if self.reads_only() || matches!(self.link(), Connection::Sqlite(_)) {
            return Ok(());
        }
        self.run(sql("SELECT pg_advisory_xact_lock($1)").bind(key)).await.map(drop)
    }
}

/// Refuses a role that row-level security does not bind.
pub(super) async fn refuse_unbound_role(connection: &mut PgConnection) -> Result<(), String> {
    let unbound: bool = sqlx::query_scalar(
        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user".into_sql_str(),
    )
    .fetch_one(connection)
    .await
    .map_err(|error| format!("The database does not answer: {error}."))?;
    if unbound {
        return Err("DATABASE_URL signs in with a role that may see every tenant's rows (a superuser, or BYPASSRLS): give \
                    the server a plain role of its own."
            .to_owned());
    }
    Ok(())
}
