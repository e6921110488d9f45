//! A form that filters a list. Its state is in the address, so that it can be bookmarked, sent and gone back to.
//!
//! Without the program the browser loads the page again; with it the list is filtered while one types.

use std::time::Duration;

use leptos::ev::{Event, SubmitEvent};
use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use model::api::MOST_LINE;
use web_sys::{FormData, HtmlFormElement, UrlSearchParams};

use super::{Icon, field::options};
use crate::rendering::use_lang;

/// How long the program waits for the next letter.
const PAUSE: Duration = Duration::from_millis(250);

#[component]
pub fn FilterForm(
    /// Path of the page.
    #[prop(into)]
    action: String,
    #[prop(optional)] class: &'static str,
    /// It is the search of the page.
    #[prop(optional)]
    search: bool,
    /// Where the list begins, for browsers without the program: `#altri`.
    #[prop(optional)]
    anchor: &'static str,
    children: Children,
) -> AnyView {
    let form = NodeRef::<html::Form>::new();
    let navigate = use_navigate();
    let path = action.clone();
    let follow = move || {
        let Some(to) = form.try_get_untracked().flatten().and_then(|form| address(&path, &form)) else {
            return;
        };
        navigate(&to, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
    };
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let later = {
        let follow = follow.clone();
        move |_: Event| {
            if let Some(waiting) = waiting.get_value() {
                waiting.clear();
            }
            waiting.set_value(set_timeout_with_handle(follow.clone(), PAUSE).ok());
        }
    };
    let now = move |event: SubmitEvent| {
        event.prevent_default();
        follow();
    };
    let action = [action.as_str(), anchor].concat();
    view! {
        <form
            class=class
            method="get"
            action=action
            role=search.then_some("search")
            node_ref=form
            on:submit=now
            on:input=later
        >
            {children()}
        </form>
    }
    .into_any()
}

/// The path with what is entered; fields that are empty stay out.
fn address(path: &str, form: &web_sys::HtmlFormElement) -> Option<String> {
    let data = FormData::new_with_form(form).ok()?;
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
    let text = String::from(fields.to_string());
    let filled: Vec<&str> =
        text.split('&').filter(|field| !field.ends_with('=') && !field.is_empty()).collect();
    Some(if filled.is_empty() { path.to_owned() } else { [path, "?", &filled.join("&")].concat() })
}

/// The line to search with.
#[component]
pub fn Search(
    /// Of the control.
    id: &'static str,
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] placeholder: Option<String>,
) -> AnyView {
    view! {
        <label for=id>{label}</label>
        <div class="cz-search-line">
            <input
                type="search"
                id=id
                name=name
                value=value
                maxlength=MOST_LINE
                placeholder=placeholder
                autocomplete="off"
            />
            <button class="btn btn-primary">
                <Icon name="search"/>
                <span class="cz-search-word">{use_lang().common_search()}</span>
            </button>
        </div>
    }
    .into_any()
}

/// A filter with a few values; the first of them is usually "all", with an empty value.
#[component]
pub fn Selection(
    id: &'static str,
    name: &'static str,
    #[prop(into)] label: String,
    choices: Vec<(String, String)>,
    #[prop(optional, into)] chosen: String,
) -> AnyView {
    view! {
        <div class="form-group cz-field">
            <label class="active" for=id>{label}</label>
            <select class="form-control" id=id name=name>
                {options(choices, &chosen)}
            </select>
        </div>
    }
    .into_any()
}

/// A filter that is typed.
#[component]
pub fn Part(
    id: &'static str,
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
) -> AnyView {
    view! {
        <div class="form-group cz-field">
            <label class="active" for=id>{label}</label>
            <input
                type="search"
                class="form-control"
                id=id
                name=name
                value=value
                maxlength=MOST_LINE
                autocomplete="off"
            />
        </div>
    }
    .into_any()
}

/// Resets the form of the page to the filters in the address, as after *Togli i filtri* or the browser's Back. Not
/// while somebody types in it.
pub fn settle() {
    let writing = document().active_element().is_some_and(|at| at.matches("input, select").unwrap_or(false));
    let form = document().query_selector("form[role=search]").ok().flatten();
    if let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()).filter(|_| !writing) {
        form.reset();
    }
}
