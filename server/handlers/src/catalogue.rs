//! Home, catalogue and sheets: what anybody may read, with offers for who composes a package.

use model::api::catalogue::{
    AccessCount, Activation, AreaCount, CallCard, DeliveryCount, Home, LevelCount, ListServices, ReadHome,
    ReadService, ReadStatus, ServiceList, ServicePage, Status,
};
use model::api::{ApiError, Problem};
use model::calendar::{Instant, days_until};
use model::catalogue::{AccessMode, DeliveryMode, InteractionLevel, Service, ServiceStatus};
use model::credits::Credits;
use model::ids::{BodyId, ServiceCode};
use model::people::{Caller, Role};

use crate::baskets::body_in_call::{BodyInCall, body_ref, body_title};
use crate::baskets::{card, offer, sort_by_area};
use crate::context::{Handler, RequestContext};
use store::{Catalogue, StoreResult};

/// Activations on the home page.
const LATEST: i64 = 5;

impl Handler for ReadHome {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Home, Problem> {
        let catalogue = ctx.tx.catalogue().await?;
        let province = ctx.tx.profile().await?.province;
        let (joined, municipalities) = ctx.tx.count_bodies(&province).await?;
        let call = match ctx.tx.current_call().await? {
            Some(row) => {
                let call = row.call()?;
                Some(CallCard {
                    days_left: days_until(ctx.today(), call.closes.day_in_rome()),
                    title: call.title,
                    status: call.status,
                    opens: call.opens,
                    closes: call.closes,
                })
            }
            None => None,
        };
        let latest = ctx.tx.latest_activations(LATEST).await?;
        let shown: Vec<_> = catalogue.public().collect();
        Ok(Home {
            call,
            areas: areas(&catalogue, &shown),
            services: count(shown.len()),
            latest: latest
                .into_iter()
                .map(|(code, kind, name, at)| Activation {
                    service: catalogue.reference(&ServiceCode(code)),
                    body_title: body_title(&kind, &name),
                    on: Instant(at).day_in_rome(),
                })
                .collect(),
            joined,
            municipalities,
        })
    }
}

