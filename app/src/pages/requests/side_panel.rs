//! The operators' list with one of its requests beside it; on a narrow screen the request alone.
//!
//! Next and previous request: by links, access keys, and with the program by arrow keys.

use std::rc::Rc;

use leptos::ev::{KeyboardEvent, keydown};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use model::api::requests::{Queue, ReadQueue, ReadRequest, RequestRow, RequestView};
use model::ids::RequestId;
use web_sys::{Element, HtmlFormElement};

use super::detail::{badges, detail};
use super::due::due_briefly;
use super::query::address;
use crate::parts::{Breadcrumb, Happened, Heading, Icon, take_focus};
use crate::reading::{Query, answered, read};
use crate::rendering::{use_lang, use_notices};
use crate::text::Lang;

type Chosen = Memo<Option<RequestId>>;

/// `led`: the reader came from the list, so the focus goes to the request.
pub fn beside(filter: Memo<ReadQueue>, chosen: Chosen, led: StoredValue<bool>) -> AnyView {
    let lang = use_lang();
    let list = read(move || filter.get());
    let request = read(move || ReadRequest { request: chosen.get().unwrap_or_default() });
    answered(list, move |queue| {
        let filter = filter.get_untracked();
        let around = Around::of(&queue, &filter, chosen);
        around.listen();
        view! {
            <div class="container">
                <Breadcrumb
                    crumbs=vec![(lang.requests_queue_title().to_owned(), address(&filter, None))]
                    here=lang.requests_here()
                />
                {around.links(lang)}
                <div class="cz-split">
                    <nav class="cz-split-list mt-4" aria-label=lang.requests_queue_title()>
                        <ol>
                            {queue
                                .requests
                                .into_iter()
                                .map(|row| line(lang, row, &filter, chosen))
                                .collect_view()}
                        </ol>
                        <p class="cz-small cz-quiet mt-3">{lang.requests_keys()}</p>
                    </nav>
                    {one(list, request, led)}
                </div>
            </div>
        }
        .into_any()
    })
}

fn line(lang: Lang, row: RequestRow, filter: &ReadQueue, chosen: Chosen) -> AnyView {
    let current = move || (chosen.get() == Some(row.id)).then_some("true");
    view! {
        <li>
            <a href=address(filter, Some(row.id)) aria-current=current>
                <strong>{row.body.name}</strong>
                {row.service.name}
                <br/>
                {due_briefly(lang, row.due)}
            </a>
        </li>
    }
    .into_any()
}

fn one(list: Query<Queue>, request: Query<RequestView>, led: StoredValue<bool>) -> AnyView {
    let again = Callback::new(move |()| {
        led.set_value(true);
        request.refetch();
        list.refetch();
    });
    let (shown, notices) = (StoredValue::new(None), use_notices());
    answered(request, move |view| {
        let id = view.row.id;
        Effect::new(move |_| {
            let before = shown.try_update_value(|shown| shown.replace(id)).flatten();
            if before.is_some_and(|before| before != id) {
                notices.clear();
                begin_anew();
            }
        });
        let head = view! {
            <div class="cz-head">
                <Heading title=view.row.service.name.clone() about=view.row.body.name.clone()/>
                <p class="lead">{view.row.body.title.clone()}</p>
                <p class="mt-2">{badges(&view)}</p>
            </div>
            <Happened/>
        };
        let detail = detail(&view, again, true);
        view! { <div>{take_focus(led, head)} {detail}</div> }.into_any()
    })
}

/// Resets the forms: text that was written for one request is not kept for the next.
fn begin_anew() {
    let all = |what: &str| {
        let found = document().query_selector_all(what).ok();
        found.into_iter().flat_map(|list| (0..list.length()).filter_map(move |at| list.get(at)))
    };
    for form in all(".cz-split form").filter_map(|form| form.dyn_into::<HtmlFormElement>().ok()) {
        form.reset();
    }
    for fold in all(".cz-split details[open]").filter_map(|fold| fold.dyn_into::<Element>().ok()) {
        let _ = fold.remove_attribute("open");
    }
}

