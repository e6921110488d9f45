//! A request in its call: with its body, its due dates and its credits.

use model::api::people::PersonRef;
use model::api::{ApiError, Problem};
use model::calendar::{Day, add_working_days, working_days_between};
use model::calls::CallStatus;
use model::catalogue::ServiceRef;
use model::credits::EntryKind;
use model::ids::{PersonId, RequestId};
use model::refusals::Refusal;
use model::requests::{Actor, Circumstances, CreditEffect, Event, State, guard, transition};
use model::seen::Difference;

use crate::baskets::body_in_call::{BodyInCall, body};
use crate::context::RequestContext;
use crate::credits;
use crate::submissions::sending::{save, settling, step};
use store::{MilestoneRow, NewStep, RequestRecord, StoreResult};

/// A request that somebody is about to act on, as it was seen.
pub struct RequestInCall {
    pub row: RequestRecord,
    pub body_in_call: BodyInCall,
    pub state: State,
    /// The request whose end takes this one along.
    pub along_with: Option<RequestId>,
    /// Who had it when it was read.
    had: Option<PersonId>,
}

impl RequestInCall {
    /// Reads the request for a change, and refuses a stale version. Nobody else changes anything of its body meanwhile.
    pub async fn open(ctx: &mut RequestContext<'_>, id: RequestId, version: i64) -> Result<Self, Problem> {
        if let Some(body) = ctx.body() {
            ctx.tx.lock_body(body).await?;
        }
        let row = ctx.tx.request(id).await?.ok_or(ApiError::NotFound)?;
        let state = row.state;
        if row.version != version {
            let owner = owner(ctx, &row).await?;
            let changes = owner.map(|owner| Difference::Owner { now: owner.name }).into_iter().collect();
            return Err(ApiError::Conflict { changes, state: Some(state) }.into());
        }
        load(ctx, row).await
    }

    /// The same for who works on requests.
    ///
    /// # Errors
    /// `owned_by_another` also where the caller did not say that it is this colleague's.
    pub async fn work(
        ctx: &mut RequestContext<'_>,
        id: RequestId,
        version: i64,
        seen: Option<PersonId>,
    ) -> Result<Self, Problem> {
        let mut request = Self::open(ctx, id, version).await?;
        request.act_for(ctx, seen).await?;
        Ok(request)
    }

    /// Refuses to act on a colleague's request, unless the caller says whose it is.
    pub async fn act_for(
        &mut self,
        ctx: &mut RequestContext<'_>,
        seen: Option<PersonId>,
    ) -> Result<(), Problem> {
        let owner = owner(ctx, &self.row).await?;
        let colleague = owner.as_ref().filter(|owner| Some(owner.id) != ctx.caller.person());
        if let Some(owner) = colleague.filter(|owner| Some(owner.id) != seen) {
            return Err(Refusal::OwnedByAnother { owner: owner.clone() }.into());
        }
        // Who does not work on requests any more has none.
        self.row.operator = owner.map(|owner| owner.id);
        Ok(())
    }

    /// Refuses an event that table or guards don't allow now; answers with the milestones where the event is about them.
    ///
    /// # Errors
    /// `transition_refused`, and what [`model::requests::guard`] refuses.
    pub async fn refuse_unless_possible(
        &self,
        ctx: &mut RequestContext<'_>,
        event: Event,
        actor: Actor,
    ) -> Result<Vec<MilestoneRow>, Problem> {
        transition(self.state, event, actor, self.row.origin)?;
        let milestones = match event {
            Event::CompleteMilestone | Event::GoLive => ctx.tx.milestones(self.row.id).await?,
            _ => Vec::new(),
        };
        let (open, pending) = (super::open_milestones(&milestones), self.pending());
        let owned = self.row.operator.is_some();
        guard(self.state, event, actor, &self.circumstances(&open, &pending, owned, ctx.today()))?;
        Ok(milestones)
    }

