//! Something to unfold: a reason, a filter, an action that asks once before it takes something away.

use leptos::prelude::*;

#[component]
pub fn Fold(
    #[prop(into)] summary: String,
    /// Within a frame.
    #[prop(optional)]
    framed: bool,
    /// Unfolded from the start, as when the form within has come back with a problem.
    #[prop(optional)]
    open: bool,
    children: Children,
) -> AnyView {
    let class = if framed { "cz-fold cz-fold-box" } else { "cz-fold" };
    view! {
        <details class=class open=open>
            <summary>{summary}</summary>
            <div>{children()}</div>
        </details>
    }
    .into_any()
}
