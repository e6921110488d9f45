//! What the clock does: calls close, submissions that nobody authorised lapse, silence keeps the package.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use model::access::Permission;
use model::api::Problem;
use model::api::security::EventKind;
use model::api::submissions::SubmissionState;
use model::basket::Choice;
use model::calendar::Instant;
use model::calls::{CallStatus, authorisation_ends};
use model::ids::BodyId;
use model::refusals::Refusal;
use model::requests::Event;

use crate::baskets::body_in_call::{BodyInCall, body};
use crate::context::{CallerContext, Identity, RequestContext};
use crate::security_log::CLOCK;
use crate::submissions::sending::{Covering, number, send, undo};
use model::api::calls::Call;
use model::clock::doubt;
use store::{NewEvent, Transaction, UnitOfWork};

/// One beat of the clock, for one aggregator.
#[derive(Clone)]
pub struct Tick {
    pub now: Instant,
}

/// What a beat did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TickOutcome {
    pub closed: u32,
    pub lapsed: u32,
    pub kept: u32,
}

impl UnitOfWork for Tick {
    type Answer = TickOutcome;
    /// It concerns every body.
    const EXCLUSIVE: bool = true;

    async fn run(self, tx: &mut Transaction) -> Result<TickOutcome, Problem> {
        let mut ctx = CallerContext::open(tx, &Identity::System, self.now)
            .await?
            .authorize(Permission::ActInTime, None)?;
        refuse_doubt(&mut ctx).await?;
        let outcome = beat(&mut ctx).await?;
        if outcome != TickOutcome::default() {
            let credits = ctx.tx.moved();
            let kind = if credits > 0 { EventKind::Credits } else { EventKind::Done };
            let source = CLOCK.to_owned();
            let event = NewEvent { source, credits, ..NewEvent::done("Beat", kind, self.now) };
            ctx.tx.add_events(&[event]).await?;
        }
        Ok(outcome)
    }
}

/// What a beat would do at this instant, even if the clock is in doubt: it is done, reported, and rolled back.
#[derive(Clone)]
pub struct Rehearsal {
    pub now: Instant,
    pub outcome: Arc<OnceLock<TickOutcome>>,
}

impl UnitOfWork for Rehearsal {
    type Answer = ();
    const EXCLUSIVE: bool = true;

    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        let mut ctx = CallerContext::open(tx, &Identity::System, self.now)
            .await?
            .authorize(Permission::ActInTime, None)?;
        let outcome = beat(&mut ctx).await?;
        let _ = self.outcome.set(outcome);
        // What is refused is rolled back.
        Err(Refusal::ClockInDoubt.into())
    }
}

/// Refuses to decide by a clock that may be wrong.
///
/// # Errors
/// That an operator must confirm the time first.
pub async fn refuse_doubt(ctx: &mut RequestContext<'_>) -> Result<(), Problem> {
    match doubt(ctx.now, ctx.tx.clock_noted().await?) {
        Some(_) => Err(Refusal::ClockInDoubt.into()),
        None => Ok(()),
    }
}

async fn beat(ctx: &mut RequestContext<'_>) -> Result<TickOutcome, Problem> {
    let mut outcome = TickOutcome::default();
    for row in ctx.tx.calls_in_time().await? {
        let mut call = row.call()?;
        if call.status == CallStatus::Open && call.closes <= ctx.now {
            ctx.tx.set_call(call.id, CallStatus::Closed, call.closes).await?;
            call.status = CallStatus::Closed;
            outcome.closed += 1;
        }
        let (lapsed, kept) = settle_call(ctx, &call).await?;
        outcome.lapsed += lapsed;
        outcome.kept += kept;
    }
    Ok(outcome)
}

/// Lapses and keeps what is due in a call; answers how many of each.
pub async fn settle_call(ctx: &mut RequestContext<'_>, call: &Call) -> Result<(u32, u32), Problem> {
    // No body has less time than the call gives.
    if ctx.now < call.closes {
        return Ok((0, 0));
    }
    let extensions = ctx.tx.extensions(call.id).await?;
    let later: BTreeMap<BodyId, Instant> = extensions.into_iter().map(|row| (row.body, row.until)).collect();
    let closes = |body: BodyId| later.get(&body).map_or(call.closes, |later| call.closes.max(*later));
    let mut lapsed = 0;
    for row in ctx.tx.waiting_submissions(call.id).await? {
        if authorisation_ends(closes(row.body)) < ctx.now {
            undo(ctx, &row, (Event::Lapse, SubmissionState::Lapsed), None, "").await?;
            lapsed += 1;
        }
    }
    let mut kept = 0;
    for id in ctx.tx.silent_bodies(call.id).await? {
        if closes(id) <= ctx.now && keep_package(ctx, call, id).await? {
            kept += 1;
        }
    }
    Ok((lapsed, kept))
}

/// The package is sent unchanged: cost 0, no authorisation; what was to be added stays a draft. Of a body that
/// does not take part any more nothing is sent, and the others' time goes on.
async fn keep_package(ctx: &mut RequestContext<'_>, call: &Call, id: BodyId) -> Result<bool, Problem> {
    let body = body(ctx.tx, id).await?;
    let mut body_in_call = BodyInCall::of(ctx.tx, body, call.clone(), ctx.now).await?;
    let plan = body_in_call.situation()?.unchecked_plan(&Choice::default());
    if body_in_call.assigned().is_err() {
        return Ok(false);
    }
    let sent = send(ctx, &mut body_in_call, &plan, &Covering::default(), false).await?;
    number(ctx, sent).await?;
    let added = std::mem::take(&mut body_in_call.choice.added);
    if !added.is_empty() {
        // It can be sent if the body gets more time. What was to be dropped is kept now.
        let unsent = Choice { added, ..Choice::default() };
        ctx.tx.save_choice(call.id, id, &unsent, ctx.now).await?;
    }
    Ok(true)
}
