//! Two people for what moves credits by hand: done at once up to the threshold, proposed and confirmed above it.

use model::access::Deed;
use model::api::call::{Call, PackageRef, RuleEffect};
use model::api::people::PersonRef;
use model::api::proposal::{
    ConfirmProposal, ListProposals, MoveOutcome, Proposal, Proposals, RefuseProposal, WithdrawProposal,
};
use model::api::{Problem, Trouble};
use model::calendar::Instant;
use model::calls::CallStatus;
use model::credits::{Account, Credits, EntryKind};
use model::ids::{BodyId, CallId, PackageCode, PersonId, ProposalId};
use model::people::Role;
use model::proposals::{ProposalKind, ProposalState, one_person_may};
use model::refusals::Refusal;
use model::seen::Difference;

use super::assignment::{Plan, assign_by_hand, check_package};
use super::credits::{Written, enter};
use super::folder::{Folder, body, named_body};
use crate::desk::{Desk, Flow, absent};
use crate::store::{AccountRow, Catalogue, NewProposal, ProposalRow, Stored};

/// Most proposals that wait, and decided ones, in one answer.
const MOST_WAITING: i64 = 100;
const MOST_DECIDED: i64 = 20;

/// Something by hand that changes the credits granted to a body.
pub struct ByHand {
    pub what: What,
    pub reason: String,
}

pub enum What {
    Grant(Credits),
    Correction(Credits),
    /// A package, and the credits that it gives in all.
    Assignment(PackageCode, Credits),
}

impl ByHand {
    /// What a proposal would do; none for a rule.
    fn proposed(row: &ProposalRow) -> Stored<Option<Self>> {
        let what = match row.kind()? {
            ProposalKind::Grant => What::Grant(row.credits),
            ProposalKind::Correction => What::Correction(row.credits),
            ProposalKind::Assignment => What::Assignment(
                PackageCode(row.package.clone().unwrap_or_default()),
                row.total.unwrap_or_default(),
            ),
            ProposalKind::Rule => return Ok(None),
        };
        Ok(Some(Self { what, reason: row.reason.clone() }))
    }

    fn kind(&self) -> ProposalKind {
        match self.what {
            What::Grant(_) => ProposalKind::Grant,
            What::Correction(_) => ProposalKind::Correction,
            What::Assignment(..) => ProposalKind::Assignment,
        }
    }

    /// The change of the credits granted.
    fn change(&self, folder: &Folder) -> Credits {
        match &self.what {
            What::Grant(credits) | What::Correction(credits) => *credits,
            What::Assignment(_, total) => total - folder.assignment.as_ref().map_or(0, |row| row.credits),
        }
    }

    /// Refuses what could not be done now.
    fn check(&self, folder: &Folder) -> Result<(), Problem> {
        let account = match &self.what {
            What::Grant(_) | What::Correction(_) => folder.assigned()?.account(),
            What::Assignment(package, _) => {
                check_package(folder, package)?;
                account(folder)
            }
        };
        let change = self.change(folder);
        match self.what {
            What::Correction(_) => account.apply(EntryKind::Correct, change)?,
            _ if change > 0 => account.apply(EntryKind::Grant, change)?,
            _ if change < 0 => account.apply(EntryKind::Reduce, -change)?,
            _ => account,
        };
        Ok(())
    }

    /// Writes it, as the person who acts now; the rule leaves the body alone from then on.
    async fn carry_out(&self, desk: &mut Desk<'_>, folder: &Folder) -> Result<Vec<Written>, Problem> {
        self.check(folder)?;
        let (kind, credits) = match &self.what {
            What::Grant(credits) => (EntryKind::Grant, *credits),
            What::Correction(credits) => (EntryKind::Correct, *credits),
            What::Assignment(package, total) => {
                let written = assign_by_hand(desk, folder, package.clone(), *total, &self.reason).await?;
                return Ok(written.into_iter().collect());
            }
        };
        let written = enter(desk, folder.assigned()?.id(), kind, credits, &self.reason).await?;
        desk.work.mark_by_hand(folder.call_id(), folder.body.id).await?;
        Ok(vec![written])
    }
}

/// The figures of a body that may have no account yet.
fn account(folder: &Folder) -> Account {
    folder.account.as_ref().map(AccountRow::account).unwrap_or_default()
}

