//! What the parts of the composition share: the basket as it is now, and what is done with an answer.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use model::api::baskets::BasketView;
use model::ids::BodyId;

use super::action::{DoneAction, last_done};
use super::scroll_position::keeping_place;

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub struct Composing {
    pub body: BodyId,
    /// The reader may change it now.
    pub editable: Memo<bool>,
    view: RwSignal<BasketView>,
    /// The last change that was made here.
    pub done: RwSignal<Option<DoneAction>>,
    /// What every form does with its answer.
    pub then: Callback<BasketView>,
}

impl Composing {
    pub fn begin(view: BasketView) -> Self {
        let (body, path) = (view.body.id, use_location().pathname.get_untracked());
        let view = RwSignal::new(view);
        let done = RwSignal::new(last_done(&path));
        let then = Callback::new(move |answer: BasketView| {
            keeping_place(|| {
                done.set(last_done(&path));
                // Answers may arrive out of order: the newer basket counts.
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
