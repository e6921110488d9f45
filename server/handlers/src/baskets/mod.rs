//! The basket: reading it with all its offers, changing it by single commands.

use model::access::Permission;
use model::api::Problem;
use model::api::baskets::{BasketAddition, BasketItem, BasketView, ChangeBasket, ReadBasket};
use model::api::catalogue::ServiceCard;
use model::api::submissions::{Line, LineKind};
use model::basket::{Change, Choice, Offer, Situation, Standing};
use model::catalogue::{InteractionLevel, Service, ServiceStatus};
use model::credits::Credits;
use model::ids::{BodyId, ServiceCode};
use model::refusals::Refusal;

use crate::baskets::body_in_call::{BodyInCall, body, body_ref};
use crate::context::{Handler, RequestContext};
use store::{Catalogue, StoreResult};

pub mod body_in_call;

impl Handler for ReadBasket {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<BasketView, Problem> {
        let body_in_call = current(ctx, self.body).await?;
        view(ctx, &body_in_call)
    }
}

impl Handler for ChangeBasket {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<BasketView, Problem> {
        let mut body_in_call = current(ctx, self.body).await?;
        body_in_call.assigned()?;
        let choice = body_in_call.situation()?.change(&body_in_call.choice, self.change, &self.service)?;
        let (call, at, actor) = (body_in_call.call_id(), ctx.now, ctx.actor());
        body_in_call.version = ctx.tx.save_choice(call, self.body, &choice, at).await?;
        ctx.tx
            .add_basket_step(call, self.body, body_in_call.version, self.change, &self.service, actor, at)
            .await?;
        (body_in_call.choice, body_in_call.saved_at) = (choice, Some(ctx.now));
        view(ctx, &body_in_call)
    }
}

/// A body in the current call.
///
/// # Errors
/// `not_found` for a body that is not there; `call_closed` while there is no call.
pub async fn current(ctx: &mut RequestContext<'_>, id: BodyId) -> Result<BodyInCall, Problem> {
    let body = body(ctx.tx, id).await?;
    let body_in_call = BodyInCall::current(ctx.tx, body, ctx.now).await?;
    body_in_call.ok_or_else(|| Refusal::CallClosed.into())
}

/// The basket as its page shows it.
fn view(ctx: &RequestContext<'_>, body_in_call: &BodyInCall) -> Result<BasketView, Problem> {
    let account = body_in_call.assigned()?.account();
    let situation = body_in_call.situation()?;
    let choice = &body_in_call.choice;
    let judgement = situation.judge(choice);
    let plan = situation.unchecked_plan(choice);
    let holds = plan.adds.iter().map(|(_, price)| price).sum();
    let editable =
        model::access::may(&ctx.caller, Permission::ChangeBasket, Some(body_in_call.body.id)).is_ok();
    Ok(BasketView {
        body: body_ref(&body_in_call.body),
        call: body_in_call.window.clone(),
        version: body_in_call.version,
        saved_at: body_in_call.saved_at,
        today: ctx.today(),
        account,
        cost: judgement.cost,
        left: judgement.left,
        high: judgement.high,
        items: body_in_call.package.iter().map(|item| basket_item(&situation, choice, item)).collect(),
        added: choice
            .added
            .iter()
            .filter_map(|(code, count)| {
                body_in_call.catalogue.services.get(code).map(|service| (service, *count))
            })
            .map(|(service, count)| BasketAddition {
                service: service.reference(),
                summary: service.summary.clone(),
                level: service.interaction_level,
                high: service.is_high(),
                price: service.price,
                count,
                repeatable: service.repeatable,
                kept_because: situation.change(choice, Change::Undo, &service.code).err(),
            })
            .collect(),
        others: others(body_in_call, &situation),
        needs_authorisation: body_in_call.call.terms.authorisation.needed(account, holds),
        objections: judgement.objections,
        waiting: body_in_call.waiting()?.map(|row| row.id),
        editable,
        review_days: longest(&body_in_call.catalogue, plan.adds.iter().map(|(code, _)| code), |service| {
            service.review_days
        }),
        activation_days: longest(
            &body_in_call.catalogue,
            plan.adds.iter().map(|(code, _)| code).chain(&plan.keeps),
            |service| service.activation_days,
        ),
        lines: lines(body_in_call, &situation),
    })
}

