//! From a request to an operation and back, written once: decode by Content-Type, run, encode by Accept.
//!
//! A program sends JSON and hears JSON or `problem+json`. A form without the browser's program is answered with 303:
//! to `_then` when done, to `_from` when refused, with a one-time notice that keeps what was entered.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use model::access::Who;
use model::api::{
    ApiError, FieldError, FieldErrorKind, Method, Notice, Operation, Problem, destination, fields, of_ours,
    only_proposed, unfit_character,
};
use model::ids::AggregatorId;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use tokio::time::timeout;

use super::cookies::Cookie;
use super::layers::wants_html;
use super::notices::Writer;
use super::session::CustomHandler;
use super::source::Source;
use super::{Site, device, notices, problem, watch};
use crate::http::plain_page::{lang_of, refused, unavailable};
use handlers::context::{Handler, Identity};
use handlers::security_log;
use store::hashing::token_hash;

type Pairs = Vec<(String, String)>;

/// A request, as far as every operation needs it.
#[derive(Clone, Debug)]
pub struct RequestInfo {
    pub aggregator: AggregatorId,
    pub identity: Identity,
    pub source: Source,
    /// By which a browser shows that it signed in before.
    pub devices: Vec<String>,
    pub key: Option<String>,
}

/// An answer, with cookies to set.
pub struct Answered<A> {
    pub answer: A,
    pub cookies: Vec<HeaderValue>,
}

/// Handles an operation that is a handler.
pub async fn handler<F: Handler + JsonSchema>(
    State(site): State<Site>,
    source: Source,
    Path(path): Path<BTreeMap<String, String>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let marketplace = site.marketplace.clone();
    handle::<F, _, _>(site, source, path, query, headers, body, |_, info, handler| async move {
        let source = info.source.to_string();
        let answer =
            marketplace.execute_from(source, info.aggregator, info.identity, info.key, handler).await?;
        Ok(Answered { answer, cookies: Vec::new() })
    })
    .await
}

/// How long an operation of the session waits for the security log to be written.
const MOST_WRITING_OUT: Duration = Duration::from_secs(1);

/// Handles an operation of the session.
pub async fn session<O: CustomHandler + JsonSchema>(
    State(site): State<Site>,
    source: Source,
    Path(path): Path<BTreeMap<String, String>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    handle::<O, _, _>(site, source, path, query, headers, body, |site, info, operation| async move {
        let (asked, account) = (info.clone(), operation.account());
        if info.identity != Identity::Nobody {
            // While the session is there to tell whose it is: afterwards it may be over. But whoever signs out must not
            // wait long for it; it goes on by itself.
            let written = site.marketplace.write_security_log(false);
            let _ = timeout(MOST_WRITING_OUT, written).await;
        }
        let outcome = operation.execute(&site, info).await;
        match (&outcome, security_log::of_session(O::PERMISSION)) {
            (Ok(_), Some(kind)) => site.marketplace.store.metrics.security_event(kind, 1),
            (Err(problem), Some(_)) => watch::wrong_password::<O>(&site, &asked, source, account, problem),
            _ => {}
        }
        outcome
    })
    .await
}

/// Who calls, by the host name and the cookie.
pub async fn request_info(site: &Site, headers: &HeaderMap) -> Option<RequestInfo> {
    let aggregator = site.names.tenant(&site.marketplace, headers)?.id;
    let tokens = Cookie::Session.values(headers, site.secure);
    let hashes: Vec<_> = tokens.iter().take(MOST_SESSIONS).map(|token| token_hash(token)).collect();
    let identity = match hashes.as_slice() {
        [] => Identity::Nobody,
        [hash] => Identity::Session(hash.clone()),
        [first, ..] => {
            let open = open_session(site, aggregator, &hashes).await;
            Identity::Session(open.unwrap_or_else(|| first.clone()))
        }
    };
    let devices = device::tokens(&Cookie::Device.values(headers, site.secure));
    Some(RequestInfo { aggregator, identity, source: Source::INSIDE, devices, key: None })
}

