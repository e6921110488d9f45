//! An icon of the sprite. It never carries a meaning alone.

use leptos::prelude::*;

/// `name` is one of `style/icons.txt`.
#[component]
pub fn Icon(name: &'static str, #[prop(optional)] class: &'static str) -> impl IntoView {
    let mut address = String::from("/icons.svg#it-");
    address.push_str(name);
    let mut classes = String::from("icon");
    if !class.is_empty() {
        classes.push(' ');
        classes.push_str(class);
    }
    view! {
        <svg class=classes aria-hidden="true">
            <use href=address></use>
        </svg>
    }
}
