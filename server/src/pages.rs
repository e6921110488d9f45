//! Pages, rendered over the API in the process: the only module that knows the components of the front end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use app::{App, Lang, PageStatus, Rendering, SiteOrigin, shell};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{LeptosRoutes as _, ResponseOptions, generate_route_list, render_app_async_with_context};
use model::api::{Api, ApiError, Got, Method, Notice, Problem, Sending, Sent, Transport};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tower::ServiceExt as _;

use crate::http::Site;
use crate::http::layers::MOST_TIME;
use crate::http::notices::take;
use crate::http::operation::request_info;
use crate::http::plain_page::{lang_of, refused, unavailable};
use store::hashing::token;

/// What is found out before a page renders, because it takes a question to the store.
#[derive(Clone)]
struct Prepared {
    notice: Option<Notice>,
    lang: Lang,
    key: String,
}

/// Pages that are made at once. A page is made to its end also when its reader goes away: without a bound, readers who do
/// not wait could ask for any number of them. More at once would not be quicker: there are fewer processors, and the
/// database is read over 4 connections (SQLite) or 24 (PostgreSQL).
const MOST_AT_ONCE: usize = 48;
/// How long a reader waits until one can be made.
const MOST_WAIT: Duration = Duration::from_secs(5);

/// What holds for the making of a page.
#[derive(Clone)]
struct Bounds {
    secure: bool,
    /// Longest that it may take.
    most_time: Duration,
    /// Longest that it waits until it is begun.
    most_wait: Duration,
    /// One for each that may be made at once.
    places: Arc<Semaphore>,
}

/// Every page of the application.
pub fn routes(site: &Site, api: &Router, options: &LeptosOptions) -> Router {
    let list = generate_route_list(App);
    let (api, shown, secure) = (api.clone(), options.clone(), site.secure);
    let places = Arc::new(Semaphore::new(MOST_AT_ONCE));
    let bounds = Bounds { secure, most_time: MOST_TIME, most_wait: MOST_WAIT, places };
    // What no page is at is a page too: the one that says so, with its status.
    let absent = {
        let (api, shown) = (api.clone(), options.clone());
        render_app_async_with_context(move || provide(&api, secure), move || shell(shown.clone()))
    };
    Router::new()
        .leptos_routes_with_context(
            options,
            list,
            move || provide(&api, secure),
            move || shell(shown.clone()),
        )
        .fallback(absent)
        .layer(from_fn_with_state(site.clone(), prepare))
        // A page that never ends, for a fault in it, must not keep its reader waiting for ever.
        .layer(from_fn_with_state(bounds, in_time))
        .with_state(options.clone())
}

/// Makes a page in a task of its own, and gives it up after some time, with a sentence and the way to try again.
///
/// Its parts are made by several threads. If the rendering were dropped when its reader goes away, one of them could
/// still be at work on what the others have disposed of, and panic.
async fn in_time(State(bounds): State<Bounds>, request: Request, next: Next) -> Response {
    let Bounds { secure, most_time, most_wait, places } = bounds;
    let lang = lang_of(request.headers(), secure);
    let Ok(Ok(place)) = timeout(most_wait, places.acquire_owned()).await else {
        return unavailable(lang, "");
    };
    let made = async move {
        let made = timeout(most_time, whole(request, next)).await;
        drop(place);
        made
    };
    match tokio::spawn(made).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => unavailable(lang, ""),
        Err(_) => refused(lang, &ApiError::Internal.into(), ""),
    }
}

