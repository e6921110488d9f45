//! Requests as they are read: the body's list, the operator's queue, the detail.

use std::collections::{BTreeMap, BTreeSet};

use model::access::Permission;
use model::api::bodies::StateCount;
use model::api::people::PersonRef;
use model::api::requests::{
    Cursor, Due, ListRequests, MilestoneView, PageOfQueue, Queue, ReadQueue, ReadRequest, RequestLink,
    RequestList, RequestRow, RequestView, Step, Whose,
};
use model::api::{ApiError, Problem};
use model::calendar::{Day, working_days_between};
use model::catalogue::{Milestone, MilestoneBy};
use model::ids::{BodyId, RequestId};
use model::people::Role;
use model::requests::{Actor, Event, State, possible_events};
use model::spelling::{folded, is_found};

use crate::baskets::body_in_call::{body, body_ref, body_title, counted, named_body};
use crate::context::{Handler, RequestContext};
use crate::requests::removal::{archived_calls, preview};
use crate::requests::request_in_call::{RequestInCall, load};
use crate::requests::review::actor_of_body;
use store::{
    Catalogue, MilestoneRow, QueueBodyRow, QueueFilter, QueueRow, StepRow, StoreResult, submission_number,
};

pub mod news;
pub mod removal;
pub mod request_in_call;
pub mod review;

/// Requests on one page of the operator's list.
const PAGE: u32 = 20;

impl Handler for ListRequests {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<RequestList, Problem> {
        let body = body(ctx.tx, self.body).await?;
        let catalogue = ctx.tx.catalogue().await?;
        let rows = ctx.tx.named_requests_of(self.body, ctx.now).await?;
        let states: Vec<_> = rows.iter().map(|row| row.request.state).collect();
        let mut requests = Vec::with_capacity(rows.len());
        for (row, state) in rows.iter().zip(&states) {
            if self.state.is_none_or(|wanted| wanted == *state) {
                requests.push(listed(ctx, &catalogue, row));
            }
        }
        Ok(RequestList { body: body_ref(&body), counts: counted(states.into_iter()), requests })
    }
}

impl Handler for ReadQueue {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Queue, Problem> {
        let submission = submission_numbered(&self.search);
        let sought = if submission.is_some() { "" } else { &self.search };
        let filter = QueueFilter {
            submission,
            now: ctx.now,
            state: self.state,
            operator: ctx.caller.person().filter(|_| self.whose == Whose::Mine),
            nobodys: self.whose == Whose::Nobodys,
            service: self.service,
            bodies: bodies_found(ctx, sought).await?,
        };
        let tally = ctx.tx.queue_tally(&filter, self.page, ctx.today()).await?;
        let (mut counts, mut overdue, mut before) = (BTreeMap::<State, u32>::new(), 0, 0);
        for row in &tally {
            let state = row.state;
            if row.listed() == 0 || filter.service.as_ref().is_some_and(|only| *only != row.service) {
                continue;
            }
            *counts.entry(state).or_default() += row.listed();
            if filter.state.is_none_or(|only| only == state) {
                overdue += row.overdue();
                before += row.before();
            }
        }
        let total: u32 = match filter.state {
            Some(only) => counts.get(&only).copied().unwrap_or_default(),
            None => counts.values().sum(),
        };
        let (rows, skipped) = page_of(ctx, &filter, self.page, (before, total)).await?;
        let catalogue = ctx.tx.catalogue().await?;
        let requests = rows.iter().map(|row| listed(ctx, &catalogue, row)).collect();
        let services: BTreeSet<_> = tally.iter().map(|row| row.service.clone()).collect();
        let mut services: Vec<_> = services.iter().map(|code| catalogue.reference(code)).collect();
        services.sort_by(|a, b| a.name.cmp(&b.name));
        let more = (skipped as usize + rows.len()) < total as usize;
        Ok(Queue {
            first: skipped + 1,
            previous: rows.first().filter(|_| skipped > 0).map(|row| PageOfQueue::Before(turn(row))),
            next: rows.last().filter(|_| more).map(|row| PageOfQueue::After(turn(row))),
            counts: counts.into_iter().map(|(state, count)| StateCount { state, count }).collect(),
            requests,
            total,
            overdue,
            services,
            caller: ctx.caller.person(),
        })
    }
}

