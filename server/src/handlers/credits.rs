//! Entries that people make by hand: extra grants and corrections; and the end of what nobody spent.

use model::access::Permission;
use model::api::calls::{GrantExtra, ProposeCorrection};
use model::api::credits::proposals::MoveOutcome;
use model::api::{ApiError, Problem};
use model::credits::{Credits, EntryKind};
use model::ids::AccountId;
use model::ledger::Entry;

use super::basket::current;
use super::proposals::{ByHand, Seen, What, do_or_propose};
use crate::context::{Handler, RequestContext};

impl Handler for GrantExtra {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<MoveOutcome, Problem> {
        ctx.authorize(Permission::GrantExtra, Some(self.body))?;
        let folder = current(ctx, self.body).await?;
        let by_hand = ByHand { what: What::Grant(self.credits), reason: self.reason.trim().to_owned() };
        do_or_propose(ctx, &folder, &by_hand, &Seen::granted(self.seen)).await
    }
}

impl Handler for ProposeCorrection {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<MoveOutcome, Problem> {
        ctx.authorize(Permission::ProposeCorrection, Some(self.body))?;
        let folder = current(ctx, self.body).await?;
        let what = What::Correction(self.change());
        let by_hand = ByHand { what, reason: self.reason.trim().to_owned() };
        do_or_propose(ctx, &folder, &by_hand, &Seen::granted(self.seen)).await
    }
}

/// Where an entry stands: its account, and its place there.
pub type Written = (AccountId, i64);

/// One entry that concerns no request.
pub async fn enter(
    ctx: &mut RequestContext<'_>,
    account: AccountId,
    kind: EntryKind,
    amount: Credits,
    reason: &str,
) -> Result<Written, Problem> {
    let entry = Entry {
        account,
        kind,
        amount,
        at: ctx.now,
        actor: ctx.caller.person(),
        reason: reason.to_owned(),
        service: None,
        request: None,
        submission: None,
        settles: None,
    };
    let row = ctx.tx.add_entries(&[entry]).await??.ok_or(ApiError::Internal)?;
    Ok((account, row.sequence))
}

/// What is left of an archived call expires.
pub async fn expire(
    ctx: &mut RequestContext<'_>,
    account: AccountId,
    amount: Credits,
) -> Result<(), Problem> {
    enter(ctx, account, EntryKind::Expire, amount, "").await.map(drop)
}
