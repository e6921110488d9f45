//! Two people for what moves credits by hand: done at once up to the threshold, proposed and confirmed above it.

use model::access::Permission;
use model::api::calls::{Call, RuleEffect};
use model::api::credits::proposals::{
    ConfirmProposal, MoveOutcome, Proposal, RefuseProposal, WithdrawProposal,
};
use model::api::{ApiError, Problem};
use model::calls::CallStatus;
use model::ids::{BodyId, CallId, ProposalId};
use model::proposals::{ProposalKind, ProposalState, moved, one_person_may};
use model::refusals::Refusal;
use model::seen::Difference;

use super::assignment::Plan;
use super::body_in_call::{BodyInCall, body};
use super::credits::Written;
use crate::context::{Handler, RequestContext, absent};
use crate::store::{NewProposal, ProposalRow};

mod by_hand;
mod list;

pub use by_hand::{ByHand, Seen, What, refuse_changes};
use by_hand::{account, other_package};
use list::view;

/// Does it at once where one person may, and otherwise leaves it to be confirmed by another one.
///
/// # Errors
/// As its checks say; `conflict` where the body's figures are not those that were seen.
pub async fn do_or_propose(
    ctx: &mut RequestContext<'_>,
    folder: &BodyInCall,
    by_hand: &ByHand,
    seen: &Seen,
) -> Result<MoveOutcome, Problem> {
    let person = ctx.actor().ok_or(ApiError::Forbidden)?;
    refuse_changes(seen.differences(folder))?;
    by_hand.check(folder)?;
    let (call, body) = (folder.call_id(), folder.body.id);
    let new = NewProposal {
        kind: by_hand.kind(),
        call,
        body: Some(body),
        credits: by_hand.change(folder),
        value_change: by_hand.value_change(folder),
        granted: Some(account(folder).granted),
        assignment: by_hand.assignment(folder),
        rule: None,
        reason: &by_hand.reason,
        by: person,
        at: ctx.now.0,
    };
    let done_alone = ctx.tx.done_alone(call, Some(body)).await?;
    let moved = moved(new.credits, new.value_change);
    if !one_person_may(done_alone, moved, folder.call.terms.correction_threshold) {
        return Ok(MoveOutcome::Waiting { proposal: ctx.tx.add_proposal(&new, false).await? });
    }
    let written = by_hand.carry_out(ctx, folder).await?;
    let noted = ctx.tx.add_proposal(&new, true).await?;
    ctx.tx.link_entries(noted, &written).await?;
    let account = ctx.tx.standing(call, body).await?.account.ok_or(ApiError::Internal)?;
    Ok(MoveOutcome::Done { account: account.account() })
}

/// Applies a rule at once where whoever acts may do it alone; answers with the proposal that waits otherwise. The owner
/// of the machine acts alone.
pub async fn apply_or_propose(
    ctx: &mut RequestContext<'_>,
    plan: &Plan,
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
        at: ctx.now.0,
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

/// A proposal that the caller may do this with, and who that is.
async fn found(
    ctx: &mut RequestContext<'_>,
    id: ProposalId,
    permission: Permission,
) -> Result<(ProposalRow, i64), Problem> {
    // Before it is looked up: only who may do this hears whether it is there.
    ctx.authorize(permission, None)?;
    let row = ctx.tx.proposal(id).await?;
    let row = row.ok_or_else(|| absent(&ctx.caller))?;
    ctx.authorize(permission, row.body.map(BodyId))?;
    let person = ctx.actor().ok_or(ApiError::Forbidden)?;
    Ok((row, person))
}

/// Settles a proposal that waits.
async fn decide(
    ctx: &mut RequestContext<'_>,
    row: &ProposalRow,
    state: ProposalState,
    person: i64,
    reason: &str,
) -> Result<(), Problem> {
    if ctx.tx.decide_proposal(row, state, person, ctx.now.0, reason).await? { Ok(()) } else { Err(settled()) }
}

impl Handler for ConfirmProposal {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Proposal, Problem> {
        let (row, person) = found(ctx, self.proposal, Permission::ConfirmProposal).await?;
        let call = ctx.tx.call(CallId(row.call)).await?.ok_or(ApiError::Internal)?.call()?;
        if call.status == CallStatus::Archived {
            // Its credits are over.
            return Err(Refusal::CallClosed.into());
        }
        if person == row.proposed_by {
            return Err(Refusal::SecondPersonNeeded { threshold: call.terms.correction_threshold }.into());
        }
        if row.state()? != ProposalState::Waiting {
            return Err(settled());
        }
        let written = match ByHand::proposed(&row)? {
            Some(by_hand) => confirm_by_hand(ctx, row, call, &by_hand, &self, person).await?,
            None => confirm_rule(ctx, &row, &self, person).await?,
        };
        ctx.tx.link_entries(self.proposal, &written).await?;
        told(ctx, self.proposal).await
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
    person: i64,
) -> Result<Vec<Written>, Problem> {
    let body = body(ctx.tx, BodyId(row.body.unwrap_or_default())).await?;
    let folder = BodyInCall::of(ctx.tx, body, call, ctx.now).await?;
    let (before, change) = (account(&folder).granted, by_hand.change(&folder));
    let (proposed, value) = (row.value_change, by_hand.value_change(&folder));
    let differences = [
        (seen.before != Some(before)).then_some(Difference::Granted { seen: seen.before, now: before }),
        (seen.change != change).then_some(Difference::Moved { seen: seen.change, now: change }),
        row.package_before.as_deref().and_then(|proposed| other_package(&folder, proposed)),
        (proposed != value).then_some(Difference::PackageValue { seen: proposed, now: value }),
    ];
    refuse_changes(differences.into_iter().flatten().collect())?;
    (row.granted, row.credits) = (Some(before), change);
    decide(ctx, &row, ProposalState::Confirmed, person, "").await?;
    by_hand.carry_out(ctx, &folder).await
}

/// The application of a rule: the version that was proposed, where it still does the same.
async fn confirm_rule(
    ctx: &mut RequestContext<'_>,
    row: &ProposalRow,
    seen: &ConfirmProposal,
    person: i64,
) -> Result<Vec<Written>, Problem> {
    let plan = Plan::make(ctx, CallId(row.call)).await?;
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
        let (row, person) = found(ctx, self.proposal, Permission::RefuseProposal).await?;
        if person == row.proposed_by {
            return Err(Refusal::OwnProposal.into());
        }
        decide(ctx, &row, ProposalState::Refused, person, self.reason.trim()).await?;
        told(ctx, self.proposal).await
    }
}

impl Handler for WithdrawProposal {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Proposal, Problem> {
        let (row, person) = found(ctx, self.proposal, Permission::WithdrawProposal).await?;
        if person != row.proposed_by {
            return Err(Refusal::NotTheProposer.into());
        }
        decide(ctx, &row, ProposalState::Withdrawn, person, "").await?;
        told(ctx, self.proposal).await
    }
}

/// A proposal as it is now.
async fn told(ctx: &mut RequestContext<'_>, id: ProposalId) -> Result<Proposal, Problem> {
    let row = ctx.tx.proposal(id).await?.ok_or(ApiError::Internal)?;
    let catalogue = ctx.tx.catalogue().await?;
    Ok(view(&row, &catalogue, ctx.actor())?)
}
