//! What a letter about a submission says, read when it is written.

use model::api::Problem;
use model::api::submissions::{LineKind, SubmissionState};
use model::calendar::Instant;
use model::credits::Credits;
use model::ids::{PersonId, SubmissionId};
use model::people::Role;

use crate::context::RequestContext;

/// To a mayor: a submission waits for the authorisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorisationLetter {
    pub name: String,
    pub address: String,
    /// *Comune di …*
    pub body: String,
    pub number: String,
    /// Who prepared it.
    pub prepared_by: String,
    /// Services added and kept.
    pub services: u32,
    pub credits: Credits,
    pub until: Instant,
}

impl AuthorisationLetter {
    /// None where it is out of date: the submission waits no more, or the person is not the mayor any more.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn read(
        ctx: &mut RequestContext<'_>,
        submission: SubmissionId,
        mayor: PersonId,
    ) -> Result<Option<Self>, Problem> {
        let Some(row) = ctx.tx.submission(submission).await? else { return Ok(None) };
        let in_call = super::body_in_call_of(ctx, &row).await?;
        let mayors = ctx.tx.holders_on(Role::Mayor, in_call.body.id, ctx.now).await?;
        let waits = row.state == SubmissionState::AwaitingAuthorisation;
        if !waits || !mayors.contains(&mayor) || ctx.now > in_call.window.authorise_until {
            return Ok(None);
        }
        let Some(person) = ctx.tx.person(mayor).await? else { return Ok(None) };
        let (mut services, mut credits) = (0, 0);
        for line in ctx.tx.lines_of(submission).await? {
            match line.kind {
                LineKind::Add => (services, credits) = (services + 1, credits + line.credits),
                LineKind::Keep => services += 1,
                LineKind::Drop => {}
            }
        }
        Ok(Some(Self {
            name: person.name,
            address: person.email,
            body: in_call.body.title(),
            number: row.number(),
            prepared_by: row.prepared_by_name.unwrap_or_default(),
            services,
            credits,
            until: in_call.window.authorise_until,
        }))
    }
}
