//! *Proposte* as they are listed: what waits, and what was decided.

use model::api::Problem;
use model::api::credits::proposals::{ListProposals, Proposal, Proposals};
use model::api::people::PersonRef;
use model::ids::PersonId;
use model::people::Role;
use model::proposals::{ProposalKind, ProposalState};

use crate::baskets::body_in_call::{body, named_body};
use crate::context::{Handler, RequestContext};
use store::{Catalogue, ProposalRow};

/// Most proposals that wait, and decided ones, in one answer.
const MOST_WAITING: i64 = 100;
const MOST_DECIDED: i64 = 20;

impl Handler for ListProposals {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Proposals, Problem> {
        if let Some(id) = self.body {
            body(ctx.tx, id).await?;
        }
        let call = match ctx.tx.current_call().await? {
            Some(row) => Some(row.call()?),
            None => None,
        };
        let done_alone = match (&call, self.body) {
            (Some(call), Some(body)) => ctx.tx.done_alone(call.id, Some(body)).await?,
            _ => 0,
        };
        let administrators = ctx.tx.holders(Role::Administrator, ctx.now).await?;
        let (waiting_count, _) = ctx.tx.count_waiting_proposals(self.body, None).await?;
        let waiting = ctx.tx.waiting_proposals(self.body, MOST_WAITING).await?;
        let mut decided = ctx.tx.decided_proposals(self.body, self.before, MOST_DECIDED + 1).await?;
        let more = i64::try_from(decided.len()).is_ok_and(|count| count > MOST_DECIDED);
        if more {
            decided.pop();
        }
        let catalogue = ctx.tx.catalogue().await?;
        let person = ctx.actor();
        let views = |rows: &[ProposalRow]| rows.iter().map(|row| view(row, &catalogue, person)).collect();
        Ok(Proposals {
            threshold: call.map(|call| call.terms.correction_threshold),
            done_alone,
            second_person: administrators.iter().any(|holder| Some(holder.id) != person),
            waiting: views(&waiting),
            waiting_count,
            next: decided.last().filter(|_| more).map(|row| row.id),
            decided: views(&decided),
        })
    }
}

/// A proposal as this person sees it.
pub fn view(row: &ProposalRow, catalogue: &Catalogue, person: Option<PersonId>) -> Proposal {
    let (kind, state) = (row.kind, row.state);
    let waits = state == ProposalState::Waiting;
    let change = match row.total {
        Some(total) if waits => total - row.assigned_now,
        _ => row.credits,
    };
    let named = |id, name: &Option<String>| PersonRef { id, name: name.clone().unwrap_or_default() };
    let package = row.package.as_ref().map(|code| catalogue.package_reference(code));
    let body = row.body.map(|id| {
        let kind = row.body_kind.as_deref().unwrap_or_default();
        named_body(id, kind, row.body_name.as_deref().unwrap_or_default())
    });
    Proposal {
        id: row.id,
        kind,
        state,
        call: row.call,
        call_title: row.call_title.clone(),
        before: match kind {
            ProposalKind::Rule => None,
            _ if waits => Some(row.granted_now),
            _ => row.granted,
        },
        change,
        value_change: row.value_change,
        body,
        package,
        rule_version: row.rule_version.and_then(|version| u32::try_from(version).ok()),
        bodies: row.bodies.and_then(|bodies| u32::try_from(bodies).ok()).unwrap_or_default(),
        reason: row.reason.clone(),
        proposed_by: named(row.proposed_by, &row.proposer),
        proposed_at: row.proposed_at,
        decided_by: row.decided_by.map(|id| named(id, &row.decider)),
        decided_at: row.decided_at,
        decision_reason: row.decision_reason.clone(),
        own: waits && person == Some(row.proposed_by),
    }
}
