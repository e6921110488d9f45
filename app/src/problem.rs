//! The error page, and the alert in place of a part of a page.

use std::sync::Arc;

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_location;
use model::api::{ApiError, Problem};

use crate::links;
use crate::parts::{Alert, Heading, Icon, Tone};
use crate::rendering::{answer_with, use_lang};
use crate::text::Lang;

type RetryAction = Arc<dyn Fn() + Send + Sync>;

/// What to do when the server does not know any more who is signed in. A context, given by `session.rs`, which is built
/// on this file.
#[derive(Clone, Copy)]
pub struct SessionExpired(pub Callback<()>);

/// The error page for a problem. Who is not signed in is redirected to the sign-in, and then back.
pub fn problem_page(problem: &Problem, retry: RetryAction) -> AnyView {
    let lang = use_lang();
    let (status, title) = match problem {
        Problem::ApiError(ApiError::SignInNeeded) => return to_sign_in(),
        Problem::ApiError(ApiError::NotFound | ApiError::Faulty { .. }) => (404, lang.error_not_found()),
        Problem::ApiError(ApiError::Forbidden) => (403, lang.error_forbidden()),
        Problem::ApiError(ApiError::TooMany { .. }) => (429, lang.error_too_many()),
        Problem::ApiError(ApiError::Unavailable) => (503, lang.error_unavailable()),
        Problem::ApiError(ApiError::Unreachable) => (503, lang.error_unreachable()),
        Problem::Refused(_) => (409, lang.error_refused()),
        Problem::ApiError(_) => (500, lang.error_internal()),
    };
    answer_with(status);
    let text = match problem {
        Problem::ApiError(ApiError::Forbidden) => lang.problem_forbidden_page().to_owned(),
        problem => lang.problem(problem),
    };
    error_page(title, text, Some(retry).filter(|_| status >= 429))
}

/// For an address without a page.
#[component]
pub fn NotFoundPage() -> AnyView {
    answer_with(404);
    let lang = use_lang();
    error_page(lang.error_not_found(), lang.error_wrong_address().to_owned(), None)
}

fn error_page(title: &'static str, text: String, retry: Option<RetryAction>) -> AnyView {
    let lang = use_lang();
    // One button stands out: to try again, where that may help.
    let home = if retry.is_some() { "btn btn-outline-primary" } else { "btn btn-primary" };
    let again = retry.map(|retry| again(lang, "btn btn-primary", retry));
    view! {
        <div class="container">
            <div class="cz-empty">
                <Icon name="map-marker"/>
                <Heading title=title/>
                <p class="lead">{text}</p>
                <div class="cz-buttons mt-4">
                    {again} <a class=home href=links::HOME>{lang.error_to_home()}</a>
                    <a class="btn btn-link" href=links::CATALOGUE>{lang.error_to_catalogue()}</a>
                </div>
            </div>
        </div>
    }
    .into_any()
}

/// An alert in place of a part of a page.
pub fn problem_within(problem: &Problem, retry: RetryAction) -> AnyView {
    let lang = use_lang();
    if *problem == Problem::ApiError(ApiError::SignInNeeded) {
        return to_sign_in();
    }
    view! {
        <Alert tone=Tone::Danger title=lang.problem(problem) role="alert">
            <div class="cz-actions">{again(lang, "btn btn-outline-primary btn-sm", retry)}</div>
        </Alert>
    }
    .into_any()
}

/// A link to the page itself. With the program it fetches again without leaving the page.
fn again(lang: Lang, class: &'static str, retry: RetryAction) -> AnyView {
    let press = move |event: MouseEvent| {
        event.prevent_default();
        retry();
    };
    view! {
        <a class=class href=here() on:click=press>
            {lang.error_retry()}
        </a>
    }
    .into_any()
}

fn here() -> String {
    let location = use_location();
    let (path, query) = (location.pathname.get_untracked(), location.search.get_untracked());
    if query.is_empty() { path } else { [path, query].join("?") }
}

fn to_sign_in() -> AnyView {
    // The header still shows the person whose session has expired.
    let expired = use_context::<SessionExpired>();
    Effect::new(move |_| {
        if let Some(SessionExpired(expired)) = expired {
            expired.run(());
        }
    });
    view! { <Redirect path=links::sign_in(&here())/> }.into_any()
}
