//! *Richieste da lavorare*: the operators' list, and beside it the request that was chosen.
//!
//! The list is fetched again when its filters change, not when another request is chosen, so that the focus stays.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::api::Operation as _;
use model::api::requests::{
    PageOfQueue, Queue, ReadQueue, ReadRequestNews, Reassign, RequestRow, TakeInCharge, Whose,
};
use model::ids::PersonId;
use model::requests::{Event, State};

use super::due::{due_words, is_late};
use super::list::{STATE, by_state};
use super::news::news;
use super::query::{BODY, OWNERS, SERVICE, WHOSE, address, chosen, narrowed, owner};
use super::side_panel::beside;
use crate::links;
use crate::parts::{
    Breadcrumb, Button, Column, Empty, FilterForm, Fold, Happened, Heading, LiveForm, Look, Pagination, Part,
    Row, Selection, StateBadge, Table, gone,
};
use crate::reading::{Query, answered_within, framed, read};
use crate::rendering::use_lang;
use crate::text::Lang;

#[component]
pub fn QueuePage() -> AnyView {
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(narrowed));
    let request = Memo::new(move |_| query.with(chosen));
    let split = Memo::new(move |_| request.get().is_some());
    // Whether the reader came from the list: then the focus goes to the chosen request.
    let led = StoredValue::new(false);
    view! {
        {move || {
            if split.get() {
                beside(filter, request, led)
            } else {
                led.set_value(true);
                whole(filter)
            }
        }}
    }
    .into_any()
}

/// The list without a request beside it. Its frame does not depend on the filters, so that they stay while one
/// chooses.
fn whole(filter: Memo<ReadQueue>) -> AnyView {
    let lang = use_lang();
    let reading = read(move || filter.get());
    let unread = read(ReadRequestNews::default);
    framed(reading, move |first| {
        view! {
            <div class="container">
                <Breadcrumb
                    crumbs=vec![(lang.frame_home().to_owned(), links::HOME.to_owned())]
                    here=lang.requests_queue_title()
                />
                <div class="cz-head">
                    <Heading title=lang.requests_queue_title()/>
                    {answered_within(reading, move |queue| lead(lang, &queue, &filter.get_untracked()))}
                </div>
                <Happened/>
                {answered_within(unread, move |found| news(lang, found, unread))}
                {answered_within(reading, move |queue| states(lang, &queue, &filter.get_untracked()))}
                {filters(lang, &first, filter)}
                {answered_within(reading, move |queue| listed(lang, queue, filter.get_untracked(), reading))}
            </div>
        }
        .into_any()
    })
}

/// How many there are, and the way to those that nobody has.
fn lead(lang: Lang, queue: &Queue, filter: &ReadQueue) -> AnyView {
    let late = (queue.overdue > 0).then(|| [" ", &lang.requests_queue_late(queue.overdue.into())].concat());
    let nobodys = ReadQueue { whose: Whose::Nobodys, page: None, ..filter.clone() };
    let nobodys = (filter.whose == Whose::Everybodys).then(|| {
        view! { <p><a href=address(&nobodys, None)>{lang.whose(Whose::Nobodys)}</a></p> }
    });
    view! {
        <p class="lead">{lang.requests_queue_lead(queue.total.into())} {late}</p>
        {nobodys}
    }
    .into_any()
}

fn states(lang: Lang, queue: &Queue, filter: &ReadQueue) -> AnyView {
    let mut counts = queue.counts.clone();
    counts.sort_by_key(|count| count.state);
    let to = |state| address(&ReadQueue { state, page: None, ..filter.clone() }, None);
    by_state(lang, &counts, filter.state, to)
}

fn filters(lang: Lang, queue: &Queue, filter: Memo<ReadQueue>) -> AnyView {
    let now = filter.get_untracked();
    let mut services = vec![(String::new(), lang.common_all().to_owned())];
    services.extend(queue.services.iter().map(|service| (service.code.to_string(), service.name.clone())));
    let owners = OWNERS.map(|(name, whose)| (name.to_owned(), lang.whose(whose).to_owned())).to_vec();
    let service = now.service.as_ref().map(ToString::to_string).unwrap_or_default();
    let whose = owner(now.whose);
    let open = !(now.search.is_empty() && service.is_empty() && whose.is_empty());
    // The state is chosen with the chips and stays as it is.
    let state = move || filter.with(|filter| filter.state.map(State::name).unwrap_or_default());
    view! {
        <div class="mb-4">
            <Fold summary=lang.common_more_filters() open=open>
                <FilterForm action=links::QUEUE class="cz-filters">
                    <input type="hidden" name=STATE value=state/>
                    <Part id="comune" name=BODY label=lang.requests_search() value=now.search/>
                    <Selection
                        id="servizio"
                        name=SERVICE
                        label=lang.requests_service()
                        choices=services
                        chosen=service
                    />
                    <Selection
                        id="di"
                        name=WHOSE
                        label=lang.requests_owner()
                        choices=owners
                        chosen=whose
                    />
                    <button class="btn btn-outline-primary">{lang.common_show()}</button>
                </FilterForm>
            </Fold>
        </div>
    }
    .into_any()
}