/// Does it at once where one person may, and otherwise leaves it to be confirmed by another one.
///
/// # Errors
/// As its checks say; `conflict` where the credits granted are not those that were seen.
pub async fn do_or_propose(
    desk: &mut Desk<'_>,
    folder: &Folder,
    by_hand: &ByHand,
    seen: Option<Credits>,
) -> Result<MoveOutcome, Problem> {
    let person = desk.actor().ok_or(Trouble::Forbidden)?;
    let granted = account(folder).granted;
    if let Some(seen) = seen.filter(|seen| *seen != granted) {
        return Err(changed(Some(seen), granted));
    }
    by_hand.check(folder)?;
    let (call, body) = (folder.call_id(), folder.body.id);
    let new = NewProposal {
        kind: by_hand.kind(),
        call,
        body: Some(body),
        credits: by_hand.change(folder),
        granted: Some(granted),
        assignment: match &by_hand.what {
            What::Assignment(package, total) => Some((package, *total)),
            What::Grant(_) | What::Correction(_) => None,
        },
        rule: None,
        reason: &by_hand.reason,
        by: person,
        at: desk.now.0,
    };
    let done_alone = desk.work.done_alone(call, Some(body)).await?;
    if !one_person_may(done_alone, new.credits, folder.call.terms.correction_threshold) {
        return Ok(MoveOutcome::Waiting { proposal: desk.work.add_proposal(&new, false).await? });
    }
    let written = by_hand.carry_out(desk, folder).await?;
    if !written.is_empty() {
        let noted = desk.work.add_proposal(&new, true).await?;
        desk.work.link_entries(noted, &written).await?;
    }
    let account = desk.work.standing(call, body).await?.account.ok_or(Trouble::Internal)?;
    Ok(MoveOutcome::Done { account: account.account() })
}

/// Applies a rule at once where whoever acts may do it alone; answers with the proposal that waits otherwise. The owner
/// of the machine acts alone.
pub async fn apply_or_propose(desk: &mut Desk<'_>, plan: &Plan) -> Result<Option<ProposalId>, Problem> {
    let Some(person) = desk.actor() else {
        plan.carry_out(desk).await?;
        return Ok(None);
    };
    let new = NewProposal {
        kind: ProposalKind::Rule,
        call: plan.call.id,
        body: None,
        credits: plan.effect.credits,
        granted: None,
        assignment: None,
        rule: Some((plan.effect.rule_version, plan.effect.bodies)),
        reason: "",
        by: person,
        at: desk.now.0,
    };
    let done_alone = desk.work.done_alone(plan.call.id, None).await?;
    if !one_person_may(done_alone, new.credits, plan.call.terms.correction_threshold) {
        return Ok(Some(desk.work.add_proposal(&new, false).await?));
    }
    let written = plan.carry_out(desk).await?;
    if !written.is_empty() {
        let noted = desk.work.add_proposal(&new, true).await?;
        desk.work.link_entries(noted, &written).await?;
    }
    Ok(None)
}

/// The credits granted are no longer those that were seen.
fn changed(seen: Option<Credits>, now: Credits) -> Problem {
    Trouble::Conflict { changes: vec![Difference::Granted { seen, now }], state: None }.into()
}

/// Somebody was quicker.
fn settled() -> Problem {
    Trouble::Conflict { changes: Vec::new(), state: None }.into()
}

/// A proposal that the caller may do this with, and who that is.
async fn found(desk: &mut Desk<'_>, id: ProposalId, deed: Deed) -> Result<(ProposalRow, i64), Problem> {
    let row = desk.work.proposal(id).await?;
    let row = row.ok_or_else(|| absent(&desk.caller))?;
    desk.allow(deed, row.body.map(BodyId))?;
    let person = desk.actor().ok_or(Trouble::Forbidden)?;
    Ok((row, person))
}

/// Settles a proposal that waits.
async fn decide(
    desk: &mut Desk<'_>,
    row: &ProposalRow,
    state: ProposalState,
    person: i64,
    reason: &str,
) -> Result<(), Problem> {
    if desk.work.decide_proposal(row, state, person, desk.now.0, reason).await? {
        Ok(())
    } else {
        Err(settled())
    }
}

impl Flow for ConfirmProposal {
    async fn run(self, desk: &mut Desk<'_>) -> Result<Proposal, Problem> {
        let (row, person) = found(desk, self.proposal, Deed::ConfirmProposal).await?;
        let call = desk.work.call(CallId(row.call)).await?.ok_or(Trouble::Internal)?.call()?;
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
            Some(by_hand) => confirm_by_hand(desk, row, call, &by_hand, &self, person).await?,
            None => confirm_rule(desk, &row, &self, person).await?,
        };
        desk.work.link_entries(self.proposal, &written).await?;
        told(desk, self.proposal).await
    }
}

/// What changes one body, as it was seen.
async fn confirm_by_hand(
    desk: &mut Desk<'_>,
    mut row: ProposalRow,
    call: Call,
    by_hand: &ByHand,
    seen: &ConfirmProposal,
    person: i64,
) -> Result<Vec<Written>, Problem> {
    let body = body(desk.work, BodyId(row.body.unwrap_or_default())).await?;
    let folder = Folder::of(desk.work, body, call, desk.now).await?;
    let (before, change) = (account(&folder).granted, by_hand.change(&folder));
    if seen.before != Some(before) {
        return Err(changed(seen.before, before));
    }
    if seen.change != change {
        let changes = vec![Difference::Moved { seen: seen.change, now: change }];
        return Err(Trouble::Conflict { changes, state: None }.into());
    }
    (row.granted, row.credits) = (Some(before), change);
    decide(desk, &row, ProposalState::Confirmed, person, "").await?;
    by_hand.carry_out(desk, &folder).await
}

