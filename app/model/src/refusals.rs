//! Every refusal of a rule, with the facts that its one true sentence needs.
//!
//! The code on the wire is the variant's name in snake case; the sentence stands in the locale files.

use serde::{Deserialize, Serialize};

use crate::api::people::PersonRef;
use crate::calendar::Instant;
use crate::catalogue::{HighRange, ServiceRef};
use crate::credits::Credits;
use crate::requests::{Event, State};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(not(target_arch = "wasm32"), serde(tag = "code"))]
#[cfg_attr(target_arch = "wasm32", serde(rename = "tag:code"))]
pub enum Refusal {
    // account
    /// More credits are asked than there are.
    CreditsShort {
        missing: Credits,
    },
    /// An amount is zero, of the wrong sign, or not what was held.
    AmountInvalid,
    /// The same person proposed it, and it is above the call's threshold.
    SecondPersonNeeded {
        threshold: Credits,
    },
    /// Only who proposed it may withdraw it.
    NotTheProposer,
    /// Who proposed it withdraws it, and does not refuse it.
    OwnProposal,

    // basket
    /// Live already: it can't be dropped or asked for again.
    AlreadyLive,
    /// A request for it is on its way.
    InProgress,
    /// Every body has it.
    Universal,
    /// In the package or added already.
    AlreadyChosen,
    /// It is not in the package, or was dropped for good.
    NotInPackage,
    /// There is nothing to undo for this service.
    NothingToUndo,
    InteractivityBelow {
        missing: u32,
        range: HighRange,
    },
    InteractivityAbove {
        excess: u32,
        range: HighRange,
    },
    PrerequisiteMissing {
        service: ServiceRef,
    },
    ExcludedBy {
        service: ServiceRef,
    },
    /// Paused, withdrawn or not yet published.
    NotAvailable {
        reason: String,
    },
    /// Submitting needs an open call.
    CallClosed,
    SubmissionWaiting,
    /// The body has not joined, or has no package yet.
    NotAssigned,
    NotJoined,
    /// There is nothing to send: all that was assigned is on its way already.
    NothingToSubmit,
    /// Additions need a reason and an activation contact.
    ReasonNeeded,

    // requests
    TransitionRefused {
        state: State,
        event: Event,
    },
    PrerequisitePending {
        service: ServiceRef,
    },
    HasDependants {
        services: Vec<ServiceRef>,
    },
    MilestonesPending {
        left: u32,
    },
    /// It is the other side's turn to finish this milestone.
    NotYourMilestone,
    /// A colleague has this request: who acts in their place says so.
    OwnedByAnother {
        owner: PersonRef,
    },
    /// Nobody has this request: there is nothing to release.
    Unassigned,
    ReminderTooEarly {
        from: crate::calendar::Day,
    },
    ReminderSentToday,
    /// The mayor's ten working days are over.
    AuthorisationExpired {
        until: Instant,
    },

    // call
    HoldsOpen {
        count: u32,
    },
    CallNotDraft,
    AnotherCallOpen,
    NotAnExtension {
        until: Instant,
    },
    CallNotClosed,
    /// The server's clock is in doubt: what is decided by time waits for an operator.
    ClockInDoubt,
    /// Somebody chose otherwise for this body; say why it should change.
    PopulationUnknown,

    // ledger
    /// Without what is kept in the second place a check proves too little.
    AnchorsUnreadable,
}
