//! Moves the focus after an action: the button that was pressed may be gone, so the focus goes to the message.

use leptos::html;
use leptos::prelude::*;

/// Takes the focus once when `led` is set.
pub fn take_focus(led: StoredValue<bool>, inside: impl IntoView) -> AnyView {
    let place = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(place) = place.get().filter(|_| led.get_value()) {
            led.set_value(false);
            // Without the element there is nothing to focus.
            let _ = place.focus();
        }
    });
    view! {
        <div tabindex="-1" node_ref=place>
            {inside.into_any()}
        </div>
    }
    .into_any()
}
