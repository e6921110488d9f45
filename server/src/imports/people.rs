//! Persons, as the command line and the demonstration make them: a role more for who is known already.

use model::api::{Problem, Trouble};
use model::calendar::Instant;
use model::ids::BodyId;
use model::people::{Role, RoleHeld};

use super::allowed;
use crate::store::{Errand, RoleRow, Stored, Work};

/// A person who is to hold a role.
#[derive(Clone, Debug)]
pub struct Appointment {
    /// In lower case: by it the person is known.
    pub email: String,
    pub name: String,
    pub roles: Vec<RoleHeld>,
    /// For who is new; who is known keeps theirs.
    pub password_hash: String,
    pub persona: bool,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appointed {
    /// A new person.
    New(i64),
    /// A person who was known, with a role more.
    Again(i64),
    /// Nothing was to be done.
    Already(i64),
}

impl Appointed {
    /// Who it is.
    pub fn person(self) -> i64 {
        match self {
            Self::New(person) | Self::Again(person) | Self::Already(person) => person,
        }
    }
}

/// Makes the persons, all or none.
#[derive(Clone)]
pub struct Appoint {
    pub appointments: Vec<Appointment>,
    pub now: Instant,
}

impl Errand for Appoint {
    type Answer = Vec<Appointed>;

    async fn run(self, work: &mut Work) -> Result<Vec<Appointed>, Problem> {
        allowed(work, self.now).await?;
        let mut done = Vec::with_capacity(self.appointments.len());
        for appointment in &self.appointments {
            done.push(appoint(work, appointment, self.now).await?);
        }
        Ok(done)
    }
}

async fn appoint(work: &mut Work, who: &Appointment, now: Instant) -> Stored<Appointed> {
    let Some(known) = work.person_by_email(&who.email).await? else {
        let person = work.add_person(&who.email, &who.name, &who.password_hash, who.persona, now.0).await?;
        for role in &who.roles {
            work.add_role(person, role.role, role.body, now.0).await?;
        }
        return Ok(Appointed::New(person));
    };
    let rows = work.roles(known.id, now.0).await?;
    let held = rows.iter().map(RoleRow::held).collect::<Stored<Vec<_>>>()?;
    let mut again = false;
    for role in who.roles.iter().filter(|role| !held.contains(role)) {
        work.add_role(known.id, role.role, role.body, now.0).await?;
        again = true;
    }
    Ok(if again { Appointed::Again(known.id) } else { Appointed::Already(known.id) })
}

/// Sets another password and ends every session of the person.
#[derive(Clone)]
pub struct ResetPassword {
    pub email: String,
    pub password_hash: String,
    pub now: Instant,
}

impl Errand for ResetPassword {
    type Answer = ();

    async fn run(self, work: &mut Work) -> Result<(), Problem> {
        allowed(work, self.now).await?;
        let person = work.person_by_email(&self.email).await?;
        let person = person.ok_or(Trouble::NotFound)?;
        work.set_password(person.id, &self.password_hash).await?;
        // No session has an empty token: all of them end.
        work.end_other_sessions(person.id, "").await?;
        Ok(())
    }
}

/// The role's Italian name, as it stands in the names of people.
pub fn title(role: Role) -> &'static str {
    match role {
        Role::Officer => "Referente",
        Role::Mayor => "Sindaco",
        Role::Operator => "Operatore",
        Role::Facilitator => "Facilitatore",
        Role::Administrator => "Amministratore",
        Role::Observer => "Osservatore",
    }
}

/// One role, on a body or on the aggregator.
pub fn role_on(role: Role, body: Option<BodyId>) -> RoleHeld {
    RoleHeld { role, body }
}

/// An address of one recipient, with something on both sides of its only “@”.
pub fn is_email(text: &str) -> bool {
    let well_formed = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
    text.len() <= 200
        && text.split_once('@').is_some_and(|(name, host)| {
            well_formed(name) && well_formed(host) && !host.contains('@') && host.contains('.')
        })
}
