//! What happened, newest first: who, when, and their note.

use leptos::prelude::*;
use model::calendar::Instant;

use crate::rendering::use_lang;

pub struct Moment {
    pub title: String,
    pub at: Instant,
    /// None when it was the system.
    pub by: Option<String>,
    pub note: String,
    /// Link to the cause: text and address.
    pub cause: Option<(String, String)>,
}

#[component]
pub fn Timeline(
    /// Newest first.
    moments: Vec<Moment>,
) -> AnyView {
    let lang = use_lang();
    let moment = move |moment: Moment| {
        view! {
            <li>
                <h3>{moment.title}</h3>
                <p class="cz-quiet">
                    <time datetime=moment.at.to_string()>{lang.instant(moment.at)}</time>
                    " · "
                    <bdi>{moment.by.unwrap_or_else(|| lang.common_system().to_owned())}</bdi>
                </p>
                {(!moment.note.is_empty()).then(|| view! { <blockquote dir="auto">{moment.note}</blockquote> })}
                {moment.cause.map(|(words, address)| view! { <p><a href=address>{words}</a></p> })}
            </li>
        }
    };
    view! { <ol class="cz-timeline" reversed>{moments.into_iter().map(moment).collect_view()}</ol> }
        .into_any()
}