/// Drafts are not for the public.
fn is_public(service: &Service) -> bool {
    service.status != ServiceStatus::Draft
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn areas(catalogue: &Catalogue, services: &[&Service]) -> Vec<AreaCount> {
    catalogue
        .areas
        .iter()
        .map(|area| AreaCount {
            area: area.clone(),
            services: count(services.iter().filter(|service| service.area == area.code).count()),
        })
        .collect()
}

/// Whether a service passes the filters, one of which may be left out.
fn passes(filters: &ListServices, service: &Service, but: Filter) -> bool {
    let area = but == Filter::Area || filters.area.as_ref().is_none_or(|area| service.area == *area);
    let level = but == Filter::Level || filters.level.is_none_or(|level| service.interaction_level == level);
    let delivery = but == Filter::Delivery || filters.delivery.is_none_or(|mode| service.delivery == mode);
    let access = but == Filter::Access || filters.access.is_none_or(|mode| service.access.contains(&mode));
    area && level && delivery && access
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Filter {
    Area,
    Level,
    Delivery,
    Access,
    None,
}

impl Handler for ListServices {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<ServiceList, Problem> {
        let catalogue = ctx.tx.catalogue().await?;
        let body_in_call = own_body_in_call(ctx, self.body).await?;
        let public: Vec<_> = catalogue.public().collect();
        let found = if self.q.trim().is_empty() { public.clone() } else { catalogue.search(&self.q) };
        let left =
            |but| found.iter().copied().filter(|service| passes(&self, service, but)).collect::<Vec<_>>();
        let mut services = Vec::new();
        for service in left(Filter::None) {
            let offer = match &body_in_call {
                Some(body_in_call) => offer(body_in_call, &service.code)?,
                None => None,
            };
            services.push(card(&catalogue, service, offer));
        }
        if self.q.trim().is_empty() {
            sort_by_area(&catalogue, &mut services);
        }
        Ok(ServiceList {
            services,
            areas: areas(&catalogue, &left(Filter::Area)),
            levels: levels(&left(Filter::Level)),
            deliveries: deliveries(&left(Filter::Delivery)),
            accesses: accesses(&left(Filter::Access)),
            total: count(public.len()),
            body: body_in_call.as_ref().map(|body_in_call| body_ref(&body_in_call.body)),
            left: left_to(body_in_call.as_ref())?,
        })
    }
}

fn levels(services: &[&Service]) -> Vec<LevelCount> {
    InteractionLevel::ALL
        .into_iter()
        .map(|level| LevelCount {
            level,
            services: count(services.iter().filter(|service| service.interaction_level == level).count()),
        })
        .collect()
}

fn deliveries(services: &[&Service]) -> Vec<DeliveryCount> {
    [DeliveryMode::CentralPlatform, DeliveryMode::LocalInstallation, DeliveryMode::People]
        .into_iter()
        .map(|delivery| DeliveryCount {
            delivery,
            services: count(services.iter().filter(|service| service.delivery == delivery).count()),
        })
        .collect()
}

fn accesses(services: &[&Service]) -> Vec<AccessCount> {
    [AccessMode::Counter, AccessMode::Web, AccessMode::Spid, AccessMode::Cie, AccessMode::Cns]
        .into_iter()
        .map(|access| AccessCount {
            access,
            services: count(services.iter().filter(|service| service.access.contains(&access)).count()),
        })
        .collect()
}

impl Handler for ReadService {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<ServicePage, Problem> {
        let catalogue = ctx.tx.catalogue().await?;
        let service = catalogue.services.get(&self.code).filter(|service| is_public(service));
        let service = service.cloned().ok_or(ApiError::NotFound)?;
        let body_in_call = own_body_in_call(ctx, self.body).await?;
        let references = |codes: &[ServiceCode]| codes.iter().map(|code| catalogue.reference(code)).collect();
        let live = ctx.tx.live_count(&self.code).await?;
        Ok(ServicePage {
            area: catalogue.area(&service.area).cloned().ok_or(ApiError::Internal)?,
            requires: references(&service.requires),
            excludes: references(&service.excludes),
            live,
            offer: own_offer(body_in_call.as_ref(), &self.code)?,
            left: left_to(body_in_call.as_ref())?,
            body: body_in_call.as_ref().map(|body_in_call| body_ref(&body_in_call.body)),
            service,
        })
    }
}

fn own_offer(
    body_in_call: Option<&BodyInCall>,
    code: &ServiceCode,
) -> StoreResult<Option<model::basket::Offer>> {
    body_in_call.map_or(Ok(None), |body_in_call| offer(body_in_call, code))
}

/// What the body's basket leaves it.
fn left_to(body_in_call: Option<&BodyInCall>) -> StoreResult<Option<Credits>> {
    body_in_call
        .map(|body_in_call| Ok(body_in_call.situation()?.judge(&body_in_call.choice).left))
        .transpose()
}

/// The body that the caller composes for, in its call: the wanted one, or the only one.
async fn own_body_in_call(
    ctx: &mut RequestContext<'_>,
    wanted: Option<BodyId>,
) -> Result<Option<BodyInCall>, Problem> {
    let Caller::Person { roles, .. } = &ctx.caller else {
        return Ok(None);
    };
    let mut own = roles.iter().filter(|held| held.role == Role::Officer).filter_map(|held| held.body);
    let chosen = match wanted {
        Some(body) => own.find(|own| *own == body),
        None => own.next().filter(|_| own.next().is_none()),
    };
    let Some(body) = chosen else { return Ok(None) };
    let Some(body) = ctx.tx.body(body).await? else {
        return Ok(None);
    };
    let body_in_call = BodyInCall::current(ctx.tx, body, ctx.now).await?;
    Ok(body_in_call.filter(|body_in_call| body_in_call.assigned().is_ok()))
}

impl Handler for ReadStatus {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Status, Problem> {
        // The store answered: a reader was open for this context.
        ctx.tx.profile().await?;
        Ok(Status { status: "ok".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() })
    }
}
