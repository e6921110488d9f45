//! Who calls: the typed client of the API over the server's own router, with a cookie and keys of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use model::api::baskets::{BasketView, ChangeBasket, ReadBasket};
use model::api::requests::{
    Approve, CompleteMilestone, GoLive, ReadRequest, Removal, RequestRow, RequestView, SeenRequest, Start,
    TakeInCharge,
};
use model::api::submissions::{Authorise, ReadSubmission, SubmissionView, Submit};
use model::api::{Api, Got, Method, Operation, Problem, Sending, Sent, Transport, encode};
use model::basket::Change;
use model::ids::{BodyId, PersonId, RequestId, ServiceCode, SubmissionId};
use model::requests::{Event, State};
use model::seen::Seen;
use serde_json::Value;
use tower::ServiceExt as _;

use super::{TestApp, next_key};

#[derive(Clone)]
pub struct TestClient {
    pub person: Option<PersonId>,
    pub host: String,
    /// As a browser sends them back.
    pub cookies: Option<String>,
    /// The address of the connection; none where the request comes over none.
    pub address: Option<SocketAddr>,
    /// The key of the next write; a new one each time where it is none.
    key: Option<String>,
    router: Router,
    keys: Arc<AtomicU64>,
}

/// An answer of the server, read to its end.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl TestClient {
    pub fn new(router: Router, host: &str, keys: &Arc<AtomicU64>) -> Self {
        Self {
            person: None,
            host: host.to_owned(),
            cookies: None,
            address: None,
            key: None,
            router,
            keys: keys.clone(),
        }
    }

    /// With the session that this person has had since the app was founded.
    pub fn signed_in(self, person: PersonId, secure: bool) -> Self {
        let client = self.with_session(&session_of(person), secure);
        Self { person: Some(person), ..client }
    }

    pub fn with_session(&self, token: &str, secure: bool) -> Self {
        let prefix = if secure { "__Host-" } else { "" };
        Self { cookies: Some(format!("{prefix}session={token}")), ..self.clone() }
    }

    /// The same browser, at another router: the one with pages, where the first has none.
    pub fn at(&self, router: Router) -> Self {
        Self { router, ..self.clone() }
    }

    /// The same browser, at this address.
    pub fn from(&self, address: &str) -> Self {
        let address = SocketAddr::new(address.parse().expect("an address"), 40_000);
        Self { address: Some(address), ..self.clone() }
    }

    pub fn with_key(&self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self.clone() }
    }

    pub async fn call<O: Operation>(&self, operation: O) -> Result<O::Answer, Problem> {
        Api::over(self.clone()).call(operation).await
    }

    /// The answer as it came, with its status.
    pub async fn raw<O: Operation>(&self, operation: &O) -> Got {
        let got = Transport::send(self, encode(operation)).await;
        got.expect("the server in this process is always reached")
    }

    /// Sends anything at all, with the visitor's host and cookies where the request has none.
    pub async fn send(&self, mut request: Request<Body>) -> Reply {
        let headers = request.headers_mut();
        if !headers.contains_key(header::HOST) {
            headers.insert(header::HOST, self.host.parse().expect("a host name"));
        }
        if let Some(cookies) = &self.cookies {
            headers.entry(header::COOKIE).or_insert(header_of(cookies));
        }
        if let Some(address) = self.address {
            request.extensions_mut().insert(ConnectInfo(address));
        }
        let response = self.router.clone().oneshot(request).await;
        let (parts, body) = response.expect("the router answers").into_parts();
        let bytes = body.collect().await.expect("the answer ends").to_bytes();
        Reply {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).expect("an answer is text"),
        }
    }

    /// A key that no write has had yet.
    pub fn fresh_key(&self) -> String {
        next_key(&self.keys)
    }
}

/// A browser's ways: addresses, forms, cookies.
impl TestClient {
    pub async fn get(&self, path: &str) -> Reply {
        let request = Request::builder().uri(path).body(Body::empty());
        TestClient::send(self, request.expect("a request")).await
    }