/// The requests of a page, and how many of all go before them. `before` are as many as go before what follows a place,
/// or before the place that a page goes before.
///
/// A page that goes before a place is never shorter than others: it is the first one then. Where nothing follows a place
/// the last ones are shown.
async fn page_of(
    ctx: &mut RequestContext<'_>,
    filter: &QueueFilter,
    page: Option<PageOfQueue>,
    (before, total): (u32, u32),
) -> StoreResult<(Vec<QueueRow>, u32)> {
    let (beside, backwards, upto) = match page {
        Some(PageOfQueue::Before(turn)) if before >= PAGE => (Some(turn), true, before),
        Some(PageOfQueue::After(turn)) if before < total => (Some(turn), false, before),
        Some(PageOfQueue::After(_)) => (None, true, total),
        _ => (None, false, 0),
    };
    let rows = ctx.tx.queue(filter, (beside, backwards), i64::from(PAGE)).await?;
    let here = u32::try_from(rows.len()).unwrap_or(PAGE);
    Ok((rows, if backwards { upto.saturating_sub(here) } else { upto }))
}

/// Where a request stands in the operator's list.
fn turn(row: &QueueRow) -> Cursor {
    let request = &row.request;
    // Whatever is to be worked has a due date.
    Cursor { stopped: request.stopped_on.is_some(), due: request.due.unwrap_or(Day(0)), id: request.id }
}

impl Handler for ReadRequest {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<RequestView, Problem> {
        view(ctx, self.request).await
    }
}

/// The bodies with something to be worked that are found by this; none where all are meant.
async fn bodies_found(ctx: &mut RequestContext<'_>, sought: &str) -> StoreResult<Option<Vec<BodyId>>> {
    if folded(sought).is_empty() {
        return Ok(None);
    }
    let bodies = ctx.tx.queue_bodies().await?;
    let is_found = |row: &QueueBodyRow| {
        let title = body_title(&row.kind, &row.name);
        is_found(sought, [title.as_str(), &row.other_name, &row.istat, &row.cadastral])
    };
    Ok(Some(bodies.iter().filter(|row| is_found(row)).map(|row| row.id).collect()))
}

/// Year and number, where somebody looks for the number of a submission: `2026/000123`, `2026/123`.
fn submission_numbered(sought: &str) -> Option<(i64, i64)> {
    let (year, number) = sought.trim().split_once('/')?;
    Some((year.trim().parse().ok()?, number.trim().parse().ok()?))
}

/// Who may work on requests: operators and administrators, each once.
pub async fn operators(ctx: &mut RequestContext<'_>) -> StoreResult<Vec<PersonRef>> {
    ctx.tx.workers(ctx.now).await
}

/// By when something is due on a request.
pub fn due(row: &store::RequestRecord, today: Day) -> Option<Due> {
    row.due.map(|due| {
        let days = working_days_between(today, due);
        Due {
            day: due,
            late: today > due,
            days_left: u32::try_from(days).unwrap_or(0),
            days_late: u32::try_from(-days).unwrap_or(0),
            stopped: row.stopped_on.is_some(),
        }
    })
}

/// A request as lists show it.
fn listed(ctx: &RequestContext<'_>, catalogue: &Catalogue, named: &QueueRow) -> RequestRow {
    let row = &named.request;
    RequestRow {
        id: row.id,
        version: row.version,
        body: named_body(row.body, &named.body_kind, &named.body_name),
        service: catalogue.reference(&row.service),
        state: row.state,
        origin: row.origin,
        price: row.price,
        arrived: row.arrived_at,
        due: due(row, ctx.today()),
        owner: named.owner(),
        submission_number: submission_number(named.year, named.number),
        reminded: row.reminded_on.is_some_and(|day| day >= row.changed_at.day_in_rome()),
    }
}