/// Cookies named as that of the session that are looked up: one is ours, the others somebody else's or old.
const MOST_SESSIONS: usize = 3;

/// The first of these that is a session and not over.
async fn open_session(site: &Site, aggregator: AggregatorId, hashes: &[String]) -> Option<String> {
    let now = site.marketplace.clock.now();
    let mut tx = site.marketplace.store.read(aggregator).await.ok()?;
    for hash in hashes {
        if tx.caller(hash, now).await.ok()?.is_some() {
            return Some(hash.clone());
        }
    }
    None
}

async fn handle<O, H, R>(
    site: Site,
    source: Source,
    path: BTreeMap<String, String>,
    query: Option<String>,
    headers: HeaderMap,
    body: Bytes,
    execute: H,
) -> Response
where
    O: Operation + JsonSchema,
    H: FnOnce(Site, RequestInfo, O) -> R,
    R: Future<Output = Result<Answered<O::Answer>, Problem>>,
{
    let Some(mut info) = request_info(&site, &headers).await else {
        return problem::answer(&ApiError::HostUnknown.into());
    };
    let sent = match ReceivedInput::read::<O>(&path, query.as_deref(), &headers, &body) {
        Ok(sent) => sent,
        Err(refused) => return problem::answer(&refused),
    };
    info.key = sent.key.clone();
    info.source = source;
    let asked = info.clone();
    let outcome = match (&info.key, O::METHOD, sent.operation::<O>(&path)) {
        (None, Method::Post, _) => Err(ApiError::KeyMissing.into()),
        (_, _, Ok(operation)) => execute(site.clone(), info, operation).await,
        (_, _, Err(refused)) => Err(refused),
    };
    if O::METHOD == Method::Post && sent.wants_page(&headers) {
        return see_other::<O>(&site, &asked, &headers, sent, outcome).await;
    }
    match outcome {
        Ok(done) => {
            let mut response = json(&done.answer);
            for cookie in done.cookies {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(refused) => problem::answer(&refused),
    }
}

/// An answer as a program hears it.
pub fn json(answer: &impl Serialize) -> Response {
    let head = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (head, serde_json::to_string(answer).unwrap_or_default()).into_response()
}

/// The operation that a request says, as the handlers decode it; performs nothing.
///
/// # Errors
/// Why it says none.
pub fn decoded<O: Operation>(
    path: &BTreeMap<String, String>,
    query: Option<&str>,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<O, Problem> {
    ReceivedInput::read::<O>(path, query, headers, body)?.operation(path)
}

/// What came with a request, before it is an operation.
struct ReceivedInput {
    /// Form or query fields, in order; none for JSON.
    pairs: Option<Pairs>,
    json: Value,
    key: Option<String>,
}

impl ReceivedInput {
    fn read<O: Operation>(
        path: &BTreeMap<String, String>,
        query: Option<&str>,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Self, Problem> {
        let header_key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
        let unreadable = |detail: &str| {
            Problem::faulty(FieldError::new("", FieldErrorKind::Unreadable { detail: detail.to_owned() }))
        };
        if O::METHOD == Method::Get {
            let pairs = pairs(query.unwrap_or_default().as_bytes());
            return Ok(Self { pairs: Some(without(pairs, path)), json: Value::Null, key: None });
        }
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let mut sent = match kind.split(';').next().unwrap_or_default().trim() {
            "application/x-www-form-urlencoded" => {
                let pairs = pairs(body);
                let form_key = pairs.iter().find(|(name, _)| name == "_key").map(|(_, key)| key.clone());
                Self { pairs: Some(without(pairs, path)), json: Value::Null, key: header_key.or(form_key) }
            }
            "application/json" => {
                let mut json =
                    serde_json::from_slice(body).map_err(|error| unreadable(&error.to_string()))?;
                with_plain_breaks(&mut json);
                Self { pairs: None, json, key: header_key }
            }
            "" if body.is_empty() => {
                Self { pairs: None, json: Value::Object(serde_json::Map::new()), key: header_key }
            }
            _ => return Err(ApiError::UnsupportedMedia.into()),
        };
        let decent = |key: &String| (8..=80).contains(&key.len()) && !key.contains(char::is_control);
        sent.key = sent.key.filter(decent);
        Ok(sent)
    }

    /// The operation, with every fault named.
    fn operation<O: Operation>(&self, path: &BTreeMap<String, String>) -> Result<O, Problem> {
        let unfit = self.unfit();
        if !unfit.is_empty() {
            return Err(ApiError::Faulty { faults: unfit }.into());
        }
        let operation: O = if let Some(pairs) = &self.pairs {
            // A field left empty is a field not given; but what a page showed may be nothing.
            let is_given = |name: &str, value: &str| !value.is_empty() || name.starts_with("seen_");
            let given = pairs.iter().filter(|(name, value)| !name.starts_with('_') && is_given(name, value));
            let all = given.map(|(name, value)| (name.as_str(), value.as_str()));
            let all: Vec<_> = all.chain(path.iter().map(|(n, v)| (n.as_str(), v.as_str()))).collect();
            let text = serde_html_form::to_string(&all).unwrap_or_default();
            let decoder = serde_html_form::Deserializer::from_bytes(text.as_bytes());
            serde_path_to_error::deserialize(decoder).map_err(|error| {
                unreadable_field(path, error.path().to_string(), &error.inner().to_string())
            })?
        } else {
            let Value::Object(mut all) = self.json.clone() else {
                let detail = "an object is expected".to_owned();
                return Err(Problem::faulty(FieldError::new("", FieldErrorKind::Unreadable { detail })));
            };
            for (name, text) in path {
                let value = text.parse::<i64>().map_or_else(|_| Value::from(text.as_str()), Value::from);
                all.insert(name.clone(), value);
            }
            serde_path_to_error::deserialize(Value::Object(all)).map_err(|error| {
                unreadable_field(path, error.path().to_string(), &error.inner().to_string())
            })?
        };
        let faults = operation.faults();
        if faults.is_empty() { Ok(operation) } else { Err(ApiError::Faulty { faults }.into()) }
    }

    /// The fields that hold what no text may hold.
    fn unfit(&self) -> Vec<FieldError> {
        let pairs = self.pairs.iter().flatten().map(|(name, value)| (name, unfit_character(value)));
        let json =
            self.json.as_object().into_iter().flatten().map(|(name, value)| (name, unfit_within(value)));
        pairs.chain(json).filter_map(|(name, what)| Some(FieldError::new(name, what?))).collect()
    }

    /// A form that the browser sent by itself.
    fn wants_page(&self, headers: &HeaderMap) -> bool {
        self.pairs.is_some() && wants_html(headers)
    }

    fn own(&self, name: &str) -> Option<&str> {
        self.pairs.as_ref()?.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// A fault of one field; a path that names nothing is not found.
fn unreadable_field(path: &BTreeMap<String, String>, field: String, detail: &str) -> Problem {
    if path.contains_key(&field) {
        return ApiError::NotFound.into();
    }
    let missing = detail.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    match missing {
        Some(name) => Problem::faulty(FieldError::new(name, FieldErrorKind::Missing)),
        None => Problem::faulty(FieldError {
            field,
            what: FieldErrorKind::Unreadable { detail: detail.to_owned() },
        }),
    }
}

fn unfit_within(value: &Value) -> Option<FieldErrorKind> {
    match value {
        Value::String(text) => unfit_character(text),
        Value::Array(values) => values.iter().find_map(unfit_within),
        Value::Object(fields) => fields.values().find_map(unfit_within),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Line breaks as they are stored: browsers send each as two characters.
fn with_plain_breaks(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('\r') => *text = text.replace("\r\n", "\n"),
        Value::Array(values) => values.iter_mut().for_each(with_plain_breaks),
        Value::Object(fields) => fields.values_mut().for_each(with_plain_breaks),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn pairs(text: &[u8]) -> Pairs {
    let mut pairs: Pairs = serde_html_form::from_bytes(text).unwrap_or_default();
    for (_, value) in pairs.iter_mut().filter(|(_, value)| value.contains('\r')) {
        *value = value.replace("\r\n", "\n");
    }
    pairs
}

/// What the path says is not said again in the form.
fn without(pairs: Pairs, path: &BTreeMap<String, String>) -> Pairs {
    pairs.into_iter().filter(|(name, _)| !name.is_empty() && !path.contains_key(name)).collect()
}

/// The answer to a browser's form: a redirect, and a notice for the page that it leads to.
async fn see_other<O: Operation + JsonSchema>(
    site: &Site,
    info: &RequestInfo,
    headers: &HeaderMap,
    sent: ReceivedInput,
    outcome: Result<Answered<O::Answer>, Problem>,
) -> Response {
    let from = sent.own("_from").and_then(of_ours).unwrap_or("/").to_owned();
    let form = sent.own("_form").unwrap_or_default().to_owned();
    let mut proposed = false;
    let (to, problem, cookies) = match outcome {
        Ok(done) => {
            let mut answer = fields(&done.answer);
            proposed = only_proposed(&answer);
            let then = sent.own("_then").and_then(|then| destination(then, &mut answer));
            (then.unwrap_or_else(|| from.clone()), None, done.cookies)
        }
        Err(problem) => (from.clone(), Some(problem), Vec::new()),
    };
    let page = to.split(['?', '#']).next().unwrap_or_default().to_owned();
    let to = if problem == Some(ApiError::SignInNeeded.into()) { sign_in_first(&to) } else { to };
    let Ok(location) = HeaderValue::from_str(&to) else {
        return problem::answer(&ApiError::NotFound.into());
    };
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    if let Some(problem) = &problem {
        response.extensions_mut().insert(problem.clone());
    }
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    // On the way in and out nobody is the writer, and there is nothing to say of what was done.
    let open_to_anyone = O::PERMISSION.allowed().contains(&Who::Anyone);
    if open_to_anyone && problem.is_none() {
        return response;
    }
    let kept = async {
        let writer = notices::writer(site, info, open_to_anyone).await?;
        let entered = match (&problem, sent.pairs) {
            (Some(_), Some(pairs)) => entered::<O>(pairs, &writer),
            _ => Vec::new(),
        };
        let notice =
            Notice { page, operation: O::PATH.to_owned(), form, problem: problem.clone(), entered, proposed };
        notices::keep(site, info.aggregator, writer, headers, &notice).await
    };
    match (kept.await, problem) {
        (Ok(Some(cookie)), _) => {
            response.headers_mut().append(header::SET_COOKIE, cookie);
            response
        }
        // Without its notice a refusal would look like nothing at all. Back at the form a browser has what was written.
        (Ok(None), Some(problem)) => refused(lang_of(headers, site.secure), &problem, &from),
        (Err(_), Some(_)) => unavailable(lang_of(headers, site.secure), &from),
        (_, None) => response,
    }
}

/// The way to a page through the sign-in.
fn sign_in_first(to: &str) -> String {
    let mut next = serde_json::Map::new();
    next.insert("next".to_owned(), Value::from(to));
    next.insert("scaduta".to_owned(), Value::from(1));
    format!("/accedi?{}", model::api::query(&next))
}

/// What is worth keeping of a refused form: the fields of its operation, never a password; of nobody's form little.
fn entered<O: JsonSchema>(pairs: Pairs, writer: &Writer) -> Pairs {
    let schema = schemars::schema_for!(O);
    let known = schema.get("properties").and_then(Value::as_object);
    let is_known =
        |name: &str| known.is_some_and(|known| known.contains_key(name)) && !name.contains("password");
    let mut room = match writer {
        Writer::Person(_) => usize::MAX,
        Writer::Nobody(_) => notices::MOST_ENTERED,
    };
    let mut fits = |(name, value): &(String, String)| {
        let left = room.checked_sub(name.len() + value.len());
        room = left.unwrap_or(room);
        left.is_some()
    };
    pairs.into_iter().filter(|(name, _)| is_known(name)).filter(|pair| fits(pair)).collect()
}
