//! One submission: to who may authorise it the card, to everybody else the receipt.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos_router::hooks::use_params_map;
use model::api::Operation;
use model::api::people::Session;
use model::api::submissions::{Authorise, ReadSubmission, SendBack, SubmissionView, WithdrawSubmission};
use model::ids::SubmissionId;
use model::people::Role;
use web_sys::HtmlElement;

use super::authorise::authorise;
use super::receipt::receipt;
use crate::parts::gone;
use crate::reading::{answered, read};
use crate::rendering::use_lang;
use crate::session::with_session;

/// Takes the submission as a deed on the page has left it.
pub type Settled = Callback<SubmissionView>;

/// `/pratiche/:submission`
#[component]
pub fn SubmissionPage() -> AnyView {
    let params = use_params_map();
    let id = move || -> SubmissionId {
        params.with(|params| params.get("submission")).and_then(|id| id.parse().ok()).unwrap_or_default()
    };
    answered(read(move || ReadSubmission { submission: id() }), |first| {
        let now = RwSignal::new(first);
        let settled = Settled::new(move |view| {
            now.set(view);
            request_animation_frame(to_heading);
        });
        with_session(move |session| {
            (move || now.with(|view| shown(view, &Reader::of(&session, view), settled))).into_any()
        })
    })
}

/// What of the session a submission depends on.
pub struct Reader<'s> {
    /// The name of the aggregator that the reader sees.
    pub aggregator: &'s str,
    /// Prepares the body's package, and so may mend it.
    pub officer: bool,
}

impl<'s> Reader<'s> {
    fn of(session: &'s Session, view: &SubmissionView) -> Self {
        let officer = session.signed_in.as_ref().is_some_and(|who| who.holds_on(Role::Officer, view.body.id));
        Self { aggregator: &session.aggregator.name, officer }
    }
}

fn shown(view: &SubmissionView, reader: &Reader<'_>, settled: Settled) -> AnyView {
    if view.may_authorise { authorise(view, reader, settled) } else { receipt(view, reader, settled) }
}

/// A refused deed whose form is no longer here, because the submission was settled meanwhile.
pub fn moved_on(view: &SubmissionView) -> Option<AnyView> {
    gone(use_lang().submission_gone(), |notice| match notice.operation.as_str() {
        Authorise::PATH | SendBack::PATH => Some(view.may_authorise),
        WithdrawSubmission::PATH => Some(view.may_withdraw),
        _ => None,
    })
}

/// What was pressed is gone: who hears the page goes on from its new heading.
fn to_heading() {
    let heading = document().query_selector("h1").ok().flatten();
    if let Some(heading) = heading.and_then(|heading| heading.dyn_into::<HtmlElement>().ok()) {
        let _ = heading.focus();
    }
}
