//! *Home*: what it is, the open call, the catalogue by area, how it works, what went live last.

use leptos::prelude::*;
use model::api::catalogue::{Activation, AreaCount, CallCard, Home, ReadHome};
use model::calls::CallStatus;

use crate::links;
use crate::parts::{CallBadge, Chip, Chips, Heading, Icon, ListStep, Search, Steps};
use crate::reading::{answered, read};
use crate::rendering::use_lang;
use crate::session::with_session;

#[component]
pub fn HomePage() -> AnyView {
    answered(read(ReadHome::default), home)
}

fn home(home: Home) -> AnyView {
    let lang = use_lang();
    view! {
        <section class="cz-band">
            <div class="container">
                <Heading title=lang.home_title()/>
                <p class="lead">{lang.home_lead()}</p>
                <form class="cz-search mt-4" role="search" method="get" action=links::CATALOGUE id="cerca">
                    <Search
                        id="q"
                        name="q"
                        label=lang.home_search()
                        placeholder=lang.home_search_example()
                    />
                </form>
            </div>
        </section>
        <div class="container">
            {home.call.map(call)} {areas(home.areas, home.services)}
            <section class="cz-section" aria-labelledby="come">
                <h2 id="come">{lang.home_how()}</h2>
                <Steps steps=how() row=true/>
            </section> {latest(home.latest)} {joined(home.joined, home.municipalities)}
        </div>
    }
    .into_any()
}

fn call(call: CallCard) -> AnyView {
    let lang = use_lang();
    let open = call.status == CallStatus::Open;
    let sentence = match call.status {
        CallStatus::Draft => lang.home_call_opens(lang.on_instant(call.opens)),
        CallStatus::Open => {
            lang.home_call_open(lang.until_instant(call.closes), lang.days_left(call.days_left.max(0)))
        }
        CallStatus::Closed | CallStatus::Archived => lang.home_call_closed(lang.on_instant(call.closes)),
    };
    view! {
        <section class="cz-section" aria-labelledby="avviso">
            <div class="cz-panel">
                <div class="cz-title-row">
                    <h2 id="avviso" class="h3">{call.title}</h2>
                    <CallBadge status=call.status/>
                </div>
                <p class="cz-prose">{sentence}</p>
                {with_session(move |session| way_in(session.signed_in.is_some(), open))}
            </div>
        </section>
    }
    .into_any()
}

fn way_in(signed_in: bool, open: bool) -> AnyView {
    let lang = use_lang();
    let (href, name) = match (signed_in, open) {
        (true, _) => (links::AREA.to_owned(), lang.home_to_area()),
        (false, true) => (links::sign_in(""), lang.home_sign_in_and_compose()),
        (false, false) => (links::sign_in(""), lang.home_sign_in()),
    };
    view! {
        <div class="cz-buttons">
            <a class="btn btn-primary" href=href>{name}</a>
            <a class="btn btn-link" href=links::JOIN>{lang.frame_join()}</a>
        </div>
    }
    .into_any()
}

fn areas(areas: Vec<AreaCount>, services: u32) -> AnyView {
    let lang = use_lang();
    let chip = |count: AreaCount| Chip {
        href: links::area(count.area.code.as_str()),
        name: count.area.name,
        count: Some(count.services),
        current: false,
    };
    view! {
        <section class="cz-section" aria-labelledby="aree">
            <div class="cz-title-row">
                <h2 id="aree">{lang.home_areas()}</h2>
                <a class="cz-more" href=links::CATALOGUE>
                    {lang.home_all_services(services.into())}
                    " "
                    <Icon name="arrow-right"/>
                </a>
            </div>
            <Chips unit=lang.home_services() chips=areas.into_iter().map(chip).collect()/>
        </section>
    }
    .into_any()
}

fn how() -> Vec<ListStep> {
    let lang = use_lang();
    let titles = lang.home_how_titles();
    titles.into_iter().zip(lang.home_how_notes()).map(|(title, note)| ListStep::new(title, note)).collect()
}

fn latest(latest: Vec<Activation>) -> Option<AnyView> {
    let lang = use_lang();
    let one = move |one: Activation| {
        view! {
            <li>
                <div>
                    <p class="cz-item-name">
                        <a href=links::service(&one.service.code)>{one.service.name}</a>
                    </p>
                    <p class="cz-item-note">{one.body_title}</p>
                </div>
                <p class="cz-item-note">{lang.day(one.on)}</p>
            </li>
        }
    };
    (!latest.is_empty()).then(|| {
        view! {
            <section class="cz-section" aria-labelledby="ultime">
                <h2 id="ultime">{lang.home_latest()}</h2>
                <ul class="cz-items">{latest.into_iter().map(one).collect_view()}</ul>
            </section>
        }
        .into_any()
    })
}

fn joined(joined: u32, all: u32) -> AnyView {
    let lang = use_lang();
    view! {
        <section class="cz-section" aria-labelledby="aderenti">
            <h2 id="aderenti">{lang.home_joined()}</h2>
            <p class="cz-prose">{lang.home_joined_count(joined.into(), lang.number(all.into()))}</p>
        </section>
    }
    .into_any()
}
