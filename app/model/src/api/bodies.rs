//! *Area del Comune*: what waits, credits, movements.

use serde::{Deserialize, Serialize};

use super::operation;
use super::people::{BodyRef, PersonRef};
use super::requests::Due;
use super::submissions::SubmissionState;
use crate::assignment::Explanation;
use crate::basket::Standing;
use crate::calendar::Instant;
use crate::calls::{CallStatus, Leftovers, Reopening};
use crate::catalogue::{HighRange, ServiceRef};
use crate::causes::EntryCause;
use crate::credits::{Account, Credits, EntryKind};
use crate::ids::{BodyId, CallId, PackageCode, RequestId, SubmissionId};
use crate::people::Role;
use crate::requests::State;
use crate::territory::{Aggregator, Body};

/// The call as it is for one body: its own closing instant, and how long the mayor may authorise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallWindow {
    pub id: CallId,
    pub title: String,
    pub status: CallStatus,
    pub opens: Instant,
    /// The body's: the call's, or a later one.
    pub closes: Instant,
    /// The body may submit now.
    pub open: bool,
    pub authorise_until: Instant,
    /// Days from today to the closing day; 0 on the day itself and after.
    pub days_left: i32,
    /// Why the body's closing instant is later than the call's.
    pub extension_reason: Option<String>,
    /// When the call was last opened again after its closing, and why.
    pub reopened: Option<Reopening>,
    pub high: HighRange,
    /// What happens to the credits that are not used.
    pub leftovers: Leftovers,
}

/// What waits for the reader (*Da fare*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(not(target_arch = "wasm32"), serde(tag = "todo"))]
#[cfg_attr(target_arch = "wasm32", serde(rename = "tag:todo"))]
pub enum Todo {
    /// Nothing was sent yet: compose, or confirm the assigned package.
    Compose {
        closes: Instant,
    },
    /// The mayor sent it back: mend and send again.
    Mend {
        submission: SubmissionId,
        number: String,
        reason: String,
    },
    Authorise {
        submission: SubmissionId,
        number: String,
        services: u32,
        credits: Credits,
        until: Instant,
    },
    Answer {
        request: RequestId,
        service: ServiceRef,
        message: String,
    },
    Milestone {
        request: RequestId,
        service: ServiceRef,
        title: String,
    },
}

/// What a body chose and did not send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Draft {
    /// Services added, each as often as it was.
    pub added: u32,
    pub dropped: u32,
    /// Credits that would be left after it is sent.
    pub left: Credits,
}

/// A service of the body, with how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BodyService {
    pub service: ServiceRef,
    pub high: bool,
    pub standing: Standing,
    /// Its latest request.
    pub request: Option<RequestId>,
    pub state: Option<State>,
    /// By when the aggregator owes its next step.
    pub due: Option<Due>,
    /// Since when its latest request is in its state.
    pub since: Option<Instant>,
    /// Milestones of its activation, while it goes on.
    pub milestones: u32,
    pub milestones_done: u32,
    /// Of the assigned package.
    pub in_package: bool,
    pub value: Credits,
}

/// A submission by its number, for the area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LatestSubmission {
    pub id: SubmissionId,
    pub number: String,
    pub state: SubmissionState,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StateCount {
    pub state: State,
    pub count: u32,
}

/// *Perché questo pacchetto*
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Assigned {
    pub package: PackageCode,
    pub package_name: String,
    pub package_summary: String,
    pub credits: Credits,
    pub explanation: Explanation,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BodyArea {
    pub body: Body,
    pub title: String,
    /// In which roles the caller looks at it.
    pub roles: Vec<Role>,
    pub call: Option<CallWindow>,
    pub assigned: Option<Assigned>,
    pub account: Option<Account>,
    /// High-interactivity services in the result as it stands.
    pub high: u32,
    pub todo: Vec<Todo>,
    pub services: Vec<BodyService>,
    pub counts: Vec<StateCount>,
    /// Of this call.
    pub latest: Option<LatestSubmission>,
    /// What was chosen and not sent, where anything was.
    pub draft: Option<Draft>,
    /// A submission of this call is authorised or was kept by silence.
    pub submitted: bool,
    pub help: Aggregator,
    pub facilitator: Option<PersonRef>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadBody {
    pub body: BodyId,
}
operation!(ReadBody, Get "/bodies/{body}", ReadBody of body -> BodyArea);

/// *Movimento*
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EntryLine {
    /// 1 and up, within the account.
    pub sequence: i64,
    pub kind: EntryKind,
    /// As the kind says; negative only for a correction.
    pub amount: Credits,
    pub at: Instant,
    /// Who, by role; none for the system.
    pub actor: Option<String>,
    /// Who proposed what `actor` then confirmed; none where one person was enough.
    pub proposed_by: Option<String>,
    /// The action that made it.
    pub cause: EntryCause,
    /// What the person who did it wrote; empty where nobody had to.
    pub reason: String,
    pub service: Option<ServiceRef>,
    pub request: Option<RequestId>,
    pub submission_number: Option<String>,
    /// The account after this entry.
    pub after: Account,
    /// SHA-256 over this entry and the hash before it, in hexadecimal.
    pub hash: String,
}

/// *Movimenti*
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entries {
    pub body: BodyRef,
    pub call_title: String,
    pub account: Account,
    /// Newest first.
    pub entries: Vec<EntryLine>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListEntries {
    pub body: BodyId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<EntryKind>,
}
operation!(ListEntries, Get "/bodies/{body}/entries", ListEntries of body -> Entries);
