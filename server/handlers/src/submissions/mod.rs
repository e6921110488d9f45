//! Submissions: sending the basket, the receipt, the mayor's yes or no, withdrawing it whole.

use model::access::Permission;
use model::api::submissions::{
    Authorise, Line, LineKind, ListSubmissions, ReadSubmission, SendBack, SubmissionBrief, SubmissionState,
    SubmissionView, Submissions, Submit, WithdrawSubmission,
};
use model::api::{ApiError, FieldError, FieldErrorKind, Problem};
use model::calendar::add_working_days;
use model::calls::{Setback, automatic_extension};
use model::credits::Credits;
use model::ids::SubmissionId;
use model::people::Role;
use model::refusals::Refusal;
use model::requests::{Event, State};
use model::seen::{Difference, differences, figures};

use crate::baskets::body_in_call::{BodyInCall, body, body_ref};
use crate::baskets::{current, line, lines};
use crate::context::{Handler, RequestContext};
use crate::submissions::sending::{Covering, authorise, number, send, undo};
use store::{AccountRow, Effect, SubmissionLineRow, SubmissionRow};

pub mod letter;
pub mod sending;

impl Handler for Submit {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<SubmissionView, Problem> {
        let mut body_in_call = current(ctx, self.body).await?;
        let account = body_in_call.assigned()?.account();
        refuse_other_than_seen(ctx, &body_in_call, &self).await?;
        let plan = body_in_call.situation()?.plan(&body_in_call.choice);
        let plan = plan.map_err(|mut objections| objections.swap_remove(0).refusal)?;
        let covering = Covering { reason: self.reason, contact: self.contact, protocol: self.protocol };
        if !plan.adds.is_empty() {
            needed(&covering)?;
        }
        let holds = plan.adds.iter().map(|(_, price)| price).sum();
        let needs_authorisation = body_in_call.call.terms.authorisation.needed(account, holds);
        let id = send(ctx, &mut body_in_call, &plan, &covering, needs_authorisation).await?;
        if needs_authorisation && ctx.delivers {
            let mayors = ctx.tx.holders_on(Role::Mayor, self.body, ctx.now).await?;
            ctx.tx.add_effects(&Effect::AuthorisationNeeded { submission: id }, &mayors, ctx.now).await?;
        }
        let receipt = view(ctx, body_in_call, id).await?;
        Ok(SubmissionView { number: number(ctx, id).await?, ..receipt })
    }
}

/// Refuses a basket, or a figure of it, that is not as the sender saw it, and names every change.
async fn refuse_other_than_seen(
    ctx: &mut RequestContext<'_>,
    body_in_call: &BodyInCall,
    submit: &Submit,
) -> Result<(), Problem> {
    let stale = body_in_call.version != submit.version;
    let situation = body_in_call.situation()?;
    if !stale && (situation.waiting || !situation.open) {
        // That is the one reason then: what was sent meanwhile has changed the figures too.
        return Ok(());
    }
    let high = situation.judge(&body_in_call.choice).high;
    let now = figures(&lines(body_in_call, &situation), situation.account.available(), Some(high));
    let mut changes = differences(&submit.seen, &now, &body_in_call.catalogue.services);
    if stale {
        // Other commands were given: they say which lines came and went.
        changes.retain(|change| !matches!(change, Difference::Lines { .. } | Difference::High { .. }));
        let steps = ctx.tx.basket_steps(body_in_call.call_id(), body_in_call.body.id, submit.version).await?;
        let named =
            |(change, code)| Difference::Basket { change, service: body_in_call.catalogue.reference(&code) };
        changes.splice(0..0, steps.into_iter().map(named));
    }
    if stale || !changes.is_empty() {
        return Err(ApiError::Conflict { changes, state: None }.into());
    }
    Ok(())
}

/// Additions carry a reason and a contact.
fn needed(covering: &Covering) -> Result<(), Problem> {
    let faults: Vec<_> = [("reason", &covering.reason), ("contact", &covering.contact)]
        .into_iter()
        .filter(|(_, text)| text.trim().is_empty())
        .map(|(field, _)| FieldError::new(field, FieldErrorKind::Missing))
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(ApiError::Faulty { faults }.into()) }
}

impl Handler for ReadSubmission {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<SubmissionView, Problem> {
        let row = found(ctx, self.submission).await?;
        let body_in_call = body_in_call_of(ctx, &row).await?;
        view(ctx, body_in_call, self.submission).await
    }
}

