//! Sending a basket: numbers, requests and entries in one transaction; and undoing it whole before it is authorised.

use model::api::submissions::{LineKind, SubmissionState};
use model::api::{ApiError, Problem};
use model::basket::{Choice, Plan};
use model::calendar::add_working_days;
use model::credits::{Credits, EntryKind};
use model::ids::{PersonId, RequestId, ServiceCode, SubmissionId};
use model::ledger::Entry;
use model::requests::{Event, Origin, State};

use crate::baskets::body_in_call::BodyInCall;
use crate::context::RequestContext;
use store::{AccountRow, Catalogue, HoldRow, NewLine, NewStep, RequestRecord, StoreResult, SubmissionRow};

/// What accompanies a basket that is sent.
#[derive(Clone, Debug, Default)]
pub struct Covering {
    pub reason: String,
    pub contact: String,
    pub protocol: String,
}

/// Sends a plan: one submission, its requests, its entries (renounce, then hold), which move the account of the body.
/// Where nobody must authorise it is authorised at once, and only what is pledged there is told no more. [`number`] must
/// follow.
pub async fn send(
    ctx: &mut RequestContext<'_>,
    body_in_call: &mut BodyInCall,
    plan: &Plan,
    covering: &Covering,
    needs_authorisation: bool,
) -> Result<SubmissionId, Problem> {
    let account = body_in_call.assigned()?;
    let year = i64::from(ctx.today().ymd().0);
    let submission = ctx
        .tx
        .add_submission(
            body_in_call.call_id(),
            body_in_call.body.id,
            (year, account.id),
            (covering.protocol.trim(), covering.reason.trim(), covering.contact.trim()),
            SubmissionState::AwaitingAuthorisation,
            ctx.actor(),
            ctx.now,
        )
        .await?;
    let asked: Vec<_> = plan
        .keeps
        .iter()
        .map(|service| (service, Origin::Package, 0))
        .chain(plan.adds.iter().map(|(service, price)| (service, Origin::Added, *price)))
        .collect();
    let state = State::AwaitingAuthorisation;
    let place = (body_in_call.call_id(), body_in_call.body.id, submission);
    let requests = ctx.tx.add_requests(place, &asked, state, ctx.now).await?;
    let steps: Vec<_> = requests.iter().map(|request| (*request, state)).collect();
    ctx.tx.add_steps(&steps, step(ctx, Event::Submit, ctx.actor(), "")).await?;
    let lines = lines(plan, &asked, &requests);
    ctx.tx.add_submission_lines(submission, &lines).await?;
    let entries: Vec<_> = lines.iter().filter_map(|line| entry(ctx, account, submission, line)).collect();
    body_in_call.moved(ctx.tx.add_entries(&entries).await??);
    if !needs_authorisation {
        let row = ctx.tx.submission(submission).await?.ok_or(ApiError::Internal)?;
        authorise(ctx, &row, &body_in_call.catalogue, None).await?;
    }
    Ok(submission)
}

/// Numbers what was sent, when nothing else is left to do: who sends at the same time waits for a number until this is
/// stored.
pub async fn number(ctx: &mut RequestContext<'_>, submission: SubmissionId) -> StoreResult<String> {
    let year = i64::from(ctx.today().ymd().0);
    ctx.tx.number_submission(submission, year).await
}

/// The lines of a submission: what is renounced, then a line for each request.
fn lines<'l>(
    plan: &'l Plan,
    asked: &[(&'l ServiceCode, Origin, Credits)],
    requests: &[RequestId],
) -> Vec<NewLine<'l>> {
    let drops = plan.drops.iter().map(|(service, value)| NewLine {
        kind: LineKind::Drop,
        service,
        credits: *value,
        request: None,
    });
    let requested = asked.iter().zip(requests).map(|((service, origin, price), request)| NewLine {
        kind: if *origin == Origin::Package { LineKind::Keep } else { LineKind::Add },
        service,
        credits: *price,
        request: Some(*request),
    });
    drops.chain(requested).collect()
}

/// What a line does to the account; nothing where it costs nothing.
fn entry(
    ctx: &RequestContext<'_>,
    account: &AccountRow,
    submission: SubmissionId,
    line: &NewLine<'_>,
) -> Option<Entry> {
    (line.credits > 0).then(|| Entry {
        account: account.id,
        kind: if line.kind == LineKind::Drop { EntryKind::Renounce } else { EntryKind::Hold },
        amount: line.credits,
        at: ctx.now,
        actor: ctx.caller.person(),
        reason: String::new(),
        service: Some(line.service.clone()),
        request: line.request,
        submission: Some(submission),
        settles: None,
    })
}

