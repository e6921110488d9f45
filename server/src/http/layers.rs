//! Limits and headers: size and time of a request, cross-site writes, what a browser may load and from where.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use model::api::ApiError;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use super::problem::answer;
use super::{STATUS, Site};
use crate::http::plain_page::{lang_of, refused};
use metrics::Metrics;

/// Largest body of a request, in bytes.
pub const MOST_BODY: usize = 64 * 1024;
/// Longest that a request's body and its answer may take.
pub const MOST_TIME: Duration = Duration::from_secs(30);

/// Most bytes of a request's address and headers together; proxies are content with less.
pub const MOST_HEAD: usize = 32 * 1024;

/// Layers of the API; `secure` where it is reached over HTTPS.
pub fn guard(router: Router<Site>, secure: bool, most_time: Duration) -> Router<Site> {
    router
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, most_time))
        .layer(from_fn(plain_refusals))
        .layer(from_fn_with_state(secure, same_site))
        .layer(CatchPanicLayer::custom(|_| answer(&ApiError::Internal.into())))
}

/// What axum refuses by itself speaks like everything else: in problem+json.
async fn plain_refusals(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let is_plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with("text/plain")));
    match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE if is_plain => answer(&ApiError::TooLarge.into()),
        StatusCode::SERVICE_UNAVAILABLE if is_plain => answer(&ApiError::Unavailable.into()),
        status if is_plain && status.is_client_error() => answer(&ApiError::NotFound.into()),
        _ => response,
    }
}

/// A write that another site makes a browser send is refused.
async fn same_site(State(secure): State<bool>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || is_same_site(request.headers(), secure) {
        return next.run(request).await;
    }
    answer(&ApiError::CrossSite.into())
}

/// Whether a request comes from a page of this site, or from a program.
pub fn is_same_site(headers: &HeaderMap, secure: bool) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    let our_scheme = if secure { "https" } else { "http" };
    match (headers.get(header::ORIGIN), text(header::HOST)) {
        (Some(origin), Some(host)) => {
            origin.to_str().ok().and_then(|origin| origin.split_once("://")).is_some_and(
                |(scheme, origin)| {
                    scheme.eq_ignore_ascii_case(our_scheme) && origin.eq_ignore_ascii_case(host)
                },
            )
        }
        (Some(_), None) => false,
        // A program, not a browser: it carries no cookie that somebody else could ride on.
        (None, _) => true,
    }
}

/// Refuses, before anything looks at it, a request that is for no page or operation of ours: for another host, with no
/// path, or with a head that is too large.
pub async fn refuse_stray(State(site): State<Site>, request: Request, next: Next) -> Response {
    let trouble = if !request.uri().path().starts_with('/') {
        // `CONNECT host:443` and `OPTIONS *`.
        ApiError::MethodNotAllowed
    } else if head_size(&request) > MOST_HEAD {
        ApiError::HeadTooLarge
    } else if request.uri().path() != STATUS
        && site.names.tenant(&site.marketplace, request.headers()).is_none()
    {
        ApiError::HostUnknown
    } else {
        return next.run(request).await;
    };
    let (problem, headers) = (trouble.into(), request.headers());
    if wants_html(headers) { refused(lang_of(headers, site.secure), &problem, "/") } else { answer(&problem) }
}

/// What a request's head takes on the wire, but for the version.
fn head_size(request: &Request) -> usize {
    let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    let address = request.uri().authority().map_or(0, |authority| authority.as_str().len())
        + request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    request.method().as_str().len() + address + headers.sum::<usize>()
}

/// A browser that shows what it gets, and not a program.
pub fn wants_html(headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    accepts.contains("text/html")
}

/// Counts a request and how long its answer took: by the template of its route, so that no address is told.
pub async fn measure(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let method = match *request.method() {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    };
    // What no route is at has no template: whoever asks for many such addresses makes one series of them.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let answering = metrics.request(method, route.as_ref().map_or("none", MatchedPath::as_str));
    let response = next.run(request).await;
    answering.ended(response.status().as_u16());
    response
}

/// A year, as browsers are told to ask over HTTPS only.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Headers of every answer; the content security policy of pages carries their nonce and is set where they render.
pub async fn harden(State(secure): State<bool>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if secure {
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(HSTS);
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}
