//! What the last change has done: told once, with *Annulla*.

use leptos::prelude::*;
use model::api::baskets::BasketView;
use model::credits::Credits;
use model::ids::BodyId;

use super::action::{BasketAction, DoneAction, form};
use super::offer::named;
use crate::parts::Look;
use crate::rendering::use_lang;

/// The facts of the change, as far as the page knows them.
pub struct ChangeMessage {
    pub body: BodyId,
    pub done: DoneAction,
    pub name: String,
    /// What it costs to have the service, or what comes back without it.
    pub amount: Option<Credits>,
    pub left: Option<Credits>,
}

impl ChangeMessage {
    /// "Aggiunto: Pagamento contravvenzioni"
    pub fn title(&self) -> String {
        let lang = use_lang();
        match self.done.0 {
            BasketAction::Add => lang.baskets_told_add(&self.name),
            BasketAction::AddWith => lang.baskets_told_add_with(&self.name),
            BasketAction::TakeBack | BasketAction::Drop => lang.baskets_told_drop(&self.name),
            BasketAction::Restore | BasketAction::Forget => lang.baskets_told_restore(&self.name),
        }
    }

    /// "Costa 5 crediti. Ne restano 12."
    pub fn text(&self) -> String {
        let lang = use_lang();
        let amount = self.amount.filter(|amount| *amount > 0).and_then(|amount| match self.done.0 {
            BasketAction::Add | BasketAction::Restore => Some(lang.baskets_told_costs(lang.credits(amount))),
            BasketAction::TakeBack | BasketAction::Drop => Some(lang.baskets_told_returns(amount)),
            BasketAction::AddWith | BasketAction::Forget => None,
        });
        let left = self
            .left
            .map(|left| if left < 0 { lang.baskets_told_short(-left) } else { lang.baskets_told_left(left) });
        [amount, left].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// *Annulla*; where others came along, *Togli* for the service itself.
    pub fn undo(&self, look: Look, then: Callback<BasketView>) -> Option<AnyView> {
        let lang = use_lang();
        let (action, code) = &self.done;
        let (inverse, word) = match action {
            BasketAction::AddWith => (BasketAction::TakeBack, lang.baskets_drop()),
            action => (action.inverse()?, lang.baskets_undo()),
        };
        let words = view! {
            {word}
            {named(&lang.baskets_undo_what(&self.name))}
        };
        Some(form(self.body, (inverse, code.clone()), look, then, words))
    }
}
