//! The session: who is signed in, and the aggregator. Read once for each page load.

use leptos::prelude::*;
use model::api::people::{ReadSession, Session};
use model::territory::Aggregator;

use crate::problem::SessionExpired;
use crate::reading::{Query, answered_or, read};

/// Reads the session for the whole page.
pub fn provide_session() {
    let session = read(ReadSession::default);
    provide_context(session);
    provide_context(SessionExpired(Callback::new(move |()| session.refetch())));
}

/// The session of this page.
fn use_session() -> Query<Session> {
    use_context().unwrap_or_else(|| read(ReadSession::default))
}

/// A part of the page that depends on the session; that of an anonymous visitor where it can't be read.
pub fn with_session(show: impl Fn(Session) -> AnyView + Send + Sync + 'static) -> AnyView {
    let nobody = || Session {
        aggregator: Aggregator::default(),
        signed_in: None,
        just_signed_in: false,
        personas: Vec::new(),
    };
    answered_or(use_session(), nobody, show)
}
