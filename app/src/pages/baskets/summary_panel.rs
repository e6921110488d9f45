//! The panel that stays on the screen while one composes: credits left, last change, link to the summary.

use leptos::prelude::*;
use model::api::baskets::BasketView;
use model::api::submissions::LineKind;
use model::basket::Objection;
use model::credits::{Account, Credits};
use model::refusals::Refusal;

use super::action::BasketAction;
use super::composing::Composing;
use super::message::ChangeMessage;
use super::package_items::addition;
use crate::links;
use crate::parts::{Look, Meter, Reason};
use crate::rendering::use_lang;
use crate::text::Lang;

pub fn side(at: Composing) -> AnyView {
    let lang = use_lang();
    view! {
        <aside class="cz-summary" aria-label=lang.baskets_summary()>
            {move || at.with(|view| numbers(lang, view))}
            {move || at.with(|view| way_on(lang, view))}
            <div class="cz-summary-done" role="status">
                {move || last_change(at)}
            </div>
            {move || at.with(|view| saved(lang, view))}
        </aside>
    }
    .into_any()
}

/// What the basket adds, and what its drops give back.
pub fn sums(view: &BasketView) -> (Credits, Credits) {
    let sum = |kind| view.lines.iter().filter(|line| line.kind == kind).map(|line| line.credits).sum();
    (sum(LineKind::Add), sum(LineKind::Drop))
}

fn numbers(lang: Lang, view: &BasketView) -> AnyView {
    // Submitted items are already counted in the account.
    let (adds, drops) = if view.waiting.is_some() { (0, 0) } else { sums(view) };
    let left = view.left;
    let word = if left < 0 { lang.baskets_short_word(-left) } else { lang.baskets_left_word(left) };
    // Credits of dropped items come back: they belong to the total.
    let all = lang.baskets_left_of(lang.number(view.account.granted + drops));
    let account = Account { held: view.account.held + adds, ..view.account };
    let range = view.call.high;
    view! {
        <p class="cz-summary-left">
            {word} " " <strong>{lang.credits(left.abs())}</strong> " " {all}
        </p>
        <Meter account=account left=left slim=true/>
        <p class="cz-summary-count">
            {lang.baskets_high()} " "
            <span class="text-nowrap">
                <strong>{view.high.to_string()}</strong>
                " "
                {lang.baskets_high_range(range.minimum, range.maximum)}
            </span>
        </p>
        <p class="cz-small cz-quiet">{lang.leftovers(view.call.leftovers)}</p>
    }
    .into_any()
}

/// Why the basket can't be sent now; none when it can.
pub fn objections(view: &BasketView) -> Vec<Objection> {
    if view.objections.is_empty() && view.lines.is_empty() {
        return vec![Objection { service: None, refusal: Refusal::NothingToSubmit }];
    }
    view.objections.clone()
}

/// "Pagamento ICI: Richiede anche «Nodo dei pagamenti»"
pub fn objection(lang: Lang, objection: &Objection) -> String {
    let reason = lang.refusal(&objection.refusal);
    match &objection.service {
        Some(service) => lang.baskets_objection(&service.name, reason),
        None => reason,
    }
}

/// *Vai al riepilogo*, or why not yet.
fn way_on(lang: Lang, view: &BasketView) -> Option<AnyView> {
    if let Some(submission) = view.waiting {
        let link = view! {
            <div class="cz-summary-action">
                <a class="btn btn-primary" href=links::submission(submission)>
                    {lang.baskets_see_submission()}
                </a>
            </div>
        };
        return Some(link.into_any());
    }
    if !view.editable {
        return None;
    }
    let Some(first) = objections(view).into_iter().next() else {
        let link = view! {
            <div class="cz-summary-action">
                <a class="btn btn-primary" href=links::summary(view.body.id)>
                    {lang.baskets_to_summary()}
                </a>
            </div>
        };
        return Some(link.into_any());
    };
    let choose = matches!(first.refusal, Refusal::InteractivityBelow { .. });
    let choose = choose.then(|| view! { ". " <a href="#altri">{lang.baskets_choose()}</a> });
    let not_yet = view! {
        <div class="cz-summary-action">
            <a class="btn btn-primary disabled" role="link" aria-disabled="true">
                {lang.baskets_to_summary()}
            </a>
        </div>
        <Reason>{objection(lang, &first)} {choose}</Reason>
    };
    Some(not_yet.into_any())
}

/// What was done last, with *Annulla*.
fn last_change(at: Composing) -> Option<AnyView> {
    let (action, code) = at.done.get()?;
    let message = at.with(|view| {
        let item = view.items.iter().find(|item| item.service.code == code);
        let card = view.others.iter().find(|card| card.code == code);
        let added = addition(view, &code);
        let name = item.map(|item| &item.service.name).or(card.map(|card| &card.name));
        let name = name.or(added.map(|added| &added.service.name))?.clone();
        let amount = match action {
            BasketAction::Drop | BasketAction::Restore => item.map(|item| item.value),
            _ => card.map(|card| card.price).or(added.map(|added| added.price)),
        };
        Some(ChangeMessage {
            body: at.body,
            done: (action, code.clone()),
            name,
            amount,
            left: Some(view.left),
        })
    })?;
    let undo = if at.editable.get() { message.undo(Look::OutlineSmall, at.then) } else { None };
    let view = view! {
        <p class="cz-summary-outcome">
            <strong>{message.title()}</strong>
            " "
            {message.text()}
        </p>
        {undo}
    };
    Some(view.into_any())
}

/// "Salvato alle 10:42"; with the day where it was not today.
fn saved(lang: Lang, view: &BasketView) -> Option<AnyView> {
    let at = view.saved_at?;
    let when = if at.day_in_rome() == view.today { lang.at_clock(at) } else { lang.on_instant(at) };
    Some(view! { <p class="cz-saved">{lang.baskets_saved(when)}</p> }.into_any())
}
