//! The layout of a page: title, breadcrumb, heading, message of the last action.

use leptos::html;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use super::Happened;
use crate::rendering::use_lang;

/// The path of the page whose heading was reached last: on another path the heading takes the focus, so that
/// a person who hears the page learns that it is a new one.
#[derive(Clone, Copy)]
struct Arrival(StoredValue<Option<String>>);

pub fn provide_arrival() {
    provide_context(Arrival(StoredValue::new(None)));
}

/// A step of the way to a page: its name and address.
pub type Crumb = (String, String);

#[component]
pub fn Breadcrumb(
    /// The way here, without this page.
    crumbs: Vec<Crumb>,
    #[prop(into)] here: String,
) -> AnyView {
    let crumb = |(name, href): Crumb| {
        view! {
            <li class="breadcrumb-item">
                <a href=href>{name}</a>
                <span class="separator" aria-hidden="true">"/"</span>
            </li>
        }
    };
    view! {
        <nav class="breadcrumb-container" aria-label=use_lang().common_breadcrumb()>
            <ol class="breadcrumb">
                {crumbs.into_iter().map(crumb).collect_view()}
                <li class="breadcrumb-item active" aria-current="page">{here}</li>
            </ol>
        </nav>
    }
    .into_any()
}

/// The title of the document and the one h1 of the page.
#[component]
pub fn Heading(
    #[prop(into)] title: String,
    /// Its name in the national model of pages.
    #[prop(optional, into)]
    element: Option<&'static str>,
    /// What the page is about, for the title of the window: "Iscrizione scuola secondaria, Turate".
    #[prop(optional_no_strip, into)]
    about: Option<String>,
) -> AnyView {
    let heading = NodeRef::<html::H1>::new();
    let path = use_location().pathname.get_untracked();
    let arrival = use_context::<Arrival>();
    Effect::new(move |_| {
        if let (Some(heading), Some(Arrival(arrival))) = (heading.get(), arrival) {
            let before = arrival.get_value();
            arrival.set_value(Some(path.clone()));
            if before.is_some_and(|before| before != path) {
                // Without the heading there is nothing to focus.
                let _ = heading.focus();
            }
        }
    });
    let of_window = match about {
        Some(about) => [&*title, ", ", &about].concat(),
        None => title.clone(),
    };
    view! {
        <Title text=of_window/>
        <h1 tabindex="-1" node_ref=heading data-element=element>{title}</h1>
    }
    .into_any()
}

/// A page with its heading and, below it, the message of the last action.
#[component]
pub fn Page(
    #[prop(into)] title: String,
    /// As [`Heading`] has it.
    #[prop(optional, into)]
    about: Option<String>,
    #[prop(optional, into)] lead: Option<String>,
    /// The pages above this one. Without any there is no breadcrumb.
    #[prop(optional)]
    crumbs: Vec<Crumb>,
    /// Below the title: badges.
    #[prop(optional)]
    badges: Option<AnyView>,
    /// The page shows the message of the last action itself.
    #[prop(optional)]
    quiet: bool,
    children: Children,
) -> AnyView {
    view! {
        <div class="container">
            {(!crumbs.is_empty()).then(|| view! { <Breadcrumb crumbs=crumbs here=title.clone()/> })}
            <div class="cz-head">
                <Heading title=title about=about/>
                {lead.map(|lead| view! { <p class="lead">{lead}</p> })}
                {badges.map(|badges| view! { <p>{badges}</p> })}
            </div>
            {(!quiet).then(|| view! { <Happened/> })}
            {children()}
        </div>
    }
    .into_any()
}
