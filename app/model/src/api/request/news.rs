//! *Novità sulle tue richieste*: what others did on an operator's requests, until it is dismissed.

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
    pub request: RequestId,
    pub service: ServiceRef,
    pub body: BodyRef,
    pub step: Step,
}

/// *Novità sulle tue richieste*
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RequestNews {
    /// The newest first, and not all where there are many.
    pub items: Vec<NewsItem>,
    /// Of all that was not dismissed.
    pub total: u32,
    /// What to dismiss, so that nothing goes that was not shown; 0 where there is nothing.
    pub upto: i64,
}

/// What others did on the requests that the caller has, or had until then.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadRequestNews {}
operation!(ReadRequestNews, Get "/requests/news", ReadQueue -> RequestNews);

/// *Segna come lette*: up to what was shown.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DismissRequestNews {
    pub upto: i64,
}
operation!(DismissRequestNews, Post "/requests/news/dismiss", ReadQueue -> Done);
