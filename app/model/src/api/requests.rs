//! *Richieste*: lists, detail, and the actions of the table in [`crate::requests`].

use serde::{Deserialize, Deserializer, Serialize};

use super::bodies::StateCount;
use super::people::{BodyRef, PersonRef};
use super::{MOST_LINE, MOST_TEXT, needed_text, operation, short_text};
use crate::calendar::{Day, Instant};
use crate::catalogue::{Milestone, MilestoneBy, ServiceRef};
use crate::credits::Credits;
use crate::ids::{BodyId, PersonId, RequestId, ServiceCode, SubmissionId};
use crate::requests::{Event, Origin, State};

mod news;
mod removal;

pub use news::{DismissRequestNews, NewsItem, ReadRequestNews, RequestNews};
pub use removal::{Removal, RequestLink, SeenRequest, Touched};

/// By when something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Due {
    pub day: Day,
    /// Today is after that day.
    pub late: bool,
    /// Working days from today, never below 0; 0 on the day itself.
    pub days_left: u32,
    /// Working days since it was due; 0 when it is not late, and on days that are none right after it.
    pub days_late: u32,
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
operation!(ListRequests, Get "/bodies/{body}/requests", ListRequests of body -> RequestList);

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

/// Where a request stands in the operator's list, which is in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Its clock stands still.
    pub stopped: bool,
    pub due: Day,
    pub id: RequestId,
}

/// A page of the operator's list, by the place that it follows or goes before: what is taken from the list meanwhile, or
/// added to it, moves nothing else from one page to another. Written `after.0.2026-02-28.1234`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String", extend("examples" = ["after.0.2026-02-28.1234"])))]
#[serde(try_from = "String", into = "String")]
pub enum PageOfQueue {
    After(Cursor),
    Before(Cursor),
}

impl PageOfQueue {
    pub fn turn(self) -> Cursor {
        match self {
            Self::After(turn) | Self::Before(turn) => turn,
        }
    }
}

impl From<PageOfQueue> for String {
    fn from(page: PageOfQueue) -> Self {
        let side = if matches!(page, PageOfQueue::After(_)) { "after" } else { "before" };
        let Cursor { stopped, due, id } = page.turn();
        [side, if stopped { "1" } else { "0" }, &due.to_string(), &id.to_string()].join(".")
    }
}

