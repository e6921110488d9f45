//! Where the reader is, when the view is replaced by another: the place is kept, and so is the focus.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Changes the page, then sees to it that the focus is where it was: in the same row, or at the heading of its list
/// where the row is gone.
pub fn keeping_place(change: impl FnOnce()) {
    let pressed = document().active_element();
    let row = pressed.as_ref().and_then(|at| at.closest("li[id]").ok().flatten());
    let section = row.as_ref().and_then(|row| row.closest("section").ok().flatten());
    change();
    if let (Some(row), Some(section)) = (row, section) {
        request_animation_frame(move || restore(&row, &section));
    }
}

fn restore(row: &Element, section: &Element) {
    // Somebody who has gone on meanwhile is left alone.
    let lost = document().active_element().is_none_or(|at| at.tag_name() == "BODY");
    if !lost {
        return;
    }
    let within = |part: &Element, what| part.query_selector(what).ok().flatten();
    let at = if row.is_connected() {
        within(row, "button").or_else(|| within(row, "a"))
    } else {
        within(section, "h2")
    };
    if let Some(at) = at.and_then(|at| at.dyn_into::<HtmlElement>().ok()) {
        // Without the element there is nothing to focus.
        let _ = at.focus();
    }
}
