//! Notes for the security log what is refused, whichever handler refuses it: by the policy, or because another site sent it.
//!
//! What is not found counts where an operation needs a role: so is refused what belongs to somebody else. That somebody
//! is not signed in is not kept: it happens to everybody whose session is over. A wrong password is noted with the account.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method as HttpMethod, header};
use axum::middleware::Next;
use axum::response::Response;
use model::access::{Deed, Who};
use model::api::security::EventKind;
use model::api::{Method, Operation, Problem, Trouble};

use super::operation::{Visit, visit};
use super::problem::code;
use super::session::wrong_current_password;
use super::source::Source;
use super::{ANY_OTHER, Site};
use crate::desk::Identity;
use crate::security::{Noted, name_of, named};
use crate::store::NewEvent;

/// What is asked, as far as it is needed when the answer is a refusal.
struct Asked {
    source: Source,
    method: HttpMethod,
    route: Option<MatchedPath>,
    path: String,
    headers: HeaderMap,
}

pub async fn refusals(State(site): State<Site>, source: Source, request: Request, next: Next) -> Response {
    let mut headers = HeaderMap::new();
    for name in [header::HOST, header::COOKIE] {
        for value in request.headers().get_all(&name) {
            headers.append(name.clone(), value.clone());
        }
    }
    let asked = Asked {
        source,
        method: request.method().clone(),
        route: request.extensions().get::<MatchedPath>().cloned(),
        path: request.uri().path().to_owned(),
        headers,
    };
    let response = next.run(request).await;
    if let Some(Problem::Trouble(trouble)) = response.extensions().get::<Problem>().cloned() {
        note(&site, &asked, &trouble).await;
    }
    response
}

async fn note(site: &Site, asked: &Asked, trouble: &Trouble) {
    let Some(visit) = visit(site, &asked.headers).await else { return };
    let route = asked.route.as_ref().map_or("", MatchedPath::as_str);
    let (operation, deed) = operation_at(&asked.method, route).unzip();
    let identity = match trouble {
        // Nobody else hears that.
        Trouble::Forbidden => visit.identity,
        Trouble::NotFound if needs_role(route, deed) && is_signed_in(site, &visit).await => visit.identity,
        // Whose cookie came along says nothing of who sent it.
        Trouble::CrossSite => Identity::Nobody,
        _ => return,
    };
    let (body, subject) = named(|name| in_path(route, &asked.path, name));
    let event = NewEvent {
        source: asked.source.to_string(),
        body,
        subject,
        outcome: code(&trouble.clone().into()),
        ..NewEvent::done(operation.unwrap_or(route), EventKind::Refused, site.office.clock.now().0)
    };
    site.office.store.measures.security_event(event.kind, 1);
    site.office.security.refused(visit.aggregator, Noted { identity, account: None, event });
}

/// Notes for the security log that a password was wrong, or that there were too many tries: of who signs in with whose
/// account, of who is signed in and changes the password who that is.
pub fn wrong_password<O: Operation>(
    site: &Site,
    asked: &Visit,
    source: Source,
    account: Option<String>,
    problem: &Problem,
) {
    let Some(outcome) = failure(problem, account.is_some()) else { return };
    let at = site.office.clock.now().0;
    let event = NewEvent {
        source: source.to_string(),
        outcome,
        ..NewEvent::done(name_of::<O>(), EventKind::SignInFailed, at)
    };
    site.office.store.measures.security_event(event.kind, 1);
    // Whose cookie came along says nothing of who tries an account.
    let identity = if account.is_some() { Identity::Nobody } else { asked.identity.clone() };
    site.office.security.refused(asked.aggregator, Noted { identity, account, event });
}

/// What the security log says of a password that was not taken; none where it was not looked at.
fn failure(problem: &Problem, signs_in: bool) -> Option<String> {
    match problem {
        Problem::Trouble(Trouble::WrongCredentials | Trouble::TooMany { .. }) => Some(code(problem)),
        // The same key again: it was done already, with another password.
        Problem::Trouble(Trouble::KeyReused) if !signs_in => Some(code(problem)),
        _ if *problem == wrong_current_password() => Some(code(&Trouble::WrongCredentials.into())),
        _ => None,
    }
}

/// Whether the cookie that came along is that of a session: anybody can make one up.
async fn is_signed_in(site: &Site, visit: &Visit) -> bool {
    let Identity::Session(hash) = &visit.identity else { return false };
    let now = site.office.clock.now();
    let caller = async { site.office.store.read(visit.aggregator).await?.caller(hash, now).await };
    caller.await.is_ok_and(|caller| caller.is_some())
}

/// Whether a route leads to what is not everybody's.
fn needs_role(route: &str, deed: Option<Deed>) -> bool {
    match deed {
        Some(deed) => !deed.allowed().contains(&Who::Anyone),
        // A file of the API, or nothing that is there.
        None => !route.is_empty() && route != ANY_OTHER,
    }
}

/// The operation at a route, and what it does.
fn operation_at(method: &HttpMethod, route: &str) -> Option<(&'static str, Deed)> {
    macro_rules! find {
        (flows: [$($flow:ty),+], sessions: [$($session:ty),+]) => {
            [$(known::<$flow>()),+, $(known::<$session>()),+]
        };
    }
    let all = crate::operations!(find);
    let asked = if *method == HttpMethod::POST { Method::Post } else { Method::Get };
    all.into_iter()
        .find(|(way, path, ..)| *way == asked && *path == route)
        .map(|(_, _, name, deed)| (name, deed))
}

fn known<O: Operation>() -> (Method, &'static str, &'static str, Deed) {
    (O::METHOD, O::PATH, name_of::<O>(), O::DEED)
}

/// The number that stands in a path where its route says `{name}`.
fn in_path(route: &str, path: &str, name: &str) -> Option<i64> {
    let mut places = route.split('/').zip(path.split('/'));
    let is_place =
        |place: &str| place.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) == Some(name);
    places.find(|(place, _)| is_place(place)).and_then(|(_, value)| value.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_read_from_its_path() {
        let route = "/api/v1/bodies/{body}/entries.csv";
        assert_eq!(in_path(route, "/api/v1/bodies/12/entries.csv", "body"), Some(12));
        assert_eq!(in_path(route, "/api/v1/bodies/abc/entries.csv", "body"), None);
        assert_eq!(in_path(route, "/api/v1/bodies/12/entries.csv", "request"), None);
        let found = operation_at(&HttpMethod::GET, "/api/v1/security-events");
        assert_eq!(found, Some(("ReadSecurityEvents", Deed::ReadSecurityLog)));
        assert!(operation_at(&HttpMethod::POST, "/api/v1/security-events").is_none());
        assert!(needs_role(route, None) && needs_role("", Some(Deed::WorkRequest)));
        assert!(
            !needs_role(ANY_OTHER, None) && !needs_role("", None) && !needs_role("", Some(Deed::ReadService))
        );
    }
}
