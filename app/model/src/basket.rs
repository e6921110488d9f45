//! *Composizione del pacchetto*: what a body chooses, judged by one function for card, basket, summary and API.
//!
//! Everything that a judgement depends on stands in [`Situation`]; the choice itself is only what differs from the
//! assigned package. Who may change it, and where it is kept, is not decided here.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::catalogue::{HighRange, PackageItem, Service, ServiceRef, ServiceStatus};
use crate::credits::{Account, Credits};
use crate::ids::ServiceCode;
use crate::refusals::Refusal;
use crate::requests::State;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
#[serde(tag = "offer", rename_all = "snake_case")]
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

impl Situation<'_> {
    fn service(&self, code: &ServiceCode) -> Option<&Service> {
        self.services.get(code)
    }

    fn named(&self, code: &ServiceCode) -> ServiceRef {
        let name = self.service(code).map_or_else(|| code.0.clone(), |service| service.name.clone());
        ServiceRef { code: code.clone(), name }
    }

    fn has(&self, code: &ServiceCode, test: impl Fn(State) -> bool) -> bool {
        self.requests.iter().any(|(service, state)| service == code && test(*state))
    }

    /// How a service stands as an item of the package.
    pub fn standing(&self, code: &ServiceCode) -> Standing {
        if self.has(code, |state| state == State::Live) {
            Standing::Live
        } else if self.has(code, State::in_progress) {
            Standing::InProgress
        } else if self.dropped_for_good.contains(code) || self.has(code, |state| state == State::Ended) {
            // What the package gave was used: nothing that was asked for later brings it back.
            Standing::Gone
        } else {
            Standing::Open
        }
    }

    /// Items of the package that are asked for unless they are dropped.
    pub fn open_items(&self) -> impl Iterator<Item = &PackageItem> {
        self.package.iter().filter(|item| self.standing(&item.service) == Standing::Open)
    }

    fn value(&self, code: &ServiceCode) -> Option<Credits> {
        self.open_items().find(|item| item.service == *code).map(|item| item.value)
    }

    /// What restoring an item costs, where it is open and dropped in this choice.
    fn restoring(&self, choice: &Choice, code: &ServiceCode) -> Option<Credits> {
        self.value(code).filter(|_| choice.dropped.contains(code))
    }

    fn kept<'a>(&'a self, choice: &'a Choice) -> impl Iterator<Item = &'a ServiceCode> {
        self.open_items().map(|item| &item.service).filter(|code| !choice.dropped.contains(*code))
    }

    /// Live + in progress + package items kept + added.
    pub fn result(&self, choice: &Choice) -> BTreeSet<ServiceCode> {
        self.requests
            .iter()
            .filter(|(_, state)| *state == State::Live || state.in_progress())
            .map(|(code, _)| code)
            .chain(self.kept(choice))
            .chain(choice.added.keys())
            .cloned()
            .collect()
    }

    fn high_in(&self, codes: &BTreeSet<ServiceCode>) -> u32 {
        let count = codes.iter().filter(|code| self.service(code).is_some_and(Service::is_high)).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Of these services, how many count towards the minimum: also what the aggregator ever rejected or cancelled,
    /// whatever became of asking for it again.
    fn high_for_minimum(&self, result: &BTreeSet<ServiceCode>) -> u32 {
        let mut counted = result.clone();
        let refused = |state: State| matches!(state, State::Rejected | State::Cancelled);
        counted
            .extend(self.requests.iter().filter(|(_, state)| refused(*state)).map(|(code, _)| code.clone()));
        self.high_in(&counted)
    }

    /// What the choice costs: negative when credits come back.
    pub fn cost(&self, choice: &Choice) -> Credits {
        let added: Credits = choice
            .added
            .iter()
            .filter_map(|(code, count)| {
                self.service(code).map(|service| service.price * Credits::from(*count))
            })
            .sum();
        let dropped: Credits = choice.dropped.iter().filter_map(|code| self.value(code)).sum();
        added - dropped
    }

    /// Judges a basket for submission: every objection, not only the first.
    pub fn judge(&self, choice: &Choice) -> Judgement {
        let result = self.result(choice);
        let cost = self.cost(choice);
        let left = self.account.available() - cost;
        let high = self.high_in(&result);
        let mut objections = Vec::new();
        let mut object = |service: Option<&ServiceCode>, refusal| {
            objections.push(Objection { service: service.map(|code| self.named(code)), refusal });
        };
        if self.waiting {
            object(None, Refusal::SubmissionWaiting);
        }
        if !self.open {
            object(None, Refusal::CallClosed);
        }
        for code in &choice.dropped {
            if let Err(refusal) = self.droppable(code) {
                object(Some(code), refusal);
            }
        }
        for code in choice.added.keys() {
            if let Err(refusal) = self.addable(choice, code) {
                object(Some(code), refusal);
            }
        }
        for (code, missing) in self.missing_prerequisites(choice, &result) {
            object(Some(&code), Refusal::PrerequisiteMissing { service: self.named(&missing) });
        }
        for (code, by) in self.exclusions(choice, &result) {
            object(Some(&code), Refusal::ExcludedBy { service: self.named(&by) });
        }
        if left < 0 {
            object(None, Refusal::CreditsShort { missing: -left });
        }
        let counted = self.high_for_minimum(&result);
        if counted < self.high.minimum {
            object(
                None,
                Refusal::InteractivityBelow { missing: self.high.minimum - counted, range: self.high },
            );
        }
        if high > self.high.maximum {
            object(None, Refusal::InteractivityAbove { excess: high - self.high.maximum, range: self.high });
        }
        Judgement { result, cost, left, high, objections }
    }

    fn droppable(&self, code: &ServiceCode) -> Result<Credits, Refusal> {
        if !self.package.iter().any(|item| item.service == *code) {
            return Err(Refusal::NotInPackage);
        }
        match self.standing(code) {
            Standing::Live => Err(Refusal::AlreadyLive),
            Standing::InProgress => Err(Refusal::InProgress),
            Standing::Gone => Err(Refusal::NotInPackage),
            Standing::Open if self.service(code).is_some_and(|service| service.universal) => {
                Err(Refusal::Universal)
            }
            Standing::Open => self.value(code).ok_or(Refusal::NotInPackage),
        }
    }

    /// Whether a service may stand among the additions, whatever they cost.
    fn addable<'a>(&'a self, choice: &Choice, code: &ServiceCode) -> Result<&'a Service, Refusal> {
        let service = self.service(code).ok_or(Refusal::NotAvailable { reason: String::new() })?;
        if !service.repeatable {
            match self.standing(code) {
                Standing::Live => return Err(Refusal::AlreadyLive),
                Standing::InProgress => return Err(Refusal::InProgress),
                Standing::Open | Standing::Gone => {}
            }
            let twice = choice.added.get(code).is_some_and(|count| *count > 1);
            if twice || self.kept(choice).any(|kept| kept == code) {
                return Err(Refusal::AlreadyChosen);
            }
        }
        if service.status != ServiceStatus::Published {
            return Err(Refusal::NotAvailable { reason: service.status_reason.clone() });
        }
        Ok(service)
    }

    /// What is asked for now, with a prerequisite that the result lacks; also what is on its way and needs
    /// something that would be dropped.
    fn missing_prerequisites(
        &self,
        choice: &Choice,
        result: &BTreeSet<ServiceCode>,
    ) -> Vec<(ServiceCode, ServiceCode)> {
        let asked: BTreeSet<_> = self.kept(choice).chain(choice.added.keys()).collect();
        result
            .iter()
            .filter_map(|code| self.service(code))
            .flat_map(|service| service.requires.iter().map(move |needs| (service, needs)))
            .filter(|(service, needs)| {
                !result.contains(*needs) && (asked.contains(&service.code) || choice.dropped.contains(*needs))
            })
            .map(|(service, needs)| (service.code.clone(), needs.clone()))
            .collect()
    }

    fn exclude_each_other(&self, one: &ServiceCode, other: &ServiceCode) -> bool {
        let names = |a: &ServiceCode, b: &ServiceCode| {
            self.service(a).is_some_and(|service| service.excludes.contains(b))
        };
        names(one, other) || names(other, one)
    }

    fn exclusions(&self, choice: &Choice, result: &BTreeSet<ServiceCode>) -> Vec<(ServiceCode, ServiceCode)> {
        self.kept(choice)
            .chain(choice.added.keys())
            .flat_map(|code| result.iter().map(move |other| (code, other)))
            .filter(|(code, other)| code != other && self.exclude_each_other(code, other))
            .map(|(code, other)| (code.clone(), other.clone()))
            .collect()
    }

    /// What the card of a service may offer, given what is chosen already.
    pub fn offer(&self, choice: &Choice, code: &ServiceCode) -> Offer {
        self.try_offer(choice, code).unwrap_or_else(|refusal| Offer::Refused { refusal })
    }

    fn try_offer(&self, choice: &Choice, code: &ServiceCode) -> Result<Offer, Refusal> {
        if self.waiting {
            return Err(Refusal::SubmissionWaiting);
        }
        let service = match self.restoring(choice, code) {
            Some(_) => self.service(code).ok_or(Refusal::NotInPackage)?,
            None => self.addable(choice, code)?,
        };
        if choice.added.contains_key(code) && !service.repeatable {
            return Err(Refusal::AlreadyChosen);
        }
        let result = self.result(choice);
        let needed = self.needed(service, &result);
        let together: BTreeSet<_> = result.iter().chain(&needed).chain([code]).collect();
        for code in needed.iter().chain([code]) {
            if let Some(by) =
                together.iter().find(|other| **other != code && self.exclude_each_other(code, other))
            {
                return Err(Refusal::ExcludedBy { service: self.named(by) });
            }
        }
        let restoring = self.restoring(choice, code);
        let own = restoring.unwrap_or(service.price);
        let mut price = own;
        for code in &needed {
            // A prerequisite that can't be added now leaves nothing to offer but the reason.
            price += match (self.restoring(choice, code), self.addable(choice, code)) {
                (Some(value), _) => value,
                (None, Ok(prerequisite)) => prerequisite.price,
                (None, Err(_)) => {
                    return Err(Refusal::PrerequisiteMissing { service: self.named(code) });
                }
            };
        }
        self.afford(choice, price)?;
        Ok(match restoring {
            _ if !needed.is_empty() => Offer::AddWith {
                services: needed.iter().map(|code| self.named(code)).collect(),
                price,
                others: price - own,
            },
            Some(value) => Offer::Restore { value },
            None => Offer::Add { price },
        })
    }

    /// The prerequisites that the result lacks, and theirs, each before what needs it.
    fn needed(&self, service: &Service, result: &BTreeSet<ServiceCode>) -> Vec<ServiceCode> {
        let mut needed = Vec::new();
        let mut seen = BTreeSet::from([service.code.clone()]);
        self.collect_needed(service, result, &mut seen, &mut needed);
        needed
    }

    fn collect_needed(
        &self,
        service: &Service,
        result: &BTreeSet<ServiceCode>,
        seen: &mut BTreeSet<ServiceCode>,
        needed: &mut Vec<ServiceCode>,
    ) {
        for code in &service.requires {
            if result.contains(code) || !seen.insert(code.clone()) {
                continue;
            }
            if let Some(prerequisite) = self.service(code) {
                self.collect_needed(prerequisite, result, seen, needed);
            }
            needed.push(code.clone());
        }
    }

    fn afford(&self, choice: &Choice, more: Credits) -> Result<(), Refusal> {
        let left = self.account.available() - self.cost(choice) - more;
        if left < 0 { Err(Refusal::CreditsShort { missing: -left }) } else { Ok(()) }
    }

    /// The choice after one command.
    ///
    /// # Errors
    /// The one reason why the command can't be carried out; the choice stays as it was.
    pub fn change(&self, choice: &Choice, change: Change, code: &ServiceCode) -> Result<Choice, Refusal> {
        if self.waiting {
            return Err(Refusal::SubmissionWaiting);
        }
        let mut after = choice.clone();
        match change {
            Change::Add | Change::AddWithPrerequisites => match self.try_offer(choice, code)? {
                Offer::Add { .. } => after.add(code),
                Offer::Restore { .. } => {
                    after.dropped.remove(code);
                }
                Offer::AddWith { services, .. } if change == Change::AddWithPrerequisites => {
                    for code in services.iter().map(|service| &service.code).chain([code]) {
                        if self.restoring(choice, code).is_some() {
                            after.dropped.remove(code);
                        } else {
                            after.add(code);
                        }
                    }
                }
                Offer::AddWith { services, .. } => {
                    let service = services.last().cloned().unwrap_or_default();
                    return Err(Refusal::PrerequisiteMissing { service });
                }
                Offer::Refused { refusal } => return Err(refusal),
            },
            Change::Drop => {
                if choice.dropped.contains(code) {
                    return Err(Refusal::NotInPackage);
                }
                self.droppable(code)?;
                after.dropped.insert(code.clone());
                self.refuse_dependants(&after, code)?;
            }
            Change::Undo => self.undo(choice, &mut after, code)?,
        }
        Ok(after)
    }

    fn undo(&self, choice: &Choice, after: &mut Choice, code: &ServiceCode) -> Result<(), Refusal> {
        if let Some(count) = choice.added.get(code) {
            if *count > 1 {
                after.added.insert(code.clone(), count - 1);
            } else {
                after.added.remove(code);
            }
            return self.refuse_dependants(after, code);
        }
        if !after.dropped.remove(code) {
            return Err(Refusal::NothingToUndo);
        }
        if self.restoring(choice, code).is_none() {
            // It is no open item any more: forgetting the drop changes neither result nor cost.
            return Ok(());
        }
        match self.try_offer(choice, code)? {
            Offer::AddWith { services, .. } => {
                Err(Refusal::PrerequisiteMissing { service: services.last().cloned().unwrap_or_default() })
            }
            _ => Ok(()),
        }
    }

    /// Refuses a choice that takes away what others need: what is asked for with it and, where an item of the
    /// package is dropped, also what is live or on its way.
    fn refuse_dependants(&self, after: &Choice, code: &ServiceCode) -> Result<(), Refusal> {
        let missing = self.missing_prerequisites(after, &self.result(after));
        let services: Vec<_> = missing
            .iter()
            .filter(|(_, needs)| needs == code)
            .map(|(service, _)| self.named(service))
            .collect();
        if services.is_empty() { Ok(()) } else { Err(Refusal::HasDependants { services }) }
    }

    /// What submitting this choice will do.
    ///
    /// # Errors
    /// Every objection, when there is one.
    pub fn plan(&self, choice: &Choice) -> Result<Plan, Vec<Objection>> {
        let judgement = self.judge(choice);
        if !judgement.objections.is_empty() {
            return Err(judgement.objections);
        }
        let plan = self.unchecked_plan(choice);
        if plan == Plan::default() {
            return Err(vec![Objection { service: None, refusal: Refusal::NothingToSubmit }]);
        }
        Ok(plan)
    }

    /// The plan of a choice that nobody has to approve of: the assigned package, kept by silence.
    pub fn unchecked_plan(&self, choice: &Choice) -> Plan {
        Plan {
            drops: self
                .open_items()
                .filter(|item| choice.dropped.contains(&item.service))
                .map(|item| (item.service.clone(), item.value))
                .collect(),
            keeps: self.kept(choice).cloned().collect(),
            adds: choice
                .added
                .iter()
                .filter_map(|(code, count)| self.service(code).map(|service| (service, *count)))
                .flat_map(|(service, count)| (0..count).map(|_| (service.code.clone(), service.price)))
                .collect(),
        }
    }

    /// Why an item of the package can't be dropped now, or what dropping it gives back.
    ///
    /// # Errors
    /// The one true reason.
    pub fn drop_gives(&self, choice: &Choice, code: &ServiceCode) -> Result<Credits, Refusal> {
        let value = self.droppable(code)?;
        self.change(choice, Change::Drop, code).map(|_| value)
    }

    /// Refuses to take one request away when the minimum would no longer be kept.
    ///
    /// # Errors
    /// `interactivity_below` with what would be missing.
    pub fn without(&self, code: &ServiceCode) -> Result<(), Refusal> {
        let mut result = self.result(&Choice::default());
        result.remove(code);
        let counted = self.high_for_minimum(&result);
        if self.service(code).is_some_and(Service::is_high) && counted < self.high.minimum {
            return Err(Refusal::InteractivityBelow {
                missing: self.high.minimum - counted,
                range: self.high,
            });
        }
        Ok(())
    }
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
