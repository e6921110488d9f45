//! Entries that people make by hand: extra grants and corrections; and the end of what nobody spent.

use model::access::Deed;
use model::api::call::{ConfirmCorrection, Correction, GrantExtra, ProposeCorrection};
use model::api::{Problem, Trouble};
use model::calls::CallStatus;
use model::credits::{Account, Credits, EntryKind};
use model::ids::{AccountId, BodyId, CallId, CorrectionId};
use model::ledger::Entry;
use model::refusals::Refusal;

use super::basket::current;
use super::folder::{Folder, body};
use crate::desk::{Desk, Flow, absent};
use crate::store::CorrectionRow;

impl Flow for GrantExtra {
    async fn run(self, desk: &mut Desk<'_>) -> Result<Account, Problem> {
        desk.allow(Deed::GrantExtra, Some(self.body))?;
        let folder = current(desk, self.body).await?;
        by_hand(desk, &folder, EntryKind::Grant, self.credits, &self.reason).await?;
        Ok(folder.renewed(desk.work, desk.now).await?.assigned()?.account())
    }
}

impl Flow for ProposeCorrection {
    async fn run(self, desk: &mut Desk<'_>) -> Result<Correction, Problem> {
        desk.allow(Deed::ProposeCorrection, Some(self.body))?;
        let folder = current(desk, self.body).await?;
        folder.assigned()?;
        let proposer = desk.actor().ok_or(Trouble::Forbidden)?;
        let call = folder.call_id();
        let id = desk
            .work
            .add_correction(call, self.body, self.credits, self.reason.trim(), proposer, desk.now.0)
            .await?;
        let alone = self.credits.abs() <= folder.call.terms.correction_threshold;
        if alone {
            by_hand(desk, &folder, EntryKind::Correct, self.credits, &self.reason).await?;
            desk.work.confirm_correction(id, proposer, desk.now.0).await?;
        }
        let reason = self.reason.trim().to_owned();
        Ok(Correction { id, body: self.body, credits: self.credits, reason, confirmed: alone })
    }
}

impl Flow for ConfirmCorrection {
    async fn run(self, desk: &mut Desk<'_>) -> Result<Correction, Problem> {
        let row = desk.work.correction(self.correction).await?;
        let row = row.ok_or_else(|| absent(&desk.caller))?;
        desk.allow(Deed::ConfirmCorrection, Some(BodyId(row.body)))?;
        let folder = folder_of(desk, &row).await?;
        let confirmer = desk.actor().ok_or(Trouble::Forbidden)?;
        if confirmer == row.proposed_by {
            let threshold = folder.call.terms.correction_threshold;
            return Err(Refusal::SecondPersonNeeded { threshold }.into());
        }
        if !desk.work.confirm_correction(self.correction, confirmer, desk.now.0).await? {
            return Err(Trouble::Conflict { changes: Vec::new(), state: None }.into());
        }
        by_hand(desk, &folder, EntryKind::Correct, row.credits, &row.reason).await?;
        Ok(Correction {
            id: CorrectionId(row.id),
            body: BodyId(row.body),
            credits: row.credits,
            reason: row.reason,
            confirmed: true,
        })
    }
}

/// The folder of the call in which a correction was proposed.
///
/// # Errors
/// `call_closed` when that call is archived: its credits are over.
async fn folder_of(desk: &mut Desk<'_>, row: &CorrectionRow) -> Result<Folder, Problem> {
    let call = desk.work.call(CallId(row.call)).await?;
    let call = call.ok_or(Trouble::Internal)?.call()?;
    if call.status == CallStatus::Archived {
        return Err(Refusal::CallClosed.into());
    }
    let body = body(desk.work, BodyId(row.body)).await?;
    Ok(Folder::of(desk.work, body, call, desk.now).await?)
}

/// An entry that a person makes with a reason; the rule leaves the body alone from then on.
async fn by_hand(
    desk: &mut Desk<'_>,
    folder: &Folder,
    kind: EntryKind,
    amount: Credits,
    reason: &str,
) -> Result<(), Problem> {
    let account = folder.assigned()?.id();
    enter(desk, account, kind, amount, reason.trim()).await?;
    desk.work.mark_by_hand(folder.call_id(), folder.body.id).await?;
    Ok(())
}

/// One entry that concerns no request.
pub async fn enter(
    desk: &mut Desk<'_>,
    account: AccountId,
    kind: EntryKind,
    amount: Credits,
    reason: &str,
) -> Result<(), Problem> {
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
    desk.work.add_entries(&[entry]).await??;
    Ok(())
}

/// What is left of an archived call expires.
pub async fn expire(desk: &mut Desk<'_>, account: AccountId, amount: Credits) -> Result<(), Problem> {
    enter(desk, account, EntryKind::Expire, amount, "").await
}