    pub async fn post_json(&self, path: &str, body: &str) -> Reply {
        self.post(path, "application/json", body).await
    }

    /// A form that our own program sends.
    pub async fn post_form(&self, path: &str, body: &str) -> Reply {
        self.post(path, "application/x-www-form-urlencoded", body).await
    }

    async fn post(&self, path: &str, kind: &str, body: &str) -> Reply {
        let request = Request::builder()
            .method("POST")
            .uri(path)
            .header(header::CONTENT_TYPE, kind)
            .header("idempotency-key", self.fresh_key())
            .body(Body::from(body.to_owned()));
        TestClient::send(self, request.expect("a request")).await
    }

    /// Cookies by name, as the browser holds them.
    fn jar(&self) -> Vec<(String, String)> {
        let cookies = self.cookies.as_deref().unwrap_or_default().split("; ");
        cookies
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    pub fn cookie(&self, name: &str) -> Option<(String, String)> {
        self.jar().into_iter().find(|(found, _)| found == name)
    }

    /// Does as a `Set-Cookie` says.
    pub fn keep_cookie(&mut self, text: &str) {
        let (pair, rest) = text.split_once("; ").unwrap_or((text, ""));
        let (name, value) = pair.split_once('=').expect("a name and a value");
        let mut jar = self.jar();
        jar.retain(|(found, _)| found != name);
        if !rest.contains("Max-Age=0") {
            jar.push((name.to_owned(), value.to_owned()));
        }
        let pairs: Vec<_> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.cookies = (!pairs.is_empty()).then(|| pairs.join("; "));
    }

    pub fn keep_cookies(&mut self, reply: &Reply) {
        for cookie in reply.headers.get_all(header::SET_COOKIE) {
            self.keep_cookie(cookie.to_str().expect("a cookie is text"));
        }
    }

    pub fn cookie_headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(cookies) = &self.cookies {
            headers.insert(header::COOKIE, header_of(cookies));
        }
        headers
    }
}

impl Reply {
    /// A header's text; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("a header is text"))
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("an answer in JSON")
    }

    /// The machine name of a problem.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Transport for TestClient {
    fn send(&self, sent: Sent) -> Sending {
        let client = self.clone();
        Box::pin(async move {
            let mut request = Request::builder().uri(sent.path);
            if sent.method == Method::Post {
                let key = client.key.clone().unwrap_or_else(|| client.fresh_key());
                request = request
                    .method("POST")
                    .header(header::CONTENT_TYPE, "application/json")
                    .header("idempotency-key", key);
            }
            let request = request.body(Body::from(sent.body)).expect("a request");
            let reply = TestClient::send(&client, request).await;
            Ok(Got { status: reply.status.as_u16(), body: reply.body })
        })
    }
}

/// A header of cookies, as browsers send them: in whatever bytes.
fn header_of(cookies: &str) -> HeaderValue {
    HeaderValue::from_bytes(cookies.as_bytes()).expect("cookies")
}

/// The token of the session that a person is founded with.
pub fn session_of(person: PersonId) -> String {
    format!("session-of-{person}")
}

/// What officers, mayors and operators do all day, in one word each.
impl TestClient {
    pub async fn change(&self, body: BodyId, change: Change, service: &str) -> Result<BasketView, Problem> {
        let service = ServiceCode::from(service);
        self.call(ChangeBasket { body, change, service }).await
    }

    /// Sends the basket as it is now, with a reason and a contact.
    pub async fn submit(&self, body: BodyId) -> Result<SubmissionView, Problem> {
        let basket = self.call(ReadBasket { body }).await?;
        self.submit_seen(&basket).await
    }

    /// Sends the basket that was seen.
    pub async fn submit_seen(&self, basket: &BasketView) -> Result<SubmissionView, Problem> {
        self.submit_as(basket.body.id, basket.version, basket.seen()).await
    }

