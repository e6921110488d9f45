//! Sessions.

use model::calendar::Instant;
use model::clock::latest_that_can_be;
use model::ids::{BodyId, PersonId};
use model::people::{Role, RoleHeld};

use crate::database::row::row;
use crate::idempotency::DAYS_STORED;
use crate::{StoreResult, Transaction};

row! {
    /// Whose a session is, with one of the roles held now, if any.
    struct CallerRow of "session" {
        person: PersonId,
        idle_expires_at: Instant,
        role: Option<Role>,
        body: Option<BodyId>,
    }
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
    pub person: PersonId,
    pub opened_at: Instant,
    pub expires_at: Instant,
    pub idle_expires_at: Instant,
}

row! {
    pub struct SessionRow of "session" {
        pub person: PersonId,
        pub expires_at: Instant,
    }
}

/// In seconds.
const DAY: i64 = 24 * 3_600;

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
                .bind(now)
                .bind(latest_that_can_be(now)),
            )
            .await?;
        let Some((person, idle)) = rows.first().map(|row| (row.person, row.idle_expires_at)) else {
            return Ok(None);
        };
        let held = |row: CallerRow| Some(RoleHeld { role: row.role?, body: row.body });
        let roles = rows.into_iter().filter_map(held).collect();
        Ok(Some(CallerFound { person, roles, idle_expires_at: idle }))
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
    pub async fn prolong_session(&mut self, token_hash: &str, idle_expires_at: Instant) -> StoreResult<()> {
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
    pub async fn expire_session(&mut self, token_hash: &str, now: Instant) -> StoreResult<()> {
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
    pub async fn end_other_sessions(&mut self, person: PersonId, but: &str) -> StoreResult<()> {
        self.run(
            self.sql("DELETE FROM session WHERE aggregator = $1 AND person = $2 AND token_hash <> $3")
                .bind(person)
                .bind(but),
        )
        .await?;
        Ok(())
    }

    /// Removes what is over: sessions after a day, what was answered under a key after thirty days.
    pub async fn sweep(&mut self, now: Instant) -> StoreResult<()> {
        self.remove_idempotency_records(now.plus_seconds(-DAYS_STORED * DAY)).await?;
        let over = self
            .sql("DELETE FROM session WHERE aggregator = $1 AND (expires_at < $2 OR idle_expires_at < $2)");
        self.run(over.bind(now.plus_seconds(-DAY))).await.map(drop)
    }
}
