//! The life of a request: states, events, who may cause them, and what they do to the credits.
//!
//! One table; every pair that is not in it is refused. Effects on the account are named here and carried out,
//! entry by entry, by the handlers.

use serde::{Deserialize, Serialize};

use crate::credits::EntryKind;
use crate::refusals::Refusal;

pub use guards::{Circumstances, guard, possible_events};

mod guards;

/// *Stato della richiesta*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// *Da autorizzare*
    AwaitingAuthorisation,
    /// *Restituita al referente*
    SentBack,
    /// *Decaduta*
    Lapsed,
    /// *Inviata*
    Submitted,
    /// *In istruttoria*
    InReview,
    /// *In attesa di integrazioni*
    NeedsChanges,
    /// *Approvata*
    Approved,
    /// *In attivazione*
    Activating,
    /// *Attiva*
    Live,
    /// *Respinta*
    Rejected,
    /// *Ritirata*
    Withdrawn,
    /// *Annullata*
    Cancelled,
    /// *Revocata*
    Revoked,
    /// *Cessata*
    Ended,
}

impl State {
    pub const ALL: [Self; 14] = [
        Self::AwaitingAuthorisation,
        Self::SentBack,
        Self::Lapsed,
        Self::Submitted,
        Self::InReview,
        Self::NeedsChanges,
        Self::Approved,
        Self::Activating,
        Self::Live,
        Self::Rejected,
        Self::Withdrawn,
        Self::Cancelled,
        Self::Revoked,
        Self::Ended,
    ];

    /// The name used in the database, in exports and in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::AwaitingAuthorisation => "awaiting_authorisation",
            Self::SentBack => "sent_back",
            Self::Lapsed => "lapsed",
            Self::Submitted => "submitted",
            Self::InReview => "in_review",
            Self::NeedsChanges => "needs_changes",
            Self::Approved => "approved",
            Self::Activating => "activating",
            Self::Live => "live",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Cancelled => "cancelled",
            Self::Revoked => "revoked",
            Self::Ended => "ended",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// *In corso*: on its way, so that the service is neither asked again nor dropped.
    pub fn in_progress(self) -> bool {
        matches!(
            self,
            Self::AwaitingAuthorisation
                | Self::Submitted
                | Self::InReview
                | Self::NeedsChanges
                | Self::Approved
                | Self::Activating
        )
    }

    /// On its way or live: what a body has, or is to have, whatever became of the call in which it was asked.
    pub fn stands(self) -> bool {
        self == Self::Live || self.in_progress()
    }

    /// Work for the operators of the aggregator.
    pub fn to_be_worked(self) -> bool {
        self.in_progress() && self != Self::AwaitingAuthorisation
    }

    /// What the last entry of a request that costs something must be: the ledger is checked by it.
    pub fn last_entry(self) -> EntryKind {
        match self {
            Self::AwaitingAuthorisation | Self::Submitted | Self::InReview | Self::NeedsChanges => {
                EntryKind::Hold
            }
            Self::Approved | Self::Activating | Self::Live | Self::Ended => EntryKind::Spend,
            Self::SentBack | Self::Lapsed | Self::Rejected | Self::Withdrawn | Self::Cancelled => {
                EntryKind::Release
            }
            Self::Revoked => EntryKind::Refund,
        }
    }

    /// States in which a prerequisite is good enough for what needs it to be approved.
    pub fn supports_dependants(self) -> bool {
        matches!(self, Self::Approved | Self::Activating | Self::Live)
    }

    /// Its clock counts the review days; afterwards the activation days.
    pub fn under_review(self) -> bool {
        matches!(self, Self::Submitted | Self::InReview | Self::NeedsChanges)
    }

    /// A package item whose request ended so may be asked again at 0, or dropped for its value.
    pub fn reopens_package_item(self) -> bool {
        matches!(
            self,
            Self::SentBack
                | Self::Lapsed
                | Self::Rejected
                | Self::Cancelled
                | Self::Revoked
                | Self::Withdrawn
        )
    }
}

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// *Invia*; the timeline's first line.
    Submit,
    Authorise,
    SendBack,
    Lapse,
    /// *Ritira la pratica*, whole, before it is authorised.
    WithdrawSubmission,
    TakeInCharge,
    AskChanges,
    Answer,
    Approve,
    Reject,
    Withdraw,
    Cancel,
    Start,
    CompleteMilestone,
    GoLive,
    Revoke,
    End,
    Reassign,
    /// *Sollecita*: changes nothing but the timeline.
    Remind,
    /// *Rilascia*: nobody has it any more; it stands under *Non assegnate*.
    Release,
}

impl Event {
    pub const ALL: [Self; 20] = [
        Self::Submit,
        Self::Authorise,
        Self::SendBack,
        Self::Lapse,
        Self::WithdrawSubmission,
        Self::TakeInCharge,
        Self::AskChanges,
        Self::Answer,
        Self::Approve,
        Self::Reject,
        Self::Withdraw,
        Self::Cancel,
        Self::Start,
        Self::CompleteMilestone,
        Self::GoLive,
        Self::Revoke,
        Self::End,
        Self::Reassign,
        Self::Remind,
        Self::Release,
    ];

    /// The name used in the database and in exports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Authorise => "authorise",
            Self::SendBack => "send_back",
            Self::Lapse => "lapse",
            Self::WithdrawSubmission => "withdraw_submission",
            Self::TakeInCharge => "take_in_charge",
            Self::AskChanges => "ask_changes",
            Self::Answer => "answer",
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Withdraw => "withdraw",
            Self::Cancel => "cancel",
            Self::Start => "start",
            Self::CompleteMilestone => "complete_milestone",
            Self::GoLive => "go_live",
            Self::Revoke => "revoke",
            Self::End => "end",
            Self::Reassign => "reassign",
            Self::Remind => "remind",
            Self::Release => "release",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }

    /// These take away what other services in progress may need.
    pub fn takes_away(self) -> bool {
        matches!(self, Self::Reject | Self::Withdraw | Self::Cancel | Self::Revoke | Self::End)
    }
}

