//! Requests as they are read: the body's list, the operator's queue, the detail.

use std::collections::{BTreeMap, BTreeSet};

use model::access::Deed;
use model::api::body::StateCount;
use model::api::people::PersonRef;
use model::api::request::{
    Due, ListRequests, MilestoneView, PageOfQueue, Queue, ReadQueue, ReadRequest, RequestLink, RequestList,
    RequestRow, RequestView, Step, Turn, Whose,
};
use model::api::{Problem, Trouble};
use model::calendar::{Day, Instant, working_days_between};
use model::catalogue::{Milestone, MilestoneBy};
use model::ids::{BodyId, PersonId, RequestId, SubmissionId};
use model::people::Role;
use model::refusals::Refusal;
use model::requests::{Event, Hand, State, deeds};
use model::spelling::folded;

use super::case::{Case, case};
use super::folder::{body, body_ref, counted, named_body};
use super::removal::{archived_calls, preview};
use super::review::hand_of_body;
use crate::desk::{Desk, Flow, absent};
use crate::store::{
    Catalogue, MilestoneRow, QueueFilter, QueueRow, StepRow, Stored, TallyRow, submission_number,
};

/// Requests on one page of the operator's list.
const PAGE: u32 = 20;

impl Flow for ListRequests {
    async fn run(self, desk: &mut Desk<'_>) -> Result<RequestList, Problem> {
        desk.allow(Deed::ListRequests, Some(self.body))?;
        let body = body(desk.work, self.body).await?;
        let catalogue = desk.work.catalogue().await?;
        let rows = desk.work.named_requests_of(self.body, desk.now.0).await?;
        let states = rows.iter().map(|row| row.request.state()).collect::<Stored<Vec<_>>>()?;
        let mut requests = Vec::with_capacity(rows.len());
        for (row, state) in rows.iter().zip(&states) {
            if self.state.is_none_or(|wanted| wanted == *state) {
                requests.push(listed(desk, &catalogue, row)?);
            }
        }
        Ok(RequestList { body: body_ref(&body), counts: counted(states.into_iter()), requests })
    }
}

impl Flow for ReadQueue {
    async fn run(self, desk: &mut Desk<'_>) -> Result<Queue, Problem> {
        desk.allow(Deed::ReadQueue, None)?;
        let filter = QueueFilter {
            now: desk.now.0,
            state: self.state,
            operator: desk.actor().filter(|_| self.whose == Whose::Mine),
            nobodys: self.whose == Whose::Nobodys,
            service: self.service,
            bodies: bodies_called(desk, &self.body_name).await?,
        };
        let tally = desk.work.queue_tally(&filter, self.page, desk.today()).await?;
        let (mut counts, mut overdue, mut before) = (BTreeMap::<State, u32>::new(), 0, 0);
        for row in &tally {
            let state = row.state()?;
            if row.listed() == 0 || filter.service.as_ref().is_some_and(|only| *only != row.service()) {
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
        let (rows, skipped) = page_of(desk, &filter, self.page, (before, total)).await?;
        let catalogue = desk.work.catalogue().await?;
        let requests =
            rows.iter().map(|row| listed(desk, &catalogue, row)).collect::<Result<Vec<_>, Problem>>()?;
        let services: BTreeSet<_> = tally.iter().map(TallyRow::service).collect();
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
            caller: desk.caller.person(),
        })
    }
}

/// The requests of a page, and how many of all go before them. `before` are as many as go before what follows a place,
/// or before the place that a page goes before.
///
/// A page that goes before a place is never shorter than others: it is the first one then. Where nothing follows a place
/// the last ones are shown.
async fn page_of(
    desk: &mut Desk<'_>,
    filter: &QueueFilter,
    page: Option<PageOfQueue>,
    (before, total): (u32, u32),
) -> Stored<(Vec<QueueRow>, u32)> {
    let (beside, backwards, upto) = match page {
        Some(PageOfQueue::Before(turn)) if before >= PAGE => (Some(turn), true, before),
        Some(PageOfQueue::After(turn)) if before < total => (Some(turn), false, before),
        Some(PageOfQueue::After(_)) => (None, true, total),
        _ => (None, false, 0),
    };
    let rows = desk.work.queue(filter, (beside, backwards), i64::from(PAGE)).await?;
    let here = u32::try_from(rows.len()).unwrap_or(PAGE);
    Ok((rows, if backwards { upto.saturating_sub(here) } else { upto }))
}

