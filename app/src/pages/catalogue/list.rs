//! *Catalogo*: search, areas, a few filters, cards. Its state stands in the address.

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};
use model::api::baskets::BasketView;
use model::api::catalogue::{ListServices, ServiceList};

use super::filters::controls;
use super::query::{address, read_filter};
use crate::links::{self, AREA_FIELD, BODY_FIELD, SEARCH_FIELD};
use crate::pages::baskets::action::{BasketAction, DoneAction, last_done};
use crate::pages::baskets::card::card;
use crate::pages::baskets::message::ChangeMessage;
use crate::parts::{Alert, Crumb, Empty, FilterForm, Look, Page, Search, Tone, settle};
use crate::reading::{answered_or, answered_within, read};
use crate::rendering::use_lang;
use crate::session::with_session;

/// `/servizi`
#[component]
pub fn CataloguePage() -> AnyView {
    let (lang, query) = (use_lang(), use_query_map());
    let now = Memo::new(move |_| query.with(read_filter));
    let reading = read(move || now.get());
    let page = use_location().pathname.get_untracked();
    let done = RwSignal::new(last_done(&page));
    let then = Callback::new(move |_: BasketView| {
        done.set(last_done(&page));
        reading.refetch();
    });
    let hydrated = StoredValue::new(false);
    let hidden = move |name: &'static str, value: fn(&ListServices) -> String| {
        let value = move || now.with(value);
        move || (!value().is_empty()).then(|| view! { <input type="hidden" name=name value=value()/> })
    };
    let area = hidden(AREA_FIELD, |filter| filter.area.clone().unwrap_or_default().0);
    let body = hidden(BODY_FIELD, |filter| filter.body.map(|body| body.to_string()).unwrap_or_default());
    let crumbs: Vec<Crumb> = vec![(lang.frame_home().to_owned(), links::HOME.to_owned())];
    view! {
        <Page title=lang.catalogue_title() lead=lang.catalogue_lead() crumbs=crumbs quiet=true>
            <div role="status">{answered_or(reading, nothing, move |list| last_change(&list, done.get_untracked(), then))}</div>
            <div class="cz-section">
                <FilterForm action=links::CATALOGUE search=true>
                    {area} {body} <div class="cz-search">
                        {move || {
                            let q = now.with(|filter| filter.q.clone());
                            view! { <Search id="q" name=SEARCH_FIELD label=lang.catalogue_search() value=q/> }
                        }}
                    </div>
                    {answered_or(reading, nothing, move |list| {
                        Effect::new(move |_| {
                            // Not on hydration: something may have been typed before it.
                            if hydrated.get_value() {
                                request_animation_frame(settle);
                            }
                            hydrated.set_value(true);
                        });
                        controls(&now.get_untracked(), &list)
                    })}
                </FilterForm>
            </div>
            {answered_within(reading, move |list| results(&now.get_untracked(), list, then))}
        </Page>
    }
    .into_any()
}

/// An empty list for when it can't be read. The reason is shown in place of the results.
fn nothing() -> ServiceList {
    ServiceList {
        services: Vec::new(),
        areas: Vec::new(),
        levels: Vec::new(),
        deliveries: Vec::new(),
        accesses: Vec::new(),
        total: 0,
        body: None,
        left: None,
    }
}

/// What was added from here, and the way on.
fn last_change(list: &ServiceList, done: Option<DoneAction>, then: Callback<BasketView>) -> AnyView {
    let lang = use_lang();
    let message = done.zip(list.body.as_ref()).and_then(|(done, body)| {
        let card = list.services.iter().find(|card| card.code == done.1)?;
        let amount = matches!(done.0, BasketAction::Add).then_some(card.price);
        Some((
            ChangeMessage { body: body.id, done, name: card.name.clone(), amount, left: list.left },
            body.id,
        ))
    });
    let message = message.map(|(message, body)| {
        view! {
            <Alert tone=Tone::Success title=message.title()>
                <p>{message.text()}</p>
                <div class="cz-actions">
                    {message.undo(Look::OutlineSmall, then)}
                    <a class="cz-more" href=links::basket(body)>
                        {lang.baskets_to_basket()}
                    </a>
                </div>
            </Alert>
        }
    });
    message.into_any()
}

fn results(filter: &ListServices, list: ServiceList, then: Callback<BasketView>) -> AnyView {
    let lang = use_lang();
    if list.services.is_empty() {
        return empty(filter, &list);
    }
    let count = i64::try_from(list.services.len()).unwrap_or(i64::MAX);
    let all = ListServices { body: filter.body, ..ListServices::default() };
    let title = if !filter.q.trim().is_empty() {
        lang.catalogue_found_for(count, filter.q.trim())
    } else if *filter == all {
        lang.catalogue_services(count)
    } else {
        lang.catalogue_found(count)
    };
    let clear = (*filter != all)
        .then(|| view! { <a class="cz-more" href=address(&all)>{lang.common_clear_filters()}</a> });
    let (body, link) = (list.body.map(|body| body.id), filter.body);
    let cards = list.services.into_iter().map(|one| view! { <li>{card(one, body, then, link)}</li> });
    view! {
        <section aria-labelledby="trovati">
            <div class="cz-title-row">
                <div role="status">
                    <h2 id="trovati" class="h3">{title}</h2>
                </div>
                {clear}
            </div>
            <ul class="cz-services cz-services-three">{cards.collect_view()}</ul>
        </section>
    }
    .into_any()
}

/// Nothing found: the same words in all areas, the whole catalogue, or a word to the aggregator.
fn empty(filter: &ListServices, list: &ServiceList) -> AnyView {
    let lang = use_lang();
    let q = filter.q.trim();
    let (title, text) = if q.is_empty() {
        (lang.catalogue_none().to_owned(), lang.catalogue_none_hint())
    } else {
        (lang.catalogue_none_for(q), lang.catalogue_none_for_hint())
    };
    let all = ListServices { body: filter.body, ..ListServices::default() };
    let elsewhere = list.areas.iter().map(|area| i64::from(area.services)).sum::<i64>();
    let elsewhere = (filter.area.is_some() && elsewhere > 0).then(|| {
        let everywhere = ListServices { area: None, ..filter.clone() };
        view! {
            <a class="btn btn-primary" href=address(&everywhere)>
                {lang.catalogue_elsewhere(elsewhere)}
            </a>
        }
    });
    let look = if elsewhere.is_some() { "btn btn-outline-primary" } else { "btn btn-primary" };
    let propose = with_session(move |session| {
        let email = session.aggregator.email;
        let link = (!email.is_empty()).then(|| {
            view! { <a class="btn btn-link" href=["mailto:", &email].concat()>{lang.catalogue_propose()}</a> }
        });
        link.into_any()
    });
    view! {
        <Empty title=title text=text>
            {elsewhere}
            <a class=look href=address(&all)>
                {lang.catalogue_see_all()}
            </a>
            {propose}
        </Empty>
    }
    .into_any()
}
