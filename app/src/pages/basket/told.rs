//! What the last change has done: told once, with *Annulla*.

use leptos::prelude::*;
use model::api::body::BasketView;
use model::credits::Credits;
use model::ids::BodyId;

use super::deed::{Deed, Done, form};
use super::offer::named;
use crate::parts::Look;
use crate::rendering::use_lang;

/// The facts of the change, as far as the page knows them.
pub struct Told {
    pub body: BodyId,
    pub done: Done,
    pub name: String,
    /// What it costs to have the service, or what comes back without it.
    pub amount: Option<Credits>,
    pub left: Option<Credits>,
}

impl Told {
    /// "Aggiunto: Pagamento contravvenzioni"
    pub fn title(&self) -> String {
        let lang = use_lang();
        match self.done.0 {
            Deed::Add => lang.basket_told_add(&self.name),
            Deed::AddWith => lang.basket_told_add_with(&self.name),
            Deed::TakeBack | Deed::Drop => lang.basket_told_drop(&self.name),
            Deed::Restore | Deed::Forget => lang.basket_told_restore(&self.name),
        }
    }

    /// "Costa 5 crediti. Ne restano 12."
    pub fn text(&self) -> String {
        let lang = use_lang();
        let amount = self.amount.filter(|amount| *amount > 0).and_then(|amount| match self.done.0 {
            Deed::Add | Deed::Restore => Some(lang.basket_told_costs(lang.credits(amount))),
            Deed::TakeBack | Deed::Drop => Some(lang.basket_told_returns(amount)),
            Deed::AddWith | Deed::Forget => None,
        });
        let left = self
            .left
            .map(|left| if left < 0 { lang.basket_told_short(-left) } else { lang.basket_told_left(left) });
        [amount, left].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// *Annulla*; where others came along, *Togli* for the service itself.
    pub fn undo(&self, look: Look, then: Callback<BasketView>) -> Option<AnyView> {
        let lang = use_lang();
        let (deed, code) = &self.done;
        let (inverse, word) = match deed {
            Deed::AddWith => (Deed::TakeBack, lang.basket_drop()),
            deed => (deed.inverse()?, lang.basket_undo()),
        };
        let words = view! {
            {word}
            {named(&lang.basket_undo_what(&self.name))}
        };
        Some(form(self.body, (inverse, code.clone()), look, then, words))
    }
}