/// Where a request stands in the operator's list.
fn turn(row: &QueueRow) -> Turn {
    let request = &row.request;
    // Whatever is to be worked has a due date.
    Turn {
        stopped: request.stopped_on.is_some(),
        due: Day(request.due.unwrap_or_default()),
        id: request.id(),
    }
}

impl Flow for ReadRequest {
    async fn run(self, desk: &mut Desk<'_>) -> Result<RequestView, Problem> {
        let row = desk.work.request(self.request).await?.ok_or_else(|| absent(&desk.caller))?;
        desk.allow(Deed::ReadRequest, Some(BodyId(row.body)))?;
        view(desk, self.request).await
    }
}

/// The bodies with something to be worked whose names hold this; none where all are meant.
async fn bodies_called(desk: &mut Desk<'_>, part: &str) -> Stored<Option<Vec<i64>>> {
    let part = folded(part);
    if part.is_empty() {
        return Ok(None);
    }
    let bodies = desk.work.queue_bodies().await?;
    let called = bodies.into_iter().filter(|(_, name)| folded(name).contains(&part));
    Ok(Some(called.map(|(id, _)| id).collect()))
}

/// Who may work on requests: operators and administrators, each once.
pub async fn operators(desk: &mut Desk<'_>) -> Stored<Vec<PersonRef>> {
    let people = desk.work.workers(desk.now.0).await?;
    Ok(people.into_iter().map(|(id, name)| PersonRef { id: PersonId(id), name }).collect())
}

/// Reminding is for what is late, once a day.
pub fn may_remind(row: &crate::store::RequestRow, today: Day) -> Result<(), Refusal> {
    if let Some(due) = row.due.filter(|due| row.stopped_on.is_some() || today.0 <= *due) {
        return Err(Refusal::ReminderTooEarly { from: Day(due + 1) });
    }
    if row.reminded_on == Some(today.0) {
        return Err(Refusal::ReminderSentToday);
    }
    Ok(())
}

/// By when something is due on a request.
pub fn due(row: &crate::store::RequestRow, today: Day) -> Option<Due> {
    row.due.map(|due| Due {
        day: Day(due),
        days_left: working_days_between(today, Day(due)),
        stopped: row.stopped_on.is_some(),
    })
}

/// A request as lists show it.
fn listed(desk: &Desk<'_>, catalogue: &Catalogue, named: &QueueRow) -> Result<RequestRow, Problem> {
    let row = &named.request;
    Ok(RequestRow {
        id: row.id(),
        version: row.version,
        body: named_body(row.body, &named.body_kind, &named.body_name),
        service: catalogue.reference(&row.service()),
        state: row.state()?,
        origin: row.origin()?,
        price: row.price,
        arrived: Instant(row.arrived_at),
        due: due(row, desk.today()),
        owner: named.owner(),
        submission_number: submission_number(named.year, named.number),
        reminded: row.reminded_on.is_some_and(|day| day >= Instant(row.changed_at).day_in_rome().0),
    })
}

