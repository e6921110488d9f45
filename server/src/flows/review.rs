//! The deeds on a request, each a line of the model's table; and what is taken away along with another.

use std::collections::BTreeSet;

use model::access::{Deed, may};
use model::api::request::{
    AnswerRequest, Approve, AskChanges, Cancel, CompleteMilestone, EndService, GoLive, Reassign, Reject,
    RemindRequest, RequestView, Revoke, Start, TakeInCharge, WithdrawRequest,
};
use model::api::{Fault, FaultKind, Operation, Problem};
use model::calendar::add_working_days;
use model::calls::Setback;
use model::catalogue::MilestoneBy;
use model::ids::{BodyId, CallId};
use model::people::Role;
use model::refusals::Refusal;
use model::requests::{Event, Hand, State, transition};

use super::case::{Case, dependants};
use super::folder::Folder;
use super::{requests, submissions};
use crate::desk::{Desk, Flow};
use crate::store::{RequestRow, Stored};

/// Ends a request, alone or with what needs it.
async fn take_away(
    desk: &mut Desk<'_>,
    case: &mut Case,
    (event, hand): (Event, Hand),
    reason: &str,
    take_along: bool,
) -> Result<(), Problem> {
    // Refuse what the table does not know before speaking of others.
    transition(case.state, event, hand, case.row.origin()?)?;
    let others: Vec<_> = with_dependants(&case.folder, &case.row).into_iter().cloned().collect();
    let stay = staying(&others, hand, take_along)?;
    if !stay.is_empty() {
        let services = stay.iter().map(|row| case.folder.catalogue.reference(&row.service())).collect();
        return Err(Refusal::HasDependants { services }.into());
    }
    let mut gone = vec![case.row.service()];
    let mut given_time = BTreeSet::new();
    for row in others.into_iter().rev() {
        // Perhaps of another call: with its own account and its own closing instant.
        let mut other = super::case::case(desk, row).await?;
        let event = companion(hand, other.state);
        other.happen(desk, event, hand, reason).await?;
        give_time(desk, &other.folder, event, &mut given_time).await?;
        gone.push(other.row.service());
    }
    case.happen(desk, event, hand, reason).await?;
    if hand != Hand::Aggregator {
        keep_minimum(desk, case, &gone).await?;
    }
    give_time(desk, &case.folder, event, &mut given_time).await
}

/// How what needs a request goes along with it.
fn companion(hand: Hand, state: State) -> Event {
    match (hand, state.under_review()) {
        (Hand::Aggregator, true) => Event::Cancel,
        (Hand::Aggregator, false) => Event::Revoke,
        _ => Event::Withdraw,
    }
}

/// What a request can't go without: all that needs it, or what of it can't be taken along. A submission that waits
/// is one act of the body, from which nothing is taken.
fn staying(others: &[RequestRow], hand: Hand, take_along: bool) -> Stored<Vec<&RequestRow>> {
    let mut stay = Vec::new();
    for row in others {
        let state = row.state()?;
        let goes = transition(state, companion(hand, state), hand, row.origin()?).is_ok();
        if !take_along || !goes {
            stay.push(row);
        }
    }
    Ok(stay)
}

/// A rejection or cancellation late in a call gives the body its time back, once for each call.
async fn give_time(
    desk: &mut Desk<'_>,
    folder: &Folder,
    event: Event,
    given: &mut BTreeSet<CallId>,
) -> Result<(), Problem> {
    if matches!(event, Event::Reject | Event::Cancel) && given.insert(folder.call_id()) {
        submissions::extend(desk, folder, Setback::Refused).await?;
    }
    Ok(())
}

/// Everything on its way that needs this request, and what needs that: each before what needs it.
fn with_dependants<'f>(folder: &'f Folder, row: &RequestRow) -> Vec<&'f RequestRow> {
    let mut found: Vec<&RequestRow> = dependants(folder, row);
    let mut next = 0;
    while next < found.len() {
        for more in dependants(folder, found[next]) {
            if found.iter().all(|known| known.id != more.id) && more.id != row.id {
                found.push(more);
            }
        }
        next += 1;
    }
    found
}

