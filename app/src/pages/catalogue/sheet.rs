//! *Scheda del servizio*, in the order and with the element names of the national model; beside it what the service
//! is for the body that composes.

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map, use_query_map};
use model::api::baskets::BasketView;
use model::api::catalogue::{ListServices, ReadService, ServicePage};
use model::catalogue::{Service, ServiceStatus};
use model::ids::{BodyId, ServiceCode};

use super::facts::at_once;
use super::query::address;
use crate::links::{self, BODY_FIELD};
use crate::pages::baskets::action::{BasketAction, DoneAction, last_done};
use crate::pages::baskets::message::ChangeMessage;
use crate::pages::baskets::offer::{OfferPlace, Offered};
use crate::parts::{Alert, Badge, Breadcrumb, Crumb, Heading, Look, Shade, Tone};
use crate::reading::{answered, read};
use crate::rendering::use_lang;
use crate::session::with_session;
use crate::text::Lang;

/// `/servizi/:code`
#[component]
pub fn ServiceSheetPage() -> AnyView {
    let (params, query) = (use_params_map(), use_query_map());
    let body = move || query.with(|query| query.get(BODY_FIELD)).and_then(|id| id.parse().ok());
    let reading = read(move || ReadService {
        code: ServiceCode(params.with(|params| params.get("code")).unwrap_or_default()),
        body: body(),
    });
    let location = use_location();
    let page = move || location.pathname.get_untracked();
    let done = RwSignal::new(last_done(&page()));
    let then = Callback::new(move |_: BasketView| {
        done.set(last_done(&page()));
        reading.refetch();
    });
    answered(reading, move |page| {
        let done = done.get_untracked().filter(|(_, code)| *code == page.service.code);
        sheet(page, done, untrack(body), then)
    })
}

fn sheet(
    page: ServicePage,
    done: Option<DoneAction>,
    for_body: Option<BodyId>,
    then: Callback<BasketView>,
) -> AnyView {
    let lang = use_lang();
    let service = &page.service;
    let in_area =
        ListServices { area: Some(page.area.code.clone()), body: for_body, ..ListServices::default() };
    let crumbs: Vec<Crumb> = vec![
        (lang.frame_home().to_owned(), links::HOME.to_owned()),
        (lang.catalogue_crumb().to_owned(), links::CATALOGUE.to_owned()),
        (page.area.name.clone(), address(&in_area)),
    ];
    view! {
        <div class="container">
            <Breadcrumb crumbs=crumbs here=service.name.clone()/>
            <div class="cz-head">
                <Heading title=service.name.clone() element="service-title"/>
                <p class="lead" data-element="service-description">
                    {service.summary.clone()}
                </p>
                {status(lang, service)}
            </div>
            <div role="status">{last_change(&page, done, then)}</div>
            <div class="cz-columns">
                <div>
                    {sections(lang, service)} {topics(lang, service, for_body)} {at_once(lang, &page, for_body)}
                </div>
                <aside aria-label=lang.catalogue_for_body()>
                    {offered(lang, &page, then)} {index(lang, service)}
                </aside>
            </div>
        </div>
    }
    .into_any()
}

/// Whether it can be had, and where it can't, why.
fn status(lang: Lang, service: &Service) -> AnyView {
    let shade = match service.status {
        ServiceStatus::Published => Shade::Live,
        ServiceStatus::Paused => Shade::Waiting,
        ServiceStatus::Draft => Shade::Neutral,
        ServiceStatus::Withdrawn => Shade::Ended,
    };
    let reason = (!service.status_reason.is_empty())
        .then(|| view! { " " <span>{service.status_reason.clone()}</span> });
    view! {
        <p class="mt-3">
            <span data-element="service-status">
                <Badge shade=shade word=lang.service_status(service.status)/>
            </span>
            {reason}
        </p>
    }
    .into_any()
}

fn last_change(page: &ServicePage, done: Option<DoneAction>, then: Callback<BasketView>) -> Option<AnyView> {
    let body = page.body.as_ref()?.id;
    let done = done?;
    let amount = matches!(done.0, BasketAction::Add | BasketAction::TakeBack).then_some(page.service.price);
    let message = ChangeMessage { body, done, name: page.service.name.clone(), amount, left: page.left };
    let message = view! {
        <Alert tone=Tone::Success title=message.title()>
            <p>{message.text()}</p>
            <div class="cz-actions">
                {message.undo(Look::OutlineSmall, then)}
                <a class="cz-more" href=links::basket(body)>
                    {use_lang().baskets_to_basket()}
                </a>
            </div>
        </Alert>
    };
    Some(message.into_any())
}

/// A section of the national model: anchor, title, element name, text.
type Section<'a> = (&'static str, &'static str, &'static str, &'a str);

