//! The events of a request, each a line of the model's table.

use model::access::{Permission, may};
use model::api::requests::{
    AnswerRequest, Approve, AskChanges, Cancel, CompleteMilestone, EndService, GoLive, Reassign, Reject,
    ReleaseRequest, RemindRequest, RequestView, Revoke, Start, TakeInCharge, WithdrawRequest,
};
use model::api::{ApiError, FieldError, FieldErrorKind, Problem};
use model::calendar::add_working_days;
use model::catalogue::MilestoneBy;
use model::ids::BodyId;
use model::people::Role;
use model::requests::{Actor, Event};

use crate::context::{Handler, RequestContext};
use crate::requests;
use crate::requests::removal::take_away;
use crate::requests::request_in_call::RequestInCall;

/// In which quality the caller acts for the body.
pub fn actor_of_body(ctx: &RequestContext<'_>, body: BodyId) -> Actor {
    if ctx.caller.holds(Role::Officer, Some(body)) { Actor::Officer } else { Actor::Mayor }
}

impl Handler for TakeInCharge {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<RequestView, Problem> {
        let mut request = RequestInCall::work(ctx, self.request, self.version, self.owner).await?;
        request.row.operator = ctx.caller.person();
        request.apply_event(ctx, Event::TakeInCharge, Actor::Aggregator, "").await?;
        requests::view(ctx, self.request).await
    }
}

impl Handler for AskChanges {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<RequestView, Problem> {
        let mut request = RequestInCall::work(ctx, self.request, self.version, self.owner).await?;
        request.stop_clock(ctx.today());
        request.apply_event(ctx, Event::AskChanges, Actor::Aggregator, &self.message).await?;
        requests::view(ctx, self.request).await
    }
}

impl Handler for AnswerRequest {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<RequestView, Problem> {
        let mut request = RequestInCall::open(ctx, self.request, self.version).await?;
        request.resume_clock(ctx.today());
        request.apply_event(ctx, Event::Answer, Actor::Officer, &self.message).await?;
        requests::view(ctx, self.request).await
    }
}

impl Handler for Approve {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<RequestView, Problem> {
        let mut request = RequestInCall::work(ctx, self.request, self.version, self.owner).await?;
        request.refuse_unless_possible(ctx, Event::Approve, Actor::Aggregator).await?;
        let days = request.days(|service| service.activation_days);
        request.row.due = Some(add_working_days(ctx.today(), days));
        request.apply_event(ctx, Event::Approve, Actor::Aggregator, &self.note).await?;
        requests::view(ctx, self.request).await
    }
}

/// The four ways in which the aggregator takes a request away.
macro_rules! takes_away {
    ($($operation:ident by $event:ident;)+) => { $(
        impl Handler for $operation {
            async fn run(self, ctx: &mut RequestContext<'_>) -> Result<RequestView, Problem> {
                let mut request = RequestInCall::work(ctx, self.request, self.version, self.owner).await?;
                let along = self.take_along.then_some(&*self.seen);
                take_away(ctx, &mut request, (Event::$event, Actor::Aggregator), &self.reason, along).await?;
                requests::view(ctx, self.request).await
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
impl Handler for WithdrawRequest {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<RequestView, Problem> {
        let mut request = RequestInCall::open(ctx, self.request, self.version).await?;
        let actor = actor_of_body(ctx, request.row.body);
        let along = self.take_along.then_some(&*self.seen);
        take_away(ctx, &mut request, (Event::Withdraw, actor), &self.reason, along).await?;
        requests::view(ctx, self.request).await
    }
}

impl Handler for Start {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<RequestView, Problem> {
        let mut request = RequestInCall::work(ctx, self.request, self.version, self.owner).await?;
        let service = request.body_in_call.catalogue.services.get(&request.row.service);
        let milestones = service.map(|service| service.milestones.clone()).unwrap_or_default();
        request.refuse_unless_possible(ctx, Event::Start, Actor::Aggregator).await?;
        ctx.tx.add_milestones(self.request, &milestones).await?;
        if milestones.first().is_some_and(|milestone| milestone.by == MilestoneBy::Body) {
            request.stop_clock(ctx.today());
        }
        // What the body kept of its package comes here without a review: who starts it has it.
        request.row.operator = request.row.operator.or(ctx.caller.person());
        request.apply_event(ctx, Event::Start, Actor::Aggregator, &self.note).await?;
        requests::view(ctx, self.request).await
    }
}

impl Handler for CompleteMilestone {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<RequestView, Problem> {
        let mut request = RequestInCall::open(ctx, self.request, self.version).await?;
        let aggregator =
            may(&ctx.caller, Permission::WorkRequest, Some(request.body_in_call.body.id)).is_ok();
        let actor = if aggregator { Actor::Aggregator } else { Actor::Officer };
        if aggregator {
            request.act_for(ctx, self.owner).await?;
        }
        let milestones = request.refuse_unless_possible(ctx, Event::CompleteMilestone, actor).await?;
        let mut open = milestones.iter().filter(|milestone| milestone.done_at.is_none());
        let current = open.next().ok_or(ApiError::Internal)?;
        request.resume_clock(ctx.today());
        if open.next().is_some_and(|next| next.by_body) {
            request.stop_clock(ctx.today());
        }
        let by = ctx.actor();
        ctx.tx.complete_milestone(self.request, current.position, by, ctx.now).await?;
        let note = match self.note.trim() {
            "" => current.title.clone(),
            note => format!("{}. {note}", current.title),
        };
        request.apply_event(ctx, Event::CompleteMilestone, actor, &note).await?;
        requests::view(ctx, self.request).await
    }
}

impl Handler for GoLive {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<RequestView, Problem> {
        let mut request = RequestInCall::work(ctx, self.request, self.version, self.owner).await?;
        request.refuse_unless_possible(ctx, Event::GoLive, Actor::Aggregator).await?;
        request.apply_event(ctx, Event::GoLive, Actor::Aggregator, &self.note).await?;
        requests::view(ctx, self.request).await
    }
}

impl Handler for Reassign {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<RequestView, Problem> {
        let mut request = RequestInCall::work(ctx, self.request, self.version, self.owner).await?;
        let operators = requests::operators(ctx).await?;
        let Some(operator) = operators.into_iter().find(|person| person.id == self.operator) else {
            return Err(Problem::faulty(FieldError::new("operator", FieldErrorKind::Unknown)));
        };
        request.row.operator = Some(operator.id);
        request.apply_event(ctx, Event::Reassign, Actor::Aggregator, &operator.name).await?;
        requests::view(ctx, self.request).await
    }
}

impl Handler for ReleaseRequest {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<RequestView, Problem> {
        let mut request = RequestInCall::work(ctx, self.request, self.version, self.owner).await?;
        request.refuse_unless_possible(ctx, Event::Release, Actor::Aggregator).await?;
        request.row.operator = None;
        request.apply_event(ctx, Event::Release, Actor::Aggregator, &self.note).await?;
        requests::view(ctx, self.request).await
    }
}

impl Handler for RemindRequest {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<RequestView, Problem> {
        let mut request = RequestInCall::open(ctx, self.request, self.version).await?;
        let actor = actor_of_body(ctx, request.row.body);
        request.refuse_unless_possible(ctx, Event::Remind, actor).await?;
        request.row.reminded_on = Some(ctx.today());
        request.apply_event(ctx, Event::Remind, actor, &self.note).await?;
        requests::view(ctx, self.request).await
    }
}
