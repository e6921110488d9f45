//! *Composizione del pacchetto*: what a body has chosen and can choose, and each change of it.

use serde::{Deserialize, Serialize};

use super::bodies::CallWindow;
use super::catalogue::ServiceCard;
use super::operation;
use super::people::BodyRef;
use super::submissions::Line;
use crate::basket::{Change, Objection, Standing};
use crate::calendar::{Day, Instant};
use crate::catalogue::{InteractionLevel, ServiceRef};
use crate::credits::{Account, Credits};
use crate::ids::{BodyId, ServiceCode, SubmissionId};
use crate::refusals::Refusal;
use crate::seen::{Seen, figures};

/// An item of the assigned package in the basket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BasketItem {
    pub service: ServiceRef,
    pub summary: String,
    pub level: InteractionLevel,
    pub high: bool,
    pub value: Credits,
    pub standing: Standing,
    pub dropped: bool,
    /// Why it can't be dropped now; none when it can.
    pub kept_because: Option<Refusal>,
    /// Why it can't be put back now; none when it can.
    pub gone_because: Option<Refusal>,
}

/// A service that the basket adds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BasketAddition {
    pub service: ServiceRef,
    pub summary: String,
    pub level: InteractionLevel,
    pub high: bool,
    pub price: Credits,
    /// How many: more than 1 only for a repeatable service.
    pub count: u32,
    /// One more block may be added.
    pub repeatable: bool,
    /// Why it can't be taken back now; none when it can.
    pub kept_because: Option<Refusal>,
}

/// *Composizione del pacchetto*
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BasketView {
    pub body: BodyRef,
    pub call: CallWindow,
    /// Goes up with each change; a submission names the one that was seen.
    pub version: i64,
    pub saved_at: Option<Instant>,
    /// The day in Rome, to tell an hour from a day.
    pub today: Day,
    pub account: Account,
    pub cost: Credits,
    /// Available after this basket; negative where it is short.
    pub left: Credits,
    pub high: u32,
    pub items: Vec<BasketItem>,
    pub added: Vec<BasketAddition>,
    /// What stands outside the package, each with its offer; also what was added, so that a card stays in its place.
    pub others: Vec<ServiceCard>,
    /// Why it can't be submitted; empty when it can.
    pub objections: Vec<Objection>,
    /// The submission that waits, for which the basket is locked.
    pub waiting: Option<SubmissionId>,
    /// The caller may change it.
    pub editable: bool,
    /// The mayor must authorise what is sent from it.
    pub needs_authorisation: bool,
    /// What a submission would ask, by kind: for the summary.
    pub lines: Vec<Line>,
    /// The longest review among the additions, in working days; 0 where there is nothing to review.
    pub review_days: u32,
    /// The longest activation of what a submission would ask, in working days.
    pub activation_days: u32,
}

impl BasketView {
    /// What a submission of this basket rests on, as its form carries it.
    pub fn seen(&self) -> Vec<Seen> {
        figures(&self.lines, self.account.available(), Some(self.high))
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadBasket {
    pub body: BodyId,
}
operation!(ReadBasket, Get "/bodies/{body}/basket", ReadBasket of body -> BasketView);

/// *Aggiungi, Togli, Annulla*: one command on the basket as it is now.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeBasket {
    pub body: BodyId,
    pub change: Change,
    pub service: ServiceCode,
}
operation!(ChangeBasket, Post "/bodies/{body}/basket", ChangeBasket of body -> BasketView);
