//! What moves credits by hand, or by the rule: done at once, or proposed.

use model::api::Problem;
use model::api::calls::{Assign, AssignByHand, AssignmentReport, GrantExtra, ProposeCorrection};
use model::api::credits::proposals::MoveOutcome;

use super::by_hand::{ByHand, SeenFigures, What};
use super::{apply_or_propose, do_or_propose};
use crate::baskets::current;
use crate::calls::assignment::AssignmentPlan;
use crate::context::{Handler, RequestContext};

impl Handler for Assign {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<AssignmentReport, Problem> {
        let plan = AssignmentPlan::make(ctx, self.call).await?;
        let mut proposal = None;
        if !self.dry_run {
            plan.refuse_unseen(&self.seen.unwrap_or_default())?;
            proposal = apply_or_propose(ctx, &plan).await?;
        }
        Ok(AssignmentReport { dry_run: self.dry_run, effect: plan.effect, proposal, lines: plan.lines })
    }
}

impl Handler for AssignByHand {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<MoveOutcome, Problem> {
        let body_in_call = current(ctx, self.body).await?;
        let what = What::Assignment(self.package, self.credits);
        let by_hand = ByHand { what, reason: self.reason.trim().to_owned() };
        let seen = SeenFigures { granted: Some(self.seen), package: Some(self.seen_package) };
        do_or_propose(ctx, &body_in_call, &by_hand, &seen).await
    }
}

impl Handler for GrantExtra {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<MoveOutcome, Problem> {
        let body_in_call = current(ctx, self.body).await?;
        let by_hand = ByHand { what: What::Grant(self.credits), reason: self.reason.trim().to_owned() };
        do_or_propose(ctx, &body_in_call, &by_hand, &SeenFigures::granted(self.seen)).await
    }
}

impl Handler for ProposeCorrection {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<MoveOutcome, Problem> {
        let body_in_call = current(ctx, self.body).await?;
        let what = What::Correction(self.change());
        let by_hand = ByHand { what, reason: self.reason.trim().to_owned() };
        do_or_propose(ctx, &body_in_call, &by_hand, &SeenFigures::granted(self.seen)).await
    }
}
