//! Two people for what moves credits by hand: done at once up to the threshold, proposed and confirmed above it.

use model::api::calls::{Call, RuleEffect};
use model::api::credits::proposals::{
    ConfirmProposal, MoveOutcome, Proposal, RefuseProposal, WithdrawProposal,
};
use model::api::{ApiError, Problem};
use model::calls::CallStatus;
use model::ids::{PersonId, ProposalId};
use model::proposals::{ProposalKind, ProposalState, moved, one_person_may};
use model::refusals::Refusal;
use model::seen::Difference;

use crate::baskets::body_in_call::{BodyInCall, body};
use crate::calls::assignment::AssignmentPlan;
use crate::context::{Handler, RequestContext};
use crate::credits::{EntryPosition, refuse_changes};
use store::{NewProposal, ProposalRow};

mod by_hand;
mod list;
mod moves;

use by_hand::{ByHand, SeenFigures, account, other_package};
use list::view;

/// Does it at once where one person may, and otherwise leaves it to be confirmed by another one.
///
/// # Errors
/// As its checks say; `conflict` where the body's figures are not those that were seen.
pub async fn do_or_propose(
    ctx: &mut RequestContext<'_>,
    body_in_call: &BodyInCall,
    by_hand: &ByHand,
    seen: &SeenFigures,
) -> Result<MoveOutcome, Problem> {
    let person = ctx.actor().ok_or(ApiError::Forbidden)?;
    refuse_changes(seen.differences(body_in_call))?;
    by_hand.check(body_in_call)?;
    let (call, body) = (body_in_call.call_id(), body_in_call.body.id);
    let new = NewProposal {
        kind: by_hand.kind(),
        call,
        body: Some(body),
        credits: by_hand.change(body_in_call),
        value_change: by_hand.value_change(body_in_call),
        granted: Some(account(body_in_call).granted),
        assignment: by_hand.assignment(body_in_call),
        rule: None,
        reason: &by_hand.reason,
        by: person,
        at: ctx.now,
    };
    let done_alone = ctx.tx.done_alone(call, Some(body)).await?;
    let moved = moved(new.credits, new.value_change);
    if !one_person_may(done_alone, moved, body_in_call.call.terms.correction_threshold) {
        return Ok(MoveOutcome::Waiting { proposal: ctx.tx.add_proposal(&new, false).await? });
    }
    let written = by_hand.carry_out(ctx, body_in_call).await?;
    let noted = ctx.tx.add_proposal(&new, true).await?;
    ctx.tx.link_entries(noted, &written).await?;
    let account = ctx.tx.standing(call, body).await?.account.ok_or(ApiError::Internal)?;
    Ok(MoveOutcome::Done { account: account.account() })
}

/// Applies a rule at once where whoever acts may do it alone; answers with the proposal that waits otherwise. The owner
/// of the machine acts alone.
pub async fn apply_or_propose(
    ctx: &mut RequestContext<'_>,
    plan: &AssignmentPlan,
) -> Result<Option<ProposalId>, Problem> {
    let Some(person) = ctx.actor() else {
        plan.carry_out(ctx).await?;
        return Ok(None);
    };
    let new = NewProposal {
        kind: ProposalKind::Rule,
        call: plan.call.id,
        body: None,
        credits: plan.effect.credits,
        value_change: plan.effect.value_change,
        granted: None,
        assignment: None,
        rule: Some(&plan.effect),
        reason: "",
        by: person,
        at: ctx.now,
    };
    let done_alone = ctx.tx.done_alone(plan.call.id, None).await?;
    let moved = moved(new.credits, new.value_change);
    if !one_person_may(done_alone, moved, plan.call.terms.correction_threshold) {
        return Ok(Some(ctx.tx.add_proposal(&new, false).await?));
    }
    let written = plan.carry_out(ctx).await?;
    if plan.effect.bodies > 0 {
        let noted = ctx.tx.add_proposal(&new, true).await?;
        ctx.tx.link_entries(noted, &written).await?;
    }
    Ok(None)
}

/// Somebody was quicker.
fn settled() -> Problem {
    ApiError::Conflict { changes: Vec::new(), state: None }.into()
}

/// A proposal, and the person who decides on it.
async fn found(ctx: &mut RequestContext<'_>, id: ProposalId) -> Result<(ProposalRow, PersonId), Problem> {
    let row = ctx.tx.proposal(id).await?.ok_or(ApiError::NotFound)?;
    let person = ctx.actor().ok_or(ApiError::Forbidden)?;
    Ok((row, person))
}

