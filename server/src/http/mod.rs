//! The HTTP side: the one list of operations, and the layers around them.
//!
//! Router, OpenAPI document and access tests walk the same list, so that none can forget an operation.

use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{Method as HttpMethod, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, on};
use model::access::Permission;
use model::api::catalogue::ReadStatus;
use model::api::{ApiError, Method, Operation};
use tokio::time::timeout;

use self::host::OwnNames;
use self::source::TrustedProxies;
use crate::context::Identity;
use crate::marketplace::Marketplace;
use crate::security::name_of;
use crate::settings::Settings;

pub mod cookies;
mod device;
pub mod exports;
pub mod host;
pub mod layers;
pub mod notices;
pub mod openapi;
pub mod operation;
pub mod problem;
mod security_txt;
pub mod session;
pub mod source;
pub(crate) mod tries;
pub mod watch;

/// What every handler needs.
#[derive(Clone)]
pub struct Site {
    pub marketplace: Marketplace,
    /// The names under which the first aggregator is reached, beside its own.
    pub names: OwnNames,
    /// Cookies travel over HTTPS only.
    pub secure: bool,
    /// The second place of the anchors, where there is one.
    pub anchors: Option<PathBuf>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted: TrustedProxies,
}

impl Site {
    pub fn new(marketplace: Marketplace, settings: &Settings) -> Self {
        Self {
            marketplace,
            names: OwnNames::of(settings),
            secure: settings.secure(),
            anchors: settings.anchors.clone(),
            trusted: settings.trusted.clone(),
        }
    }
}

/// The list of operations, given to a macro: those that are handlers, then those of the session, which do what a
/// handler may not (hash a password, set a cookie, read for long).
#[macro_export]
macro_rules! operations {
    ($do:ident) => {
        $do! {
            handlers: [
                model::api::catalogue::ReadHome, model::api::catalogue::ListServices,
                model::api::catalogue::ReadService, model::api::catalogue::ReadStatus,
                model::api::people::ReadSession, model::api::people::ReadProfile,
                model::api::body::ReadBody, model::api::body::ListEntries,
                model::api::ledger::ReadLedger, model::api::ledger::ReadLedgerProof,
                model::api::ledger::ReadAnchor,
                model::api::body::ReadBasket, model::api::body::ChangeBasket,
                model::api::submission::Submit, model::api::submission::ReadSubmission,
                model::api::submission::ListSubmissions, model::api::submission::Authorise,
                model::api::submission::SendBack, model::api::submission::WithdrawSubmission,
                model::api::request::ListRequests, model::api::request::ReadQueue,
                model::api::request::ReadRequest, model::api::request::TakeInCharge,
                model::api::request::AskChanges, model::api::request::AnswerRequest,
                model::api::request::Approve, model::api::request::Reject,
                model::api::request::WithdrawRequest, model::api::request::Cancel,
                model::api::request::Start, model::api::request::CompleteMilestone,
                model::api::request::GoLive, model::api::request::Revoke,
                model::api::request::EndService, model::api::request::Reassign,
                model::api::request::RemindRequest, model::api::request::ReleaseRequest,
                model::api::request::ReadRequestNews, model::api::request::DismissRequestNews,
                model::api::call::ReadBoard, model::api::call::ReadMatrix,
                model::api::call::ExtendBody, model::api::call::AssignByHand,
                model::api::call::GrantExtra, model::api::call::ProposeCorrection,
                model::api::proposal::ListProposals, model::api::proposal::ConfirmProposal,
                model::api::proposal::RefuseProposal, model::api::proposal::WithdrawProposal,
                model::api::call::CreateCall,
                model::api::call::OpenCall, model::api::call::ExtendCall,
                model::api::call::CloseCall, model::api::call::ReopenCall,
                model::api::call::ArchiveCall,
                model::api::call::ReviseRule, model::api::call::Assign,
                model::api::security::ReadSecurityEvents
            ],
            sessions: [
                model::api::people::SignIn, model::api::people::SignInAsPersona,
                model::api::people::SignOut, model::api::people::ChangePassword,
                model::api::ledger::CheckLedger
            ]
        }
    };
}