impl Handler for ListSubmissions {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Submissions, Problem> {
        let body = body(ctx.tx, self.body).await?;
        let rows = ctx.tx.submissions(self.body).await?;
        let lines = ctx.tx.lines_of_body(self.body).await?;
        let mut submissions = Vec::with_capacity(rows.len());
        for row in rows {
            let mut brief = SubmissionBrief {
                id: row.id,
                number: row.number(),
                state: row.state,
                submitted_at: row.submitted_at,
                added: 0,
                kept: 0,
                dropped: 0,
                held: 0,
            };
            for line in lines.iter().filter(|line| line.submission == row.id) {
                match line.kind {
                    LineKind::Add => (brief.added, brief.held) = (brief.added + 1, brief.held + line.credits),
                    LineKind::Keep => brief.kept += 1,
                    LineKind::Drop => brief.dropped += 1,
                }
            }
            submissions.push(brief);
        }
        Ok(Submissions { body: body_ref(&body), submissions })
    }
}

impl Handler for Authorise {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<SubmissionView, Problem> {
        let row = found(ctx, self.submission).await?;
        let body_in_call = waiting(ctx, &row, Event::Authorise).await?;
        if ctx.now > body_in_call.window.authorise_until {
            return Err(Refusal::AuthorisationExpired { until: body_in_call.window.authorise_until }.into());
        }
        let now = figures(
            &shown(&body_in_call, &ctx.tx.lines_of(self.submission).await?),
            available(&body_in_call),
            None,
        );
        let changes = differences(&self.seen, &now, &body_in_call.catalogue.services);
        if !changes.is_empty() {
            return Err(ApiError::Conflict { changes, state: None }.into());
        }
        let by = ctx.actor();
        authorise(ctx, &row, &body_in_call.catalogue, by).await?;
        view(ctx, body_in_call, self.submission).await
    }
}

impl Handler for SendBack {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<SubmissionView, Problem> {
        let row = found(ctx, self.submission).await?;
        let body_in_call = waiting(ctx, &row, Event::SendBack).await?;
        let by = ctx.actor();
        undo(ctx, &row, (Event::SendBack, SubmissionState::SentBack), by, self.reason.trim()).await?;
        extend(ctx, &body_in_call, Setback::SentBack).await?;
        let body_in_call = body_in_call.renewed(ctx.tx, ctx.now).await?;
        view(ctx, body_in_call, self.submission).await
    }
}

impl Handler for WithdrawSubmission {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<SubmissionView, Problem> {
        let row = found(ctx, self.submission).await?;
        let mut body_in_call = waiting(ctx, &row, Event::WithdrawSubmission).await?;
        let (by, as_what) = (ctx.actor(), (Event::WithdrawSubmission, SubmissionState::Withdrawn));
        body_in_call.moved(undo(ctx, &row, as_what, by, "").await?);
        view(ctx, body_in_call, self.submission).await
    }
}

/// A setback late in the call gives the body its time back by itself.
pub async fn extend(
    ctx: &mut RequestContext<'_>,
    body_in_call: &BodyInCall,
    setback: Setback,
) -> Result<(), Problem> {
    if let Some(until) = automatic_extension(body_in_call.window.closes, ctx.now, setback) {
        let (call, body) = (body_in_call.call_id(), body_in_call.body.id);
        ctx.tx.add_extension(call, body, until, "", None, ctx.now).await?;
    }
    Ok(())
}

async fn found(ctx: &mut RequestContext<'_>, id: SubmissionId) -> Result<SubmissionRow, Problem> {
    ctx.tx.submission(id).await?.ok_or_else(|| ApiError::NotFound.into())
}

/// The body of a submission that waits for its authorisation.
async fn waiting(
    ctx: &mut RequestContext<'_>,
    row: &SubmissionRow,
    event: Event,
) -> Result<BodyInCall, Problem> {
    let body_in_call = body_in_call_of(ctx, row).await?;
    // As the body_in_call has it: that was read when nobody else worked on this body any more.
    let read = body_in_call.submissions.iter().find(|read| read.id == row.id);
    let state = match read.ok_or(ApiError::Internal)?.state {
        SubmissionState::AwaitingAuthorisation => return Ok(body_in_call),
        SubmissionState::Authorised => State::Submitted,
        SubmissionState::SentBack => State::SentBack,
        SubmissionState::Lapsed => State::Lapsed,
        SubmissionState::Withdrawn => State::Withdrawn,
    };
    Err(Refusal::TransitionRefused { state, event }.into())
}

