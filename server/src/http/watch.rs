//! Notes for the security log what is refused, whichever handler refuses it: by the policy, or because another site sent it.
//!
//! What is not found counts where an operation needs a role: so is refused what belongs to somebody else. That somebody
//! is not signed in is not kept: it happens to everybody whose session is over. A wrong password is noted with the account.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method as HttpMethod, header};
use axum::middleware::Next;
use axum::response::Response;
use model::access::{Permission, Who};
use model::api::security::EventKind;
use model::api::{ApiError, Method, Operation, Problem};
use model::ids::BodyId;

use super::operation::{RequestInfo, request_info};
use super::problem::code;
use super::session::wrong_current_password;
use super::source::Source;
use super::{ANY_OTHER, Site};
use handlers::context::Identity;
use handlers::security_log::{Noted, name_of, named};
use store::NewEvent;

/// What is asked, as far as it is needed when the answer is a refusal.
struct RequestFacts {
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
    let asked = RequestFacts {
        source,
        method: request.method().clone(),
        route: request.extensions().get::<MatchedPath>().cloned(),
        path: request.uri().path().to_owned(),
        headers,
    };
    let response = next.run(request).await;
    if let Some(Problem::ApiError(error)) = response.extensions().get::<Problem>().cloned() {
        note(&site, &asked, &error).await;
    }
    response
}

async fn note(site: &Site, facts: &RequestFacts, error: &ApiError) {
    let Some(info) = request_info(site, &facts.headers).await else { return };
    let route = facts.route.as_ref().map_or("", MatchedPath::as_str);
    let (operation, permission) = operation_at(&facts.method, route).unzip();
    let identity = match error {
        // Nobody else hears that.
        ApiError::Forbidden => info.identity,
        ApiError::NotFound if needs_role(route, permission) && is_signed_in(site, &info).await => {
            info.identity
        }
        // Whose cookie came along says nothing of who sent it.
        ApiError::CrossSite => Identity::Nobody,
        _ => return,
    };
    let (body, subject) = named(|name| in_path(route, &facts.path, name));
    let event = NewEvent {
        source: facts.source.to_string(),
        body: body.map(BodyId),
        subject,
        outcome: code(&error.clone().into()),
        ..NewEvent::done(operation.unwrap_or(route), EventKind::Refused, site.marketplace.clock.now())
    };
    site.marketplace.store.metrics.security_event(event.kind, 1);
    site.marketplace.security.refused(info.aggregator, Noted { identity, account: None, event });
}

/// Notes for the security log that a password was wrong, or that there were too many tries: of who signs in with whose
/// account, of who is signed in and changes the password who that is.
pub fn wrong_password<O: Operation>(
    site: &Site,
    asked: &RequestInfo,
    source: Source,
    account: Option<String>,
    problem: &Problem,
) {
    let Some(outcome) = failure(problem, account.is_some()) else { return };
    let at = site.marketplace.clock.now();
    let event = NewEvent {
        source: source.to_string(),
        outcome,
        ..NewEvent::done(name_of::<O>(), EventKind::SignInFailed, at)
    };
    site.marketplace.store.metrics.security_event(event.kind, 1);
    // Whose cookie came along says nothing of who tries an account.
    let identity = if account.is_some() { Identity::Nobody } else { asked.identity.clone() };
    site.marketplace.security.refused(asked.aggregator, Noted { identity, account, event });
}

/// What the security log says of a password that was not taken; none where it was not looked at.
fn failure(problem: &Problem, signs_in: bool) -> Option<String> {
    match problem {
        Problem::ApiError(ApiError::WrongCredentials | ApiError::TooMany { .. }) => Some(code(problem)),
        // The same key again: it was done already, with another password.
        Problem::ApiError(ApiError::KeyReused) if !signs_in => Some(code(problem)),
        _ if *problem == wrong_current_password() => Some(code(&ApiError::WrongCredentials.into())),
        _ => None,
    }
}

/// Whether the cookie that came along is that of a session: anybody can make one up.
async fn is_signed_in(site: &Site, info: &RequestInfo) -> bool {
    let Identity::Session(hash) = &info.identity else { return false };
    let now = site.marketplace.clock.now();
    let caller = async { site.marketplace.store.read(info.aggregator).await?.caller(hash, now).await };
    caller.await.is_ok_and(|caller| caller.is_some())
}

/// Whether a route leads to what is not everybody's.
fn needs_role(route: &str, permission: Option<Permission>) -> bool {
    match permission {
        Some(permission) => !permission.allowed().contains(&Who::Anyone),
        // A file of the API, or nothing that is there.
        None => !route.is_empty() && route != ANY_OTHER,
    }
}

/// The operation at a route, and what it does.
fn operation_at(method: &HttpMethod, route: &str) -> Option<(&'static str, Permission)> {
    macro_rules! find {
        (handlers: [$($handler:ty),+], sessions: [$($session:ty),+]) => {
            [$(operation_of::<$handler>()),+, $(operation_of::<$session>()),+]
        };
    }
    let all = crate::operations!(find);
    let asked = if *method == HttpMethod::POST { Method::Post } else { Method::Get };
    all.into_iter()
        .find(|(way, path, ..)| *way == asked && *path == route)
        .map(|(_, _, name, permission)| (name, permission))
}

fn operation_of<O: Operation>() -> (Method, &'static str, &'static str, Permission) {
    (O::METHOD, O::PATH, name_of::<O>(), O::PERMISSION)
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
        assert_eq!(found, Some(("ReadSecurityEvents", Permission::ReadSecurityLog)));
        assert!(operation_at(&HttpMethod::POST, "/api/v1/security-events").is_none());
        assert!(needs_role(route, None) && needs_role("", Some(Permission::WorkRequest)));
        assert!(
            !needs_role(ANY_OTHER, None)
                && !needs_role("", None)
                && !needs_role("", Some(Permission::ReadService))
        );
    }
}
