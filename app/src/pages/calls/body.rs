//! One body of the call, as an administrator looks at it: the facts, and what can be done.

use leptos::prelude::*;
use model::api::bodies::{BodyArea, ReadBody};
use model::api::calls::ReadBoard;
use model::api::credits::proposals::ListProposals;
use model::people::Role;

use super::actions::actions;
use super::bodies_table::count;
use super::closing;
use crate::links;
use crate::pages::bodies::assignment::why;
use crate::pages::bodies::named_body;
use crate::pages::credits::proposals::of_body;
use crate::parts::{CreditFigures, Fact, FactRows, Happened, Page, take_focus};
use crate::reading::{answered, answered_within, read};
use crate::rendering::use_lang;
use crate::text::Lang;

#[component]
pub fn BoardBodyPage() -> AnyView {
    let lang = use_lang();
    let body = named_body();
    let area = read(move || ReadBody { body: body() });
    let board = read(ReadBoard::default);
    let proposals = read(move || ListProposals { body: Some(body()), before: None });
    let led = StoredValue::new(false);
    let again = Callback::new(move |()| {
        led.set_value(true);
        area.refetch();
        board.refetch();
        proposals.refetch();
    });
    answered(area, move |area| {
        let summary = area.call.as_ref().map(|call| lang.calls_body_lead(&call.title, closing(lang, call)));
        let facts = body_facts(lang, &area);
        let title = area.title.clone();
        view! {
            <Page
                title=title
                lead=summary.unwrap_or_else(|| lang.calls_none_title().to_owned())
                crumbs=vec![(lang.calls_title().to_owned(), links::BOARD.to_owned())]
                quiet=true
            >
                {take_focus(led, view! { <Happened/> })}
                {facts}
                {answered_within(board, move |board| {
                    if !board.may_act {
                        return view! { <p class="cz-quiet">{lang.calls_read_only()}</p> }.into_any();
                    }
                    let area = area.clone();
                    answered_within(
                        proposals,
                        move |proposals| {
                            (of_body(lang, &proposals, again), actions(lang, &area, &board, &proposals, again))
                                .into_any()
                        },
                    )
                })}
            </Page>
        }
        .into_any()
    })
}

fn body_facts(lang: Lang, area: &BodyArea) -> AnyView {
    let body = area.body.id;
    let credits = area
        .account
        .map(|account| view! { <CreditFigures account=account caption=lang.calls_credits_of(&area.title)/> });
    let why = area.assigned.as_ref().map(|assigned| why(lang, assigned, &area.services));
    // An observer may not follow it.
    let requests = area.roles.iter().any(|role| *role != Role::Observer).then(|| {
        view! { <a class="btn btn-outline-primary" href=links::requests(body)>{lang.calls_open_requests()}</a> }
    });
    view! {
        <section class="cz-section" aria-labelledby="fatti">
            <h2 id="fatti">{lang.calls_body_facts()}</h2>
            {credits}
            <FactRows facts=facts(lang, area)/>
            {why}
            <p class="cz-buttons mt-4">
                <a class="btn btn-outline-primary" href=links::body(body)>{lang.calls_open_area()}</a>
                {requests}
            </p>
        </section>
    }
    .into_any()
}

fn facts(lang: Lang, area: &BodyArea) -> Vec<Fact> {
    let body = &area.body;
    let mut facts = vec![Fact::new(
        lang.calls_joined_on(),
        match &body.joined {
            Some(joined) => lang.calls_joined_by(lang.day(joined.on), &joined.act),
            None => lang.calls_not_joined().to_owned(),
        },
    )];
    facts.push(Fact::new(
        lang.calls_population(),
        match (body.population, body.population_year) {
            (None, _) => lang.calls_unknown().to_owned(),
            (Some(population), None) => lang.calls_population_bare(lang.number(population.into())),
            (Some(population), Some(year)) => {
                lang.calls_population_of(lang.number(population.into()), year, &body.population_source)
            }
        },
    ));
    facts.push(Fact::new(
        lang.calls_package(),
        match &area.assigned {
            Some(assigned) => {
                lang.calls_assigned_credits(&assigned.package_name, lang.credits(assigned.credits))
            }
            None => lang.calls_not_assigned().to_owned(),
        },
    ));
    if let Some(call) = &area.call {
        let high = lang.calls_high(call.high.minimum, call.high.maximum);
        facts.push(Fact::new(high, count(lang, area.high, call.high)));
        let closes = lang.instant(call.closes);
        facts.push(Fact::new(
            lang.calls_closing(),
            match &call.extension_reason {
                Some(reason) => lang.calls_closing_extended(closes, reason),
                None => closes,
            },
        ));
    }
    let requests: u32 = area.counts.iter().map(|count| count.count).sum();
    facts.push(Fact::new(lang.calls_requests(), lang.calls_requests_line(requests.into())));
    facts
}
