//! *Scheda breve*: a service in the catalogue and among the others of the basket.

use leptos::prelude::*;
use model::api::baskets::BasketView;
use model::api::catalogue::ServiceCard;
use model::catalogue::ServiceStatus;
use model::ids::BodyId;

use super::offer::{OfferPlace, Offered, price};
use crate::links;
use crate::parts::Reason;
use crate::rendering::use_lang;

/// What stands within the card; `body` where the offers are those of a body.
pub fn card(
    card: ServiceCard,
    body: Option<BodyId>,
    then: Callback<BasketView>,
    link: Option<BodyId>,
) -> AnyView {
    let lang = use_lang();
    let high = card.level.is_high().then(|| view! { <li>{lang.catalogue_high()}</li> });
    let repeatable = card.repeatable.then(|| view! { <li>{lang.catalogue_repeatable()}</li> });
    let foot = match (body, &card.offer) {
        (Some(body), Some(offer)) => Offered {
            body,
            code: &card.code,
            name: &card.name,
            price: card.price,
            universal: card.universal,
            offer,
            place: OfferPlace::Card,
        }
        .action(then),
        _ => unoffered(&card),
    };
    view! {
        <article class="it-card cz-service">
            <h3 class="it-card-title">
                <a href=links::service_for(&card.code, link) data-element="service-link">
                    {card.name}
                </a>
            </h3>
            <div class="it-card-body">
                <p class="it-card-text">{card.summary}</p>
                <ul class="cz-tags">
                    <li>{card.area_name}</li>
                    <li>{lang.level(card.level)}</li>
                    {high}
                    {repeatable}
                </ul>
            </div>
            <footer class="cz-service-foot">{foot}</footer>
        </article>
    }
    .into_any()
}

/// What it costs, for who composes nothing; and where it can't be had, why.
fn unoffered(card: &ServiceCard) -> AnyView {
    let lang = use_lang();
    let reason = (card.status != ServiceStatus::Published).then(|| {
        let status = lang.service_status(card.status);
        let reason = if card.status_reason.is_empty() {
            status.to_owned()
        } else {
            [status, ": ", &card.status_reason].concat()
        };
        view! { <Reason>{reason}</Reason> }
    });
    view! {
        {price(card.price, card.universal)}
        {reason}
    }
    .into_any()
}
