//! The way of a reader who did something: the button that was pressed may be gone, so the focus goes where it is told
//! what happened, and with it the screen.

use leptos::html;
use leptos::prelude::*;

/// Takes the focus once, where the reader was led here by what they did.
pub fn led_to(led: StoredValue<bool>, inside: impl IntoView) -> AnyView {
    let place = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(place) = place.get().filter(|_| led.get_value()) {
            led.set_value(false);
            // It may be gone by now, and then there is nothing to lead to.
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