/// A page to its last byte.
async fn whole(request: Request, next: Next) -> Response {
    let (parts, body) = next.run(request).await.into_parts();
    match to_bytes(body, usize::MAX).await {
        Ok(bytes) => Response::from_parts(parts, Body::from(bytes)),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Takes the notice that waits for this page, and the visitor's language.
async fn prepare(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let mut forget = None;
    let mut notice = None;
    if let Some(info) = request_info(&site, request.headers()).await {
        let page = request.uri().path().to_owned();
        let taken = take(&site, info.aggregator, &info.identity, request.headers(), &page).await;
        (notice, forget) = taken.unzip();
    }
    let lang = lang_of(request.headers(), site.secure);
    request.extensions_mut().insert(Prepared { notice, lang, key: token() });
    let mut response = next.run(request).await;
    if let Some(cookie) = forget {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Gives a rendering its API, its notice, its language, and the way to say a status.
fn provide(api: &Router, secure: bool) {
    let parts = use_context::<Parts>();
    let headers = parts.as_ref().map(|parts| parts.headers.clone()).unwrap_or_default();
    let peer = parts.as_ref().and_then(|parts| parts.extensions.get::<ConnectInfo<SocketAddr>>().copied());
    let prepared = parts.and_then(|parts| parts.extensions.get::<Prepared>().cloned());
    let out = use_context::<ResponseOptions>().unwrap_or_default();
    out.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(policy) = policy() {
        out.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
    let status = PageStatus(Arc::new(move |status| {
        if let Ok(status) = StatusCode::from_u16(status) {
            out.set_status(status);
        }
    }));
    provide_context(SiteOrigin(origin(&headers, secure)));
    provide_context(Api::over(InProcess { api: api.clone(), headers, peer }));
    provide_context(Rendering::new(
        prepared.as_ref().and_then(|prepared| prepared.notice.as_ref()),
        prepared.as_ref().map_or(Lang::It, |prepared| prepared.lang),
        prepared.as_ref().map(|prepared| prepared.key.clone()).unwrap_or_default(),
        status,
    ));
}

/// Where the visitor reaches the site: the name that was asked for, as the aggregator is found by it.
fn origin(headers: &HeaderMap, secure: bool) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    format!("{}://{host}", if secure { "https" } else { "http" })
}

/// Scripts of ours only, each with this rendering's nonce; no inline style; nothing from elsewhere.
fn policy() -> Option<HeaderValue> {
    let nonce = use_nonce()?;
    HeaderValue::from_str(&format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    ))
    .ok()
}

/// The API without a network: the visitor's cookies, host and address go along.
#[derive(Clone)]
struct InProcess {
    api: Router,
    headers: HeaderMap,
    peer: Option<ConnectInfo<SocketAddr>>,
}

/// Largest answer that a page reads, in bytes.
const MOST_ANSWER: usize = 16 * 1024 * 1024;

impl Transport for InProcess {
    fn send(&self, sent: Sent) -> Sending {
        let Self { api, headers, peer } = self.clone();
        Box::pin(async move {
            let unreachable = || Problem::from(ApiError::Unreachable);
            let mut request = axum::http::Request::builder().uri(&sent.path).method(match sent.method {
                Method::Get => axum::http::Method::GET,
                Method::Post => axum::http::Method::POST,
            });
            for name in [header::COOKIE, header::HOST, HeaderName::from_static("x-forwarded-for")] {
                for value in headers.get_all(&name) {
                    request = request.header(&name, value);
                }
            }
            if let Some(peer) = peer {
                request = request.extension(peer);
            }
            let request = request
                .header(header::ACCEPT, "application/json")
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(sent.body))
                .map_err(|_| unreachable())?;
            let answer = api.oneshot(request).await.map_err(|_| unreachable())?;
            let status = answer.status().as_u16();
            let bytes = to_bytes(answer.into_body(), MOST_ANSWER).await.map_err(|_| unreachable())?;
            Ok(Got { status, body: String::from_utf8_lossy(&bytes).into_owned() })
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use axum::routing::get;

    use super::*;

    /// Pages of which two are made at once: one that never ends, and one that does.
    fn pages(most_time: Duration) -> Router {
        let places = Arc::new(Semaphore::new(2));
        let bounds = Bounds { secure: false, most_time, most_wait: Duration::from_millis(5), places };
        Router::new()
            .route("/mai", get(async || std::future::pending::<()>().await))
            .route("/", get(async || "fatta"))
            .layer(from_fn_with_state(bounds, in_time))
    }

    async fn ask(pages: &Router, path: &str) -> Response {
        let asked = Request::builder().uri(path).body(Body::empty()).unwrap();
        pages.clone().oneshot(asked).await.unwrap()
    }

    #[tokio::test]
    async fn readers_who_go_away_leave_no_more_pages_behind_than_are_made_at_once() {
        let pages = pages(Duration::from_secs(2));
        assert_eq!(ask(&pages, "/").await.status(), StatusCode::OK);
        for _ in 0..10 {
            // It is begun, and its reader does not wait for it; or it is refused at once.
            let _ = timeout(Duration::from_millis(50), ask(&pages, "/mai")).await;
        }
        assert_eq!(ask(&pages, "/").await.status(), StatusCode::SERVICE_UNAVAILABLE);
        // When those that never end are given up, others are made.
        let made = async { while ask(&pages, "/").await.status() != StatusCode::OK {} };
        timeout(Duration::from_secs(20), made).await.expect("the places are free again");
    }

    #[tokio::test]
    async fn a_page_that_never_comes_is_given_up_with_a_sentence() {
        let answer = ask(&pages(Duration::from_millis(5)), "/mai").await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        let bytes = to_bytes(answer.into_body(), MOST_ANSWER).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert!(text.contains("lang=\"it\"") && text.contains("Riprovare tra poco"), "{text}");
    }
}
