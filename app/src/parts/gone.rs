//! What became of a form that is no longer on the page.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use model::api::Notice;

use super::{Alert, Tone};
use crate::rendering::{use_lang, use_notices};

/// A refused deed whose form is not here any more, because things have moved on: why, how it stands `now`, and what
/// had been written. `has_form` tells whether the page has the form that a notice is of; none where it is not its own.
pub fn gone(now: &'static str, has_form: impl Fn(&Notice) -> Option<bool>) -> Option<AnyView> {
    let page = use_location().pathname.get_untracked();
    let notice = use_notices().now_on(&page)?;
    if has_form(&notice)? {
        return None;
    }
    let problem = notice.problem?;
    let written = |name: &str| matches!(name, "message" | "note" | "reason");
    let written = notice.entered.into_iter().find(|(name, _)| written(name));
    let lang = use_lang();
    let sentence = use_notices().form_problem(lang, &problem, false);
    let alert = view! {
        <Alert tone=Tone::Danger title=sentence role="alert">
            <p>{now}</p>
            {written.map(|(_, text)| {
                view! {
                    <p>{lang.problem_written()}</p>
                    <blockquote>{text}</blockquote>
                }
            })}
        </Alert>
    };
    Some(alert.into_any())
}
