//! Who is signed in, as the pages need to know.

use model::api::people::{PersonRef, Persona, ReadProfile, ReadSession, RoleOn, Session, SignedIn};
use model::api::{ApiError, Problem};
use model::calendar::Instant;
use model::ids::PersonId;

use crate::baskets::body_in_call::named_body;
use crate::context::{Handler, RequestContext};
use store::RoleRow;

/// For so many seconds a person has just signed in: the page that follows is shown within them.
const JUST: i64 = 60;

impl Handler for ReadSession {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Session, Problem> {
        let (signed_in, at) = match ctx.actor() {
            Some(person) => found(ctx, person).await?.unzip(),
            None => (None, None),
        };
        let just_signed_in = at.flatten().is_some_and(|at| at.plus_seconds(JUST) > ctx.now);
        let personas = if ctx.demo && signed_in.is_none() { personas(ctx).await? } else { Vec::new() };
        Ok(Session { aggregator: ctx.tx.profile().await?, signed_in, just_signed_in, personas })
    }
}

impl Handler for ReadProfile {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<SignedIn, Problem> {
        let person = ctx.actor().ok_or(ApiError::SignInNeeded)?;
        signed_in(ctx, person).await?.ok_or_else(|| ApiError::SignInNeeded.into())
    }
}

/// A person with the roles held now.
pub async fn signed_in(ctx: &mut RequestContext<'_>, person: PersonId) -> Result<Option<SignedIn>, Problem> {
    Ok(found(ctx, person).await?.map(|(signed_in, _)| signed_in))
}

/// The same, and when the person signed in last.
async fn found(
    ctx: &mut RequestContext<'_>,
    person: PersonId,
) -> Result<Option<(SignedIn, Option<Instant>)>, Problem> {
    let Some(row) = ctx.tx.person(person).await? else {
        return Ok(None);
    };
    let roles = ctx.tx.roles(person, ctx.now).await?;
    let signed_in = SignedIn {
        person: PersonRef { id: row.id, name: row.name },
        email: row.email,
        roles: roles.iter().map(role_on).collect(),
        failed_tries: u32::try_from(row.failed_before).unwrap_or(u32::MAX),
        signed_in_before: row.signed_in_before,
    };
    Ok(Some((signed_in, row.signed_in_at)))
}

fn role_on(row: &RoleRow) -> RoleOn {
    let body = row.body.map(|id| {
        let kind = row.body_kind.as_deref().unwrap_or_default();
        named_body(id, kind, row.body_name.as_deref().unwrap_or_default())
    });
    RoleOn { role: row.role, body }
}

/// The personas of a demonstration.
async fn personas(ctx: &mut RequestContext<'_>) -> Result<Vec<Persona>, Problem> {
    let people = ctx.tx.personas().await?;
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let roles = ctx.tx.roles_of_personas(ctx.now).await?;
    let mut personas = Vec::new();
    for person in people {
        let Some(row) = roles.iter().find(|row| row.person == person.id) else {
            continue;
        };
        let on = role_on(row);
        personas.push(Persona { person: person.id, name: person.name, role: on.role, body: on.body });
    }
    Ok(personas)
}
