//! The addresses of the site: typed links, and the table of pages.
//!
//! No other file spells an address. A new page is a link here, a name in a portion of the
//! program (`split.rs`) and one line in the table.

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route};
use leptos_router::location::Url;
use leptos_router::{SsrMode, path};
use model::calendar::Day;
use model::ids::{BodyId, RequestId, ServiceCode, SubmissionId};

use crate::pages::problem::NotFoundPage;
use crate::split;

pub const HOME: &str = "/";
pub const CATALOGUE: &str = "/servizi";
pub const JOIN: &str = "/come-aderire";
/// *Registro dei crediti*, for anybody.
pub const LEDGER: &str = "/registro";
pub const LEGAL: &str = "/note-legali";
pub const PRIVACY: &str = "/privacy";
pub const ACCESSIBILITY: &str = "/accessibilita";
pub const CONTENT_LICENCE: &str = "https://creativecommons.org/licenses/by/4.0/deed.it";
pub const SOFTWARE_LICENCE: &str = "https://eupl.eu/1.2/it/";
pub const SIGN_IN: &str = "/accedi";
/// One's own area: leads on by role.
pub const AREA: &str = "/area";
pub const PROFILE: &str = "/profilo";
/// The receipt of what was just sent, with the number that the answer gives.
pub const RECEIPT: &str = "/pratiche/{id}";
pub const QUEUE: &str = "/richieste";
pub const BOARD: &str = "/avviso";
pub const MATRIX: &str = "/avviso/progetto";
/// *Proposte*
pub const PROPOSALS: &str = "/proposte";
/// Takes the choice of the language.
pub const LANGUAGE: &str = "/lingua";
pub const OPENAPI: &str = "/api/v1/openapi.json";
pub const MATRIX_FILE: &str = "/api/v1/board/matrix.csv";

/// A page with what it is narrowed to; what is empty stays out.
pub fn narrowed(page: &str, to: &[(&str, &str)]) -> String {
    let mut address = page.to_owned();
    let mut mark = "?";
    for (name, value) in to.iter().filter(|(_, value)| !value.is_empty()) {
        // A code or a word of ours is told as it is: the server would write a dash as three signs, the browser not.
        let plain = value.bytes().all(|sign| sign.is_ascii_alphanumeric() || b"-_.".contains(&sign));
        let value = if plain { (*value).to_owned() } else { Url::escape(value) };
        for part in [mark, name, "=", &value] {
            address.push_str(part);
        }
        mark = "&";
    }
    address
}

/// To the catalogue narrowed to an area.
pub fn area(code: &str) -> String {
    [CATALOGUE, "?area=", code].concat()
}

pub fn service(code: &ServiceCode) -> String {
    [CATALOGUE, "/", code.as_str()].concat()
}

/// The sheet with the offer to this body, for who composes for several.
pub fn service_for(code: &ServiceCode, body: Option<BodyId>) -> String {
    match body {
        Some(body) => [&service(code), "?comune=", &body.to_string()].concat(),
        None => service(code),
    }
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

/// The copy of the ledger that the body keeps, to be checked on any machine.
pub fn ledger_file(body: BodyId) -> String {
    ["/api/v1/bodies/", &body.to_string(), "/ledger"].concat()
}

/// What was published of the ledger on a day.
pub fn anchor_file(day: Day) -> String {
    ["/api/v1/ledger/anchors/", &day.to_string()].concat()
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
            <Route path=path!("/") view=split::Home ssr=SsrMode::Async/>
            <Route path=path!("/servizi") view=split::Catalogue ssr=SsrMode::Async/>
            <Route path=path!("/servizi/:code") view=split::ServiceSheet ssr=SsrMode::Async/>
            <Route path=path!("/comuni/:body/pacchetto") view=split::Basket ssr=SsrMode::Async/>
            <Route path=path!("/comuni/:body/pacchetto/riepilogo") view=split::Summary ssr=SsrMode::Async/>
            <Route path=path!("/accedi") view=split::SignIn ssr=SsrMode::Async/>
            <Route path=path!("/area") view=split::OwnArea ssr=SsrMode::Async/>
            <Route path=path!("/profilo") view=split::Profile ssr=SsrMode::Async/>
            <Route path=path!("/note-legali") view=split::Legal ssr=SsrMode::Async/>
            <Route path=path!("/privacy") view=split::Privacy ssr=SsrMode::Async/>
            <Route path=path!("/accessibilita") view=split::Accessibility ssr=SsrMode::Async/>
            <Route path=path!("/registro") view=split::Ledger ssr=SsrMode::Async/>
            <Route path=path!("/come-aderire") view=split::Joining ssr=SsrMode::Async/>
            <Route path=path!("/comuni/:body") view=split::Area ssr=SsrMode::Async/>
            <Route path=path!("/comuni/:body/movimenti") view=split::Entries ssr=SsrMode::Async/>
            <Route path=path!("/comuni/:body/pratiche") view=split::Submissions ssr=SsrMode::Async/>
            <Route path=path!("/pratiche/:submission") view=split::Submission ssr=SsrMode::Async/>
            <Route path=path!("/comuni/:body/richieste") view=split::Requests ssr=SsrMode::Async/>
            <Route path=path!("/richieste") view=split::Queue ssr=SsrMode::Async/>
            <Route path=path!("/richieste/:request") view=split::Request ssr=SsrMode::Async/>
            <Route path=path!("/avviso") view=split::Board ssr=SsrMode::Async/>
            <Route path=path!("/avviso/progetto") view=split::Matrix ssr=SsrMode::Async/>
            <Route path=path!("/avviso/comuni/:body") view=split::BoardBody ssr=SsrMode::Async/>
            <Route path=path!("/proposte") view=split::Proposals ssr=SsrMode::Async/>
        </FlatRoutes>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_words_as_they_are_and_escapes_what_somebody_wrote() {
        let to =
            [("stato", "in_review"), ("di", ""), ("servizio", "pagamento-ici"), ("comune", "Cantù & C.")];
        let expected = "/richieste?stato=in_review&servizio=pagamento-ici&comune=Cant%C3%B9%20%26%20C";
        assert!(narrowed(QUEUE, &to).starts_with(expected));
        assert_eq!(narrowed(QUEUE, &[("di", "")]), QUEUE);
    }
}
