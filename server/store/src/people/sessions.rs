//! Sessions.

use model::calendar::Instant;
use model::ids::{BodyId, PersonId};
use model::people::{Role, RoleHeld};

use crate::idempotency::DAYS_STORED;
use crate::{StoreResult, Transaction, parse_column};
use model::clock::latest_that_can_be;

/// Whose a session is, with one of the roles held now, if any.
#[derive(Clone, Debug, sqlx::FromRow)]
struct CallerRow {
    person: i64,
    idle_expires_at: i64,
    role: Option<String>,
    body: Option<i64>,
}

/// Whose a session is, the roles held now, and until when it lasts if it is not used.
#[derive(Clone, Debug)]
pub struct CallerFound {
    pub person: PersonId,
    pub roles: Vec<RoleHeld>,
    pub idle_expires_at: Instant,
}

/// A session that begins.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub token_hash: String,
    pub person: i64,
    pub opened_at: i64,
    pub expires_at: i64,
    pub idle_expires_at: i64,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SessionRow {
    pub person: i64,
    pub expires_at: i64,
}

impl Transaction {
    /// Who calls with a session that is not over, and the roles held now. One that was opened later than now is none: it
    /// was opened under a wrong clock, and might last for years.
    pub async fn caller(&mut self, token_hash: &str, now: Instant) -> StoreResult<Option<CallerFound>> {
        let rows: Vec<CallerRow> = self
            .all(
                self.sql(
                    "SELECT s.person, s.idle_expires_at, r.role, r.body FROM session s
                     LEFT JOIN role_held r ON r.person = s.person AND r.aggregator = s.aggregator
                         AND r.held_from <= $3 AND (r.held_until IS NULL OR r.held_until > $3)
                     WHERE s.aggregator = $1 AND s.token_hash = $2 AND s.expires_at > $3
                       AND s.idle_expires_at > $3 AND s.opened_at <= $4
                     ORDER BY r.id",
                )
                .bind(token_hash)
                .bind(now.0)
                .bind(latest_that_can_be(now).0),
            )
            .await?;
        let Some((person, idle)) = rows.first().map(|row| (row.person, row.idle_expires_at)) else {
            return Ok(None);
        };
        let held = rows.into_iter().filter_map(|row| {
            let name = row.role?;
            let role = parse_column(Role::from_name(&name), "role_held.role", &name);
            Some(role.map(|role| RoleHeld { role, body: row.body.map(BodyId) }))
        });
        let roles = held.collect::<StoreResult<_>>()?;
        Ok(Some(CallerFound { person: PersonId(person), roles, idle_expires_at: Instant(idle) }))
    }

    /// The session behind a cookie, also one that is over: it still says whose it was.
    pub async fn session(&mut self, token_hash: &str) -> StoreResult<Option<SessionRow>> {
        self.optional(
            self.sql("SELECT person, expires_at FROM session WHERE aggregator = $1 AND token_hash = $2")
                .bind(token_hash),
        )
        .await
    }

    pub async fn open_session(&mut self, new: &NewSession) -> StoreResult<()> {
        self.run(
            self.sql(
                "INSERT INTO session (aggregator, token_hash, person, opened_at, expires_at, idle_expires_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(&new.token_hash)
            .bind(new.person)
            .bind(new.opened_at)
            .bind(new.expires_at)
            .bind(new.idle_expires_at),
        )
        .await?;
        Ok(())
    }

    /// Lets a session that is in use last until then, if it is not used.
    pub async fn prolong_session(&mut self, token_hash: &str, idle_expires_at: i64) -> StoreResult<()> {
        self.run(
            self.sql(
                "UPDATE session SET idle_expires_at = $3
             WHERE aggregator = $1 AND token_hash = $2 AND idle_expires_at < $3",
            )
            .bind(token_hash)
            .bind(idle_expires_at),
        )
        .await?;
        Ok(())
    }

    /// Ends a session that is followed by another: whose it was is still known.
    pub async fn expire_session(&mut self, token_hash: &str, now: i64) -> StoreResult<()> {
        self.run(
            self.sql("UPDATE session SET expires_at = $3 WHERE aggregator = $1 AND token_hash = $2 AND expires_at > $3")
                .bind(token_hash)
                .bind(now),
        )
        .await?;
        Ok(())
    }

    pub async fn end_session(&mut self, token_hash: &str) -> StoreResult<()> {
        self.run(self.sql("DELETE FROM session WHERE aggregator = $1 AND token_hash = $2").bind(token_hash))
            .await?;
        Ok(())
    }

    /// Ends a person's sessions but for one.
    pub async fn end_other_sessions(&mut self, person: i64, but: &str) -> StoreResult<()> {
        self.run(
            self.sql("DELETE FROM session WHERE aggregator = $1 AND person = $2 AND token_hash <> $3")
                .bind(person)
                .bind(but),
        )
        .await?;
        Ok(())
    }

    /// Removes what is over: sessions after a day, what was answered under a key after thirty days.
    pub async fn sweep(&mut self, now: i64, day: i64) -> StoreResult<()> {
        self.remove_idempotency_records(Instant(now - DAYS_STORED * day)).await?;
        let over = self
            .sql("DELETE FROM session WHERE aggregator = $1 AND (expires_at < $2 OR idle_expires_at < $2)");
        self.run(over.bind(now - day)).await.map(drop)
    }
}
