//! Persons, and the roles that they hold.

use model::api::people::PersonRef;
use model::calendar::Instant;
use model::ids::{BodyId, PersonId};
use model::people::{Period, Role, RoleHeld};

use crate::database::row::row;
use crate::{StoreResult, Transaction};

pub(crate) mod notices;
pub(crate) mod sessions;
pub(crate) mod sign_in;

row! {
    pub struct PersonRow of "person" {
        pub id: PersonId,
        pub email: String,
        pub name: String,
        pub password_hash: String,
        pub persona: bool,
        pub signed_in_at: Option<Instant>,
        /// Tries with a wrong password between the sign-in before and that one.
        pub failed_before: i64,
        pub signed_in_before: Option<Instant>,
    }
}

/// All of it but what is counted meanwhile.
macro_rules! person_where {
    ($which:literal) => {
        concat!(
            "SELECT id, email, name, password_hash, persona, signed_in_at, failed_before, signed_in_before
             FROM person WHERE aggregator = $1 AND ",
            $which
        )
    };
}

row! {
    /// A role that is held now, with the name of its body.
    pub struct RoleRow of "role_held" {
        pub person: PersonId,
        pub role: Role,
        pub body: Option<BodyId>,
        pub body_name: Option<String>,
        pub body_kind: Option<String>,
    }
}

impl RoleRow {
    pub fn held(&self) -> RoleHeld {
        RoleHeld { role: self.role, body: self.body }
    }
}

row! {
    struct NamedRow of "person" {
        id: PersonId,
        name: String,
    }
}

impl From<NamedRow> for PersonRef {
    fn from(NamedRow { id, name }: NamedRow) -> Self {
        Self { id, name }
    }
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

/// The persons who work on requests at the instant in this place, in the aggregator of `$1`.
macro_rules! workers {
    ($now:literal) => {
        concat!(
            "SELECT h.person FROM role_held h WHERE h.aggregator = $1 AND h.body IS NULL
             AND h.role IN ('operator', 'administrator')
             AND h.held_from <= ",
            $now,
            " AND (h.held_until IS NULL OR h.held_until > ",
            $now,
            ")"
        )
    };
}

pub(crate) use workers;

impl Transaction {
    pub async fn person(&mut self, id: PersonId) -> StoreResult<Option<PersonRow>> {
        self.optional(self.sql(person_where!("id = $2")).bind(id)).await
    }

    pub async fn person_by_email(&mut self, email: &str) -> StoreResult<Option<PersonRow>> {
        self.optional(self.sql(person_where!("email = $2")).bind(email)).await
    }

    /// The personas of a demonstration, in the order in which they were made.
    pub async fn personas(&mut self) -> StoreResult<Vec<PersonRow>> {
        self.all(self.sql(person_where!("persona = TRUE ORDER BY id"))).await
    }

    /// Everybody who holds this role of the aggregator's own now, by name.
    pub async fn holders(&mut self, role: Role, now: Instant) -> StoreResult<Vec<PersonRef>> {
        let holders = self.sql(
            "SELECT DISTINCT p.id, p.name FROM role_held r JOIN person p ON p.id = r.person
             WHERE r.aggregator = $1 AND r.role = $2 AND r.body IS NULL AND r.held_from <= $3
               AND (r.held_until IS NULL OR r.held_until > $3)
             ORDER BY p.name",
        );
        let rows: Vec<NamedRow> = self.all(holders.bind(role.name()).bind(now)).await?;
        Ok(rows.into_iter().map(PersonRef::from).collect())
    }

    /// Everybody who works on requests now, by name.
    pub async fn workers(&mut self, now: Instant) -> StoreResult<Vec<PersonRef>> {
        let workers = concat!(
            "SELECT p.id, p.name FROM person p WHERE p.id IN (",
            workers!("$2"),
            ") ORDER BY p.name, p.id"
        );
        let rows: Vec<NamedRow> = self.all(self.sql(workers).bind(now)).await?;
        Ok(rows.into_iter().map(PersonRef::from).collect())
    }

    /// This person's name, if they work on requests now.
    pub async fn worker(&mut self, person: PersonId, now: Instant) -> StoreResult<Option<String>> {
        let worker =
            concat!("SELECT p.name FROM person p WHERE p.id = $3 AND p.id IN (", workers!("$2"), ")");
        self.scalar_optional(self.sql(worker).bind(now).bind(person)).await
    }

    /// Who holds this role on this body now.
    pub async fn holder_on(
        &mut self,
        role: Role,
        body: BodyId,
        now: Instant,
    ) -> StoreResult<Option<PersonRef>> {
        let holder = self.sql(
            "SELECT p.id, p.name FROM role_held r JOIN person p ON p.id = r.person
             WHERE r.aggregator = $1 AND r.role = $2 AND r.body = $3 AND r.held_from <= $4
               AND (r.held_until IS NULL OR r.held_until > $4)
             ORDER BY r.id LIMIT 1",
        );
        let row: Option<NamedRow> = self.optional(holder.bind(role.name()).bind(body).bind(now)).await?;
        Ok(row.map(PersonRef::from))
    }

