//! *Composizione del pacchetto*: what a body chooses, judged by one function for card, basket, summary and API.
//!
//! Everything that a judgement depends on stands in [`Situation`]; the choice itself is only what differs from the
//! assigned package. Who may change it, and where it is kept, is not decided here.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::catalogue::{HighRange, PackageItem, Service, ServiceRef};
use crate::credits::{Account, Credits};
use crate::ids::ServiceCode;
use crate::refusals::Refusal;
use crate::requests::State;

mod changing;
mod judging;
mod offering;
mod state;

/// Everything that a basket is judged by.
#[derive(Clone, Debug)]
pub struct Situation<'c> {
    pub services: &'c BTreeMap<ServiceCode, Service>,
    /// As assigned: with the universal services and what modifiers added.
    pub package: Vec<PackageItem>,
    /// Dropped by a submission that was authorised: final.
    pub dropped_for_good: BTreeSet<ServiceCode>,
    /// Every request of the body, oldest first.
    pub requests: Vec<(ServiceCode, State)>,
    pub account: Account,
    pub high: HighRange,
    /// The body may submit now.
    pub open: bool,
    /// A submission waits for its authorisation, so the basket is locked.
    pub waiting: bool,
}

/// What differs from the assigned package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    pub dropped: BTreeSet<ServiceCode>,
    /// How many of each: 1, or more blocks of a repeatable service.
    pub added: BTreeMap<ServiceCode, u32>,
}

/// A single command on the basket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// *Aggiungi*
    Add,
    /// *Aggiungi anche i servizi richiesti*
    AddWithPrerequisites,
    /// *Togli* an item of the package.
    Drop,
    /// *Annulla*: take back an addition, or *Rimetti* what was dropped.
    Undo,
}

/// How an item of the package stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Not asked yet, or open again.
    Open,
    InProgress,
    Live,
    /// Dropped for good, or ended.
    Gone,
}

/// What the card of a service may offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(not(target_arch = "wasm32"), serde(tag = "offer"))]
#[cfg_attr(target_arch = "wasm32", serde(rename = "tag:offer"))]
pub enum Offer {
    Add {
        price: Credits,
    },
    /// It needs these too: all together at `price`, of which `others` is theirs.
    AddWith {
        services: Vec<ServiceRef>,
        price: Credits,
        others: Credits,
    },
    /// It was dropped in this basket; putting it back costs what the drop gave.
    Restore {
        value: Credits,
    },
    Refused {
        refusal: Refusal,
    },
}

/// Why a basket can't be submitted, and for which service where it concerns one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Objection {
    pub service: Option<ServiceRef>,
    pub refusal: Refusal,
}

/// The whole truth on a basket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    pub result: BTreeSet<ServiceCode>,
    /// Price of what is added less value of what is dropped; negative when credits come back.
    pub cost: Credits,
    /// Available after this basket; negative where it is short.
    pub left: Credits,
    /// High-interactivity services in the result.
    pub high: u32,
    pub objections: Vec<Objection>,
}

/// What a submission will do, in the order of its entries: renounce, then hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub drops: Vec<(ServiceCode, Credits)>,
    pub keeps: Vec<ServiceCode>,
    /// One line a request: a block that is added twice stands twice.
    pub adds: Vec<(ServiceCode, Credits)>,
}

impl Choice {
    pub fn is_empty(&self) -> bool {
        self.dropped.is_empty() && self.added.is_empty()
    }

    fn add(&mut self, code: &ServiceCode) {
        *self.added.entry(code.clone()).or_default() += 1;
    }
}

#[cfg(test)]
#[path = "basket_tests.rs"]
mod tests;
