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
use crate::addresses::TrustedProxies;
use crate::settings::Settings;
use handlers::context::Identity;
use handlers::marketplace::Marketplace;
use handlers::security_log::name_of;

pub mod check_ledger;
pub mod cookies;
mod device;
pub mod exports;
pub mod host;
pub mod layers;
pub mod notices;
pub mod openapi;
pub mod operation;
pub mod plain_page;
pub mod problem;
mod security_txt;
pub mod session;
pub mod source;
pub mod tries;
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
                model::api::bodies::ReadBody, model::api::bodies::ListEntries,
                model::api::credits::ReadLedger, model::api::credits::ReadLedgerProof,
                model::api::credits::ReadAnchor,
                model::api::baskets::ReadBasket, model::api::baskets::ChangeBasket,
                model::api::submissions::Submit, model::api::submissions::ReadSubmission,
                model::api::submissions::ListSubmissions, model::api::submissions::Authorise,
                model::api::submissions::SendBack, model::api::submissions::WithdrawSubmission,
                model::api::requests::ListRequests, model::api::requests::ReadQueue,
                model::api::requests::ReadRequest, model::api::requests::TakeInCharge,
                model::api::requests::AskChanges, model::api::requests::AnswerRequest,
                model::api::requests::Approve, model::api::requests::Reject,
                model::api::requests::WithdrawRequest, model::api::requests::Cancel,
                model::api::requests::Start, model::api::requests::CompleteMilestone,
                model::api::requests::GoLive, model::api::requests::Revoke,
                model::api::requests::EndService, model::api::requests::Reassign,
                model::api::requests::RemindRequest, model::api::requests::ReleaseRequest,
                model::api::requests::ReadRequestNews, model::api::requests::DismissRequestNews,
                model::api::calls::ReadBoard, model::api::calls::ReadMatrix,
                model::api::calls::ExtendBody, model::api::calls::AssignByHand,
                model::api::calls::GrantExtra, model::api::calls::ProposeCorrection,
                model::api::credits::proposals::ListProposals, model::api::credits::proposals::ConfirmProposal,
                model::api::credits::proposals::RefuseProposal, model::api::credits::proposals::WithdrawProposal,
                model::api::calls::CreateCall,
                model::api::calls::OpenCall, model::api::calls::ExtendCall,
                model::api::calls::CloseCall, model::api::calls::ReopenCall,
                model::api::calls::ArchiveCall,
                model::api::calls::ReviseRule, model::api::calls::Assign,
                model::api::security::ReadSecurityEvents
            ],
            sessions: [
                model::api::people::SignIn, model::api::people::SignInAsPersona,
                model::api::people::SignOut, model::api::people::ChangePassword,
                model::api::credits::CheckLedger
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
        .route(security_txt::PATH, axum::routing::get(security_txt::serve))
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
