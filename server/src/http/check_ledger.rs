//! *Verifica del registro*: reads for long, so that it is no handler.

use handlers::context::CallerContext;
use handlers::credits::{anchor, check};
use model::api::credits::{CheckLedger, LedgerCheck};
use model::api::{ApiError, Operation as _, Problem};
use model::refusals::Refusal;

use super::Site;
use super::operation::{Answered, RequestInfo};
use super::session::CustomHandler;

impl CustomHandler for CheckLedger {
    async fn execute(self, site: &Site, info: RequestInfo) -> Result<Answered<LedgerCheck>, Problem> {
        let (marketplace, now) = (&site.marketplace, site.marketplace.clock.now());
        let mut tx = marketplace.store.read(info.aggregator).await?;
        CallerContext::open(&mut tx, &info.identity, now).await?.check(Self::PERMISSION, None)?;
        drop(tx);
        let tenant = marketplace.tenants.iter().find(|tenant| tenant.id == info.aggregator);
        let tenant = tenant.ok_or(ApiError::NotFound)?;
        let elsewhere =
            anchor::known_elsewhere(marketplace, site.anchors.clone(), tenant, now.day_in_rome()).await;
        let elsewhere = elsewhere.map_err(|_| Refusal::AnchorsUnreadable)?;
        let answer = check::run(&site.marketplace, info.aggregator, &info.identity, &elsewhere).await?;
        Ok(Answered { answer, cookies: Vec::new() })
    }
}