/// A body may not withdraw below the minimum: judged on what is left, so that several at once count together.
async fn keep_minimum(
    desk: &mut Desk<'_>,
    case: &Case,
    gone: &[model::ids::ServiceCode],
) -> Result<(), Problem> {
    let folder = Folder::of(desk.work, case.folder.body.clone(), case.folder.call.clone(), desk.now).await?;
    let situation = folder.situation()?;
    for code in gone {
        situation.without(code)?;
    }
    Ok(())
}

/// In which quality the caller acts for the body.
fn hand_of_body(desk: &Desk<'_>, body: i64) -> Hand {
    if desk.caller.holds(Role::Officer, Some(BodyId(body))) { Hand::Officer } else { Hand::Mayor }
}

impl Flow for TakeInCharge {
    async fn run(self, desk: &mut Desk<'_>) -> Result<RequestView, Problem> {
        let mut case = Case::open(desk, self.request, self.version, Self::DEED).await?;
        case.row.operator = desk.actor();
        case.happen(desk, Event::TakeInCharge, Hand::Aggregator, "").await?;
        requests::view(desk, self.request).await
    }
}

impl Flow for AskChanges {
    async fn run(self, desk: &mut Desk<'_>) -> Result<RequestView, Problem> {
        let mut case = Case::open(desk, self.request, self.version, Self::DEED).await?;
        case.stop_clock(desk.today());
        case.happen(desk, Event::AskChanges, Hand::Aggregator, &self.message).await?;
        requests::view(desk, self.request).await
    }
}

impl Flow for AnswerRequest {
    async fn run(self, desk: &mut Desk<'_>) -> Result<RequestView, Problem> {
        let mut case = Case::open(desk, self.request, self.version, Self::DEED).await?;
        case.resume_clock(desk.today());
        case.happen(desk, Event::Answer, Hand::Officer, &self.message).await?;
        requests::view(desk, self.request).await
    }
}

impl Flow for Approve {
    async fn run(self, desk: &mut Desk<'_>) -> Result<RequestView, Problem> {
        let mut case = Case::open(desk, self.request, self.version, Self::DEED).await?;
        transition(case.state, Event::Approve, Hand::Aggregator, case.row.origin()?)?;
        if let Some(service) = case.pending().into_iter().next() {
            return Err(Refusal::PrerequisitePending { service }.into());
        }
        let days = case.days(|service| service.activation_days);
        case.row.due = Some(add_working_days(desk.today(), days).0);
        case.happen(desk, Event::Approve, Hand::Aggregator, &self.note).await?;
        requests::view(desk, self.request).await
    }
}

/// The four ways in which the aggregator takes a request away, and the body's one.
macro_rules! takes_away {
    ($($operation:ident by $event:ident, $hand:expr;)+) => { $(
        impl Flow for $operation {
            async fn run(self, desk: &mut Desk<'_>) -> Result<RequestView, Problem> {
                let mut case = Case::open(desk, self.request, self.version, Self::DEED).await?;
                let hand = $hand(desk, case.row.body);
                take_away(desk, &mut case, (Event::$event, hand), &self.reason, self.take_along).await?;
                requests::view(desk, self.request).await
            }
        }
    )+ };
}

takes_away! {
    Reject by Reject, |_: &Desk<'_>, _| Hand::Aggregator;
    Cancel by Cancel, |_: &Desk<'_>, _| Hand::Aggregator;
    Revoke by Revoke, |_: &Desk<'_>, _| Hand::Aggregator;
    EndService by End, |_: &Desk<'_>, _| Hand::Aggregator;
    WithdrawRequest by Withdraw, hand_of_body;
}

