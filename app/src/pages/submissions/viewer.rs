//! Who reads a submission, and what becomes of the page when it is settled.

use leptos::prelude::*;
use model::api::Operation;
use model::api::people::Session;
use model::api::submissions::{Authorise, SendBack, SubmissionView, WithdrawSubmission};
use model::people::Role;

use crate::parts::gone;
use crate::rendering::use_lang;

/// Receives the submission after an action on the page.
pub type OnSettled = Callback<SubmissionView>;

/// "2026/000123, Comune di Bellagio": for the title of the window.
pub fn submission_name(view: &SubmissionView) -> String {
    [&*view.number, ", ", &view.body.title].concat()
}

/// The facts of the session that the page depends on.
pub struct Viewer<'s> {
    /// The name of the aggregator that the reader sees.
    pub aggregator: &'s str,
    /// Prepares the body's package, and so may mend it.
    pub officer: bool,
}

impl<'s> Viewer<'s> {
    pub fn of(session: &'s Session, view: &SubmissionView) -> Self {
        let officer = session.signed_in.as_ref().is_some_and(|who| who.holds_on(Role::Officer, view.body.id));
        Self { aggregator: &session.aggregator.name, officer }
    }
}

/// The alert for a refused action whose form is gone, because the submission was settled in the meantime.
pub fn moved_on(view: &SubmissionView) -> Option<AnyView> {
    gone(use_lang().submissions_gone(), |notice| match notice.operation.as_str() {
        Authorise::PATH | SendBack::PATH => Some(view.may_authorise),
        WithdrawSubmission::PATH => Some(view.may_withdraw),
        _ => None,
    })
}
