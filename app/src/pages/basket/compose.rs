//! *Composizione del pacchetto*: one screen. Each change is a form that works alone; with the program the view is
//! replaced from the answer, in its place.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use model::api::baskets::{BasketView, ReadBasket};
use model::ids::BodyId;

use super::action::{Done, last_done, untold_refusal};
use super::header::{crumbs, extension, lead, lock, named_body};
use super::other_services::others;
use super::package_items::{added, assigned};
use super::scroll_position::keeping_place;
use super::summary_panel::side;
use crate::parts::{Alert, Page, Tone};
use crate::reading::{answered, read};
use crate::rendering::use_lang;

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub struct Composing {
    pub body: BodyId,
    /// The reader may change it now.
    pub editable: Memo<bool>,
    view: RwSignal<BasketView>,
    /// The last change that was made here.
    pub done: RwSignal<Option<Done>>,
    /// What every form does with its answer.
    pub then: Callback<BasketView>,
}

impl Composing {
    fn begin(view: BasketView) -> Self {
        let (body, path) = (view.body.id, use_location().pathname.get_untracked());
        let view = RwSignal::new(view);
        let done = RwSignal::new(last_done(&path));
        let then = Callback::new(move |answer: BasketView| {
            keeping_place(|| {
                done.set(last_done(&path));
                // Of two answers that crossed, the later basket counts.
                if answer.version >= view.with_untracked(|view| view.version) {
                    view.set(answer);
                }
            });
        });
        let editable = Memo::new(move |_| view.with(|view| view.editable && view.waiting.is_none()));
        Self { body, editable, view, done, then }
    }

    pub fn with<T>(self, look: impl FnOnce(&BasketView) -> T) -> T {
        self.view.with(look)
    }
}

/// `/comuni/:body/pacchetto`
#[component]
pub fn BasketPage() -> AnyView {
    let body = named_body();
    answered(read(move || ReadBasket { body: body() }), compose)
}

fn compose(view: BasketView) -> AnyView {
    let lang = use_lang();
    let (lead, crumbs, extension) = (lead(lang, &view), crumbs(lang, &view, false), extension(&view));
    let refused = untold_refusal(&use_location().pathname.get_untracked(), &view).map(
        |problem| view! { <Alert tone=Tone::Danger role="alert" title=lang.form_problem(&problem, false)/> },
    );
    let at = Composing::begin(view);
    view! {
        <Page title=lang.basket_title() lead=lead crumbs=crumbs quiet=true>
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

/// The second click of a double click may fall on what has slid under the pointer.
fn once(event: MouseEvent) {
    if event.detail() > 1 {
        event.prevent_default();
    }
}
