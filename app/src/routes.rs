//! The table of pages: which address shows which page.
//!
//! A new page is a link in `links.rs`, a name in a portion of the program (`split.rs`) and one line here.

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route};
use leptos_router::{SsrMode, path};

use crate::problem::NotFoundPage;
use crate::split;

/// The table of pages. Each is rendered whole before it is answered, so that it is complete without the program
/// and has the right status.
#[component]
pub fn Pages() -> impl IntoView {
    view! {
        <FlatRoutes fallback=NotFoundPage>
            <Route path=path!("/") view=split::Home ssr=SsrMode::Async/>
            <Route path=path!("/servizi") view=split::Catalogue ssr=SsrMode::Async/>
            <Route path=path!("/servizi/:code") view=split::ServiceSheet ssr=SsrMode::Async/>
            <Route path=path!("/comuni/:body/pacchetto") view=split::Basket ssr=SsrMode::Async/>
            <Route path=path!("/comuni/:body/pacchetto/riepilogo") view=split::Summary ssr=SsrMode::Async/>
            <Route path=path!("/accedi") view=split::SignIn ssr=SsrMode::Async/>
            <Route path=path!("/area") view=split::OwnArea ssr=SsrMode::Async/>
            <Route path=path!("/profilo") view=split::Profile ssr=SsrMode::Async/>
            <Route path=path!("/note-legali") view=split::Legal ssr=SsrMode::Async/>
            <Route path=path!("/privacy") view=split::Privacy ssr=SsrMode::Async/>
            <Route path=path!("/accessibilita") view=split::Accessibility ssr=SsrMode::Async/>
            <Route path=path!("/registro") view=split::Ledger ssr=SsrMode::Async/>
            <Route path=path!("/come-aderire") view=split::Joining ssr=SsrMode::Async/>
            <Route path=path!("/comuni/:body") view=split::Area ssr=SsrMode::Async/>
            <Route path=path!("/comuni/:body/movimenti") view=split::Entries ssr=SsrMode::Async/>
            <Route path=path!("/comuni/:body/pratiche") view=split::Submissions ssr=SsrMode::Async/>
            <Route path=path!("/pratiche/:submission") view=split::Submission ssr=SsrMode::Async/>
            <Route path=path!("/comuni/:body/richieste") view=split::Requests ssr=SsrMode::Async/>
            <Route path=path!("/richieste") view=split::Queue ssr=SsrMode::Async/>
            <Route path=path!("/richieste/:request") view=split::Request ssr=SsrMode::Async/>
            <Route path=path!("/avviso") view=split::Board ssr=SsrMode::Async/>
            <Route path=path!("/avviso/progetto") view=split::Matrix ssr=SsrMode::Async/>
            <Route path=path!("/avviso/comuni/:body") view=split::BoardBody ssr=SsrMode::Async/>
            <Route path=path!("/proposte") view=split::Proposals ssr=SsrMode::Async/>
        </FlatRoutes>
    }
}
