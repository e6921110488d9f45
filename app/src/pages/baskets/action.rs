//! The actions on a basket: what a form sends, how it is called, what takes it back.

use leptos::prelude::*;
use model::api::baskets::{BasketView, ChangeBasket};
use model::api::{Operation, Problem};
use model::basket::Offer;
use model::ids::{BodyId, ServiceCode};

use crate::parts::{Button, LiveForm, Look};
use crate::rendering::use_notices;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BasketAction {
    /// *Aggiungi*
    Add,
    /// *Aggiungi entrambi*: with what it needs.
    AddWith,
    /// *Togli* something that was added.
    TakeBack,
    /// *Togli* an item of the package.
    Drop,
    /// *Rimetti*
    Restore,
    /// *Rimetti* an item that can't be requested any more: only the drop is undone.
    Forget,
}

impl BasketAction {
    const ALL: [Self; 6] =
        [Self::Add, Self::AddWith, Self::TakeBack, Self::Drop, Self::Restore, Self::Forget];

    /// Begins the name of its form.
    fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::AddWith => "add-with",
            Self::TakeBack => "take-back",
            Self::Drop => "drop",
            Self::Restore => "restore",
            Self::Forget => "forget",
        }
    }

    /// As the operation names it. An item is restored by *add*: of a block that was also bought, *undo* would take
    /// back the purchase.
    fn change(self) -> &'static str {
        match self {
            Self::Add | Self::Restore => "add",
            Self::AddWith => "add_with_prerequisites",
            Self::TakeBack | Self::Forget => "undo",
            Self::Drop => "drop",
        }
    }

    /// What takes it back.
    pub fn inverse(self) -> Option<Self> {
        match self {
            Self::Add => Some(Self::TakeBack),
            Self::TakeBack => Some(Self::Add),
            Self::Drop => Some(Self::Restore),
            Self::Restore => Some(Self::Drop),
            // The services that were added together are removed one by one.
            Self::AddWith | Self::Forget => None,
        }
    }
}

/// An action, and the service that it concerns.
pub type DoneAction = (BasketAction, ServiceCode);

fn form_name(action: BasketAction, code: &ServiceCode) -> String {
    [action.name(), ":", code.as_str()].concat()
}

fn read_name(name: &str) -> Option<DoneAction> {
    let (action, code) = name.split_once(':')?;
    let action = BasketAction::ALL.into_iter().find(|candidate| candidate.name() == action)?;
    Some((action, code.into()))
}

/// The last change that was made on this page, however it was sent.
pub fn last_done(page: &str) -> Option<DoneAction> {
    let notice = use_notices().now_on(page)?;
    let done = notice.problem.is_none() && notice.operation == ChangeBasket::PATH;
    read_name(&notice.form).filter(|_| done)
}

/// Why the last change from this page was refused, where its form is gone because somebody else has changed the basket
/// in the meantime.
pub fn refusal_without_form(page: &str, view: &BasketView) -> Option<Problem> {
    let notice = use_notices().now_on(page).filter(|notice| notice.operation == ChangeBasket::PATH)?;
    let has_form = read_name(&notice.form).is_some_and(|done| is_offered(view, &done));
    notice.problem.filter(|_| !has_form)
}

/// Whether the page has the form of this action.
fn is_offered(view: &BasketView, (action, code): &DoneAction) -> bool {
    let item = view.items.iter().find(|item| item.service.code == *code);
    let offer = view.others.iter().find(|card| card.code == *code).and_then(|card| card.offer.as_ref());
    let editable = view.editable && view.waiting.is_none();
    editable
        && match action {
            BasketAction::Add => matches!(offer, Some(Offer::Add { .. })),
            BasketAction::AddWith => matches!(offer, Some(Offer::AddWith { .. })),
            BasketAction::TakeBack => {
                let added = view.added.iter().find(|one| one.service.code == *code);
                added.is_some_and(|one| one.kept_because.is_none())
            }
            BasketAction::Drop => item.is_some_and(|item| !item.dropped && item.kept_because.is_none()),
            BasketAction::Restore | BasketAction::Forget => {
                item.is_some_and(|item| item.dropped && item.gone_because.is_none())
            }
        }
}

/// The form of an action: a button, with the name of the service for screen readers.
pub fn form(
    body: BodyId,
    (action, code): DoneAction,
    look: Look,
    then: Callback<BasketView>,
    words: impl IntoView + 'static,
) -> AnyView {
    let words = words.into_any();
    let with = vec![
        ("body", body.to_string()),
        ("change", action.change().to_owned()),
        ("service", code.to_string()),
    ];
    view! {
        <LiveForm<ChangeBasket> with=with name=form_name(action, &code) then=then>
            <Button look=look>{words}</Button>
        </LiveForm<ChangeBasket>>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_form_tells_its_action() {
        for action in BasketAction::ALL {
            let done = (action, ServiceCode::from("formazione-10-ore"));
            assert_eq!(read_name(&form_name(action, &done.1)), Some(done));
        }
        assert_eq!(read_name("add"), None);
        assert_eq!(read_name("steal:formazione"), None);
    }

    #[test]
    fn taking_back_twice_is_where_one_began() {
        for action in BasketAction::ALL {
            if let Some(inverse) = action.inverse() {
                assert_eq!(inverse.inverse(), Some(action));
            }
        }
    }
}
