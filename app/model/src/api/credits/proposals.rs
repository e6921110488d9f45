//! *Proposte*: what moves credits above the call's threshold waits for a second administrator.

use serde::{Deserialize, Serialize};

use crate::api::calls::PackageRef;
use crate::api::people::{BodyRef, PersonRef};
use crate::api::{MOST_TEXT, needed_text, operation};
use crate::calendar::Instant;
use crate::credits::{Account, Credits};
use crate::ids::{BodyId, CallId, ProposalId};
use crate::proposals::{ProposalKind, ProposalState};

/// What became of something that moves credits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(not(target_arch = "wasm32"), serde(tag = "outcome"))]
#[cfg_attr(target_arch = "wasm32", serde(rename = "tag:outcome"))]
pub enum MoveOutcome {
    /// It is done; the account as it is now.
    Done { account: Account },
    /// It is above the threshold: another administrator must confirm it.
    Waiting { proposal: ProposalId },
}

/// *Proposta*
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Proposal {
    pub id: ProposalId,
    pub kind: ProposalKind,
    pub state: ProposalState,
    pub call: CallId,
    pub call_title: String,
    /// None for the application of a rule, which concerns every body of the call.
    pub body: Option<BodyRef>,
    /// Credits granted to the body before it: while it waits, as they are now. None for a rule.
    pub before: Option<Credits>,
    /// What it changes in them; of a rule the sum over all bodies, without signs.
    pub change: Credits,
    /// What it changes in the value of the body's package: what comes back when its services are dropped. Of a rule the sum
    /// over the bodies that had a package, without signs. It counts for the threshold like the credits.
    pub value_change: Credits,
    /// Of an assignment.
    pub package: Option<PackageRef>,
    /// Of a rule: its version, and how many bodies it changes.
    pub rule_version: Option<u32>,
    pub bodies: u32,
    pub reason: String,
    pub proposed_by: PersonRef,
    pub proposed_at: Instant,
    /// Who confirmed, refused or withdrew it, or archived its call; none where the system archived it.
    pub decided_by: Option<PersonRef>,
    pub decided_at: Option<Instant>,
    /// Why it was refused.
    pub decision_reason: String,
    /// It waits, and the caller proposed it: the caller may withdraw it, and another one confirm it.
    pub own: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Proposals {
    /// Of the current call: above it, in sum for a body, two people are needed. None while there is no call.
    pub threshold: Option<Credits>,
    /// What administrators moved alone, signs aside, of the body that was asked for in the current call: credits, and the
    /// value of packages.
    pub done_alone: Credits,
    /// Somebody else is an administrator, who can confirm what the caller proposes.
    pub second_person: bool,
    /// Oldest first, at most 100.
    pub waiting: Vec<Proposal>,
    /// All that wait.
    pub waiting_count: u32,
    /// Newest first, a page of them.
    pub decided: Vec<Proposal>,
    /// For the next page of what is decided; none on the last.
    pub next: Option<ProposalId>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListProposals {
    /// Only those of this body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyId>,
    /// Of what is decided only what is older than this one: `next` of an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<ProposalId>,
}
operation!(ListProposals, Get "/proposals", ListProposals of body -> Proposals);

/// *Conferma*, by another person than who proposed it. Everything is checked again; where the body has another package
/// than when it was proposed, or a rule would do something else, it is a conflict and the proposal goes on waiting.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmProposal {
    pub proposal: ProposalId,
    /// The figures that were seen, as the list says them: where they have changed it is a conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Credits>,
    pub change: Credits,
}
operation!(ConfirmProposal, Post "/proposals/{proposal}/confirm", ConfirmProposal of proposal -> Proposal);

/// *Rifiuta*, by another person than who proposed it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RefuseProposal {
    pub proposal: ProposalId,
    #[serde(default)]
    pub reason: String,
}
operation!(RefuseProposal, Post "/proposals/{proposal}/refuse", RefuseProposal of proposal -> Proposal, |o| {
    needed_text("reason", &o.reason, MOST_TEXT).into_iter().collect()
});

/// *Ritira*, by who proposed it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WithdrawProposal {
    pub proposal: ProposalId,
}
operation!(WithdrawProposal, Post "/proposals/{proposal}/withdraw", WithdrawProposal of proposal -> Proposal);