/// Those that say something, in the order of the model.
fn written(lang: Lang, service: &Service) -> Vec<Section<'_>> {
    let sheet = &service.sheet;
    let sections = [
        ("rivolto", lang.catalogue_sheet_addressed(), "service-addressed", sheet.addressed.as_str()),
        ("come", lang.catalogue_sheet_how(), "service-how-to", &sheet.how),
        ("serve", lang.catalogue_sheet_needed(), "service-needed", &sheet.needed),
        ("ottiene", lang.catalogue_sheet_obtained(), "service-achieved", &sheet.obtained),
        ("tempi", lang.catalogue_sheet_times(), "service-calendar-text", &sheet.times),
        ("costi", lang.catalogue_sheet_costs(), "service-cost", &sheet.costs),
        ("accedi", lang.catalogue_sheet_access(), "service-generic-access", &sheet.access),
        ("condizioni", lang.catalogue_sheet_conditions(), "service-conditions", &sheet.conditions),
        ("contatti", lang.catalogue_sheet_contacts(), "service-area", &sheet.contacts),
    ];
    sections.into_iter().filter(|(.., text)| !text.trim().is_empty()).collect()
}

/// The sheets are written in Italian, whatever the language of the page.
fn sections(lang: Lang, service: &Service) -> AnyView {
    let section = |(id, title, element, text): Section| {
        view! {
            <section class="cz-prose mb-5" aria-labelledby=id>
                <h2 id=id class="h3">{title}</h2>
                <div data-element=element lang="it">
                    {paragraphs(text)}
                </div>
            </section>
        }
    };
    written(lang, service).into_iter().map(section).collect_view().into_any()
}

/// Plain text, parted by blank lines.
fn paragraphs(text: &str) -> Vec<AnyView> {
    text.split("\n\n")
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(|text| view! { <p>{text.to_owned()}</p> }.into_any())
        .collect()
}

/// Each leads to what the catalogue knows about it.
fn topics(lang: Lang, service: &Service, body: Option<BodyId>) -> Option<AnyView> {
    let topic = |topic: &String| {
        let to = ListServices { q: topic.clone(), body, ..ListServices::default() };
        view! {
            <li>
                <a class="chip" href=address(&to) data-element="service-topic">
                    <span class="chip-label">{topic.clone()}</span>
                </a>
            </li>
        }
    };
    let topics = &service.sheet.topics;
    (!topics.is_empty()).then(|| {
        view! {
            <section class="mb-5" aria-labelledby="argomenti">
                <h2 id="argomenti" class="h3">{lang.catalogue_sheet_topics()}</h2>
                <ul class="cz-chips">{topics.iter().map(topic).collect_view()}</ul>
            </section>
        }
        .into_any()
    })
}

/// Price, what is left, and the action or the one reason why not.
fn offered(lang: Lang, page: &ServicePage, then: Callback<BasketView>) -> AnyView {
    let service = &page.service;
    let price =
        if service.universal { lang.catalogue_universal().to_owned() } else { lang.credits(service.price) };
    let action = match (&page.body, &page.offer) {
        (Some(body), Some(offer)) => Offered {
            body: body.id,
            code: &service.code,
            name: &service.name,
            price: service.price,
            universal: service.universal,
            offer,
            place: OfferPlace::Sheet,
        }
        .action(then),
        _ => sign_in(&service.code),
    };
    let left = page.left.filter(|left| *left >= 0).map(|left| lang.catalogue_left(left));
    view! {
        <div class="cz-panel cz-panel-tint">
            <h2 class="h3">{lang.catalogue_for_body()}</h2>
            <p class="cz-price">{price}</p>
            {left.map(|left| view! { <p class="cz-small">{left}</p> })}
            <div class="mb-3">{action}</div>
            <p class="cz-small cz-quiet">{lang.level(service.interaction_level)}</p>
        </div>
    }
    .into_any()
}

fn sign_in(code: &ServiceCode) -> AnyView {
    let next = links::service(code);
    with_session(move |session| {
        let lang = use_lang();
        let next = next.clone();
        let way = session.signed_in.is_none().then(|| {
            view! {
                <p class="cz-small">{lang.catalogue_sign_in_hint()}</p>
                <a class="btn btn-primary cz-wide" href=links::sign_in(&next)>
                    {lang.catalogue_sign_in()}
                </a>
            }
        });
        way.into_any()
    })
}

fn index(lang: Lang, service: &Service) -> AnyView {
    let entry = |(id, title, ..): Section| {
        view! { <li><a href=["#", id].concat()>{title}</a></li> }
    };
    view! {
        <nav class="mt-4 d-none d-lg-block" aria-labelledby="indice">
            <h2 class="h4" id="indice">{lang.catalogue_index()}</h2>
            <ul class="cz-jump-list" data-element="page-index">
                {written(lang, service).into_iter().map(entry).collect_view()}
            </ul>
        </nav>
    }
    .into_any()
}
