//! The one true reason why something is not offered, or good news in its place.

use leptos::prelude::*;

use super::Icon;

#[component]
pub fn Reason(
    /// Good news: "Già attivo".
    #[prop(optional)]
    good: bool,
    children: Children,
) -> AnyView {
    let (class, sign) =
        if good { ("cz-reason cz-reason-good", "check-circle") } else { ("cz-reason", "info-circle") };
    view! {
        <p class=class>
            <Icon name=sign/>
            <span>{children()}</span>
        </p>
    }
    .into_any()
}
