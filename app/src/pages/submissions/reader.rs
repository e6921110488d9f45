//! Who reads a submission, and what becomes of the page when it is settled.

use leptos::prelude::*;
use model::api::Operation;
use model::api::people::Session;
use model::api::submissions::{Authorise, SendBack, SubmissionView, WithdrawSubmission};
use model::people::Role;

use crate::parts::gone;
use crate::rendering::use_lang;

/// Takes the submission as a deed on the page has left it.
pub type Settled = Callback<SubmissionView>;

/// What of the session a submission depends on.
pub struct Reader<'s> {
    /// The name of the aggregator that the reader sees.
    pub aggregator: &'s str,
    /// Prepares the body's package, and so may mend it.
    pub officer: bool,
}

impl<'s> Reader<'s> {
    pub fn of(session: &'s Session, view: &SubmissionView) -> Self {
        let officer = session.signed_in.as_ref().is_some_and(|who| who.holds_on(Role::Officer, view.body.id));
        Self { aggregator: &session.aggregator.name, officer }
    }
}

/// A refused deed whose form is no longer here, because the submission was settled meanwhile.
pub fn moved_on(view: &SubmissionView) -> Option<AnyView> {
    gone(use_lang().submissions_gone(), |notice| match notice.operation.as_str() {
        Authorise::PATH | SendBack::PATH => Some(view.may_authorise),
        WithdrawSubmission::PATH => Some(view.may_withdraw),
        _ => None,
    })
}