/// An operation as the documents and the tests list it.
#[derive(Clone, Debug)]
pub struct Listed {
    pub name: &'static str,
    pub method: Method,
    pub path: &'static str,
    pub permission: Permission,
    pub asked: schemars::Schema,
    pub answered: schemars::Schema,
}

fn listed<O>(generator: &mut schemars::SchemaGenerator) -> Listed
where
    O: Operation + schemars::JsonSchema,
    O::Answer: schemars::JsonSchema,
{
    Listed {
        name: name_of::<O>(),
        method: O::METHOD,
        path: O::PATH,
        permission: O::PERMISSION,
        asked: generator.root_schema_for::<O>(),
        answered: generator.subschema_for::<O::Answer>(),
    }
}

/// Every operation of the API.
pub fn list(generator: &mut schemars::SchemaGenerator) -> Vec<Listed> {
    macro_rules! each {
        (handlers: [$($handler:ty),+], sessions: [$($session:ty),+]) => {
            vec![$(listed::<$handler>(generator)),+, $(listed::<$session>(generator)),+]
        };
    }
    operations!(each)
}

/// Where nothing is, below the API's path.
const ANY_OTHER: &str = "/api/{*rest}";

/// The API alone, with its layers against abuse: pages render over it in the process.
pub fn api(site: &Site) -> Router {
    api_within(site, layers::MOST_TIME)
}

/// The same, where a body and its answer may take no longer than this.
pub fn api_within(site: &Site, most_time: Duration) -> Router {
    let mut router = Router::new();
    macro_rules! each {
        (handlers: [$($handler:ty),+], sessions: [$($session:ty),+]) => {
            $(router = router.route(<$handler>::PATH, on(filter(<$handler>::METHOD), operation::handler::<$handler>));)+
            $(router = router.route(<$session>::PATH, on(filter(<$session>::METHOD), operation::session::<$session>));)+
        };
    }
    operations!(each);
    let router = exports::routes(router)
        .route("/api/v1/openapi.json", axum::routing::get(openapi::document))
        .route(STATUS, axum::routing::get(status))
        .route(ANY_OTHER, axum::routing::any(no_such_operation))
        .route(security_txt::PATH, axum::routing::get(security_txt::tell))
        .route("/lingua", axum::routing::post(session::choose_language))
        .method_not_allowed_fallback(|| async { problem::answer(&ApiError::MethodNotAllowed.into()) });
    let guarded = layers::guard(router, site.secure, most_time);
    guarded.layer(from_fn_with_state(site.clone(), watch::refusals)).with_state(site.clone())
}

fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
    }
}

/// Where whoever watches the server asks whether it answers.
pub const STATUS: &str = "/status";

/// How long `/status` waits for the database: less than a load balancer waits for `/status`.
const MOST_STATUS: Duration = Duration::from_secs(2);

/// 200 while the database answers and takes writes; else a problem with 503, and soon. Whoever watches the server
/// asks under any name.
async fn status(State(site): State<Site>) -> Response {
    let Some(tenant) = site.marketplace.tenants.first().map(|tenant| tenant.id) else {
        return problem::answer(&ApiError::Unavailable.into());
    };
    let marketplace = site.marketplace.clone();
    // In a task of its own, which nobody stops in the middle of a transaction that begins.
    let asked =
        tokio::spawn(async move { marketplace.execute(tenant, Identity::Nobody, None, ReadStatus {}).await });
    match timeout(MOST_STATUS, asked).await {
        Ok(Ok(Ok(_))) if !site.marketplace.store.metrics.is_writable() => problem::explained(
            &ApiError::Unavailable.into(),
            "The database answers, but writes fail: see the log.",
        ),
        Ok(Ok(Ok(status))) => operation::json(&status),
        _ => problem::answer(&ApiError::Unavailable.into()),
    }
}

/// What is not there, below the API's path.
pub async fn no_such_operation(method: HttpMethod) -> Response {
    if method == HttpMethod::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    problem::answer(&ApiError::NotFound.into())
}