impl Flow for Start {
    async fn run(self, desk: &mut Desk<'_>) -> Result<RequestView, Problem> {
        let mut case = Case::open(desk, self.request, self.version, Self::DEED).await?;
        let service = case.folder.catalogue.services.get(&case.row.service());
        let milestones = service.map(|service| service.milestones.clone()).unwrap_or_default();
        transition(case.state, Event::Start, Hand::Aggregator, case.row.origin()?)?;
        desk.work.add_milestones(self.request, &milestones).await?;
        if milestones.first().is_some_and(|milestone| milestone.by == MilestoneBy::Body) {
            case.stop_clock(desk.today());
        }
        // What the body kept of its package comes here without a review: who starts it has it.
        case.row.operator = case.row.operator.or(desk.actor());
        case.happen(desk, Event::Start, Hand::Aggregator, &self.note).await?;
        requests::view(desk, self.request).await
    }
}

impl Flow for CompleteMilestone {
    async fn run(self, desk: &mut Desk<'_>) -> Result<RequestView, Problem> {
        let mut case = Case::open(desk, self.request, self.version, Self::DEED).await?;
        let aggregator = may(&desk.caller, Deed::WorkRequest, Some(case.folder.body.id)).is_ok();
        let hand = if aggregator { Hand::Aggregator } else { Hand::Officer };
        transition(case.state, Event::CompleteMilestone, hand, case.row.origin()?)?;
        let milestones = desk.work.milestones(self.request).await?;
        let mut open = milestones.iter().filter(|milestone| milestone.done_at.is_none());
        let Some(current) = open.next() else {
            return Err(
                Refusal::TransitionRefused { state: case.state, event: Event::CompleteMilestone }.into()
            );
        };
        if !aggregator && !current.by_body {
            return Err(Refusal::NotYourMilestone.into());
        }
        case.resume_clock(desk.today());
        if open.next().is_some_and(|next| next.by_body) {
            case.stop_clock(desk.today());
        }
        let by = desk.actor();
        desk.work.complete_milestone(self.request, current.position, by, desk.now.0).await?;
        let note = match self.note.trim() {
            "" => current.title.clone(),
            note => format!("{}. {note}", current.title),
        };
        case.happen(desk, Event::CompleteMilestone, hand, &note).await?;
        requests::view(desk, self.request).await
    }
}

impl Flow for GoLive {
    async fn run(self, desk: &mut Desk<'_>) -> Result<RequestView, Problem> {
        let mut case = Case::open(desk, self.request, self.version, Self::DEED).await?;
        transition(case.state, Event::GoLive, Hand::Aggregator, case.row.origin()?)?;
        let milestones = desk.work.milestones(self.request).await?;
        let left = milestones.iter().filter(|milestone| milestone.done_at.is_none()).count();
        if left > 0 {
            return Err(Refusal::MilestonesPending { left: u32::try_from(left).unwrap_or(u32::MAX) }.into());
        }
        case.happen(desk, Event::GoLive, Hand::Aggregator, &self.note).await?;
        requests::view(desk, self.request).await
    }
}

impl Flow for Reassign {
    async fn run(self, desk: &mut Desk<'_>) -> Result<RequestView, Problem> {
        let mut case = Case::open(desk, self.request, self.version, Self::DEED).await?;
        let operators = requests::operators(desk).await?;
        let Some(operator) = operators.into_iter().find(|person| person.id == self.operator) else {
            return Err(Problem::faulty(Fault::new("operator", FaultKind::Unknown)));
        };
        case.row.operator = Some(operator.id.0);
        case.happen(desk, Event::Reassign, Hand::Aggregator, &operator.name).await?;
        requests::view(desk, self.request).await
    }
}

impl Flow for RemindRequest {
    async fn run(self, desk: &mut Desk<'_>) -> Result<RequestView, Problem> {
        let mut case = Case::open(desk, self.request, self.version, Self::DEED).await?;
        let hand = hand_of_body(desk, case.row.body);
        transition(case.state, Event::Remind, hand, case.row.origin()?)?;
        let today = desk.today();
        requests::may_remind(&case.row, today)?;
        case.row.reminded_on = Some(today.0);
        case.happen(desk, Event::Remind, hand, &self.note).await?;
        requests::view(desk, self.request).await
    }
}
