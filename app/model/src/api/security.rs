//! The security log: who signed in or failed to, what was refused, which actions were done, who read personal data.
//!
//! It names people by their number and the name that others see, never by an address, and holds nothing that was entered.

use serde::{Deserialize, Serialize};

use super::people::PersonRef;
use super::{FieldError, FieldErrorKind, in_range, operation};
use crate::calendar::{Day, Instant};
use crate::credits::Credits;
use crate::ids::BodyId;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    SignIn,
    SignOut,
    SignInFailed,
    /// A password was changed by its holder, or reset by the command line.
    Password,
    /// A role was given or ended.
    Role,
    /// The policy said no, or another site sent the request.
    Refused,
    /// An operation that moved credits, whichever it was.
    Credits,
    /// Another operation that is kept whenever it is done.
    Done,
    /// Somebody who is not of the body read personal data.
    PersonalData,
}

impl EventKind {
    pub const ALL: [Self; 9] = [
        Self::SignIn,
        Self::SignOut,
        Self::SignInFailed,
        Self::Password,
        Self::Role,
        Self::Refused,
        Self::Credits,
        Self::Done,
        Self::PersonalData,
    ];

    /// The name used in the database, in exports and in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::SignOut => "sign_out",
            Self::SignInFailed => "sign_in_failed",
            Self::Password => "password",
            Self::Role => "role",
            Self::Refused => "refused",
            Self::Credits => "credits",
            Self::Done => "done",
            Self::PersonalData => "personal_data",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What an event is about, beside a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EventSubject {
    /// `request`, `submission`, `proposal`, `call` or `person`.
    pub kind: String,
    pub id: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SecurityEvent {
    pub id: i64,
    pub at: Instant,
    pub kind: EventKind,
    /// None for who was not signed in, for the clock and for the command line.
    pub actor: Option<PersonRef>,
    /// The address that it came from; `command` or `clock` for what this machine did by itself; empty where unknown.
    pub source: String,
    /// The name of the operation in this document, or of the command.
    pub operation: String,
    pub body: Option<BodyId>,
    pub subject: Option<EventSubject>,
    /// `done`, the code of the problem, or what was done to a role; `suppressed` where several are told as one.
    pub outcome: String,
    /// The sum of the entries that it wrote in the ledger, each without its sign.
    pub credits: Credits,
    /// More than 1 where events beyond the limit of a source are told together.
    pub times: i64,
}

/// A page of the log, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SecurityEvents {
    pub events: Vec<SecurityEvent>,
    /// Ask for what comes `after` this for the next page; none on the last one.
    pub next: Option<i64>,
}

/// Events on one page at most, and without a number.
pub const MOST_EVENTS: i64 = 500;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadSecurityEvents {
    /// The first day, in Rome.
    #[serde(default)]
    pub from: Option<Day>,
    /// The last day, in Rome.
    #[serde(default)]
    pub to: Option<Day>,
    #[serde(default)]
    pub kind: Option<EventKind>,
    /// Events with a higher number than this.
    #[serde(default)]
    pub after: Option<i64>,
    /// At most so many, 1 to 500.
    #[serde(default)]
    pub limit: Option<i64>,
}
operation!(ReadSecurityEvents, Get "/security-events", ReadSecurityLog -> SecurityEvents, |o| {
    let backwards = match (o.from, o.to) {
        (Some(from), Some(to)) if to < from => Some(FieldError::new("to", FieldErrorKind::NotAfter { day: from })),
        _ => None,
    };
    let limit = o.limit.and_then(|limit| in_range("limit", limit, 1, MOST_EVENTS));
    backwards.into_iter().chain(limit).collect()
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Operation as _;

    #[test]
    fn every_kind_is_known_by_its_name() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::from_name(kind.name()), Some(kind));
            let written = serde_json::to_value(kind).expect("JSON");
            assert_eq!(written, kind.name(), "the same on the wire");
        }
        assert_eq!(EventKind::from_name("anything"), None);
    }

    #[test]
    fn days_the_wrong_way_round_and_pages_without_bound_are_refused() {
        let day = |text| Day::parse(text);
        let read = |from, to, limit| ReadSecurityEvents { from, to, limit, ..ReadSecurityEvents::default() };
        assert!(read(day("2026-03-01"), day("2026-03-01"), Some(500)).faults().is_empty());
        let faults = read(day("2026-03-02"), day("2026-03-01"), Some(501)).faults();
        let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["to", "limit"]);
        assert_eq!(read(None, None, Some(0)).faults().len(), 1);
    }
}