    /// What the guards of the table look at.
    pub fn circumstances<'c>(
        &self,
        open_milestones: &'c [bool],
        pending: &'c [ServiceRef],
        owned: bool,
        today: Day,
    ) -> Circumstances<'c> {
        Circumstances {
            open_milestones,
            pending,
            owned,
            due: self.row.due,
            stopped: self.row.stopped_on.is_some(),
            reminded_on: self.row.reminded_on,
            today,
        }
    }

    /// Carries out an event: the state, the timeline, and for exactly the hold the credits. Who had the request, and
    /// who has it afterwards, are told unless they did it themselves.
    pub async fn apply_event(
        &mut self,
        ctx: &mut RequestContext<'_>,
        event: Event,
        actor: Actor,
        note: &str,
    ) -> Result<(), Problem> {
        let (to, effect) = transition(self.state, event, actor, self.row.origin)?;
        let by = ctx.actor();
        let step = NewStep { along_with: self.along_with, ..step(ctx, event, by, note.trim()) };
        save(ctx, vec![(self.row.clone(), to)], step).await?;
        let informed = [ctx.caller.person(), self.row.operator];
        if let Some(had) = self.had.filter(|had| !informed.contains(&Some(*had))) {
            ctx.tx.add_news(&[(had, self.row.id)]).await?;
        }
        self.settle(ctx, effect, note.trim()).await?;
        self.row.version += 1;
        self.state = to;
        Ok(())
    }

    /// What an event owes to the account of the request's own call. Credits that come back after the archiving
    /// follow the call's rule at once.
    async fn settle(
        &self,
        ctx: &mut RequestContext<'_>,
        effect: CreditEffect,
        reason: &str,
    ) -> Result<(), Problem> {
        let id = self.row.id;
        let (hold, kind) = match effect {
            CreditEffect::None | CreditEffect::UndoSubmission => return Ok(()),
            CreditEffect::Spend => (ctx.tx.open_hold(id).await?, EntryKind::Spend),
            CreditEffect::Release => (ctx.tx.open_hold(id).await?, EntryKind::Release),
            CreditEffect::Refund => (ctx.tx.spent_hold(id).await?, EntryKind::Refund),
        };
        // A request at no cost holds nothing.
        let Some(hold) = hold else { return Ok(()) };
        let entry = settling(ctx, &hold, kind, None, ctx.caller.person(), reason);
        ctx.tx.add_entries(&[entry]).await??;
        if self.body_in_call.call.status == CallStatus::Archived && kind != EntryKind::Spend {
            credits::expire(ctx, hold.account, hold.amount).await?;
        }
        Ok(())
    }

    pub fn stop_clock(&mut self, today: Day) {
        self.row.stopped_on.get_or_insert(today);
    }

    /// The clock goes on: the days it stood still are added to the due date.
    pub fn resume_clock(&mut self, today: Day) {
        if let (Some(stopped), Some(due)) = (self.row.stopped_on.take(), self.row.due) {
            let stood = u32::try_from(working_days_between(stopped, today)).unwrap_or(0);
            self.row.due = Some(add_working_days(due, stood));
        }
    }

    pub fn days(&self, which: impl Fn(&model::catalogue::Service) -> u32) -> u32 {
        self.body_in_call.catalogue.services.get(&self.row.service).map_or(30, which)
    }

    /// Prerequisites that are neither approved, in activation nor live.
    pub fn pending(&self) -> Vec<ServiceRef> {
        let service = self.body_in_call.catalogue.services.get(&self.row.service);
        service
            .into_iter()
            .flat_map(|service| &service.requires)
            .filter(|needs| {
                !self
                    .body_in_call
                    .states
                    .iter()
                    .any(|(code, state)| code == *needs && state.supports_dependants())
            })
            .map(|needs| self.body_in_call.catalogue.reference(needs))
            .collect()
    }
}

/// Who has a request now: nobody where who had it does not work on requests any more.
async fn owner(ctx: &mut RequestContext<'_>, row: &RequestRecord) -> StoreResult<Option<PersonRef>> {
    let Some(operator) = row.operator else { return Ok(None) };
    let name = ctx.tx.worker(operator, ctx.now).await?;
    Ok(name.map(|name| PersonRef { id: operator, name }))
}

/// A request as the reading handlers need it: with its body in the call, whoever asks.
pub async fn load(ctx: &mut RequestContext<'_>, row: RequestRecord) -> Result<RequestInCall, Problem> {
    let body = body(ctx.tx, row.body).await?;
    let call = ctx.tx.call(row.call).await?.ok_or(ApiError::Internal)?.call()?;
    let state = row.state;
    let body_in_call = BodyInCall::of(ctx.tx, body, call, ctx.now).await?;
    let had = row.operator;
    Ok(RequestInCall { row, body_in_call, state, along_with: None, had })
}
