//! Entries that people make by hand: extra grants and corrections; and the end of what nobody spent.

use model::access::Deed;
use model::api::call::{GrantExtra, ProposeCorrection};
use model::api::proposal::MoveOutcome;
use model::api::{Problem, Trouble};
use model::credits::{Credits, EntryKind};
use model::ids::AccountId;
use model::ledger::Entry;

use super::basket::current;
use super::proposals::{ByHand, Seen, What, do_or_propose};
use crate::desk::{Desk, Flow};

impl Flow for GrantExtra {
    async fn run(self, desk: &mut Desk<'_>) -> Result<MoveOutcome, Problem> {
        desk.allow(Deed::GrantExtra, Some(self.body))?;
        let folder = current(desk, self.body).await?;
        let by_hand = ByHand { what: What::Grant(self.credits), reason: self.reason.trim().to_owned() };
        do_or_propose(desk, &folder, &by_hand, &Seen::granted(self.seen)).await
    }
}

impl Flow for ProposeCorrection {
    async fn run(self, desk: &mut Desk<'_>) -> Result<MoveOutcome, Problem> {
        desk.allow(Deed::ProposeCorrection, Some(self.body))?;
        let folder = current(desk, self.body).await?;
        let what = What::Correction(self.change());
        let by_hand = ByHand { what, reason: self.reason.trim().to_owned() };
        do_or_propose(desk, &folder, &by_hand, &Seen::granted(self.seen)).await
    }
}

/// Where an entry stands: its account, and its place there.
pub type Written = (AccountId, i64);

/// One entry that concerns no request.
pub async fn enter(
    desk: &mut Desk<'_>,
    account: AccountId,
    kind: EntryKind,
    amount: Credits,
    reason: &str,
) -> Result<Written, Problem> {
    let entry = Entry {
        account,
        kind,
        amount,
        at: desk.now,
        actor: desk.caller.person(),
        reason: reason.to_owned(),
        service: None,
        request: None,
        submission: None,
        settles: None,
    };
    let row = desk.work.add_entries(&[entry]).await??.ok_or(Trouble::Internal)?;
    Ok((account, row.sequence))
}

/// What is left of an archived call expires.
pub async fn expire(desk: &mut Desk<'_>, account: AccountId, amount: Credits) -> Result<(), Problem> {
    enter(desk, account, EntryKind::Expire, amount, "").await.map(drop)
}
