//! *Il pacchetto assegnato* and *Servizi aggiunti*: rows with one action each.

use leptos::prelude::*;
use model::api::baskets::{BasketAddition, BasketItem, BasketView};
use model::basket::Standing;
use model::ids::{BodyId, ServiceCode};
use model::refusals::Refusal;

use super::action::{BasketAction, form};
use super::composing::Composing;
use super::offer::named;
use crate::links;
use crate::parts::{Look, Reason};
use crate::rendering::use_lang;

/// A keyed list: a row keeps its state while others are added and removed, so a form that is being sent is not lost.
pub fn keyed(
    class: &'static str,
    codes: Memo<Vec<ServiceCode>>,
    row: impl Fn(ServiceCode) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let row = StoredValue::new(row);
    view! {
        <ul class=class>
            <For
                each=move || codes.get()
                key=Clone::clone
                children=move |code| row.with_value(|row| row(code))
            />
        </ul>
    }
    .into_any()
}

pub fn assigned(at: Composing) -> AnyView {
    let lang = use_lang();
    let codes =
        Memo::new(move |_| at.with(|view| view.items.iter().map(|item| item.service.code.clone()).collect()));
    let row = move |code: ServiceCode| {
        let id = ["assegnato-", code.as_str()].concat();
        let item = Memo::new(move |_| {
            at.with(|view| view.items.iter().find(|item| item.service.code == code).cloned())
        });
        let dropped = move || item.with(|item| item.as_ref().is_some_and(|item| item.dropped));
        view! {
            <li id=id class=move || dropped().then_some("cz-dropped")>
                {move || item.get().map(|item| assigned_row(at, &item))}
            </li>
        }
        .into_any()
    };
    view! {
        <section class="cz-section" aria-labelledby="assegnato">
            <h2 id="assegnato" tabindex="-1">{lang.baskets_assigned()}</h2>
            <p class="cz-small cz-quiet">{lang.baskets_assigned_hint()}</p>
            {keyed("cz-items", codes, row)}
        </section>
    }
    .into_any()
}

fn assigned_row(at: Composing, item: &BasketItem) -> AnyView {
    let lang = use_lang();
    let universal = item.kept_because == Some(Refusal::Universal);
    let note = if item.dropped {
        match item.value {
            0 => lang.baskets_dropped_free().to_owned(),
            value => lang.baskets_dropped(lang.credits_change(value)),
        }
    } else if universal {
        lang.baskets_universal().to_owned()
    } else if item.standing == Standing::Open && item.value > 0 {
        lang.baskets_worth(lang.level(item.level), lang.credits(item.value))
    } else {
        lang.level(item.level).to_owned()
    };
    let (action, reason) = assigned_action(at, item);
    view! {
        <div>
            {name(at.body, &item.service.code, &item.service.name)} <p class="cz-item-note">{note}</p>
            {reason.map(|reason| view! { <Reason>{reason}</Reason> })}
        </div>
        <div class="cz-item-action">{action}</div>
    }
    .into_any()
}

/// The button *Togli* or *Rimetti*; otherwise the state of the item, or the reason why there is no button.
fn assigned_action(at: Composing, item: &BasketItem) -> (Option<AnyView>, Option<String>) {
    let lang = use_lang();
    let word =
        |word: &'static str| (Some(view! { <span class="cz-item-note">{word}</span> }.into_any()), None);
    match item.standing {
        Standing::Live => return word(lang.refusal_already_live()),
        Standing::InProgress => return word(lang.baskets_in_progress()),
        Standing::Gone if !item.dropped => return word(lang.baskets_gone()),
        Standing::Gone | Standing::Open => {}
    }
    if item.kept_because == Some(Refusal::Universal) {
        return word(lang.baskets_always());
    }
    if !at.editable.get() {
        return (None, None);
    }
    let (refusal, action, words) = match (item.dropped, item.standing) {
        (true, Standing::Open) => (&item.gone_because, BasketAction::Restore, lang.baskets_restore()),
        (true, _) => (&item.gone_because, BasketAction::Forget, lang.baskets_restore()),
        (false, _) => (&item.kept_because, BasketAction::Drop, lang.baskets_drop()),
    };
    match refusal {
        Some(refusal) => (None, Some(lang.refusal(refusal))),
        None => (Some(button(at, action, words, &item.service.code, &item.service.name)), None),
    }
}

pub fn added(at: Composing) -> AnyView {
    let lang = use_lang();
    let codes =
        Memo::new(move |_| at.with(|view| view.added.iter().map(|one| one.service.code.clone()).collect()));
    let none = move || {
        let empty = codes.with(Vec::is_empty);
        empty.then(|| view! { <p class="cz-small cz-quiet">{lang.baskets_added_none()}</p> })
    };
    let row = move |code: ServiceCode| {
        let id = ["aggiunto-", code.as_str()].concat();
        let one = Memo::new(move |_| at.with(|view| addition(view, &code).cloned()));
        view! { <li id=id>{move || one.get().map(|one| added_row(at, &one))}</li> }.into_any()
    };
    view! {
        <section class="cz-section" aria-labelledby="aggiunti">
            <h2 id="aggiunti" tabindex="-1">{lang.baskets_added()}</h2>
            {none}
            {keyed("cz-items", codes, row)}
        </section>
    }
    .into_any()
}

pub fn addition<'v>(view: &'v BasketView, code: &ServiceCode) -> Option<&'v BasketAddition> {
    view.added.iter().find(|one| one.service.code == *code)
}

fn added_row(at: Composing, one: &BasketAddition) -> AnyView {
    let lang = use_lang();
    let credits = lang.credits(one.price * i64::from(one.count));
    let note = match one.count {
        1 => lang.baskets_costs_credits(lang.level(one.level), credits),
        count => lang.baskets_blocks(count.into(), lang.level(one.level), credits),
    };
    let (action, reason) = match &one.kept_because {
        _ if !at.editable.get() => (None, None),
        Some(refusal) => (None, Some(lang.refusal(refusal))),
        None => {
            let (code, name) = (&one.service.code, &one.service.name);
            (Some(button(at, BasketAction::TakeBack, lang.baskets_drop(), code, name)), None)
        }
    };
    view! {
        <div>
            {name(at.body, &one.service.code, &one.service.name)} <p class="cz-item-note">{note}</p>
            {reason.map(|reason| view! { <Reason>{reason}</Reason> })}
        </div>
        <div class="cz-item-action">{action}</div>
    }
    .into_any()
}

fn name(body: BodyId, code: &ServiceCode, name: &str) -> AnyView {
    let href = links::service_for(code, Some(body));
    view! {
        <p class="cz-item-name">
            <a href=href>{name.to_owned()}</a>
        </p>
    }
    .into_any()
}

fn button(
    at: Composing,
    action: BasketAction,
    word: &'static str,
    code: &ServiceCode,
    name: &str,
) -> AnyView {
    let words = view! {
        {word}
        {named(&[" ", name].concat())}
    };
    form(at.body, (action, code.clone()), Look::Link, at.then, words)
}
