//! The navigation at the foot of a phone's screen: four places at most, within reach of a thumb.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::places::{Place, places};
use crate::parts::Icon;
use crate::rendering::use_lang;
use crate::session::with_session;

#[component]
pub fn BottomNavigation() -> AnyView {
    let lang = use_lang();
    view! {
        <nav class="bottom-nav" aria-label=lang.frame_quick_navigation()>
            {with_session(move |session| {
                let four = places(&session, lang).into_iter().take(4);
                view! { <ul>{four.map(entry).collect_view()}</ul> }.into_any()
            })}
        </nav>
    }
    .into_any()
}

fn entry(place: Place) -> AnyView {
    let path = use_location().pathname;
    let href = place.href.clone();
    let here = Memo::new(move |_| path.get() == href);
    view! {
        <li>
            <a
                class=move || here.get().then_some("active")
                href=place.href
                aria-current=move || here.get().then_some("page")
            >
                <Icon name=place.icon/>
                <span class="bottom-nav-label">{place.name}</span>
            </a>
        </li>
    }
    .into_any()
}
