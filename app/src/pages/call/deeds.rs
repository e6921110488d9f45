//! What an administrator does with one body: more time, a package by hand, more credits. Each with its reason.

use leptos::prelude::*;
use model::api::Operation;
use model::api::body::BodyArea;
use model::api::call::{AssignByHand, Board, ExtendBody, GrantExtra};

use crate::parts::{Button, Control, Field, Fold, LiveForm, came_back};
use crate::text::Lang;

pub fn deeds(lang: Lang, area: &BodyArea, board: &Board, again: Callback<()>) -> AnyView {
    if !board.may_act {
        return view! { <p class="cz-quiet">{lang.call_read_only()}</p> }.into_any();
    }
    let (body, title) = (area.body.id.to_string(), area.title.clone());
    let extension = area.call.as_ref().map(|call| {
        let text = lang.call_extend_text(&title, lang.until_instant(call.closes));
        let word = lang.call_extend_do(&title);
        let inside = move || (extension(lang, text), confirm(lang, word)).into_any();
        deed::<ExtendBody>(lang.call_extend(), false, body.clone(), again, inside)
    });
    let packages = board.packages.iter().map(|package| (package.code.to_string(), package.name.clone()));
    let packages = std::iter::once((String::new(), lang.call_choose().to_owned())).chain(packages).collect();
    let word = lang.call_assign_do(&title);
    let inside = move || (assignment(lang, packages), confirm(lang, word)).into_any();
    let assignment =
        deed::<AssignByHand>(lang.call_assign(), area.assigned.is_none(), body.clone(), again, inside);
    let grant = area.account.is_some().then(|| {
        let word = lang.call_grant_do(&title);
        let inside = move || (grant(lang), confirm(lang, word)).into_any();
        deed::<GrantExtra>(lang.call_grant(), false, body.clone(), again, inside)
    });
    view! {
        <section class="cz-section" aria-labelledby="atti">
            <h2 id="atti">{lang.call_deeds()}</h2>
            <p>{lang.call_deeds_lead()}</p>
            {extension}
            {assignment}
            {grant}
        </section>
    }
    .into_any()
}

fn deed<O: Operation>(
    name: &'static str,
    open: bool,
    body: String,
    again: Callback<()>,
    inside: impl FnOnce() -> AnyView + Send + 'static,
) -> AnyView {
    let open = open || came_back::<O>("");
    view! {
        <Fold summary=name framed=true open=open>
            <LiveForm<O> with=vec![("body", body)] then=move |_| again.run(())>
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
            label=lang.call_reason()
            hint=lang.call_reason_hint()
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
            label=lang.call_extend_until()
            hint=lang.call_extend_hint()
            control=Control::Day
            short=true
        />
    }
    .into_any()
}

fn assignment(lang: Lang, packages: Vec<(String, String)>) -> AnyView {
    view! {
        <p>{lang.call_assign_text()}</p>
        <Field name="package" label=lang.call_package() control=Control::Choice(packages)/>
        <Field
            name="credits"
            label=lang.call_assign_credits()
            hint=lang.call_assign_credits_hint()
            control=Control::Number
            short=true
        />
    }
    .into_any()
}

fn grant(lang: Lang) -> AnyView {
    view! {
        <p>{lang.call_grant_text()}</p>
        <Field
            name="credits"
            label=lang.call_grant_credits()
            hint=lang.call_grant_credits_hint()
            control=Control::Number
            short=true
        />
    }
    .into_any()
}