/// A request as its page shows it, to the caller.
pub async fn view(ctx: &mut RequestContext<'_>, id: RequestId) -> Result<RequestView, Problem> {
    let named = ctx.tx.named_request(id, ctx.now).await?.ok_or(ApiError::NotFound)?;
    let milestones = ctx.tx.milestones(id).await?;
    let steps = ctx.tx.steps(id).await?;
    let operators = operators(ctx).await?;
    let request = load(ctx, named.request.clone()).await?;
    let timeline: Vec<_> = steps.iter().map(|step| shown(&request.body_in_call.catalogue, step)).collect();
    let submission = request.body_in_call.submissions.iter().find(|row| row.id == named.request.submission);
    let asked = timeline.iter().find(|step| step.event == Event::AskChanges).map(|step| step.note.clone());
    let suggested = request.body_in_call.catalogue.services.get(&named.request.service);
    let works =
        model::access::may(&ctx.caller, Permission::WorkRequest, Some(request.body_in_call.body.id)).is_ok();
    let aggregator = ctx.tx.profile().await?.name;
    let allowed_events = allowed_events_of(ctx, &request, &milestones, named.owner().is_some());
    let archived = archived_calls(ctx, &request).await?;
    let removals = allowed_events.iter().filter(|event| event.takes_away()).map(|event| {
        let withdraws = *event == Event::Withdraw;
        let actor = if withdraws { actor_of_body(ctx, named.request.body) } else { Actor::Aggregator };
        preview(&request, *event, actor, &operators, &archived)
    });
    Ok(RequestView {
        aggregator,
        row: listed(ctx, &request.body_in_call.catalogue, &named),
        submission: named.request.submission,
        reason: submission.map(|row| row.reason.clone()).unwrap_or_default(),
        contact: submission.map(|row| row.contact.clone()).unwrap_or_default(),
        asked: asked.filter(|_| request.state == State::NeedsChanges),
        removals: removals.collect(),
        allowed_events,
        pending: if request.state.under_review() { request.pending() } else { Vec::new() },
        suggested_milestones: suggested
            .filter(|_| milestones.is_empty() && request.state.in_progress())
            .map(|service| service.milestones.clone())
            .unwrap_or_default(),
        milestones: milestones.iter().map(milestone_view).collect(),
        operators: if works { operators } else { Vec::new() },
        caller: ctx.caller.person().filter(|_| works),
        former_owner: named.former_owner().filter(|_| works),
        timeline,
    })
}

/// A line of the timeline as it is read.
pub fn shown(catalogue: &Catalogue, step: &StepRow) -> Step {
    let link = |(request, service)| RequestLink { request, service: catalogue.reference(&service) };
    Step {
        event: step.event,
        state: step.state,
        at: step.at,
        by: step.actor_name.clone(),
        note: step.note.clone(),
        along_with: step.along_with().map(link),
    }
}

fn milestone_view(row: &MilestoneRow) -> MilestoneView {
    let by = if row.by_body { MilestoneBy::Body } else { MilestoneBy::Aggregator };
    MilestoneView {
        milestone: Milestone { title: row.title.clone(), by },
        done_at: row.done_at,
        done_by: row.done_by_name.clone(),
    }
}

/// What the caller may do now.
fn allowed_events_of(
    ctx: &RequestContext<'_>,
    request: &RequestInCall,
    milestones: &[MilestoneRow],
    owned: bool,
) -> Vec<Event> {
    let body = Some(request.body_in_call.body.id);
    let mut actors = Vec::new();
    if model::access::may(&ctx.caller, Permission::WorkRequest, body).is_ok() {
        actors.push(Actor::Aggregator);
    }
    if ctx.caller.holds(Role::Officer, body) {
        actors.push(Actor::Officer);
    }
    if ctx.caller.holds(Role::Mayor, body) {
        actors.push(Actor::Mayor);
    }
    let open = open_milestones(milestones);
    let pending = request.pending();
    possible_events(request.state, &actors, &request.circumstances(&open, &pending, owned, ctx.today()))
}

/// Of each milestone that is not done: whether the body has to do it.
pub fn open_milestones(milestones: &[MilestoneRow]) -> Vec<bool> {
    milestones.iter().filter(|milestone| milestone.done_at.is_none()).map(|open| open.by_body).collect()
}