/// In which quality somebody acts on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    Officer,
    Mayor,
    /// Operator or administrator.
    Aggregator,
    /// The clock.
    Time,
}

/// How a request came to be, which decides where authorisation leads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// *Dal pacchetto assegnato*, at no cost.
    Package,
    /// *Aggiunto*, at its price.
    Added,
}

impl Origin {
    /// The name used in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Package => "package",
            Self::Added => "added",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Package, Self::Added].into_iter().find(|origin| origin.name() == name)
    }
}

/// What the account owes to an event: carried out for exactly the amount of the hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreditEffect {
    None,
    Spend,
    Release,
    Refund,
    /// The whole submission at once: release every hold, then reinstate every renounced value.
    UndoSubmission,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Transition {
    pub from: &'static [State],
    pub event: Event,
    pub actors: &'static [Actor],
    pub to: To,
    pub credits: CreditEffect,
}

/// Where a transition leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    State(State),
    Same,
    /// Kept package items need no review: they are approved by being authorised.
    ByOrigin,
}

const OPEN: &[State] = &[
    State::AwaitingAuthorisation,
    State::Submitted,
    State::InReview,
    State::NeedsChanges,
    State::Approved,
    State::Activating,
];
const UNDER_REVIEW: &[State] = &[State::Submitted, State::InReview, State::NeedsChanges];
const WAITING: &[State] = &[State::AwaitingAuthorisation];
const A: &[Actor] = &[Actor::Aggregator];
const M: &[Actor] = &[Actor::Mayor];
const O: &[Actor] = &[Actor::Officer];
const OM: &[Actor] = &[Actor::Officer, Actor::Mayor];

const fn line(
    from: &'static [State],
    event: Event,
    actors: &'static [Actor],
    to: To,
    credits: CreditEffect,
) -> Transition {
    Transition { from, event, actors, to, credits }
}

/// The whole life of a request (`Submit` makes it, so it has no line).
pub const TABLE: &[Transition] = &[
    line(WAITING, Event::Authorise, M, To::ByOrigin, CreditEffect::None),
    line(WAITING, Event::SendBack, M, To::State(State::SentBack), CreditEffect::UndoSubmission),
    line(WAITING, Event::Lapse, &[Actor::Time], To::State(State::Lapsed), CreditEffect::UndoSubmission),
    line(WAITING, Event::WithdrawSubmission, OM, To::State(State::Withdrawn), CreditEffect::UndoSubmission),
    line(&[State::Submitted], Event::TakeInCharge, A, To::State(State::InReview), CreditEffect::None),
    line(&[State::InReview], Event::AskChanges, A, To::State(State::NeedsChanges), CreditEffect::None),
    line(&[State::NeedsChanges], Event::Answer, O, To::State(State::InReview), CreditEffect::None),
    line(&[State::InReview], Event::Approve, A, To::State(State::Approved), CreditEffect::Spend),
    line(&[State::InReview], Event::Reject, A, To::State(State::Rejected), CreditEffect::Release),
    line(UNDER_REVIEW, Event::Withdraw, OM, To::State(State::Withdrawn), CreditEffect::Release),
    line(UNDER_REVIEW, Event::Cancel, A, To::State(State::Cancelled), CreditEffect::Release),
    line(&[State::Approved], Event::Start, A, To::State(State::Activating), CreditEffect::None),
    line(
        &[State::Activating],
        Event::CompleteMilestone,
        &[Actor::Aggregator, Actor::Officer],
        To::Same,
        CreditEffect::None,
    ),
    line(&[State::Activating], Event::GoLive, A, To::State(State::Live), CreditEffect::None),
    line(
        &[State::Approved, State::Activating],
        Event::Revoke,
        A,
        To::State(State::Revoked),
        CreditEffect::Refund,
    ),
    line(&[State::Live], Event::End, A, To::State(State::Ended), CreditEffect::None),
    line(OPEN, Event::Reassign, A, To::Same, CreditEffect::None),
    line(OPEN, Event::Release, A, To::Same, CreditEffect::None),
    line(
        &[State::Submitted, State::InReview, State::Approved, State::Activating],
        Event::Remind,
        OM,
        To::Same,
        CreditEffect::None,
    ),
];

/// Where an event leads and what it does to the credits.
///
/// # Errors
/// `transition_refused` for every pair of state and event, and every actor, that the table does not name.
pub fn transition(
    state: State,
    event: Event,
    actor: Actor,
    origin: Origin,
) -> Result<(State, CreditEffect), Refusal> {
    TABLE
        .iter()
        .find(|line| line.event == event && line.from.contains(&state) && line.actors.contains(&actor))
        .map(|line| {
            let to = match line.to {
                To::State(to) => to,
                To::Same => state,
                To::ByOrigin if origin == Origin::Package => State::Approved,
                To::ByOrigin => State::Submitted,
            };
            (to, line.credits)
        })
        .ok_or(Refusal::TransitionRefused { state, event })
}

/// The events that one actor may cause in a state, in the order of the table.
pub fn allowed_events(state: State, actor: Actor) -> impl Iterator<Item = Event> {
    TABLE
        .iter()
        .filter(move |line| line.from.contains(&state) && line.actors.contains(&actor))
        .map(|line| line.event)
}

#[cfg(test)]
#[path = "requests_tests.rs"]
mod tests;
