//! *Pratica*: sending a basket, its receipt, its authorisation.

use serde::{Deserialize, Serialize};

use super::people::BodyRef;
use super::{MOST_LINE, MOST_TEXT, needed_text, operation, short_text};
use crate::calendar::{Day, Instant};
use crate::catalogue::{InteractionLevel, ServiceRef, ServiceStatus};
use crate::credits::Credits;
use crate::ids::{BodyId, RequestId, SubmissionId};
use crate::seen::{Seen, figures};

/// *Stato della pratica*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SubmissionState {
    /// *Da autorizzare*
    AwaitingAuthorisation,
    /// *Autorizzata*, or sent where no one must authorise.
    Authorised,
    /// *Restituita al referente*
    SentBack,
    /// *Decaduta*
    Lapsed,
    /// *Ritirata*
    Withdrawn,
}

impl SubmissionState {
    pub const ALL: [Self; 5] =
        [Self::AwaitingAuthorisation, Self::Authorised, Self::SentBack, Self::Lapsed, Self::Withdrawn];

    /// The name used in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::AwaitingAuthorisation => "awaiting_authorisation",
            Self::Authorised => "authorised",
            Self::SentBack => "sent_back",
            Self::Lapsed => "lapsed",
            Self::Withdrawn => "withdrawn",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// What a submission does with a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// *Aggiunto*: costs its price.
    Add,
    /// *Dal pacchetto*: at no cost.
    Keep,
    /// *Tolto*: gives back its value.
    Drop,
}

impl LineKind {
    pub const ALL: [Self; 3] = [Self::Add, Self::Keep, Self::Drop];

    /// The name used in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Keep => "keep",
            Self::Drop => "drop",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Line {
    pub kind: LineKind,
    pub service: ServiceRef,
    /// What citizens will be able to do, in one sentence.
    pub summary: String,
    /// Price of an addition, value of a drop, 0 for what is kept.
    pub credits: Credits,
    /// Of the service as it is now.
    pub level: InteractionLevel,
    pub status: ServiceStatus,
    /// Why it is paused or withdrawn.
    pub status_reason: String,
    pub request: Option<RequestId>,
}

/// The receipt, and what the mayor reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SubmissionView {
    pub id: SubmissionId,
    /// *Numero di pratica*: `2026/000123`.
    pub number: String,
    /// The body's own protocol number; empty when it gave none.
    pub protocol: String,
    pub body: BodyRef,
    pub call_title: String,
    pub state: SubmissionState,
    pub submitted_at: Instant,
    /// Who prepared it; none when the system kept the package by silence.
    pub prepared_by: Option<String>,
    pub authorised_by: Option<String>,
    /// When it was authorised, sent back, withdrawn or lapsed.
    pub settled_at: Option<Instant>,
    /// Why it was sent back.
    pub sent_back_reason: String,
    /// *Motivazione*
    pub reason: String,
    /// *Referente per l'attivazione*
    pub contact: String,
    pub lines: Vec<Line>,
    /// Credits of the additions.
    pub held: Credits,
    /// Credits that the drops gave back.
    pub renounced: Credits,
    /// Available to the body now, this submission included.
    pub available: Credits,
    pub granted: Credits,
    /// Until when the mayor may authorise.
    pub authorise_until: Instant,
    /// By when the aggregator answers, if it were authorised today (or since it was).
    pub answer_by: Option<Day>,
    /// By when its services are live, counted likewise.
    pub live_by: Option<Day>,
    /// Of its requests, how many wait for the aggregator's answer.
    pub in_review: u32,
    /// Of its requests, how many are approved and not yet live.
    pub activating: u32,
    /// The body sent another one of this call after it.
    pub followed: bool,
    /// The caller may authorise it or send it back now.
    pub may_authorise: bool,
    /// The caller may withdraw it whole now.
    pub may_withdraw: bool,
}

impl SubmissionView {
    /// What an authorisation rests on, as its form carries it.
    pub fn seen(&self) -> Vec<Seen> {
        figures(&self.lines, self.available, None)
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadSubmission {
    pub submission: SubmissionId,
}
operation!(ReadSubmission, Get "/submissions/{submission}", ReadSubmission of submission -> SubmissionView);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SubmissionBrief {
    pub id: SubmissionId,
    pub number: String,
    pub state: SubmissionState,
    pub submitted_at: Instant,
    pub added: u32,
    pub kept: u32,
    pub dropped: u32,
    pub held: Credits,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Submissions {
    pub body: BodyRef,
    /// Newest first.
    pub submissions: Vec<SubmissionBrief>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListSubmissions {
    pub body: BodyId,
}
operation!(ListSubmissions, Get "/bodies/{body}/submissions", ListSubmissions of body -> Submissions);

/// *Invia*: the basket that was seen at `version`, with the figures that were shown. Where one is not any more as it was
/// seen, nothing is sent: `conflict` names what changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Submit {
    pub body: BodyId,
    /// The basket's version that the sender saw.
    pub version: i64,
    /// Every line of the basket, the credits available and the high-interactivity services, as they were shown.
    pub seen: Vec<Seen>,
    /// *Motivazione*: which goal of the administration; needed with additions.
    #[serde(default)]
    pub reason: String,
    /// *Referente per l'attivazione*: office, telephone or e-mail; needed with additions.
    #[serde(default)]
    pub contact: String,
    /// The body's own protocol number, if it has one.
    #[serde(default)]
    pub protocol: String,
}
operation!(Submit, Post "/bodies/{body}/submissions", Submit of body -> SubmissionView, |o| {
    [
        short_text("reason", &o.reason, MOST_TEXT),
        short_text("contact", &o.contact, MOST_LINE),
        short_text("protocol", &o.protocol, 60),
    ].into_iter().flatten().collect()
});

/// *Autorizza*: the submission as it was shown; where something is not so any more, `conflict` names it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Authorise {
    pub submission: SubmissionId,
    /// Every line of the submission and the credits available, as they were shown.
    pub seen: Vec<Seen>,
}
operation!(Authorise, Post "/submissions/{submission}/authorise", Authorise of submission -> SubmissionView);

/// *Restituisci al referente*
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SendBack {
    pub submission: SubmissionId,
    #[serde(default)]
    pub reason: String,
}
operation!(SendBack, Post "/submissions/{submission}/send-back", SendBack of submission -> SubmissionView, |o| {
    needed_text("reason", &o.reason, MOST_TEXT).into_iter().collect()
});

/// *Ritira la pratica*, whole, while it waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WithdrawSubmission {
    pub submission: SubmissionId,
}
operation!(
    WithdrawSubmission,
    Post "/submissions/{submission}/withdraw",
    WithdrawSubmission of submission -> SubmissionView
);
