//! Entries that concern no request, and the ledger: its copy, its anchors, its check.

use model::api::{ApiError, Problem};
use model::credits::{Credits, EntryKind};
use model::ids::AccountId;
use model::ledger::Entry;
use model::seen::Difference;

use crate::context::RequestContext;

pub mod anchor;
pub mod check;
pub mod ledger;

/// Where an entry stands: its account, and its place there.
pub type EntryPosition = (AccountId, i64);

/// One entry that concerns no request.
pub async fn enter(
    ctx: &mut RequestContext<'_>,
    account: AccountId,
    kind: EntryKind,
    amount: Credits,
    reason: &str,
) -> Result<EntryPosition, Problem> {
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

/// Refuses where something is not as it was seen.
pub fn refuse_changes(changes: Vec<Difference>) -> Result<(), ApiError> {
    if changes.is_empty() { Ok(()) } else { Err(ApiError::Conflict { changes, state: None }) }
}