    /// Sends a basket, whatever was seen of it.
    pub async fn submit_as(
        &self,
        body: BodyId,
        version: i64,
        seen: Vec<Seen>,
    ) -> Result<SubmissionView, Problem> {
        self.call(Submit {
            body,
            version,
            seen,
            reason: "Servizi on line entro il mandato".to_owned(),
            contact: "Ufficio tributi, 031 000000".to_owned(),
            protocol: String::new(),
        })
        .await
    }

    /// Authorises a submission as it is now.
    pub async fn authorise(&self, submission: SubmissionId) -> Result<SubmissionView, Problem> {
        let seen = self.call(ReadSubmission { submission }).await?.seen();
        self.call(Authorise { submission, seen }).await
    }

    pub async fn take_in_charge(&self, seen: &RequestRow) -> Result<RequestView, Problem> {
        let (request, version) = (seen.id, seen.version);
        self.call(TakeInCharge { request, version, owner: None }).await
    }

    pub async fn approve(&self, seen: &RequestRow) -> Result<RequestView, Problem> {
        self.call(Approve { request: seen.id, version: seen.version, ..Approve::default() }).await
    }

    pub async fn start(&self, seen: &RequestRow) -> Result<RequestView, Problem> {
        self.call(Start { request: seen.id, version: seen.version, ..Start::default() }).await
    }

    pub async fn complete_milestone(&self, seen: &RequestRow) -> Result<RequestView, Problem> {
        let (request, version) = (seen.id, seen.version);
        self.call(CompleteMilestone { request, version, ..CompleteMilestone::default() }).await
    }

    pub async fn go_live(&self, seen: &RequestRow) -> Result<RequestView, Problem> {
        self.call(GoLive { request: seen.id, version: seen.version, ..GoLive::default() }).await
    }

    pub async fn look_at(&self, request: RequestId) -> Result<RequestView, Problem> {
        self.call(ReadRequest { request }).await
    }

    /// What the page shows to go along with an action that takes the request away; nothing where there is no such action.
    pub async fn sees_along(&self, request: RequestId, event: Event) -> Vec<SeenRequest> {
        let view = self.look_at(request).await.expect("it is there");
        view.removal(event).map(Removal::seen).unwrap_or_default()
    }
}

/// What a story needs done before it begins.
impl TestApp {
    /// The body adds these services and sends; nothing is authorised yet.
    pub async fn sent(&self, body: &str, added: &[&str], dropped: &[&str]) -> SubmissionView {
        let officer = self.officer(body);
        let id = self.body(body);
        for service in dropped {
            let changed = officer.change(id, Change::Drop, service).await;
            changed.unwrap_or_else(|problem| panic!("{service} is dropped: {problem:?}"));
        }
        for service in added {
            let changed = officer.change(id, Change::Add, service).await;
            changed.unwrap_or_else(|problem| panic!("{service} is added: {problem:?}"));
        }
        officer.submit(id).await.expect("the basket is sent")
    }

    /// The same, and the mayor authorises it.
    pub async fn authorised(&self, body: &str, added: &[&str], dropped: &[&str]) -> SubmissionView {
        let sent = self.sent(body, added, dropped).await;
        let authorised = self.mayor(body).authorise(sent.id).await;
        authorised.expect("the mayor authorises")
    }

    /// The operator brings a request forward, step by step, until it is in this state.
    pub async fn bring(&self, body: &str, service: &str, to: State) -> RequestRow {
        let operator = self.operator();
        loop {
            let seen = self.request(body, service).await;
            let done = match seen.state {
                state if state == to => return seen,
                State::Submitted => operator.take_in_charge(&seen).await,
                State::InReview => operator.approve(&seen).await,
                State::Approved => operator.start(&seen).await,
                State::Activating => {
                    let view = operator.look_at(seen.id).await.expect("it is there");
                    if view.milestones.iter().all(|one| one.done_at.is_some()) {
                        operator.go_live(&seen).await
                    } else {
                        operator.complete_milestone(&seen).await
                    }
                }
                other => panic!("{service} is {other:?} and can't be brought to {to:?}"),
            };
            done.unwrap_or_else(|problem| panic!("{service}, {:?}: {problem:?}", seen.state));
        }
    }
}
