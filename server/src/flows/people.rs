//! Who is signed in, as the pages need to know.

use model::access::Deed;
use model::api::people::{PersonRef, Persona, ReadProfile, ReadSession, RoleOn, Session, SignedIn};
use model::api::{Problem, Trouble};
use model::calendar::Instant;
use model::ids::PersonId;

use super::folder::named_body;
use crate::desk::{Desk, Flow};
use crate::store::{RoleRow, Stored};

/// For so many seconds a person has just signed in: the page that follows is shown within them.
const JUST: i64 = 60;

impl Flow for ReadSession {
    async fn run(self, desk: &mut Desk<'_>) -> Result<Session, Problem> {
        desk.allow(Deed::ReadSession, None)?;
        let (signed_in, at) = match desk.actor() {
            Some(person) => found(desk, person).await?.unzip(),
            None => (None, None),
        };
        let just_signed_in = at.flatten().is_some_and(|at| at.plus_seconds(JUST) > desk.now);
        let personas = if desk.demo && signed_in.is_none() { personas(desk).await? } else { Vec::new() };
        Ok(Session { aggregator: desk.work.profile().await?, signed_in, just_signed_in, personas })
    }
}

impl Flow for ReadProfile {
    async fn run(self, desk: &mut Desk<'_>) -> Result<SignedIn, Problem> {
        desk.allow(Deed::ReadProfile, None)?;
        let person = desk.actor().ok_or(Trouble::SignInNeeded)?;
        signed_in(desk, person).await?.ok_or_else(|| Trouble::SignInNeeded.into())
    }
}

/// A person with the roles held now.
pub async fn signed_in(desk: &mut Desk<'_>, person: i64) -> Result<Option<SignedIn>, Problem> {
    Ok(found(desk, person).await?.map(|(signed_in, _)| signed_in))
}

/// The same, and when the person signed in last.
async fn found(desk: &mut Desk<'_>, person: i64) -> Result<Option<(SignedIn, Option<Instant>)>, Problem> {
    let Some(row) = desk.work.person(person).await? else {
        return Ok(None);
    };
    let roles = desk.work.roles(person, desk.now.0).await?;
    let signed_in = SignedIn {
        person: PersonRef { id: PersonId(row.id), name: row.name },
        email: row.email,
        roles: roles.iter().map(role_on).collect::<Stored<Vec<_>>>()?,
        failed_tries: u32::try_from(row.failed_before).unwrap_or(u32::MAX),
        signed_in_before: row.signed_in_before.map(Instant),
    };
    Ok(Some((signed_in, row.signed_in_at.map(Instant))))
}

fn role_on(row: &RoleRow) -> Stored<RoleOn> {
    let body = row.body.map(|id| {
        let kind = row.body_kind.as_deref().unwrap_or_default();
        named_body(id, kind, row.body_name.as_deref().unwrap_or_default())
    });
    Ok(RoleOn { role: row.role()?, body })
}

/// The personas of a demonstration.
async fn personas(desk: &mut Desk<'_>) -> Result<Vec<Persona>, Problem> {
    let people = desk.work.personas().await?;
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let roles = desk.work.roles_of_personas(desk.now.0).await?;
    let mut personas = Vec::new();
    for person in people {
        let Some(row) = roles.iter().find(|row| row.person == person.id) else {
            continue;
        };
        let on = role_on(row)?;
        personas.push(Persona {
            person: PersonId(person.id),
            name: person.name,
            role: on.role,
            body: on.body,
        });
    }
    Ok(personas)
}
