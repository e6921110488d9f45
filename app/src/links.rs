//! The addresses of the site, as typed links.
//!
//! Only this file and the table of pages (`routes.rs`) spell an address.

use leptos_router::location::Url;
use model::calendar::Day;
use model::ids::{BodyId, RequestId, ServiceCode, SubmissionId};

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

/// Fields of an address by which services are found: what is searched, an area, and the body that composes.
pub const SEARCH_FIELD: &str = "q";
pub const AREA_FIELD: &str = "area";
pub const BODY_FIELD: &str = "comune";

/// The address of a page with its filters, without the empty ones.
pub fn narrowed(page: &str, to: &[(&str, &str)]) -> String {
    let mut address = page.to_owned();
    let mut mark = "?";
    for (name, value) in to.iter().filter(|(_, value)| !value.is_empty()) {
        // Codes and our own words are written unescaped: server and browser escape a dash differently.
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
    [CATALOGUE, "?", AREA_FIELD, "=", code].concat()
}

pub fn service(code: &ServiceCode) -> String {
    [CATALOGUE, "/", code.as_str()].concat()
}

/// The sheet with the offer to this body, for who composes for several.
pub fn service_for(code: &ServiceCode, body: Option<BodyId>) -> String {
    match body {
        Some(body) => [&service(code), "?", BODY_FIELD, "=", &body.to_string()].concat(),
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

/// An administrator's actions on one body.
pub fn board_body(body: BodyId) -> String {
    [BOARD, "/comuni/", &body.to_string()].concat()
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
