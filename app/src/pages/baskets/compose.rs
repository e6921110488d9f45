//! *Composizione del pacchetto*: one screen. Each change is a form that works alone; with the program the view is
//! replaced from the answer, in its place.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use model::api::baskets::{BasketView, ReadBasket};

use super::action::refusal_without_form;
use super::composing::Composing;
use super::header::{crumbs, extension, lead, lock};
use super::other_services::others;
use super::package_items::{added, assigned};
use super::summary_panel::side;
use crate::pages::bodies::named_body;
use crate::parts::{Alert, Page, Tone};
use crate::reading::{answered, read};
use crate::rendering::{use_lang, use_notices};

/// `/comuni/:body/pacchetto`
#[component]
pub fn BasketPage() -> AnyView {
    let body = named_body();
    answered(read(move || ReadBasket { body: body() }), compose)
}

fn compose(view: BasketView) -> AnyView {
    let lang = use_lang();
    let (lead, crumbs, extension) = (lead(lang, &view), crumbs(lang, &view, false), extension(&view));
    let refused = refusal_without_form(&use_location().pathname.get_untracked(), &view).map(|problem| {
        let sentence = use_notices().form_problem(lang, &problem, false);
        view! { <Alert tone=Tone::Danger role="alert" title=sentence/> }
    });
    let about = view.body.title.clone();
    let at = Composing::begin(view);
    view! {
        <Page title=lang.baskets_title() about=about lead=lead crumbs=crumbs quiet=true>
            {extension}
            {refused}
            {move || at.with(lock)}
            <div class="cz-compose" on:click=once>
                <div>{assigned(at)} {added(at)} {others(at)}</div>
                {side(at)}
            </div>
        </Page>
    }
    .into_any()
}

/// Ignores the second click of a double click: it may hit a button that has moved under the pointer.
fn once(event: MouseEvent) {
    if event.detail() > 1 {
        event.prevent_default();
    }
}
