//! A request below its title, the same by itself and beside the operator's list: the three facts, what is asked of
//! the reader, what happened, and at the bottom what is rarely done.

use leptos::prelude::*;
use model::api::requests::{RequestView, Step};
use model::requests::{Event, State};

use super::due::is_late;
use super::event_forms::{RequestForms, next, others, withdraw};
use super::facts::facts;
use super::prompts::{moved_on, prompts};
use super::steps::steps;
use crate::links;
use crate::parts::{Alert, Fact, FactRows, LateBadge, Moment, StateBadge, Timeline, Tone};
use crate::rendering::use_lang;
use crate::text::Lang;

pub fn badges(view: &RequestView) -> AnyView {
    let late = is_late(view.row.due).then(|| view! { " " <LateBadge/> });
    view! { <StateBadge state=view.row.state/> {late} }.into_any()
}

/// `again` fetches the request again; `beside` a list there is no room for a second column.
pub fn detail(view: &RequestView, again: Callback<()>, beside: bool) -> AnyView {
    let lang = use_lang();
    let seen = RequestForms { lang, view, again };
    let next = next(seen).map(|forms| {
        view! {
            <section class="cz-section" aria-labelledby="esito">
                <h2 class="h3" id="esito">{lang.requests_next_title()}</h2>
                {forms}
            </section>
        }
    });
    let others = others(seen).map(|folds| {
        view! {
            <section class="mt-5" aria-labelledby="altri-atti">
                <h2 class="h3" id="altri-atti">{lang.requests_other_actions()}</h2>
                {folds}
            </section>
        }
    });
    let withdraw = withdraw(seen).map(|fold| view! { <div class="mt-5">{fold}</div> });
    view! {
        {owner(lang, view)}
        {facts(lang, view)}
        {moved_on(seen)}
        {prompts(seen)}
        {next}
        <div class=if beside { "" } else { "cz-columns" }>
            <section class="cz-section" aria-labelledby="storia">
                <h2 class="h3" id="storia">{lang.requests_history()}</h2>
                {timeline(lang, view)}
            </section>
            <aside>{aside(seen)}</aside>
        </div>
        {others}
        {withdraw}
    }
    .into_any()
}

fn timeline(lang: Lang, view: &RequestView) -> AnyView {
    let moments = view
        .timeline
        .iter()
        .map(|step| Moment {
            title: happened(lang, step),
            at: step.at,
            by: step.by.clone(),
            note: step.note.clone(),
            cause: step
                .along_with
                .as_ref()
                .map(|with| (lang.requests_along_link(&with.service.name), links::request(with.request))),
        })
        .collect();
    view! { <Timeline moments=moments/> }.into_any()
}

/// What happened, and together with what: "Annullata insieme a «Nodo dei pagamenti»".
pub fn happened(lang: Lang, step: &Step) -> String {
    let event = lang.event(step.event);
    match &step.along_with {
        Some(with) => lang.requests_along_with(event, &with.service.name),
        None => event.to_owned(),
    }
}

/// Whose it is, to a colleague who may act in their place; and who had it, where nobody has it any more.
fn owner(lang: Lang, view: &RequestView) -> Option<AnyView> {
    let (title, text) = match (view.colleague(), &view.former_owner) {
        (Some(owner), _) if view.row.state.in_progress() || view.row.state == State::Live => {
            (lang.requests_colleague_title(&owner.name), lang.requests_colleague_text(&owner.name))
        }
        (_, Some(former)) if view.row.state.in_progress() => {
            (lang.requests_former_title().to_owned(), lang.requests_former_text(&former.name))
        }
        _ => return None,
    };
    let alert = view! {
        <Alert tone=Tone::Info title=title>
            <p>{text}</p>
        </Alert>
    };
    Some(alert.into_any())
}

/// The steps, unless they stand above with their form; and the submission it came with.
fn aside(seen: RequestForms) -> AnyView {
    let (lang, view) = (seen.lang, seen.view);
    let steps = steps(lang, view, None).filter(|_| !seen.may(Event::CompleteMilestone)).map(|steps| {
        view! {
            <section class="cz-section" aria-labelledby="tappe">
                <h2 class="h3" id="tappe">{lang.requests_steps()}</h2>
                {steps}
            </section>
        }
    });
    let row = &view.row;
    let number = view! { <a href=links::submission(view.submission)>{row.submission_number.clone()}</a> };
    let mut facts = vec![
        Fact::new(lang.requests_practice(), number),
        Fact::new(lang.requests_origin(), lang.origin(row.origin)),
        Fact::new(lang.requests_price(), lang.credits(row.price)),
    ];
    for (name, value) in [(lang.requests_motive(), &view.reason), (lang.requests_contact(), &view.contact)] {
        if !value.is_empty() {
            facts.push(Fact::new(name, value.clone()));
        }
    }
    view! {
        {steps}
        <section aria-labelledby="pratica">
            <h2 class="h3" id="pratica">{lang.requests_about()}</h2>
            <FactRows facts=facts/>
        </section>
    }
    .into_any()
}
