//! *Richieste*: lists, detail, and the deeds of the table in [`crate::requests`].

use serde::{Deserialize, Serialize};

use super::body::StateCount;
use super::people::{BodyRef, PersonRef};
use super::{MOST_LINE, MOST_TEXT, needed_text, operation, short_text};
use crate::calendar::{Day, Instant};
use crate::catalogue::{Milestone, ServiceRef};
use crate::credits::Credits;
use crate::ids::{BodyId, PersonId, RequestId, ServiceCode, SubmissionId};
use crate::requests::{Event, Origin, State};

/// By when something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Due {
    pub day: Day,
    /// Working days from today: negative when it is overdue.
    pub days_left: i32,
    /// The clock stands still: it is the body's turn.
    pub stopped: bool,
}

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RequestRow {
    pub id: RequestId,
    pub version: i64,
    pub body: BodyRef,
    pub service: ServiceRef,
    pub state: State,
    pub origin: Origin,
    pub price: Credits,
    pub arrived: Instant,
    pub due: Option<Due>,
    pub owner: Option<PersonRef>,
    pub submission_number: String,
    /// Reminded since the last thing that happened.
    pub reminded: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RequestList {
    pub body: BodyRef,
    pub counts: Vec<StateCount>,
    pub requests: Vec<RequestRow>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListRequests {
    pub body: BodyId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
}
operation!(ListRequests, Get "/bodies/{body}/requests", ListRequests -> RequestList);

/// Whose requests the operator looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    #[default]
    Everybodys,
    Mine,
    Nobodys,
}

/// *Richieste da lavorare*
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Queue {
    /// Of the requests to be worked, with every filter but the state applied: each equals the list behind it.
    pub counts: Vec<StateCount>,
    /// Overdue first, then nearest due date, stopped clocks last.
    pub requests: Vec<RequestRow>,
    /// Of all those that match; `requests` holds one page.
    pub total: u32,
    /// Of those, past their due date while their clock goes on.
    pub overdue: u32,
    pub page: u32,
    pub pages: u32,
    /// Services that have something to be worked, whatever the list is narrowed to.
    pub services: Vec<ServiceRef>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadQueue {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    #[serde(default)]
    pub whose: Whose,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceCode>,
    /// A part of the body's name, with or without its capitals and accents: 200 characters at most.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body_name: String,
    /// 1 and up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
}
operation!(ReadQueue, Get "/requests", ReadQueue -> Queue, |read| {
    short_text("body_name", &read.body_name, MOST_LINE).into_iter().collect()
});

/// A line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Step {
    pub event: Event,
    /// The state that it led to.
    pub state: State,
    pub at: Instant,
    /// Who, by role; none for the system.
    pub by: Option<String>,
    pub note: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MilestoneView {
    #[serde(flatten)]
    pub milestone: Milestone,
    pub done_at: Option<Instant>,
    pub done_by: Option<String>,
}

/// *Richiesta*
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RequestView {
    pub row: RequestRow,
    /// Who answers while no operator has it: "Provincia di Como".
    pub aggregator: String,
    pub submission: SubmissionId,
    /// *Motivazione* and contact of the submission.
    pub reason: String,
    pub contact: String,
    /// Newest first.
    pub timeline: Vec<Step>,
    pub milestones: Vec<MilestoneView>,
    /// The milestones that the service suggests, until it is started.
    pub suggested_milestones: Vec<Milestone>,
    /// What the aggregator asks of the body now.
    pub asked: Option<String>,
    /// What the caller may do now.
    pub deeds: Vec<Event>,
    /// Services on their way that need this one.
    pub dependants: Vec<ServiceRef>,
    /// Prerequisites that are not approved yet.
    pub pending: Vec<ServiceRef>,
    /// Operators to whom it may be given.
    pub operators: Vec<PersonRef>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadRequest {
    pub request: RequestId,
}
operation!(ReadRequest, Get "/requests/{request}", ReadRequest -> RequestView);

/// Deeds on a request: each names the version that was seen, and answers with the request as it is afterwards.
macro_rules! deeds {
    ($(
        $(#[$doc:meta])*
        $name:ident, $path:literal, $deed:ident
        { $($(#[$attribute:meta])* $field:ident: $kind:ty),* $(,)? }
        |$operation:ident| $faults:expr;
    )+) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            pub request: RequestId,
            /// The version that was seen.
            pub version: i64,
            $($(#[$attribute])* #[serde(default)] pub $field: $kind,)*
        }
        operation!($name, Post $path, $deed -> RequestView, |$operation| {
            $faults.into_iter().flatten().collect()
        });
    )+ };
}

deeds! {
    /// *Prendi in carico*: the caller becomes its operator.
    TakeInCharge, "/requests/{request}/take-in-charge", WorkRequest {} |_o| [None];

    /// *Chiedi integrazioni*: the review clock stops.
    AskChanges, "/requests/{request}/ask-changes", WorkRequest { message: String }
        |o| [needed_text("message", &o.message, MOST_TEXT)];

    /// *Rispondi*: the clock goes on.
    AnswerRequest, "/requests/{request}/answer", AnswerRequest { message: String }
        |o| [needed_text("message", &o.message, MOST_TEXT)];

    /// *Approva*: the hold is spent.
    Approve, "/requests/{request}/approve", WorkRequest { note: String }
        |o| [short_text("note", &o.note, MOST_TEXT)];

    /// *Respingi*: the hold is released.
    Reject, "/requests/{request}/reject", WorkRequest {
        reason: String,
        /// The services on their way that need this one go with it.
        take_along: bool,
    } |o| [needed_text("reason", &o.reason, MOST_TEXT)];

    /// *Ritira*: the hold is released.
    WithdrawRequest, "/requests/{request}/withdraw", WithdrawRequest {
        reason: String,
        /// The services on their way that need this one go with it.
        take_along: bool,
    } |o| [short_text("reason", &o.reason, MOST_TEXT)];

    /// *Annulla*: the hold is released.
    Cancel, "/requests/{request}/cancel", WorkRequest {
        reason: String,
        /// The services on their way that need this one go with it.
        take_along: bool,
    } |o| [needed_text("reason", &o.reason, MOST_TEXT)];

    /// *Avvia l'attivazione*, with the milestones that the service suggests.
    Start, "/requests/{request}/start", WorkRequest { note: String }
        |o| [short_text("note", &o.note, MOST_TEXT)];

    /// *Tappa conclusa*: always the first that is not done.
    CompleteMilestone, "/requests/{request}/complete-milestone", CompleteMilestone { note: String }
        |o| [short_text("note", &o.note, MOST_TEXT)];

    /// *Metti in esercizio*: the service is live.
    GoLive, "/requests/{request}/go-live", WorkRequest { note: String }
        |o| [short_text("note", &o.note, MOST_TEXT)];

    /// *Revoca*: what was spent comes back.
    Revoke, "/requests/{request}/revoke", WorkRequest {
        reason: String,
        /// The services on their way that need this one go with it.
        take_along: bool,
    } |o| [needed_text("reason", &o.reason, MOST_TEXT)];

    /// *Cessa*: a live service ends.
    EndService, "/requests/{request}/end", WorkRequest {
        reason: String,
        /// The services on their way that need this one go with it.
        take_along: bool,
    } |o| [needed_text("reason", &o.reason, MOST_TEXT)];

    /// *Assegna a…*: another operator has it.
    Reassign, "/requests/{request}/reassign", WorkRequest { operator: PersonId } |_o| [None];

    /// *Sollecita*: once a day, after the due date.
    RemindRequest, "/requests/{request}/remind", RemindRequest { note: String }
        |o| [short_text("note", &o.note, MOST_TEXT)];
}
