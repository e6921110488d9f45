//! One submission: to who may authorise it the card, to everybody else the receipt.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos_router::hooks::use_params_map;
use model::api::submissions::{ReadSubmission, SubmissionView};
use model::ids::SubmissionId;
use web_sys::HtmlElement;

use super::authorise::authorise;
use super::receipt::receipt;
use super::viewer::{OnSettled, Viewer};
use crate::reading::{answered, read};
use crate::session::with_session;

/// `/pratiche/:submission`
#[component]
pub fn SubmissionPage() -> AnyView {
    let params = use_params_map();
    let id = move || -> SubmissionId {
        params.with(|params| params.get("submission")).and_then(|id| id.parse().ok()).unwrap_or_default()
    };
    answered(read(move || ReadSubmission { submission: id() }), |first| {
        let now = RwSignal::new(first);
        let settled = OnSettled::new(move |view| {
            now.set(view);
            request_animation_frame(to_heading);
        });
        with_session(move |session| {
            (move || now.with(|view| shown(view, &Viewer::of(&session, view), settled))).into_any()
        })
    })
}

fn shown(view: &SubmissionView, reader: &Viewer<'_>, settled: OnSettled) -> AnyView {
    if view.may_authorise { authorise(view, reader, settled) } else { receipt(view, reader, settled) }
}

/// The pressed button is gone: moves the focus to the new heading.
fn to_heading() {
    let heading = document().query_selector("h1").ok().flatten();
    if let Some(heading) = heading.and_then(|heading| heading.dyn_into::<HtmlElement>().ok()) {
        let _ = heading.focus();
    }
}