/// The application of a rule: the version that was proposed, where it still changes as much.
async fn confirm_rule(
    desk: &mut Desk<'_>,
    row: &ProposalRow,
    seen: &ConfirmProposal,
    person: i64,
) -> Result<Vec<Written>, Problem> {
    let plan = Plan::make(desk, CallId(row.call)).await?;
    let unsigned = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok());
    plan.refuse_unseen(RuleEffect {
        rule_version: unsigned(row.rule_version).unwrap_or_default(),
        bodies: unsigned(row.bodies).unwrap_or_default(),
        credits: seen.change,
    })?;
    decide(desk, row, ProposalState::Confirmed, person, "").await?;
    plan.carry_out(desk).await
}

impl Flow for RefuseProposal {
    async fn run(self, desk: &mut Desk<'_>) -> Result<Proposal, Problem> {
        let (row, person) = found(desk, self.proposal, Deed::RefuseProposal).await?;
        decide(desk, &row, ProposalState::Refused, person, self.reason.trim()).await?;
        told(desk, self.proposal).await
    }
}

impl Flow for WithdrawProposal {
    async fn run(self, desk: &mut Desk<'_>) -> Result<Proposal, Problem> {
        let (row, person) = found(desk, self.proposal, Deed::WithdrawProposal).await?;
        if person != row.proposed_by {
            return Err(Refusal::NotTheProposer.into());
        }
        decide(desk, &row, ProposalState::Withdrawn, person, "").await?;
        told(desk, self.proposal).await
    }
}

impl Flow for ListProposals {
    async fn run(self, desk: &mut Desk<'_>) -> Result<Proposals, Problem> {
        desk.allow(Deed::ListProposals, self.body)?;
        if let Some(id) = self.body {
            body(desk.work, id).await?;
        }
        let call = match desk.work.current_call().await? {
            Some(row) => Some(row.call()?),
            None => None,
        };
        let done_alone = match (&call, self.body) {
            (Some(call), Some(body)) => desk.work.done_alone(call.id, Some(body)).await?,
            _ => 0,
        };
        let administrators = desk.work.holders(Role::Administrator, desk.now.0).await?;
        let (waiting_count, _) = desk.work.count_waiting_proposals(self.body, None).await?;
        let waiting = desk.work.waiting_proposals(self.body, MOST_WAITING).await?;
        let mut decided = desk.work.decided_proposals(self.body, self.before, MOST_DECIDED + 1).await?;
        let more = i64::try_from(decided.len()).is_ok_and(|count| count > MOST_DECIDED);
        if more {
            decided.pop();
        }
        let catalogue = desk.work.catalogue().await?;
        let person = desk.actor();
        let views = |rows: &[ProposalRow]| -> Stored<Vec<_>> {
            rows.iter().map(|row| view(row, &catalogue, person)).collect()
        };
        Ok(Proposals {
            threshold: call.map(|call| call.terms.correction_threshold),
            done_alone,
            second_person: administrators.iter().any(|(id, _)| Some(*id) != person),
            waiting: views(&waiting)?,
            waiting_count,
            next: decided.last().filter(|_| more).map(|row| ProposalId(row.id)),
            decided: views(&decided)?,
        })
    }
}

/// A proposal as it is now.
async fn told(desk: &mut Desk<'_>, id: ProposalId) -> Result<Proposal, Problem> {
    let row = desk.work.proposal(id).await?.ok_or(Trouble::Internal)?;
    let catalogue = desk.work.catalogue().await?;
    Ok(view(&row, &catalogue, desk.actor())?)
}

fn view(row: &ProposalRow, catalogue: &Catalogue, person: Option<i64>) -> Stored<Proposal> {
    let (kind, state) = (row.kind()?, row.state()?);
    let waits = state == ProposalState::Waiting;
    let change = match row.total {
        Some(total) if waits => total - row.assigned_now,
        _ => row.credits,
    };
    let named = |id: i64, name: &Option<String>| PersonRef {
        id: PersonId(id),
        name: name.clone().unwrap_or_default(),
    };
    let package = row.package.clone().map(PackageCode).map(|code| PackageRef {
        name: catalogue.package(&code).map(|package| package.name.clone()).unwrap_or_default(),
        code,
    });
    let body = row.body.map(|id| {
        let kind = row.body_kind.as_deref().unwrap_or_default();
        named_body(id, kind, row.body_name.as_deref().unwrap_or_default())
    });
    Ok(Proposal {
        id: ProposalId(row.id),
        kind,
        state,
        call: CallId(row.call),
        call_title: row.call_title.clone(),
        before: match kind {
            ProposalKind::Rule => None,
            _ if waits => Some(row.granted_now),
            _ => row.granted,
        },
        change,
        body,
        package,
        rule_version: row.rule_version.and_then(|version| u32::try_from(version).ok()),
        bodies: row.bodies.and_then(|bodies| u32::try_from(bodies).ok()).unwrap_or_default(),
        reason: row.reason.clone(),
        proposed_by: named(row.proposed_by, &row.proposer),
        proposed_at: Instant(row.proposed_at),
        decided_by: row.decided_by.map(|id| named(id, &row.decider)),
        decided_at: row.decided_at.map(Instant),
        decision_reason: row.decision_reason.clone(),
        own: waits && person == Some(row.proposed_by),
    })
}
