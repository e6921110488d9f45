//! Persons, the roles they hold, their sessions, tries to sign in, and one-time notices.

use model::calendar::Instant;
use model::ids::{BodyId, PersonId};
use model::people::{Period, Role, RoleHeld};

use super::{Stored, Work, known, sql};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PersonRow {
    pub id: i64,
    pub email: String,
    pub name: String,
    pub password_hash: String,
    pub persona: bool,
}

/// A role that is held now, with the name of its body.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RoleRow {
    pub person: i64,
    pub role: String,
    pub body: Option<i64>,
    pub body_name: Option<String>,
    pub body_kind: Option<String>,
}

impl RoleRow {
    pub fn role(&self) -> Stored<Role> {
        known(Role::from_name(&self.role), "role_held.role", &self.role)
    }

    pub fn held(&self) -> Stored<RoleHeld> {
        Ok(RoleHeld { role: self.role()?, body: self.body.map(BodyId) })
    }
}

/// Whose a session is, with one of the roles held now, if any.
#[derive(Clone, Debug, sqlx::FromRow)]
struct CallerRow {
    person: i64,
    role: Option<String>,
    body: Option<i64>,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SessionRow {
    pub person: i64,
    pub expires_at: i64,
}

macro_rules! roles_held {
    ($whose:literal) => {
        concat!(
            "SELECT r.person, r.role, r.body, b.name AS body_name, b.kind AS body_kind
             FROM role_held r JOIN person p ON p.id = r.person LEFT JOIN body b ON b.id = r.body
             WHERE r.aggregator = $1 AND r.held_from <= $2 AND (r.held_until IS NULL OR r.held_until > $2) AND ",
            $whose,
            " ORDER BY r.id"
        )
    };
}

impl Work {
    pub async fn person(&mut self, id: i64) -> Stored<Option<PersonRow>> {
        let aggregator = self.aggregator().0;
        self.optional(sql(
            "SELECT id, email, name, password_hash, persona FROM person WHERE aggregator = $1 AND id = $2",
        )
        .bind(aggregator)
        .bind(id)).await
    }

    pub async fn person_by_email(&mut self, email: &str) -> Stored<Option<PersonRow>> {
        let aggregator = self.aggregator().0;
        self.optional(sql(
            "SELECT id, email, name, password_hash, persona FROM person WHERE aggregator = $1 AND email = $2",
        )
        .bind(aggregator)
        .bind(email)).await
    }