/// A request as its page shows it, to the caller.
pub async fn view(desk: &mut Desk<'_>, id: RequestId) -> Result<RequestView, Problem> {
    let named = desk.work.named_request(id, desk.now.0).await?.ok_or(Trouble::NotFound)?;
    let milestones = desk.work.milestones(id).await?;
    let steps = desk.work.steps(id).await?;
    let operators = operators(desk).await?;
    let case = case(desk, named.request.clone()).await?;
    let timeline =
        steps.iter().map(|step| shown(&case.folder.catalogue, step)).collect::<Stored<Vec<_>>>()?;
    let submission = case.folder.submissions.iter().find(|row| row.id == named.request.submission);
    let asked = timeline.iter().find(|step| step.event == Event::AskChanges).map(|step| step.note.clone());
    let suggested = case.folder.catalogue.services.get(&named.request.service());
    let works = model::access::may(&desk.caller, Deed::WorkRequest, Some(case.folder.body.id)).is_ok();
    let aggregator = desk.work.profile().await?.name;
    let deeds = deeds_of(desk, &case, &milestones, named.owner().is_some());
    let archived = archived_calls(desk, &case).await?;
    let removals = deeds.iter().filter(|event| event.takes_away()).map(|event| {
        let withdraws = *event == Event::Withdraw;
        let hand = if withdraws { hand_of_body(desk, named.request.body) } else { Hand::Aggregator };
        preview(&case, *event, hand, &operators, &archived)
    });
    Ok(RequestView {
        aggregator,
        row: listed(desk, &case.folder.catalogue, &named)?,
        submission: SubmissionId(named.request.submission),
        reason: submission.map(|row| row.reason.clone()).unwrap_or_default(),
        contact: submission.map(|row| row.contact.clone()).unwrap_or_default(),
        asked: asked.filter(|_| case.state == State::NeedsChanges),
        removals: removals.collect::<Stored<_>>()?,
        deeds,
        pending: if case.state.under_review() { case.pending() } else { Vec::new() },
        suggested_milestones: suggested
            .filter(|_| milestones.is_empty() && case.state.in_progress())
            .map(|service| service.milestones.clone())
            .unwrap_or_default(),
        milestones: milestones.iter().map(milestone_view).collect(),
        operators: if works { operators } else { Vec::new() },
        caller: desk.caller.person().filter(|_| works),
        former_owner: named.former_owner().filter(|_| works),
        timeline,
    })
}

/// A line of the timeline as it is read.
pub fn shown(catalogue: &Catalogue, step: &StepRow) -> Stored<Step> {
    let link = |(request, service)| RequestLink { request, service: catalogue.reference(&service) };
    Ok(Step {
        event: step.event()?,
        state: step.state()?,
        at: Instant(step.at),
        by: step.actor_name.clone(),
        note: step.note.clone(),
        along_with: step.along_with().map(link),
    })
}

fn milestone_view(row: &MilestoneRow) -> MilestoneView {
    let by = if row.by_body { MilestoneBy::Body } else { MilestoneBy::Aggregator };
    MilestoneView {
        milestone: Milestone { title: row.title.clone(), by },
        done_at: row.done_at.map(Instant),
        done_by: row.done_by_name.clone(),
    }
}

/// What the caller may do now: the model's table for each hand that the caller has, less what the flow would refuse.
fn deeds_of(desk: &Desk<'_>, case: &Case, milestones: &[MilestoneRow], owned: bool) -> Vec<Event> {
    let body = Some(case.folder.body.id);
    let mut hands = Vec::new();
    if model::access::may(&desk.caller, Deed::WorkRequest, body).is_ok() {
        hands.push(Hand::Aggregator);
    }
    if desk.caller.holds(Role::Officer, body) {
        hands.push(Hand::Officer);
    }
    if desk.caller.holds(Role::Mayor, body) {
        hands.push(Hand::Mayor);
    }
    let next = milestones.iter().find(|milestone| milestone.done_at.is_none());
    let mut events: Vec<Event> = Vec::new();
    for hand in hands {
        for event in deeds(case.state, hand) {
            let can = match event {
                // These concern the submission, whole.
                Event::Authorise | Event::SendBack | Event::Lapse | Event::WithdrawSubmission => false,
                Event::CompleteMilestone => next.is_some_and(|next| hand == Hand::Aggregator || next.by_body),
                Event::GoLive => next.is_none(),
                Event::Approve => case.pending().is_empty(),
                Event::Release => owned,
                Event::Remind => may_remind(&case.row, desk.today()).is_ok(),
                _ => true,
            };
            if can && !events.contains(&event) {
                events.push(event);
            }
        }
    }
    events
}
