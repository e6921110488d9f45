//! The warning, shown once after signing in, that somebody tried wrong passwords before.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use model::api::people::Session;

use crate::links;
use crate::parts::{Alert, Tone};
use crate::rendering::use_lang;
use crate::session::with_session;

/// Above the first page after signing in, and on no further one.
#[component]
pub fn FailedTries() -> AnyView {
    let path = use_location().pathname;
    let first = path.get_untracked();
    with_session(move |session| {
        let first = first.clone();
        let tries = tries(&session);
        (move || (tries > 0 && path.with(|path| *path == first)).then(|| warning(tries))).into_any()
    })
}

fn tries(session: &Session) -> u32 {
    let person = session.signed_in.as_ref().filter(|_| session.just_signed_in);
    person.map_or(0, |person| person.failed_tries)
}

fn warning(tries: u32) -> AnyView {
    let lang = use_lang();
    view! {
        <div class="container mt-4">
            <Alert tone=Tone::Warning title=lang.people_failed_tries(tries.into())>
                <p>
                    {lang.people_failed_tries_text()} " "
                    <a href=links::PROFILE>{lang.people_failed_tries_link()}</a>
                </p>
            </Alert>
        </div>
    }
    .into_any()
}
