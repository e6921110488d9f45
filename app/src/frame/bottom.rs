//! The navigation at the foot of a phone's screen: four places at most, within reach of a thumb.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::navigation::{NavigationEntry, navigation};
use crate::parts::Icon;
use crate::rendering::use_lang;
use crate::session::with_session;

#[component]
pub fn BottomNavigation() -> AnyView {
    let lang = use_lang();
    view! {
        <nav class="bottom-nav" aria-label=lang.frame_quick_navigation()>
            {with_session(move |session| {
                let four = navigation(&session, lang).into_iter().take(4);
                view! { <ul>{four.map(entry).collect_view()}</ul> }.into_any()
            })}
        </nav>
    }
    .into_any()
}

fn entry(place: NavigationEntry) -> AnyView {
    let (path, href, icon, name) = (use_location().pathname, place.href.clone(), place.icon, place.name);
    let mark = Memo::new(move |_| place.mark(&path.get()));
    view! {
        <li>
            <a class=move || mark.get().map(|_| "active") href=href aria-current=mark>
                <Icon name=icon/>
                <span class="bottom-nav-label">{name}</span>
            </a>
        </li>
    }
    .into_any()
}
