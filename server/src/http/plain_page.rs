//! Pages for when the application can't make one: a sentence, and the way back. They borrow only the front end's words.

pub use app::Lang;
use app::escaped;
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse as _, Response};
use model::api::{ApiError, Problem};

use super::problem::status;
use super::session::language;

/// The page for when no other can be made: a sentence, and the way to try again.
pub fn unavailable(lang: Lang, href: &str) -> Response {
    refused(lang, &ApiError::Unavailable.into(), href)
}

/// A page of its own for a problem: its sentence, and the way back. It asks nothing of the database; the layers around
/// see which problem it is.
pub fn refused(lang: Lang, problem: &Problem, href: &str) -> Response {
    let mut text = sentences(lang, problem);
    if *problem == ApiError::HostUnknown.into() {
        // Nothing is known of who asks, their language neither.
        text = format!("{text}<div lang=\"en\">{}</div>", sentences(Lang::En, problem));
    } else {
        let (href, way) = (escaped(href), lang.error_retry());
        text = format!("{text}<p><a href=\"{href}\">{way}</a></p>");
    }
    let title = match problem {
        Problem::ApiError(ApiError::Unavailable) => lang.error_unavailable(),
        Problem::ApiError(ApiError::HostUnknown) => lang.error_not_found(),
        Problem::ApiError(ApiError::Internal) => lang.error_internal(),
        _ => lang.error_refused(),
    };
    let page = format!(
        "<!DOCTYPE html><html lang=\"{}\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <h1>{title}</h1>{text}</html>",
        lang.code(),
    );
    let mut response = (status(problem), [(header::CACHE_CONTROL, "no-store")], Html(page)).into_response();
    response.extensions_mut().insert(problem.clone());
    response
}

/// What is to be said of a problem, and of each field that it is about.
fn sentences(lang: Lang, problem: &Problem) -> String {
    let mut sentences = vec![lang.problem(problem)];
    if let Problem::ApiError(ApiError::Faulty { faults }) = problem {
        sentences.extend(faults.iter().map(|fault| lang.fault(&fault.what)));
    }
    let paragraphs: Vec<_> =
        sentences.iter().map(|sentence| format!("<p>{}.</p>", escaped(sentence))).collect();
    paragraphs.concat()
}

/// The language of a visitor.
pub fn lang_of(headers: &HeaderMap, secure: bool) -> Lang {
    if language(headers, secure) == "en" { Lang::En } else { Lang::It }
}
