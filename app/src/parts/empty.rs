//! An empty state: what is not there, and what to do next.

use leptos::prelude::*;

use super::Icon;

#[component]
pub fn Empty(
    /// One of `style/icons.txt`.
    #[prop(optional)]
    icon: &'static str,
    #[prop(into)] title: String,
    #[prop(optional, into)] text: String,
    /// Links to what comes next.
    #[prop(optional)]
    children: Option<Children>,
) -> AnyView {
    view! {
        <div class="cz-empty" role="status">
            <Icon name=if icon.is_empty() { "inbox" } else { icon }/>
            <h2 class="h3">{title}</h2>
            {(!text.is_empty()).then(|| view! { <p>{text}</p> })}
            {children.map(|children| view! { <div class="cz-buttons">{children()}</div> })}
        </div>
    }
    .into_any()
}
