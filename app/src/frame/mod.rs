//! The layout around every page: header, navigation, footer; and the root component.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::Router;

use crate::parts::provide_arrival;
use crate::rendering::{know_place, provide_rendering, use_lang};
use crate::routes::Pages;
use crate::session::provide_session;

mod bottom;
mod footer;
mod header;
mod navigation;
mod tries;

use bottom::BottomNavigation;
use footer::Footer;
use header::Header;
use tries::FailedTries;

/// The whole site, within `<body>`.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_rendering();
    provide_arrival();
    let lang = use_lang();
    // The old page stays until the next one is loaded, and is marked as busy.
    let (busy, set_busy) = signal(false);
    view! {
        <Router set_is_routing=set_busy>
            {know_place()}
            {provide_session()}
            <div class="skiplinks">
                <a class="visually-hidden-focusable" href="#contenuto" rel="external">{lang.frame_to_content()}</a>
                <a class="visually-hidden-focusable" href="#fondo" rel="external">{lang.frame_to_footer()}</a>
            </div>
            <Header/>
            <main id="contenuto" tabindex="-1" aria-busy=move || busy.get().then_some("true")>
                <FailedTries/>
                <Pages/>
            </main>
            <Footer/>
            <BottomNavigation/>
        </Router>
    }
}
