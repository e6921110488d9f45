//! Persons, as the command line and the demonstration make them: a role more for who is known already, and its end.

use model::api::security::EventKind;
use model::api::{ApiError, Problem};
use model::calendar::Instant;
use model::ids::{BodyId, PersonId};
use model::people::{Period, Role, RoleHeld};

use super::allowed;
use handlers::security_log::of_command;
use store::{NewEvent, StoreResult, Transaction, UnitOfWork};

/// A person who is to hold a role.
#[derive(Clone, Debug)]
pub struct Appointment {
    /// In lower case: by it the person is known.
    pub email: String,
    pub name: String,
    pub roles: Vec<RoleHeld>,
    pub period: Period,
    /// For who is new; who is known keeps theirs.
    pub password_hash: String,
    pub persona: bool,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appointed {
    /// A new person.
    New(PersonId),
    /// A person who was known, with a role more or for longer.
    Again(PersonId),
    /// Nothing was to be done.
    Already(PersonId),
}

impl Appointed {
    /// Who it is.
    pub fn person(self) -> PersonId {
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

impl UnitOfWork for Appoint {
    type Answer = Vec<Appointed>;

    async fn run(self, tx: &mut Transaction) -> Result<Vec<Appointed>, Problem> {
        allowed(tx, self.now).await?;
        let mut done = Vec::with_capacity(self.appointments.len());
        for appointment in &self.appointments {
            done.push(appoint(tx, appointment, self.now).await?);
        }
        Ok(done)
    }
}

async fn appoint(tx: &mut Transaction, who: &Appointment, now: Instant) -> StoreResult<Appointed> {
    let known = tx.person_by_email(&who.email).await?;
    let person = match &known {
        Some(known) => known.id,
        None => tx.add_person(&who.email, &who.name, &who.password_hash, who.persona, now).await?,
    };
    let mut given = false;
    for role in &who.roles {
        if give(tx, person, *role, who.period, now).await? {
            given = true;
            let until = who.period.until.map(|until| format!(" until {until}")).unwrap_or_default();
            let outcome = format!("{} given from {}{until}", role.role.name(), who.period.from);
            let event = of_command("create-person", EventKind::Role, person, now);
            let body = role.body;
            tx.add_events(&[NewEvent { body, outcome, ..event }]).await?;
        }
    }
    Ok(match (known, given) {
        (None, _) => Appointed::New(person),
        (Some(_), true) => Appointed::Again(person),
        (Some(_), false) => Appointed::Already(person),
    })
}

/// Gives a role for a period, which becomes one with the periods that it meets; false where nothing was to be done.
async fn give(
    tx: &mut Transaction,
    person: PersonId,
    role: RoleHeld,
    asked: Period,
    now: Instant,
) -> StoreResult<bool> {
    let held = tx.periods(person, role, now).await?;
    if held.iter().any(|(_, period)| period.covers(asked)) {
        return Ok(false);
    }
    let mut meeting = held.into_iter().filter(|(_, period)| period.meets(asked));
    let Some((row, first)) = meeting.next() else {
        tx.add_role(person, role.role, role.body, asked).await?;
        return Ok(true);
    };
    let mut whole = first.with(asked);
    for (other, period) in meeting {
        whole = whole.with(period);
        tx.set_period(other, period.ended(period.from)).await?;
    }
    tx.set_period(row, whole).await?;
    Ok(true)
}

/// Ends a role at an instant, now or later.
#[derive(Clone)]
pub struct EndRole {
    pub person: PersonId,
    pub role: RoleHeld,
    pub at: Instant,
    /// Also when nobody else is an administrator from then on.
    pub force: bool,
    pub now: Instant,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleEnded {
    Done {
        /// Roles that the person holds after that instant.
        left: usize,
        /// Requests to be worked that the person owns.
        requests: u32,
    },
    /// The role is not held, or ends earlier already.
    NothingToEnd,
    /// Nobody else would be an administrator.
    LastAdministrator,
}

impl UnitOfWork for EndRole {
    type Answer = RoleEnded;
    /// Two administrators must not end each other's role at the same time.
    const EXCLUSIVE: bool = true;

    async fn run(self, tx: &mut Transaction) -> Result<RoleEnded, Problem> {
        allowed(tx, self.now).await?;
        let held = tx.periods(self.person, self.role, self.now).await?;
        let ending: Vec<_> = held.iter().filter(|(_, period)| period.ended(self.at) != *period).collect();
        if ending.is_empty() {
            return Ok(RoleEnded::NothingToEnd);
        }
        if self.role.role == Role::Administrator && !self.force {
            let administrators = tx.holders(Role::Administrator, self.at).await?;
            if administrators.iter().all(|holder| holder.id == self.person) {
                return Ok(RoleEnded::LastAdministrator);
            }
        }
        for (row, period) in ending {
            tx.set_period(*row, period.ended(self.at)).await?;
        }
        let outcome = format!("{} ended from {}", self.role.role.name(), self.at);
        let event = of_command("end-role", EventKind::Role, self.person, self.now);
        let body = self.role.body;
        tx.add_events(&[NewEvent { body, outcome, ..event }]).await?;
        let left = tx.roles(self.person, self.at).await?.len();
        Ok(RoleEnded::Done { left, requests: tx.owned_requests(self.person).await? })
    }
}

/// Sets another password and ends every session of the person.
#[derive(Clone)]
pub struct ResetPassword {
    pub email: String,
    pub password_hash: String,
    pub now: Instant,
}

impl UnitOfWork for ResetPassword {
    type Answer = ();

    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        allowed(tx, self.now).await?;
        let person = tx.person_by_email(&self.email).await?;
        let person = person.ok_or(ApiError::NotFound)?;
        tx.set_password(person.id, &self.password_hash).await?;
        // No session has an empty token: all of them end.
        tx.end_other_sessions(person.id, "").await?;
        let event = of_command("reset-password", EventKind::Password, person.id, self.now);
        tx.add_events(&[event]).await?;
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
