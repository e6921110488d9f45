//! What a service offers to the body that composes: a button with its price, or the one true reason why not.

use leptos::prelude::*;
use model::api::baskets::BasketView;
use model::basket::Offer;
use model::catalogue::ServiceRef;
use model::credits::Credits;
use model::ids::{BodyId, ServiceCode};
use model::refusals::Refusal;

use super::action::{BasketAction, form};
use crate::parts::{Icon, Look, Reason};
use crate::rendering::use_lang;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OfferPlace {
    /// In a list: the button has the name of the service for screen readers.
    Card,
    /// On the page of the service, as its main action.
    Sheet,
}

pub struct Offered<'a> {
    pub body: BodyId,
    pub code: &'a ServiceCode,
    pub name: &'a str,
    pub price: Credits,
    pub universal: bool,
    pub offer: &'a Offer,
    pub place: OfferPlace,
}

impl Offered<'_> {
    pub fn action(&self, then: Callback<BasketView>) -> AnyView {
        let lang = use_lang();
        match self.offer {
            Offer::Add { price } => self.button(BasketAction::Add, lang.catalogue_add(), *price, then),
            Offer::Restore { value } => {
                self.button(BasketAction::Restore, lang.catalogue_restore(), *value, then)
            }
            Offer::AddWith { services, price, others } => self.together(services, (*price, *others), then),
            Offer::Refused { refusal } => {
                let good = matches!(refusal, Refusal::AlreadyChosen | Refusal::AlreadyLive);
                let (price, reason) = (self.price(), lang.refusal(refusal));
                view! {
                    {price}
                    <Reason good=good>{reason}</Reason>
                }
                .into_any()
            }
        }
    }

    /// The sheet says the price by itself.
    fn price(&self) -> Option<AnyView> {
        (self.place == OfferPlace::Card).then(|| price(self.price, self.universal))
    }

    fn look(&self) -> Look {
        match self.place {
            OfferPlace::Card => Look::OutlineSmall,
            OfferPlace::Sheet => Look::PrimaryWide,
        }
    }

    fn button(
        &self,
        action: BasketAction,
        word: &'static str,
        price: Credits,
        then: Callback<BasketView>,
    ) -> AnyView {
        let words = view! {
            {word}
            {named(&[" ", self.name].concat())}
            {in_brackets(&use_lang().credits(price))}
        };
        form(self.body, (action, self.code.clone()), self.look(), then, words)
    }

    /// It needs other services, which can be added together. The button shows the total.
    fn together(
        &self,
        services: &[ServiceRef],
        (all, others): (Credits, Credits),
        then: Callback<BasketView>,
    ) -> AnyView {
        let lang = use_lang();
        let needed = lang.listed(services.iter().map(|service| &service.name));
        let count = i64::try_from(services.len()).unwrap_or(i64::MAX);
        let words = view! {
            {lang.catalogue_add_with(count)}
            {named(&lang.catalogue_together_with(self.name))}
            {in_brackets(&lang.credits(all))}
        };
        view! {
            {self.price()}
            <p class="cz-reason">
                <Icon name="plus-circle"/>
                <span>{lang.catalogue_requires(needed, lang.credits(others))}</span>
            </p>
            {form(self.body, (BasketAction::AddWith, self.code.clone()), self.look(), then, words)}
        }
        .into_any()
    }
}

/// "5 crediti", "Per tutti i Comuni"
pub fn price(price: i64, universal: bool) -> AnyView {
    let lang = use_lang();
    let words = if universal { lang.catalogue_universal().to_owned() } else { lang.credits(price) };
    view! { <span class="cz-price">{words}</span> }.into_any()
}

/// For screen readers only: which service a button "Aggiungi" is for.
pub fn named(text: &str) -> AnyView {
    view! { <span class="visually-hidden">{text.to_owned()}</span> }.into_any()
}

fn in_brackets(text: &str) -> String {
    [" (", text, ")"].concat()
}
