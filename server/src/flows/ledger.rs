//! The copy of the ledger that a body keeps, and what anybody may see of it.

use model::access::{Deed, may};
use model::api::ledger::{Ledger, LedgerProof, ReadAnchor, ReadLedger, ReadLedgerProof};
use model::api::{Problem, Trouble};
use model::ledger::Anchor;

use super::folder::{body, body_ref};
use crate::clock::{doubt, is_behind};
use crate::desk::{Desk, Flow};

/// Anchors in the list.
const LISTED: i64 = 31;

impl Flow for ReadLedger {
    async fn run(self, desk: &mut Desk<'_>) -> Result<Ledger, Problem> {
        desk.allow(Deed::ListEntries, Some(self.body))?;
        let body = body(desk.work, self.body).await?;
        let mut books = Vec::new();
        for account in desk.work.books(Some(self.body)).await? {
            let book = desk.work.book(&account).await?.map_err(|fault| {
                tracing::error!(%fault, "the ledger is not sound");
                Trouble::Internal
            })?;
            books.push(book);
        }
        let aggregator = desk.work.profile().await?.name;
        Ok(Ledger { aggregator, body: body_ref(&body), at: desk.now, books })
    }
}

impl Flow for ReadLedgerProof {
    async fn run(self, desk: &mut Desk<'_>) -> Result<LedgerProof, Problem> {
        desk.allow(Deed::ReadLedgerProof, None)?;
        let may_check = may(&desk.caller, Deed::CheckLedger, None).is_ok();
        let anchors = desk.work.anchors(LISTED).await?;
        let check = if may_check { desk.work.latest_check().await? } else { None };
        let behind = check.as_ref().is_some_and(|check| is_behind(desk.now, check.at));
        let clock_doubt = if may_check { doubt(desk.now, desk.work.clock_noted().await?) } else { None };
        Ok(LedgerProof { anchors, check, clock_behind: behind.then_some(desk.now), clock_doubt, may_check })
    }
}

impl Flow for ReadAnchor {
    async fn run(self, desk: &mut Desk<'_>) -> Result<Anchor, Problem> {
        desk.allow(Deed::ReadLedgerProof, None)?;
        desk.work.anchor(self.day).await?.ok_or_else(|| Trouble::NotFound.into())
    }
}
