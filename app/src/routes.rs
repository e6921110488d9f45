//! The addresses of the site: typed links, and the table of pages.
//!
//! No other file spells an address. A new page is a link here and one line in the table.

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route};
use leptos_router::location::Url;
use leptos_router::{SsrMode, path};
use model::ids::{BodyId, RequestId, ServiceCode, SubmissionId};

use crate::pages::people::sign_in::SignInPage;
use crate::pages::problem::NotFoundPage;
use crate::pages::public::home::HomePage;

pub const HOME: &str = "/";
pub const CATALOGUE: &str = "/servizi";
pub const JOIN: &str = "/come-aderire";
pub const LEGAL: &str = "/note-legali";
pub const PRIVACY: &str = "/privacy";
pub const ACCESSIBILITY: &str = "/accessibilita";
pub const SIGN_IN: &str = "/accedi";
/// One's own area: leads on by role.
pub const AREA: &str = "/area";
pub const PROFILE: &str = "/profilo";
pub const QUEUE: &str = "/richieste";
pub const BOARD: &str = "/avviso";
pub const MATRIX: &str = "/avviso/progetto";
/// Takes the choice of the language.
pub const LANGUAGE: &str = "/lingua";
pub const OPENAPI: &str = "/api/v1/openapi.json";
pub const MATRIX_FILE: &str = "/api/v1/board/matrix.csv";

/// To the catalogue narrowed to an area.
pub fn area(code: &str) -> String {
    [CATALOGUE, "?area=", code].concat()
}

pub fn service(code: &ServiceCode) -> String {
    [CATALOGUE, "/", code.as_str()].concat()
}

/// Then back to `next`; to one's own area where it is empty.
pub fn sign_in(next: &str) -> String {
    if next.is_empty() { SIGN_IN.to_owned() } else { [SIGN_IN, "?next=", &Url::escape(next)].concat() }
}

pub fn body(body: BodyId) -> String {
    ["/comuni/", &body.to_string()].concat()
}

/// *Movimenti*
pub fn entries(id: BodyId) -> String {
    body(id) + "/movimenti"
}

pub fn entries_file(body: BodyId) -> String {
    ["/api/v1/bodies/", &body.to_string(), "/entries.csv"].concat()
}

/// *Composizione del pacchetto*
pub fn basket(id: BodyId) -> String {
    body(id) + "/pacchetto"
}

/// *Riepilogo*
pub fn summary(id: BodyId) -> String {
    basket(id) + "/riepilogo"
}

/// *Pratiche*
pub fn submissions(id: BodyId) -> String {
    body(id) + "/pratiche"
}

/// *Pratica*: receipt and authorisation.
pub fn submission(submission: SubmissionId) -> String {
    ["/pratiche/", &submission.to_string()].concat()
}

/// The requests of a body.
pub fn requests(id: BodyId) -> String {
    body(id) + "/richieste"
}

pub fn request(request: RequestId) -> String {
    [QUEUE, "/", &request.to_string()].concat()
}

/// An administrator's deeds on one body.
pub fn board_body(body: BodyId) -> String {
    [BOARD, "/comuni/", &body.to_string()].concat()
}

/// The table of pages. Each is rendered whole before it is answered, so that it is complete without the program
/// and has the right status.
#[component]
pub fn Pages() -> impl IntoView {
    view! {
        <FlatRoutes fallback=NotFoundPage>
            <Route path=path!("/") view=HomePage ssr=SsrMode::Async/>
            <Route path=path!("/accedi") view=SignInPage ssr=SsrMode::Async/>
        </FlatRoutes>
    }
}