fn basket_item(
    situation: &Situation<'_>,
    choice: &Choice,
    item: &model::catalogue::PackageItem,
) -> BasketItem {
    let service = situation.services.get(&item.service);
    let dropped = choice.dropped.contains(&item.service);
    let gone_because =
        if dropped { situation.change(choice, Change::Undo, &item.service).err() } else { None };
    BasketItem {
        service: service.map(Service::reference).unwrap_or_default(),
        summary: service.map(|service| service.summary.clone()).unwrap_or_default(),
        level: service.map_or(InteractionLevel::Information, |service| service.interaction_level),
        high: service.is_some_and(Service::is_high),
        value: item.value,
        standing: situation.standing(&item.service),
        dropped,
        kept_because: if dropped { None } else { situation.drop_gives(choice, &item.service).err() },
        gone_because,
    }
}

/// What of a number of services takes longest.
fn longest<'c>(
    catalogue: &Catalogue,
    codes: impl Iterator<Item = &'c ServiceCode>,
    days: impl Fn(&Service) -> u32,
) -> u32 {
    let services = codes.filter_map(|code| catalogue.services.get(code));
    services.map(days).max().unwrap_or(0)
}

/// What is not in the package, unless one more may be added. What is added stays, so that no other card slides under
/// the pointer.
fn others(body_in_call: &BodyInCall, situation: &Situation<'_>) -> Vec<ServiceCard> {
    let in_package = |code: &ServiceCode| {
        body_in_call.package.iter().any(|item| item.service == *code)
            && situation.standing(code) != Standing::Gone
    };
    let mut cards: Vec<_> = body_in_call
        .catalogue
        .services
        .values()
        .filter(|service| service.status != ServiceStatus::Draft && !service.universal)
        .filter(|service| service.repeatable || !in_package(&service.code))
        .map(|service| {
            card(&body_in_call.catalogue, service, Some(situation.offer(&body_in_call.choice, &service.code)))
        })
        .collect();
    sort_by_area(&body_in_call.catalogue, &mut cards);
    cards
}

/// A service as its card shows it.
pub fn card(catalogue: &Catalogue, service: &Service, offer: Option<Offer>) -> ServiceCard {
    ServiceCard {
        code: service.code.clone(),
        name: service.name.clone(),
        summary: service.summary.clone(),
        area: service.area.clone(),
        area_name: catalogue.area(&service.area).map(|area| area.name.clone()).unwrap_or_default(),
        level: service.interaction_level,
        price: service.price,
        universal: service.universal,
        repeatable: service.repeatable,
        status: service.status,
        status_reason: service.status_reason.clone(),
        offer,
    }
}

/// In the order of the areas, then by name.
pub fn sort_by_area(catalogue: &Catalogue, cards: &mut [ServiceCard]) {
    let position = |card: &ServiceCard| catalogue.areas.iter().position(|area| area.code == card.area);
    cards.sort_by(|a, b| (position(a), &a.name).cmp(&(position(b), &b.name)));
}

/// What a submission of this choice would ask, additions first.
pub fn lines(body_in_call: &BodyInCall, situation: &Situation<'_>) -> Vec<Line> {
    let plan = situation.unchecked_plan(&body_in_call.choice);
    let line = |kind, code: &ServiceCode, credits| line(&body_in_call.catalogue, kind, code, credits);
    plan.adds
        .iter()
        .map(|(code, price)| line(LineKind::Add, code, *price))
        .chain(plan.drops.iter().map(|(code, value)| line(LineKind::Drop, code, *value)))
        .chain(plan.keeps.iter().map(|code| line(LineKind::Keep, code, 0)))
        .collect()
}

/// A line of a submission, with what the catalogue says of its service now.
pub fn line(catalogue: &Catalogue, kind: LineKind, code: &ServiceCode, credits: Credits) -> Line {
    let service = catalogue.services.get(code);
    Line {
        kind,
        service: catalogue.reference(code),
        summary: catalogue.summary(code),
        credits,
        level: service.map_or(InteractionLevel::Information, |service| service.interaction_level),
        status: service.map_or(ServiceStatus::Withdrawn, |service| service.status),
        status_reason: service.map(|service| service.status_reason.clone()).unwrap_or_default(),
        request: None,
    }
}

/// What the service may offer to a body; none for a body that composes nothing now.
pub fn offer(body_in_call: &BodyInCall, code: &ServiceCode) -> StoreResult<Option<Offer>> {
    if body_in_call.assigned().is_err() {
        return Ok(None);
    }
    Ok(Some(body_in_call.situation()?.offer(&body_in_call.choice, code)))
}