    /// Everybody who holds a role on a body now.
    pub async fn holders_on(&mut self, role: Role, body: BodyId, now: Instant) -> StoreResult<Vec<PersonId>> {
        let held = self.sql(
            "SELECT DISTINCT r.person FROM role_held r
             WHERE r.aggregator = $1 AND r.role = $2 AND r.body = $3 AND r.held_from <= $4
               AND (r.held_until IS NULL OR r.held_until > $4)
             ORDER BY r.person",
        );
        let people = self.scalars(held.bind(role.name()).bind(body).bind(now)).await?;
        Ok(people.into_iter().map(PersonId).collect())
    }

    /// The roles that a person holds now.
    pub async fn roles(&mut self, person: PersonId, now: Instant) -> StoreResult<Vec<RoleRow>> {
        let held = self.sql(roles_held!("r.person = $3"));
        self.all(held.bind(now).bind(person)).await
    }

    /// The roles that everybody with a persona holds now.
    pub async fn roles_of_personas(&mut self, now: Instant) -> StoreResult<Vec<RoleRow>> {
        self.all(self.sql(roles_held!("p.persona = TRUE")).bind(now)).await
    }

    pub async fn add_person(
        &mut self,
        email: &str,
        name: &str,
        password_hash: &str,
        persona: bool,
        now: Instant,
    ) -> StoreResult<PersonId> {
        let id = self
            .scalar(
                self.sql(
                    "INSERT INTO person (aggregator, email, name, password_hash, persona, created_at)
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
                )
                .bind(email)
                .bind(name)
                .bind(password_hash)
                .bind(persona)
                .bind(now),
            )
            .await?;
        Ok(PersonId(id))
    }

    pub async fn add_role(
        &mut self,
        person: PersonId,
        role: Role,
        body: Option<BodyId>,
        period: Period,
    ) -> StoreResult<()> {
        self.run(
            self.sql(
                "INSERT INTO role_held (aggregator, person, role, body, held_from, held_until)
             VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(person)
            .bind(role.name())
            .bind(body)
            .bind(period.from)
            .bind(period.until),
        )
        .await?;
        Ok(())
    }

    /// The periods, not over yet, in which a person holds a role, earliest first.
    pub async fn periods(
        &mut self,
        person: PersonId,
        held: RoleHeld,
        now: Instant,
    ) -> StoreResult<Vec<(i64, Period)>> {
        let rows: Vec<(i64, i64, Option<i64>)> = self
            .all(
                self.sql(
                    "SELECT id, held_from, held_until FROM role_held
                 WHERE aggregator = $1 AND person = $2 AND role = $3 AND body IS NOT DISTINCT FROM $4
                   AND (held_until IS NULL OR (held_until > $5 AND held_until > held_from))
                 ORDER BY held_from, id",
                )
                .bind(person)
                .bind(held.role.name())
                .bind(held.body)
                .bind(now),
            )
            .await?;
        let period = |(id, from, until): (i64, i64, Option<i64>)| {
            (id, Period { from: Instant(from), until: until.map(Instant) })
        };
        Ok(rows.into_iter().map(period).collect())
    }

    pub async fn set_period(&mut self, row: i64, period: Period) -> StoreResult<()> {
        self.run(
            self.sql(
                "UPDATE role_held SET held_from = $3, held_until = $4 WHERE aggregator = $1 AND id = $2",
            )
            .bind(row)
            .bind(period.from)
            .bind(period.until),
        )
        .await?;
        Ok(())
    }

    pub async fn set_password(&mut self, person: PersonId, password_hash: &str) -> StoreResult<()> {
        self.run(
            self.sql("UPDATE person SET password_hash = $3 WHERE aggregator = $1 AND id = $2")
                .bind(person)
                .bind(password_hash),
        )
        .await?;
        Ok(())
    }

    /// Sets another password for whoever has the one of this hash; false where it is no longer theirs.
    pub async fn change_password(
        &mut self,
        person: PersonId,
        from_hash: &str,
        to_hash: &str,
    ) -> StoreResult<bool> {
        let changed = self
            .run(
                self.sql(
                    "UPDATE person SET password_hash = $4
                 WHERE aggregator = $1 AND id = $2 AND password_hash = $3",
                )
                .bind(person)
                .bind(from_hash)
                .bind(to_hash),
            )
            .await?;
        Ok(changed > 0)
    }
}

#[cfg(test)]
mod tests {
    use model::access::{Permission, Who};

    #[test]
    fn who_works_on_requests_is_said_as_the_policy_says_it() {
        let roles = Permission::WorkRequest.allowed().iter().map(|who| match who {
            Who::Holder(role) => format!("'{}'", role.name()),
            other => panic!("{other:?} holds no role"),
        });
        let roles = roles.collect::<Vec<_>>().join(", ");
        assert!(workers!("$2").contains(&format!("h.role IN ({roles})")), "{roles}");
    }
}