async fn body_in_call_of(ctx: &mut RequestContext<'_>, row: &SubmissionRow) -> Result<BodyInCall, Problem> {
    let body = body(ctx.tx, row.body).await?;
    let call = ctx.tx.call(row.call).await?.ok_or(ApiError::Internal)?.call()?;
    Ok(BodyInCall::of(ctx.tx, body, call, ctx.now).await?)
}

/// A submission as receipt and authorisation show it, beside its body in the call.
async fn view(
    ctx: &mut RequestContext<'_>,
    body_in_call: BodyInCall,
    id: SubmissionId,
) -> Result<SubmissionView, Problem> {
    let row = found(ctx, id).await?;
    let rows = ctx.tx.lines_of(id).await?;
    let lines = shown(&body_in_call, &rows);
    let sum = |kind| lines.iter().filter(|line| line.kind == kind).map(|line| line.credits).sum();
    let account = body_in_call.account.as_ref().map(AccountRow::account).unwrap_or_default();
    let state = row.state;
    let waits = state == SubmissionState::AwaitingAuthorisation;
    let (in_review, activating) = under_way(&rows);
    let may = |permission| waits && model::access::may(&ctx.caller, permission, Some(row.body)).is_ok();
    let (review_days, days_to_live) = days(&body_in_call, &lines);
    let followed = body_in_call.submissions.iter().any(|other| other.id > id);
    let counted_from = match state {
        SubmissionState::Authorised => row.settled_at,
        SubmissionState::AwaitingAuthorisation => Some(ctx.now),
        _ => None,
    };
    Ok(SubmissionView {
        id,
        number: row.number(),
        protocol: row.protocol.clone(),
        body: body_ref(&body_in_call.body),
        call_title: body_in_call.call.title.clone(),
        state,
        submitted_at: row.submitted_at,
        prepared_by: row.prepared_by_name.clone(),
        authorised_by: row.settled_by_name.clone(),
        settled_at: row.settled_at,
        sent_back_reason: row.sent_back_reason.clone(),
        reason: row.reason.clone(),
        contact: row.contact.clone(),
        held: sum(LineKind::Add),
        renounced: sum(LineKind::Drop),
        lines,
        available: account.available(),
        granted: account.granted,
        authorise_until: body_in_call.window.authorise_until,
        answer_by: counted_from
            .zip(review_days)
            .map(|(from, days)| add_working_days(from.day_in_rome(), days)),
        live_by: counted_from
            .zip(days_to_live)
            .map(|(from, days)| add_working_days(from.day_in_rome(), days)),
        in_review,
        activating,
        followed,
        may_authorise: may(Permission::Authorise) && ctx.now <= body_in_call.window.authorise_until,
        may_withdraw: may(Permission::WithdrawSubmission),
    })
}

/// How many requests of a submission wait for an answer, and how many for being live.
fn under_way(lines: &[SubmissionLineRow]) -> (u32, u32) {
    let (mut in_review, mut activating) = (0, 0);
    for line in lines {
        match line.state {
            Some(state) if state.under_review() => in_review += 1,
            Some(State::Approved | State::Activating) => activating += 1,
            _ => {}
        }
    }
    (in_review, activating)
}

/// Working days until the last answer on an addition, and until the last service is live: what is kept needs no
/// answer.
fn days(body_in_call: &BodyInCall, lines: &[Line]) -> (Option<u32>, Option<u32>) {
    let (mut review, mut live) = (None, None);
    for line in lines {
        let Some(service) = body_in_call.catalogue.services.get(&line.service.code) else {
            continue;
        };
        match line.kind {
            LineKind::Add => {
                review = review.max(Some(service.review_days));
                live = live.max(Some(service.review_days + service.activation_days));
            }
            LineKind::Keep => live = live.max(Some(service.activation_days)),
            LineKind::Drop => {}
        }
    }
    (review, live)
}

/// Credits available to the body.
fn available(body_in_call: &BodyInCall) -> Credits {
    body_in_call.account.as_ref().map(AccountRow::account).unwrap_or_default().available()
}

/// What a submission asks, as it is shown.
fn shown(body_in_call: &BodyInCall, rows: &[SubmissionLineRow]) -> Vec<Line> {
    let shown = |row: &SubmissionLineRow| {
        let line = line(&body_in_call.catalogue, row.kind, &row.service, row.credits);
        Line { request: row.request, ..line }
    };
    rows.iter().map(shown).collect()
}