/// Authorises a submission that waits: drops are final, kept items are approved, added services begin their review.
/// `by` is the mayor; none where nobody must authorise.
pub async fn authorise(
    ctx: &mut RequestContext<'_>,
    submission: &SubmissionRow,
    catalogue: &Catalogue,
    by: Option<PersonId>,
) -> Result<(), Problem> {
    settle(ctx, submission, SubmissionState::Authorised, by, "").await?;
    let today = ctx.today();
    let mut changed = Vec::new();
    for mut row in ctx.tx.requests_of_submission(submission.id).await? {
        let (state, _) = model::requests::transition(
            row.state,
            Event::Authorise,
            model::requests::Actor::Mayor,
            row.origin,
        )?;
        let days = catalogue.services.get(&row.service).map_or(30, |service| {
            if state == State::Approved { service.activation_days } else { service.review_days }
        });
        row.due = Some(add_working_days(today, days));
        changed.push((row, state));
    }
    save(ctx, changed, step(ctx, Event::Authorise, by, "")).await?;
    let (call, body) = (submission.call, submission.body);
    ctx.tx.settle_pledge(call, body).await?;
    // What was chosen is on its way: the basket begins anew.
    ctx.tx.save_choice(call, body, &Choice::default(), ctx.now).await?;
    Ok(())
}

/// Undoes a submission that waits, whole: holds are released, then what was renounced is reinstated. The basket
/// stays as it was, and is open again. Answers with the account, if it moved.
pub async fn undo(
    ctx: &mut RequestContext<'_>,
    submission: &SubmissionRow,
    (event, state): (Event, SubmissionState),
    by: Option<PersonId>,
    reason: &str,
) -> Result<Option<AccountRow>, Problem> {
    settle(ctx, submission, state, by, reason).await?;
    let id = submission.id;
    let to = match state {
        SubmissionState::SentBack => State::SentBack,
        SubmissionState::Lapsed => State::Lapsed,
        _ => State::Withdrawn,
    };
    let rows = ctx.tx.requests_of_submission(id).await?;
    save(ctx, rows.into_iter().map(|row| (row, to)).collect(), step(ctx, event, by, reason)).await?;
    let mut entries = Vec::new();
    for hold in ctx.tx.open_entries(id).await? {
        let closes = if hold.kind == EntryKind::Hold { EntryKind::Release } else { EntryKind::Reinstate };
        entries.push(settling(ctx, &hold, closes, Some(id), by, reason));
    }
    Ok(ctx.tx.add_entries(&entries).await??)
}

async fn settle(
    ctx: &mut RequestContext<'_>,
    submission: &SubmissionRow,
    state: SubmissionState,
    by: Option<PersonId>,
    reason: &str,
) -> Result<(), Problem> {
    let id = submission.id;
    if ctx.tx.settle_submission(id, state, by, ctx.now, reason).await? {
        return Ok(());
    }
    // Somebody was quicker.
    Err(ApiError::Conflict { changes: Vec::new(), state: None }.into())
}

/// The entry that resolves a hold, for exactly its amount.
pub fn settling(
    ctx: &RequestContext<'_>,
    hold: &HoldRow,
    kind: EntryKind,
    submission: Option<SubmissionId>,
    actor: Option<PersonId>,
    reason: &str,
) -> Entry {
    Entry {
        account: hold.account,
        kind,
        amount: hold.amount,
        at: ctx.now,
        actor,
        reason: reason.to_owned(),
        service: hold.service.clone(),
        request: hold.request,
        submission,
        settles: Some(hold.id),
    }
}

/// A line of the timeline, of what happens now.
pub fn step<'n>(
    ctx: &RequestContext<'_>,
    event: Event,
    actor: Option<PersonId>,
    note: &'n str,
) -> NewStep<'n> {
    NewStep { event, actor, note, along_with: None, at: ctx.now }
}

/// Saves requests, each in its new state, with a line of their timelines. Who has one of them is told of what somebody
/// else did.
///
/// # Errors
/// `conflict` when somebody changed one since it was read.
pub async fn save(
    ctx: &mut RequestContext<'_>,
    mut changed: Vec<(RequestRecord, State)>,
    step: NewStep<'_>,
) -> Result<(), Problem> {
    for (row, state) in &mut changed {
        if !state.in_progress() {
            (row.due, row.stopped_on) = (None, None);
        }
    }
    let saved = ctx.tx.save_requests(&changed, step.at).await?;
    if saved != changed.len() as u64 {
        let state = changed.first().map(|(row, _)| row.state);
        return Err(ApiError::Conflict { changes: Vec::new(), state }.into());
    }
    let steps: Vec<_> = changed.iter().map(|(row, state)| (row.id, *state)).collect();
    ctx.tx.add_steps(&steps, step).await?;
    let other = |row: &RequestRecord| row.operator.filter(|operator| Some(*operator) != step.actor);
    let news: Vec<_> = changed.iter().filter_map(|(row, _)| Some((other(row)?, row.id))).collect();
    ctx.tx.add_news(&news).await?;
    Ok(())
}