/// The requests around the one that is open.
#[derive(Clone)]
struct Around {
    listed: StoredValue<Vec<RequestId>>,
    filter: ReadQueue,
    chosen: Chosen,
    /// Of the first one listed, from 1; and how many there are on all pages.
    first: usize,
    total: usize,
}

impl Around {
    fn of(queue: &Queue, filter: &ReadQueue, chosen: Chosen) -> Self {
        Self {
            listed: StoredValue::new(queue.requests.iter().map(|row| row.id).collect()),
            filter: filter.clone(),
            chosen,
            first: queue.first as usize,
            total: queue.total as usize,
        }
    }

    fn place(&self) -> Option<usize> {
        let chosen = self.chosen.get()?;
        // On the way back to the list the element is removed first.
        self.listed.try_with_value(|listed| listed.iter().position(|id| *id == chosen))?
    }

    /// All of the list is on this page.
    fn is_whole(&self) -> bool {
        self.listed.try_with_value(|listed| listed.len() == self.total).unwrap_or_default()
    }

    /// The address of the one before or after; of the first one where the open one is not listed.
    fn turn(&self, forward: bool) -> Option<String> {
        let place = self.place();
        let to = match (place, forward) {
            (Some(place), true) => place.checked_add(1),
            (Some(place), false) => place.checked_sub(1),
            (None, forward) => forward.then_some(0),
        };
        let id = self.listed.try_with_value(|listed| listed.get(to?).copied())??;
        Some(address(&self.filter, Some(id)))
    }

    fn links(&self, lang: Lang) -> AnyView {
        let position = {
            let around = self.clone();
            move || match around.place() {
                Some(place) => lang.requests_position(around.first + place, around.total),
                None if around.is_whole() => lang.requests_not_listed().to_owned(),
                None => lang.requests_not_on_page().to_owned(),
            }
        };
        let to_list = address(&self.filter, None);
        let (back, forth) = (self.clone(), self.clone());
        view! {
            <nav class="cz-prev-next" aria-label=lang.requests_scroll()>
                <a class="cz-more" href=move || back.turn(false) rel="prev" accesskey="p">
                    <Icon name="arrow-left"/>
                    " "
                    {lang.requests_previous()}
                </a>
                <span class="cz-small cz-quiet">
                    {position} " · " <a href=to_list>{lang.requests_to_list()}</a>
                </span>
                <a class="cz-more" href=move || forth.turn(true) rel="next" accesskey="s">
                    {lang.requests_next()}
                    " "
                    <Icon name="arrow-right"/>
                </a>
            </nav>
        }
        .into_any()
    }

    /// Listens to the keys of the whole page: after an action or on arrival nothing may have the focus.
    fn listen(&self) {
        let keys = Rc::new(self.keys());
        Effect::new(move |_| {
            let keys = Rc::clone(&keys);
            let listening = window_event_listener(keydown, move |event| keys(event));
            on_cleanup(move || listening.remove());
        });
    }

    /// Left and right work anywhere except in fields and dialogs; up, down, k and j only in the list, so that they don't
    /// conflict with typing and screen readers.
    fn keys(&self) -> impl Fn(KeyboardEvent) + 'static {
        let (around, navigate) = (self.clone(), use_navigate());
        move |event: KeyboardEvent| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let within = |what: &str| {
                target.as_ref().is_some_and(|target| matches!(target.closest(what), Ok(Some(_))))
            };
            let held = event.ctrl_key() || event.alt_key() || event.meta_key() || event.shift_key();
            if held || event.default_prevented() || within("form, summary, button") {
                return;
            }
            let forward = match event.key().as_str() {
                "ArrowRight" => true,
                "ArrowLeft" => false,
                "j" | "ArrowDown" if within(".cz-split-list") => true,
                "k" | "ArrowUp" if within(".cz-split-list") => false,
                _ => return,
            };
            if let Some(to) = untrack(|| around.turn(forward)) {
                event.prevent_default();
                navigate(&to, NavigateOptions { scroll: false, ..NavigateOptions::default() });
            }
        }
    }
}
