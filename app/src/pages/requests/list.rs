//! *Richieste* of a body, by state: what waits for the body first, then the newest.

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use model::api::bodies::StateCount;
use model::api::requests::{ListRequests, RequestList, RequestRow};
use model::ids::BodyId;
use model::requests::State;

use super::due::{due_words, is_late};
use crate::links;
use crate::parts::{Badge, Chip, Chips, Column, Empty, Page, Row, Shade, StateBadge, Table};
use crate::reading::{answered, read};
use crate::rendering::use_lang;
use crate::text::Lang;

/// Of the query: the state that the list is narrowed to.
pub const STATE: &str = "stato";

#[component]
pub fn RequestsPage() -> AnyView {
    let (params, query) = (use_params_map(), use_query_map());
    let body = move || params.with(|params| params.get("body")).and_then(|id| id.parse().ok());
    let state = move || query.with(|query| query.get(STATE)).and_then(|name| State::from_name(&name));
    let reading = read(move || ListRequests { body: body().unwrap_or(BodyId(0)), state: state() });
    answered(reading, move |list| page(use_lang(), list, untrack(state)))
}

fn page(lang: Lang, list: RequestList, state: Option<State>) -> AnyView {
    let body = list.body.clone();
    let total: u32 = list.counts.iter().map(|count| count.count).sum();
    let here = links::requests(body.id);
    let content = if total == 0 {
        view! {
            <Empty title=lang.requests_none_title() text=lang.requests_none_text()>
                <a class="btn btn-primary" href=links::basket(body.id)>{lang.requests_none_action()}</a>
            </Empty>
        }
        .into_any()
    } else if list.requests.is_empty() {
        view! {
            <Empty title=lang.requests_none_here_title() text=lang.requests_none_here_text()>
                <a class="btn btn-primary" href=links::requests(body.id)>{lang.requests_see_all()}</a>
            </Empty>
        }
        .into_any()
    } else {
        table(lang, list.requests)
    };
    let chips = (total > 0).then(|| by_state(lang, &list.counts, state, |state| narrowed(&here, state)));
    view! {
        <Page
            title=lang.requests_list_title()
            about=body.title.clone()
            lead=lang.requests_list_lead(total.into(), &body.title)
            crumbs=vec![(body.title.clone(), links::body(body.id))]
        >
            {chips}
            {content}
        </Page>
    }
    .into_any()
}

fn narrowed(here: &str, state: Option<State>) -> String {
    match state {
        Some(state) => [here, "?", STATE, "=", state.name()].concat(),
        None => here.to_owned(),
    }
}

/// Chips of the states, each with as many as the list behind it holds.
pub fn by_state(
    lang: Lang,
    counts: &[StateCount],
    current: Option<State>,
    href: impl Fn(Option<State>) -> String,
) -> AnyView {
    let chip = |name: &str, state, count| Chip {
        name: name.to_owned(),
        href: href(state),
        count: Some(count),
        current: state == current,
    };
    let mut chips = vec![chip(lang.requests_every(), None, counts.iter().map(|count| count.count).sum())];
    chips.extend(counts.iter().map(|count| chip(lang.state(count.state), Some(count.state), count.count)));
    view! {
        <nav class="mb-4" aria-label=lang.requests_by_state()>
            <Chips chips=chips unit=lang.requests_count_unit(2)/>
        </nav>
    }
    .into_any()
}

/// It is the body's turn.
fn waits_for_body(row: &RequestRow) -> bool {
    row.state == State::AwaitingAuthorisation || row.due.is_some_and(|due| due.stopped)
}

fn table(lang: Lang, mut requests: Vec<RequestRow>) -> AnyView {
    requests.sort_by_key(|row| !waits_for_body(row));
    let columns = vec![
        Column::text(lang.requests_service()),
        Column::text(lang.requests_state()),
        Column::text(lang.requests_due()),
        Column::text(lang.requests_owner()),
        Column::text(lang.requests_practice()),
    ];
    let rows = requests.into_iter().map(|row| line(lang, row)).collect();
    view! { <Table caption=lang.requests_list_caption() caption_hidden=true columns=columns rows=rows/> }
        .into_any()
}

fn line(lang: Lang, row: RequestRow) -> Row {
    let turn = waits_for_body(&row);
    let owner = match row.owner {
        _ if turn => row.body.title,
        Some(owner) => owner.name,
        None => lang.requests_nobody().to_owned(),
    };
    let mark = (turn && row.state == State::Activating)
        .then(|| view! { " " <Badge shade=Shade::Waiting word=lang.requests_step_body_turn()/> });
    let mut line = Row::new([
        view! { <a href=links::request(row.id)>{row.service.name}</a> }.into_any(),
        view! { <StateBadge state=row.state/> {mark} }.into_any(),
        due_words(lang, row.due),
        owner.into_any(),
        row.submission_number.into_any(),
    ]);
    line.late = is_late(row.due);
    line
}
