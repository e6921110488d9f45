//! What an administrator does with one body: more time, a package by hand, more credits, a correction. Each with its
//! reason, and what moves credits with the figures that were seen.

use leptos::prelude::*;
use model::api::Operation;
use model::api::bodies::BodyArea;
use model::api::calls::{AssignByHand, Board, ExtendBody, GrantExtra, ProposeCorrection};
use model::api::credits::proposals::Proposals;

use crate::pages::credits::proposals::threshold;
use crate::parts::{Button, Control, Field, Fold, LiveForm, came_back};
use crate::text::Lang;

pub fn actions(
    lang: Lang,
    area: &BodyArea,
    board: &Board,
    proposals: &Proposals,
    again: Callback<()>,
) -> AnyView {
    let title = area.title.clone();
    let body = vec![("body", area.body.id.to_string())];
    let granted = area.account.map_or(0, |account| account.granted);
    let mut seen = body.clone();
    seen.push(("seen", granted.to_string()));
    let now = move || view! { <p>{lang.calls_granted_now(lang.credits(granted))}</p> };
    let extension = area.call.as_ref().map(|call| {
        let text = lang.calls_extend_text(&title, lang.until_instant(call.closes));
        let word = lang.calls_extend_do(&title);
        let inside = move || (extension(lang, text), confirm(lang, word)).into_any();
        action::<ExtendBody>(lang.calls_extend(), false, body, again, inside)
    });
    let packages = board.packages.iter().map(|package| (package.code.to_string(), package.name.clone()));
    let packages = std::iter::once((String::new(), lang.calls_choose().to_owned())).chain(packages).collect();
    let word = lang.calls_assign_do(&title);
    let inside = move || (assignment(lang, packages), now(), confirm(lang, word)).into_any();
    let package = area.assigned.as_ref().map(|assigned| assigned.package.to_string()).unwrap_or_default();
    let fields = [seen.clone(), vec![("seen_package", package)]].concat();
    let assignment =
        action::<AssignByHand>(lang.calls_assign(), area.assigned.is_none(), fields, again, inside);
    let of_account = area.account.is_some().then(|| {
        let word = lang.calls_grant_do(&title);
        let inside = move || (grant(lang), now(), confirm(lang, word)).into_any();
        let grant = action::<GrantExtra>(lang.calls_grant(), false, seen.clone(), again, inside);
        let word = lang.calls_correct_do(&title);
        let inside = move || (correction(lang), now(), confirm(lang, word)).into_any();
        (grant, action::<ProposeCorrection>(lang.calls_correct(), false, seen, again, inside))
    });
    view! {
        <section class="cz-section" aria-labelledby="atti">
            <h2 id="atti">{lang.calls_actions()}</h2>
            <p>{lang.calls_actions_lead()}</p>
            {threshold(lang, proposals)}
            {extension}
            {assignment}
            {of_account}
        </section>
    }
    .into_any()
}

fn action<O: Operation>(
    name: &'static str,
    open: bool,
    fields: Vec<(&'static str, String)>,
    again: Callback<()>,
    inside: impl FnOnce() -> AnyView + Send + 'static,
) -> AnyView {
    let open = open || came_back::<O>("");
    view! {
        <Fold summary=name framed=true open=open>
            <LiveForm<O> with=fields then=move |_| again.run(())>
                {inside()}
            </LiveForm<O>>
        </Fold>
    }
    .into_any()
}

/// The reason, and the button that names what is done.
fn confirm(lang: Lang, word: String) -> AnyView {
    view! {
        <Field
            name="reason"
            label=lang.calls_reason()
            hint=lang.calls_reason_hint()
            control=Control::Text
        />
        <Button>{word}</Button>
    }
    .into_any()
}

fn extension(lang: Lang, text: String) -> AnyView {
    view! {
        <p>{text}</p>
        <Field
            name="until"
            label=lang.calls_extend_until()
            hint=lang.calls_extend_hint()
            control=Control::Day
            short=true
        />
    }
    .into_any()
}

fn assignment(lang: Lang, packages: Vec<(String, String)>) -> AnyView {
    view! {
        <p>{lang.calls_assign_text()}</p>
        <Field name="package" label=lang.calls_package() control=Control::Choice(packages)/>
        <Field
            name="credits"
            label=lang.calls_assign_credits()
            hint=lang.calls_assign_credits_hint()
            control=Control::Number
            short=true
        />
    }
    .into_any()
}

fn grant(lang: Lang) -> AnyView {
    view! {
        <p>{lang.calls_grant_text()}</p>
        <Field
            name="credits"
            label=lang.calls_grant_credits()
            hint=lang.calls_grant_credits_hint()
            control=Control::Number
            short=true
        />
    }
    .into_any()
}

fn correction(lang: Lang) -> AnyView {
    let directions = [
        ("", lang.calls_choose()),
        ("add", lang.calls_correct_add()),
        ("remove", lang.calls_correct_remove()),
    ];
    let directions = directions.map(|(value, name)| (value.to_owned(), name.to_owned())).to_vec();
    view! {
        <p>{lang.calls_correct_text()}</p>
        <Field
            name="direction"
            label=lang.calls_correct_direction()
            control=Control::Choice(directions)
            short=true
        />
        <Field
            name="credits"
            label=lang.calls_correct_credits()
            hint=lang.calls_correct_credits_hint()
            control=Control::Number
            short=true
        />
    }
    .into_any()
}