fn listed(lang: Lang, queue: Queue, filter: ReadQueue, reading: Query<Queue>) -> AnyView {
    let refused = gone(lang.requests_gone_list(), |notice| {
        let taking =
            [Taking::InCharge, Taking::Over].into_iter().find(|way| way.path() == notice.operation)?;
        let here = |row: &RequestRow| {
            row.id.to_string() == notice.form && Taking::of(row, queue.caller) == Some(taking)
        };
        Some(queue.requests.iter().any(here))
    });
    if queue.requests.is_empty() {
        return (refused, empty(lang, filter == ReadQueue::default())).into_any();
    }
    let columns = vec![
        Column::text(lang.requests_municipality()),
        Column::text(lang.requests_service()),
        Column::text(lang.requests_state()),
        Column::text(lang.requests_due()),
        Column::text(lang.requests_owner()),
        Column::action(lang.requests_action()),
    ];
    let to = |page: Option<PageOfQueue>| {
        page.map(|page| address(&ReadQueue { page: Some(page), ..filter.clone() }, None))
    };
    let (first, here, total) = (queue.first as usize, queue.requests.len(), queue.total as usize);
    let pages = (here < total).then(|| {
        let shown = lang.common_rows_of(first, first + here - 1, total);
        view! { <Pagination shown=shown previous=to(queue.previous) next=to(queue.next)/> }
    });
    let caller = queue.caller;
    let rows = queue.requests.into_iter().map(|row| line(lang, row, caller, &filter, reading)).collect();
    view! {
        {refused}
        <Table caption=lang.requests_queue_caption() caption_hidden=true columns=columns rows=rows/>
        {pages}
    }
    .into_any()
}

fn line(
    lang: Lang,
    row: RequestRow,
    caller: Option<PersonId>,
    filter: &ReadQueue,
    reading: Query<Queue>,
) -> Row {
    let late = is_late(row.due);
    let open = address(filter, Some(row.id));
    let state = view! {
        <StateBadge state=row.state/>
        {row.reminded.then(|| [" ", lang.requests_reminded()].concat())}
    };
    let owner =
        row.owner.as_ref().map_or_else(|| lang.requests_nobody().to_owned(), |owner| owner.name.clone());
    let action = take(lang, &row, caller, reading);
    let mut line = Row::new([
        view! { <a href=open>{row.body.name}</a> }.into_any(),
        row.service.name.into_any(),
        state.into_any(),
        due_words(lang, row.due),
        owner.into_any(),
        action.into_any(),
    ]);
    line.late = late;
    line
}

/// How a request is taken over from the list. One that a colleague has is not: it must be opened first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taking {
    /// Its review begins.
    InCharge,
    /// Nobody has it, and nothing else changes.
    Over,
}

impl Taking {
    fn of(row: &RequestRow, caller: Option<PersonId>) -> Option<Self> {
        let owner = row.owner.as_ref().map(|owner| owner.id);
        match row.state {
            State::Submitted if owner.is_none() || owner == caller => Some(Self::InCharge),
            State::Submitted => None,
            _ => owner.is_none().then_some(Self::Over),
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::InCharge => TakeInCharge::PATH,
            Self::Over => Reassign::PATH,
        }
    }
}

/// *Prendi in carico*, in the row.
fn take(lang: Lang, row: &RequestRow, caller: Option<PersonId>, reading: Query<Queue>) -> Option<AnyView> {
    let (caller, way) = (caller?, Taking::of(row, caller)?);
    let mut fields = vec![("request", row.id.to_string()), ("version", row.version.to_string())];
    let what = lang.requests_page_title(&row.service.name, &row.body.name);
    let button = move || {
        view! {
            <Button look=Look::OutlineSmall>
                {lang.action(Event::TakeInCharge)}
                <span class="visually-hidden">": " {what}</span>
            </Button>
        }
    };
    let name = row.id.to_string();
    let form = match way {
        Taking::InCharge => view! {
            <LiveForm<TakeInCharge> with=fields name=name then=move |_| reading.refetch()>
                {button()}
            </LiveForm<TakeInCharge>>
        }
        .into_any(),
        Taking::Over => {
            fields.push(("operator", caller.to_string()));
            view! {
                <LiveForm<Reassign> with=fields name=name then=move |_| reading.refetch()>
                    {button()}
                </LiveForm<Reassign>>
            }
            .into_any()
        }
    };
    Some(form)
}

fn empty(lang: Lang, everything: bool) -> AnyView {
    if everything {
        return view! {
            <Empty title=lang.requests_queue_none_title() text=lang.requests_queue_none_text()>
                <a class="btn btn-primary" href=links::BOARD>{lang.requests_queue_none_action()}</a>
            </Empty>
        }
        .into_any();
    }
    view! {
        <Empty title=lang.requests_queue_none_here_title() text=lang.requests_queue_none_here_text()>
            <a class="btn btn-primary" href=links::QUEUE rel="external">{lang.common_clear_filters()}</a>
        </Empty>
    }
    .into_any()
}
