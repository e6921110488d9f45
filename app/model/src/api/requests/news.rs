//! *Novità sulle richieste in carico*: what others did on an operator's requests, until it is dismissed.

use serde::{Deserialize, Serialize};

use super::Step;
use crate::api::operation;
use crate::api::people::{BodyRef, Done};
use crate::catalogue::ServiceRef;
use crate::ids::RequestId;

/// Something that somebody else did on a request of the caller's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewsItem {
    /// By which it is dismissed.
    pub number: i64,
    pub request: RequestId,
    pub service: ServiceRef,
    pub body: BodyRef,
    pub step: Step,
}

/// *Novità sulle richieste in carico*
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RequestNews {
    /// The newest first, and not all where there are many.
    pub items: Vec<NewsItem>,
    /// Of all that was not dismissed.
    pub total: u32,
}

/// What others did on the requests that the caller has, or had until then.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadRequestNews {}
operation!(ReadRequestNews, Get "/requests/news", ReadQueue -> RequestNews);

/// *Segna come lette*: what was shown, and nothing else.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DismissRequestNews {
    /// The numbers of the items that were shown.
    #[serde(default)]
    pub news: Vec<i64>,
}
operation!(DismissRequestNews, Post "/requests/news/dismiss", ReadQueue -> Done);
