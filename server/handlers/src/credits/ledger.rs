//! The copy of the ledger that a body keeps, and what anybody may see of it.

use model::access::{Permission, may};
use model::api::credits::{Ledger, LedgerProof, ReadAnchor, ReadLedger, ReadLedgerProof};
use model::api::{ApiError, Problem};
use model::ledger::Anchor;

use crate::baskets::body_in_call::{body, body_ref};
use crate::context::{Handler, RequestContext};
use model::clock::{doubt, is_behind};

/// Anchors in the list.
const LISTED: i64 = 31;

impl Handler for ReadLedger {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Ledger, Problem> {
        let body = body(ctx.tx, self.body).await?;
        let mut books = Vec::new();
        for account in ctx.tx.books(Some(self.body)).await? {
            let book = ctx.tx.book(&account).await?.map_err(|fault| {
                tracing::error!(%fault, "the ledger is not sound");
                ApiError::Internal
            })?;
            books.push(book);
        }
        let aggregator = ctx.tx.profile().await?.name;
        Ok(Ledger { aggregator, body: body_ref(&body), at: ctx.now, books })
    }
}

impl Handler for ReadLedgerProof {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<LedgerProof, Problem> {
        let may_check = may(&ctx.caller, Permission::CheckLedger, None).is_ok();
        let anchors = ctx.tx.anchors(LISTED).await?;
        let check = if may_check { ctx.tx.latest_check().await? } else { None };
        let behind = check.as_ref().is_some_and(|check| is_behind(ctx.now, check.at));
        let clock_doubt = if may_check { doubt(ctx.now, ctx.tx.clock_noted().await?) } else { None };
        Ok(LedgerProof { anchors, check, clock_behind: behind.then_some(ctx.now), clock_doubt, may_check })
    }
}

impl Handler for ReadAnchor {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Anchor, Problem> {
        ctx.tx.anchor(self.day).await?.ok_or_else(|| ApiError::NotFound.into())
    }
}