    /// The personas of a demonstration, in the order in which they were made.
    pub async fn personas(&mut self) -> Stored<Vec<PersonRow>> {
        let aggregator = self.aggregator().0;
        self.all(
            sql("SELECT id, email, name, password_hash, persona FROM person
             WHERE aggregator = $1 AND persona = TRUE ORDER BY id")
            .bind(aggregator),
        )
        .await
    }

    /// Everybody who holds this role of the aggregator's own now, by name.
    pub async fn holders(&mut self, role: Role, now: i64) -> Stored<Vec<(i64, String)>> {
        let aggregator = self.aggregator().0;
        self.all(
            sql("SELECT DISTINCT p.id, p.name FROM role_held r JOIN person p ON p.id = r.person
             WHERE r.aggregator = $1 AND r.role = $2 AND r.body IS NULL AND r.held_from <= $3
               AND (r.held_until IS NULL OR r.held_until > $3)
             ORDER BY p.name")
            .bind(aggregator)
            .bind(role.name())
            .bind(now),
        )
        .await
    }

    /// Who holds this role on this body now.
    pub async fn holder_on(&mut self, role: Role, body: BodyId, now: i64) -> Stored<Option<(i64, String)>> {
        let aggregator = self.aggregator().0;
        self.optional(
            sql("SELECT p.id, p.name FROM role_held r JOIN person p ON p.id = r.person
             WHERE r.aggregator = $1 AND r.role = $2 AND r.body = $3 AND r.held_from <= $4
               AND (r.held_until IS NULL OR r.held_until > $4)
             ORDER BY r.id LIMIT 1")
            .bind(aggregator)
            .bind(role.name())
            .bind(body.0)
            .bind(now),
        )
        .await
    }

    /// The roles that a person holds now.
    pub async fn roles(&mut self, person: i64, now: i64) -> Stored<Vec<RoleRow>> {
        let aggregator = self.aggregator().0;
        let held = sql(roles_held!("r.person = $3"));
        self.all(held.bind(aggregator).bind(now).bind(person)).await
    }

    /// The roles that everybody with a persona holds now.
    pub async fn roles_of_personas(&mut self, now: i64) -> Stored<Vec<RoleRow>> {
        let aggregator = self.aggregator().0;
        self.all(sql(roles_held!("p.persona = TRUE")).bind(aggregator).bind(now)).await
    }

    pub async fn add_person(
        &mut self,
        email: &str,
        name: &str,
        password_hash: &str,
        persona: bool,
        now: i64,
    ) -> Stored<i64> {
        let aggregator = self.aggregator().0;
        self.scalar(
            sql("INSERT INTO person (aggregator, email, name, password_hash, persona, created_at)
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING id")
            .bind(aggregator)
            .bind(email)
            .bind(name)
            .bind(password_hash)
            .bind(persona)
            .bind(now),
        )
        .await
    }

    pub async fn add_role(
        &mut self,
        person: i64,
        role: Role,
        body: Option<BodyId>,
        period: Period,
    ) -> Stored<()> {
        let aggregator = self.aggregator().0;
        self.run(
            sql("INSERT INTO role_held (aggregator, person, role, body, held_from, held_until)
             VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(aggregator)
            .bind(person)
            .bind(role.name())
            .bind(body.map(|body| body.0))
            .bind(period.from.0)
            .bind(period.until.map(|until| until.0)),
        )
        .await?;
        Ok(())
    }

    /// The periods, not over yet, in which a person holds a role, earliest first.
    pub async fn periods(&mut self, person: i64, held: RoleHeld, now: Instant) -> Stored<Vec<(i64, Period)>> {
        let aggregator = self.aggregator().0;
        let rows: Vec<(i64, i64, Option<i64>)> = self
            .all(
                sql("SELECT id, held_from, held_until FROM role_held
                 WHERE aggregator = $1 AND person = $2 AND role = $3 AND COALESCE(body, 0) = $4
                   AND (held_until IS NULL OR (held_until > $5 AND held_until > held_from))
                 ORDER BY held_from, id")
                .bind(aggregator)
                .bind(person)
                .bind(held.role.name())
                .bind(held.body.map_or(0, |body| body.0))
                .bind(now.0),
            )
            .await?;
        let period = |(id, from, until): (i64, i64, Option<i64>)| {
            (id, Period { from: Instant(from), until: until.map(Instant) })
        };
        Ok(rows.into_iter().map(period).collect())
    }

    pub async fn set_period(&mut self, row: i64, period: Period) -> Stored<()> {
        let aggregator = self.aggregator().0;
        self.run(
            sql("UPDATE role_held SET held_from = $3, held_until = $4 WHERE aggregator = $1 AND id = $2")
                .bind(aggregator)
                .bind(row)
                .bind(period.from.0)
                .bind(period.until.map(|until| until.0)),
        )
        .await?;
        Ok(())
    }

    pub async fn set_password(&mut self, person: i64, password_hash: &str) -> Stored<()> {
        let aggregator = self.aggregator().0;
        self.run(
            sql("UPDATE person SET password_hash = $3 WHERE aggregator = $1 AND id = $2")
                .bind(aggregator)
                .bind(person)
                .bind(password_hash),
        )
        .await?;
        Ok(())
    }

    /// Who calls with a session that is not over, and the roles held now.
    pub async fn caller(&mut self, token_hash: &str, now: i64) -> Stored<Option<(PersonId, Vec<RoleHeld>)>> {
        let aggregator = self.aggregator().0;
        let rows: Vec<CallerRow> = self
            .all(
                sql("SELECT s.person, r.role, r.body FROM session s
                     LEFT JOIN role_held r ON r.person = s.person AND r.aggregator = s.aggregator
                         AND r.held_from <= $3 AND (r.held_until IS NULL OR r.held_until > $3)
                     WHERE s.aggregator = $1 AND s.token_hash = $2 AND s.expires_at > $3 ORDER BY r.id")
                .bind(aggregator)
                .bind(token_hash)
                .bind(now),
            )
            .await?;
        let Some(person) = rows.first().map(|row| PersonId(row.person)) else {
            return Ok(None);
        };
        let held = rows.into_iter().filter_map(|row| {
            let name = row.role?;
            let role = known(Role::from_name(&name), "role_held.role", &name);
            Some(role.map(|role| RoleHeld { role, body: row.body.map(BodyId) }))
        });
        Ok(Some((person, held.collect::<Stored<_>>()?)))
    }

    /// The session behind a cookie, also one that is over: it still says whose it was.
    pub async fn session(&mut self, token_hash: &str) -> Stored<Option<SessionRow>> {
        let aggregator = self.aggregator().0;
        self.optional(
            sql("SELECT person, expires_at FROM session WHERE aggregator = $1 AND token_hash = $2")
                .bind(aggregator)
                .bind(token_hash),
        )
        .await
    }

    pub async fn open_session(
        &mut self,
        token_hash: &str,
        person: i64,
        now: i64,
        expires: i64,
    ) -> Stored<()> {
        let aggregator = self.aggregator().0;
        self.run(
            sql("INSERT INTO session (token_hash, aggregator, person, opened_at, expires_at)
             VALUES ($1, $2, $3, $4, $5)")
            .bind(token_hash)
            .bind(aggregator)
            .bind(person)
            .bind(now)
            .bind(expires),
        )
        .await?;
        Ok(())
    }

    pub async fn end_session(&mut self, token_hash: &str) -> Stored<()> {
        let aggregator = self.aggregator().0;
        self.run(
            sql("DELETE FROM session WHERE aggregator = $1 AND token_hash = $2")
                .bind(aggregator)
                .bind(token_hash),
        )
        .await?;
        Ok(())
    }

    /// Ends a person's sessions but for one.
    pub async fn end_other_sessions(&mut self, person: i64, but: &str) -> Stored<()> {
        let aggregator = self.aggregator().0;
        self.run(
            sql("DELETE FROM session WHERE aggregator = $1 AND person = $2 AND token_hash <> $3")
                .bind(aggregator)
                .bind(person)
                .bind(but),
        )
        .await?;
        Ok(())
    }

    /// Removes what is long over: sessions after a day, notices, tries.
    pub async fn sweep(&mut self, now: i64, day: i64) -> Stored<()> {
        let aggregator = self.aggregator().0;
        for text in [
            "DELETE FROM session WHERE aggregator = $1 AND expires_at < $2",
            "DELETE FROM notice WHERE aggregator = $1 AND expires_at < $2",
            "DELETE FROM sign_in_try WHERE aggregator = $1 AND at < $2",
        ] {
            self.run(sql(text).bind(aggregator).bind(now - day)).await?;
        }
        Ok(())
    }

    /// Tries for an account within so many milliseconds of now, oldest first: what a clock that was far ahead counted
    /// is left out.
    ///
    /// Whoever counts them counts alone until the transaction ends, also with several servers.
    pub async fn tries(&mut self, account_hash: &str, now: i64, window: i64) -> Stored<Vec<i64>> {
        let aggregator = self.aggregator().0;
        self.hold_hashed(account_hash).await?;
        self.scalars(sql(
            "SELECT at FROM sign_in_try WHERE aggregator = $1 AND account_hash = $2 AND at > $3 AND at < $4
             ORDER BY at",
        )
        .bind(aggregator)
        .bind(account_hash)
        .bind(now - window)
        .bind(now + window)).await
    }

    pub async fn add_try(&mut self, account_hash: &str, at: i64) -> Stored<()> {
        let aggregator = self.aggregator().0;
        self.run(
            sql("INSERT INTO sign_in_try (aggregator, account_hash, at) VALUES ($1, $2, $3)")
                .bind(aggregator)
                .bind(account_hash)
                .bind(at),
        )
        .await?;
        Ok(())
    }

    pub async fn forget_tries(&mut self, account_hash: &str) -> Stored<()> {
        let aggregator = self.aggregator().0;
        self.run(
            sql("DELETE FROM sign_in_try WHERE aggregator = $1 AND account_hash = $2")
                .bind(aggregator)
                .bind(account_hash),
        )
        .await?;
        Ok(())
    }

    pub async fn keep_notice(
        &mut self,
        token_hash: &str,
        person: Option<i64>,
        content: &str,
        expires: i64,
    ) -> Stored<()> {
        let aggregator = self.aggregator().0;
        self.run(sql(
            "INSERT INTO notice (token_hash, aggregator, person, content, expires_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(token_hash)
        .bind(aggregator)
        .bind(person)
        .bind(content)
        .bind(expires)).await?;
        Ok(())
    }

    /// Whose it is, and what it says.
    pub async fn notice(&mut self, token_hash: &str, now: i64) -> Stored<Option<(Option<i64>, String)>> {
        let aggregator = self.aggregator().0;
        self.optional(sql(
            "SELECT person, content FROM notice WHERE aggregator = $1 AND token_hash = $2 AND expires_at > $3",
        )
        .bind(aggregator)
        .bind(token_hash)
        .bind(now)).await
    }

    pub async fn remove_notice(&mut self, token_hash: &str) -> Stored<()> {
        let aggregator = self.aggregator().0;
        self.run(
            sql("DELETE FROM notice WHERE aggregator = $1 AND token_hash = $2")
                .bind(aggregator)
                .bind(token_hash),
        )
        .await?;
        Ok(())
    }
}
