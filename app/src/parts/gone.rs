//! The alert for a refused form that is not on the page any more.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use model::api::Notice;

use super::{Alert, Tone};
use crate::rendering::{use_lang, use_notices};

/// An action was refused, and the page no longer has its form because the state has changed: the reason, the state
/// `now`, and what had been written. `has_form` returns whether the page has the form of a notice, and none for notices
/// of other pages.
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