impl TryFrom<String> for PageOfQueue {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let read = || {
            let mut parts = text.split('.');
            let side = match parts.next()? {
                "after" => Self::After,
                "before" => Self::Before,
                _ => return None,
            };
            let stopped = match parts.next()? {
                "0" => false,
                "1" => true,
                _ => return None,
            };
            let (due, id) = (Day::parse(parts.next()?)?, parts.next()?.parse().ok()?);
            parts.next().is_none().then_some(side(Cursor { stopped, due, id }))
        };
        read().ok_or("a page of the list, as an answer says it")
    }
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
    /// Place of the first one of this page among all that match, 1 and up; 1 where there is none.
    pub first: u32,
    pub previous: Option<PageOfQueue>,
    pub next: Option<PageOfQueue>,
    /// Services that have something to be worked, whatever the list is narrowed to.
    pub services: Vec<ServiceRef>,
    /// Who asks.
    pub caller: Option<PersonId>,
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
    /// A part of the body's name in either language, with or without its capitals, accents and apostrophes; its ISTAT or
    /// cadastral code; or the number of a submission. 200 characters at most.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub search: String,
    /// As `previous` or `next` of an answer says; none is the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<PageOfQueue>,
}
operation!(ReadQueue, Get "/requests", ReadQueue -> Queue, |read| {
    short_text("search", &read.search, MOST_LINE).into_iter().collect()
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
    /// The request whose end took this one along.
    pub along_with: Option<RequestLink>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MilestoneView {
    #[serde(flatten)]
    pub milestone: Milestone,
    pub done_at: Option<Instant>,
    pub done_by: Option<String>,
}

// By hand: to read what is flattened, serde copies the object into a tree of its own, with code for each type.
impl<'de> Deserialize<'de> for MilestoneView {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Flat {
            title: String,
            by: MilestoneBy,
            done_at: Option<Instant>,
            done_by: Option<String>,
        }
        let Flat { title, by, done_at, done_by } = Flat::deserialize(deserializer)?;
        Ok(Self { milestone: Milestone { title, by }, done_at, done_by })
    }
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
    pub allowed_events: Vec<Event>,
    /// What each action that takes it away would touch, of the actions that the caller may do.
    pub removals: Vec<Removal>,
    /// Prerequisites that are not approved yet.
    pub pending: Vec<ServiceRef>,
    /// Operators to whom it may be given.
    pub operators: Vec<PersonRef>,
    /// Who asks, where they work on requests.
    pub caller: Option<PersonId>,
    /// Who had it and does not work on requests any more, so that nobody has it.
    pub former_owner: Option<PersonRef>,
}

impl RequestView {
    /// The colleague who has it, to whom works on requests too.
    pub fn colleague(&self) -> Option<&PersonRef> {
        let caller = self.caller?;
        self.row.owner.as_ref().filter(|owner| owner.id != caller)
    }

    pub fn removal(&self, event: Event) -> Option<&Removal> {
        self.removals.iter().find(|removal| removal.event == event)
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadRequest {
    pub request: RequestId,
}
operation!(ReadRequest, Get "/requests/{request}", ReadRequest of request -> RequestView);

/// Actions on a request: each names the version that was seen, and answers with the request as it is afterwards.
macro_rules! allowed_events {
    ($(
        $(#[$doc:meta])*
        $name:ident, $path:literal, $permission:ident
        { $($(#[$attribute:meta])* $field:ident: $kind:ty),* $(,)? }
        |$operation:ident| $faults:expr;
    )+) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            pub request: RequestId,
            /// The version that was seen.
            pub version: i64,
            $($(#[$attribute])* #[serde(default)] pub $field: $kind,)*
        }
        operation!($name, Post $path, $permission of request -> RequestView, |$operation| {
            $faults.into_iter().flatten().collect()
        });
    )+ };
}

/// The actions of an operator, who may act in a colleague's place.
macro_rules! work {
    ($(
        $(#[$doc:meta])*
        $name:ident, $path:literal, $permission:ident { $($fields:tt)* } |$operation:ident| $faults:expr;
    )+) => { allowed_events! { $(
        $(#[$doc])*
        $name, $path, $permission {
            $($fields)*
            /// The colleague who was shown as having the request, said by who acts in their place.
            #[serde(skip_serializing_if = "Option::is_none")]
            owner: Option<PersonId>,
        } |$operation| $faults;
    )+ } };
}

/// The actions of an operator that take a request away, never without a reason.
macro_rules! removals {
    ($($(#[$doc:meta])* $name:ident, $path:literal;)+) => { work! { $(
        $(#[$doc])*
        $name, $path, WorkRequest {
            reason: String,
            /// The services on their way that need this one go with it.
            take_along: bool,
            /// Those that were shown, each with its version: nothing else goes along.
            seen: Vec<SeenRequest>,
        } |o| [needed_text("reason", &o.reason, MOST_TEXT)];
    )+ } };
}

work! {
    /// *Prendi in carico*: the caller becomes its operator.
    TakeInCharge, "/requests/{request}/take-in-charge", WorkRequest {} |_o| [None];

    /// *Chiedi integrazioni*: the review clock stops.
    AskChanges, "/requests/{request}/ask-changes", WorkRequest { message: String, }
        |o| [needed_text("message", &o.message, MOST_TEXT)];

    /// *Approva*: the hold is spent.
    Approve, "/requests/{request}/approve", WorkRequest { note: String, }
        |o| [short_text("note", &o.note, MOST_TEXT)];

    /// *Avvia l'attivazione*, with the milestones that the service suggests.
    Start, "/requests/{request}/start", WorkRequest { note: String, }
        |o| [short_text("note", &o.note, MOST_TEXT)];

    /// *Tappa conclusa*: always the first that is not done.
    CompleteMilestone, "/requests/{request}/complete-milestone", CompleteMilestone { note: String, }
        |o| [short_text("note", &o.note, MOST_TEXT)];

    /// *Metti in esercizio*: the service is live.
    GoLive, "/requests/{request}/go-live", WorkRequest { note: String, }
        |o| [short_text("note", &o.note, MOST_TEXT)];

    /// *Assegna a…*: another operator has it.
    Reassign, "/requests/{request}/reassign", WorkRequest { operator: PersonId, } |_o| [None];

    /// *Rilascia*: nobody has it any more, and anybody may take it.
    ReleaseRequest, "/requests/{request}/release", WorkRequest { note: String, }
        |o| [short_text("note", &o.note, MOST_TEXT)];
}

removals! {
    /// *Respingi*: the hold is released.
    Reject, "/requests/{request}/reject";
    /// *Annulla*: the hold is released.
    Cancel, "/requests/{request}/cancel";
    /// *Revoca*: what was spent comes back.
    Revoke, "/requests/{request}/revoke";
    /// *Cessa*: a live service ends.
    EndService, "/requests/{request}/end";
}

allowed_events! {
    /// *Rispondi*: the clock goes on.
    AnswerRequest, "/requests/{request}/answer", AnswerRequest { message: String }
        |o| [needed_text("message", &o.message, MOST_TEXT)];

    /// *Ritira*: the hold is released.
    WithdrawRequest, "/requests/{request}/withdraw", WithdrawRequest {
        reason: String,
        /// The services on their way that need this one go with it.
        take_along: bool,
        /// Those that were shown, each with its version: nothing else goes along.
        seen: Vec<SeenRequest>,
    } |o| [short_text("reason", &o.reason, MOST_TEXT)];

    /// *Sollecita*: once a day, after the due date.
    RemindRequest, "/requests/{request}/remind", RemindRequest { note: String }
        |o| [short_text("note", &o.note, MOST_TEXT)];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_the_list_is_read_as_it_is_written_and_nothing_else_is() {
        let turn =
            Cursor { stopped: true, due: Day::parse("2026-02-28").expect("a day"), id: RequestId(1234) };
        for (page, written) in [
            (PageOfQueue::After(turn), "after.1.2026-02-28.1234"),
            (PageOfQueue::Before(Cursor { stopped: false, ..turn }), "before.0.2026-02-28.1234"),
        ] {
            assert_eq!(String::from(page), written);
            assert_eq!(PageOfQueue::try_from(written.to_owned()), Ok(page));
        }
        for wrong in [
            "",
            "2",
            "after",
            "until.0.2026-02-28.1",
            "after.2.2026-02-28.1",
            "after.0.2026-02-30.1",
            "after.0.2026-02-28.",
            "after.0.2026-02-28.1.",
            "after.0.2026-02-28.99999999999999999999",
        ] {
            assert!(PageOfQueue::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
