//! What answers at `METRICS_ADDR`: the metrics of this server, served where only its operator reaches them.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use handlers::marketplace::{Marketplace, Tenant};
use metrics::OfOneAggregator;
use model::api::ApiError;
use model::calendar::Instant;
use prometheus_client::encoding::prometheus_text;
use prometheus_client::registry::Registry;
use store::StoreResult;

use crate::http::problem;

/// In which sign-ins that failed are counted by their source, in seconds.
const RECENT: i64 = 15 * 60;

#[derive(Clone)]
struct Endpoint {
    marketplace: Marketplace,
    registry: Arc<Registry>,
}

pub fn routes(marketplace: Marketplace) -> Router {
    let registry = marketplace.store.metrics.registry(marketplace.clock.now()).into();
    Router::new().route("/metrics", get(scrape)).with_state(Endpoint { marketplace, registry })
}

async fn scrape(State(endpoint): State<Endpoint>) -> Response {
    observe(&endpoint.marketplace).await;
    let mut text = String::new();
    if prometheus_text::encode(&mut text, &endpoint.registry).is_err() {
        return problem::answer(&ApiError::Internal.into());
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// Reads the database. When it does not answer, what was known of the ledger stays.
async fn observe(marketplace: &Marketplace) {
    marketplace.store.measure();
    let mut answered = true;
    for tenant in marketplace.tenants.iter() {
        match observe_one(marketplace, tenant).await {
            Ok(observed) => marketplace.store.metrics.observe_aggregator(&tenant.host, &observed),
            Err(error) => {
                tracing::warn!(%error, "the metrics are served without the database");
                answered = false;
                break;
            }
        }
    }
    marketplace.store.metrics.database_answered(answered);
}

async fn observe_one(marketplace: &Marketplace, tenant: &Tenant) -> StoreResult<OfOneAggregator> {
    let mut tx = marketplace.store.read(tenant.id).await?;
    let most_failures = tx.most_failures(marketplace.clock.now().plus_seconds(-RECENT)).await?;
    let checked = tx.latest_check().await?.map(|check| (check.at, check.fault.is_none()));
    let anchored = tx.newest_anchor_day().await?.map(|day| Instant::from_rome(day, 0, 0, 0));
    let outbox = tx.outbox_counts().await?;
    Ok(OfOneAggregator { most_failures, outbox, checked, anchored })
}
