//! What an action that takes a request away touches: as its preview shows it, and as who does it says to have seen it.

use serde::{Deserialize, Serialize};

use crate::api::people::PersonRef;
use crate::catalogue::ServiceRef;
use crate::credits::Credits;
use crate::ids::RequestId;
use crate::requests::{Event, State};

/// A request by its service, for sentences and links.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RequestLink {
    pub request: RequestId,
    pub service: ServiceRef,
}

/// A request that was seen, with its version then. Written `1234.7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String", extend("examples" = ["1234.7"])))]
#[serde(try_from = "String", into = "String")]
pub struct SeenRequest {
    pub request: RequestId,
    pub version: i64,
}

impl From<SeenRequest> for String {
    fn from(seen: SeenRequest) -> Self {
        [&*seen.request.to_string(), &seen.version.to_string()].join(".")
    }
}

impl TryFrom<String> for SeenRequest {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let read = |(request, version): (&str, &str)| {
            Some(Self { request: request.parse().ok()?, version: version.parse().ok()? })
        };
        text.split_once('.').and_then(read).ok_or("a request and its version, with a dot between")
    }
}

/// A request that an action would take away, as its preview shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Touched {
    pub request: RequestId,
    pub version: i64,
    pub service: ServiceRef,
    pub state: State,
    pub owner: Option<PersonRef>,
    /// What comes back to the account.
    pub credits: Credits,
    /// Its call is archived: what comes back expires at once.
    pub archived: bool,
    /// It can't be taken along now, so that the action is refused.
    pub stays: bool,
}

/// What an action that takes the request away would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Removal {
    pub event: Event,
    /// What comes back of the request itself.
    pub credits: Credits,
    /// All that needs it, directly or not: what is touched only together with it.
    pub along: Vec<Touched>,
    /// The call of the request itself is archived: what comes back of it expires at once.
    pub archived: bool,
    /// What comes back in all and can be used: without what expires at once.
    pub total: Credits,
}

impl Removal {
    /// What is to be said back by who takes all of it along.
    pub fn seen(&self) -> Vec<SeenRequest> {
        let seen = |touched: &Touched| SeenRequest { request: touched.request, version: touched.version };
        self.along.iter().map(seen).collect()
    }

    /// Whether something of what comes back expires at once.
    pub fn expires(&self) -> bool {
        let own = self.archived && self.credits > 0;
        own || self.along.iter().any(|touched| touched.archived && touched.credits > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_was_seen_is_read_as_it_is_written_and_nothing_else_is() {
        let seen = SeenRequest { request: RequestId(1234), version: 7 };
        assert_eq!(String::from(seen), "1234.7");
        assert_eq!(SeenRequest::try_from("1234.7".to_owned()), Ok(seen));
        for wrong in ["", "1234", "1234.", ".7", "1234.7.1", "a.b", "99999999999999999999.1"] {
            assert!(SeenRequest::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