/// Settles a proposal that waits.
async fn decide(
    ctx: &mut RequestContext<'_>,
    row: &ProposalRow,
    state: ProposalState,
    person: PersonId,
    reason: &str,
) -> Result<(), Problem> {
    if ctx.tx.decide_proposal(row, state, person, ctx.now, reason).await? { Ok(()) } else { Err(settled()) }
}

impl Handler for ConfirmProposal {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Proposal, Problem> {
        let (row, person) = found(ctx, self.proposal).await?;
        let call = ctx.tx.call(row.call).await?.ok_or(ApiError::Internal)?.call()?;
        if call.status == CallStatus::Archived {
            // Its credits are over.
            return Err(Refusal::CallClosed.into());
        }
        if person == row.proposed_by {
            return Err(Refusal::SecondPersonNeeded { threshold: call.terms.correction_threshold }.into());
        }
        if row.state != ProposalState::Waiting {
            return Err(settled());
        }
        let written = match ByHand::proposed(&row) {
            Some(by_hand) => confirm_by_hand(ctx, row, call, &by_hand, &self, person).await?,
            None => confirm_rule(ctx, &row, &self, person).await?,
        };
        ctx.tx.link_entries(self.proposal, &written).await?;
        current_view(ctx, self.proposal).await
    }
}

/// What changes one body, as it was seen: nothing of it may be otherwise than when it was proposed, nor its figures
/// otherwise than they were shown.
async fn confirm_by_hand(
    ctx: &mut RequestContext<'_>,
    mut row: ProposalRow,
    call: Call,
    by_hand: &ByHand,
    seen: &ConfirmProposal,
    person: PersonId,
) -> Result<Vec<EntryPosition>, Problem> {
    let id = row.body.ok_or(ApiError::NotFound)?;
    let body = body(ctx.tx, id).await?;
    let body_in_call = BodyInCall::of(ctx.tx, body, call, ctx.now).await?;
    let (before, change) = (account(&body_in_call).granted, by_hand.change(&body_in_call));
    let (proposed, value) = (row.value_change, by_hand.value_change(&body_in_call));
    let differences = [
        (seen.before != Some(before)).then_some(Difference::Granted { seen: seen.before, now: before }),
        (seen.change != change).then_some(Difference::Moved { seen: seen.change, now: change }),
        row.package_before.as_deref().and_then(|proposed| other_package(&body_in_call, proposed)),
        (proposed != value).then_some(Difference::PackageValue { seen: proposed, now: value }),
    ];
    refuse_changes(differences.into_iter().flatten().collect())?;
    (row.granted, row.credits) = (Some(before), change);
    decide(ctx, &row, ProposalState::Confirmed, person, "").await?;
    by_hand.carry_out(ctx, &body_in_call).await
}

/// The application of a rule: the version that was proposed, where it still does the same.
async fn confirm_rule(
    ctx: &mut RequestContext<'_>,
    row: &ProposalRow,
    seen: &ConfirmProposal,
    person: PersonId,
) -> Result<Vec<EntryPosition>, Problem> {
    let plan = AssignmentPlan::make(ctx, row.call).await?;
    let unsigned = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok());
    plan.refuse_unseen(&RuleEffect {
        rule_version: unsigned(row.rule_version).unwrap_or_default(),
        bodies: unsigned(row.bodies).unwrap_or_default(),
        credits: seen.change,
        value_change: row.value_change,
        digest: row.digest.clone().unwrap_or_default(),
    })?;
    decide(ctx, row, ProposalState::Confirmed, person, "").await?;
    plan.carry_out(ctx).await
}

impl Handler for RefuseProposal {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Proposal, Problem> {
        let (row, person) = found(ctx, self.proposal).await?;
        if person == row.proposed_by {
            return Err(Refusal::OwnProposal.into());
        }
        decide(ctx, &row, ProposalState::Refused, person, self.reason.trim()).await?;
        current_view(ctx, self.proposal).await
    }
}

impl Handler for WithdrawProposal {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Proposal, Problem> {
        let (row, person) = found(ctx, self.proposal).await?;
        if person != row.proposed_by {
            return Err(Refusal::NotTheProposer.into());
        }
        decide(ctx, &row, ProposalState::Withdrawn, person, "").await?;
        current_view(ctx, self.proposal).await
    }
}

/// A proposal as it is now.
async fn current_view(ctx: &mut RequestContext<'_>, id: ProposalId) -> Result<Proposal, Problem> {
    let row = ctx.tx.proposal(id).await?.ok_or(ApiError::Internal)?;
    let catalogue = ctx.tx.catalogue().await?;
    Ok(view(&row, &catalogue, ctx.actor()))
}
