//! The deeds on a request, each a line of the model's table.

use model::access::{Deed, may};
use model::api::request::{
    AnswerRequest, Approve, AskChanges, Cancel, CompleteMilestone, EndService, GoLive, Reassign, Reject,
    ReleaseRequest, RemindRequest, RequestView, Revoke, Start, TakeInCharge, WithdrawRequest,
};
use model::api::{Fault, FaultKind, Operation, Problem};
use model::calendar::add_working_days;
use model::catalogue::MilestoneBy;
use model::ids::BodyId;
use model::people::Role;
use model::refusals::Refusal;
use model::requests::{Event, Hand, transition};

use super::case::Case;
use super::removal::take_away;
use super::requests;
use crate::desk::{Desk, Flow};

/// In which quality the caller acts for the body.
pub fn hand_of_body(desk: &Desk<'_>, body: i64) -> Hand {
    if desk.caller.holds(Role::Officer, Some(BodyId(body))) { Hand::Officer } else { Hand::Mayor }
}

impl Flow for TakeInCharge {
    async fn run(self, desk: &mut Desk<'_>) -> Result<RequestView, Problem> {
        let mut case = Case::work(desk, self.request, self.version, self.owner).await?;
        case.row.operator = desk.actor();
        case.happen(desk, Event::TakeInCharge, Hand::Aggregator, "").await?;
        requests::view(desk, self.request).await
    }
}

impl Flow for AskChanges {
    async fn run(self, desk: &mut Desk<'_>) -> Result<RequestView, Problem> {
        let mut case = Case::work(desk, self.request, self.version, self.owner).await?;
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
        let mut case = Case::work(desk, self.request, self.version, self.owner).await?;
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

/// The four ways in which the aggregator takes a request away.
macro_rules! takes_away {
    ($($operation:ident by $event:ident;)+) => { $(
        impl Flow for $operation {
            async fn run(self, desk: &mut Desk<'_>) -> Result<RequestView, Problem> {
                let mut case = Case::work(desk, self.request, self.version, self.owner).await?;
                let along = self.take_along.then_some(&*self.seen);
                take_away(desk, &mut case, (Event::$event, Hand::Aggregator), &self.reason, along).await?;
                requests::view(desk, self.request).await
            }
        }
    )+ };
}

takes_away! {
    Reject by Reject;
    Cancel by Cancel;
    Revoke by Revoke;
    EndService by End;
}

/// The body's one.
impl Flow for WithdrawRequest {
    async fn run(self, desk: &mut Desk<'_>) -> Result<RequestView, Problem> {
        let mut case = Case::open(desk, self.request, self.version, Self::DEED).await?;
        let hand = hand_of_body(desk, case.row.body);
        let along = self.take_along.then_some(&*self.seen);
        take_away(desk, &mut case, (Event::Withdraw, hand), &self.reason, along).await?;
        requests::view(desk, self.request).await
    }
}

impl Flow for Start {
    async fn run(self, desk: &mut Desk<'_>) -> Result<RequestView, Problem> {
        let mut case = Case::work(desk, self.request, self.version, self.owner).await?;
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
        if aggregator {
            case.act_for(desk, self.owner).await?;
        }
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
        let mut case = Case::work(desk, self.request, self.version, self.owner).await?;
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
        let mut case = Case::work(desk, self.request, self.version, self.owner).await?;
        let operators = requests::operators(desk).await?;
        let Some(operator) = operators.into_iter().find(|person| person.id == self.operator) else {
            return Err(Problem::faulty(Fault::new("operator", FaultKind::Unknown)));
        };
        case.row.operator = Some(operator.id.0);
        case.happen(desk, Event::Reassign, Hand::Aggregator, &operator.name).await?;
        requests::view(desk, self.request).await
    }
}

impl Flow for ReleaseRequest {
    async fn run(self, desk: &mut Desk<'_>) -> Result<RequestView, Problem> {
        let mut case = Case::work(desk, self.request, self.version, self.owner).await?;
        transition(case.state, Event::Release, Hand::Aggregator, case.row.origin()?)?;
        if case.row.operator.take().is_none() {
            return Err(Refusal::Unassigned.into());
        }
        case.happen(desk, Event::Release, Hand::Aggregator, &self.note).await?;
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
