//! How the body's services stand, and what a choice makes of them.

use std::collections::BTreeSet;

use super::{Choice, Situation, Standing};
use crate::catalogue::{PackageItem, Service, ServiceRef};
use crate::credits::Credits;
use crate::ids::ServiceCode;
use crate::requests::State;

impl Situation<'_> {
    pub(super) fn service(&self, code: &ServiceCode) -> Option<&Service> {
        self.services.get(code)
    }

    pub(super) fn named(&self, code: &ServiceCode) -> ServiceRef {
        let name = self.service(code).map_or_else(|| code.0.clone(), |service| service.name.clone());
        ServiceRef { code: code.clone(), name }
    }

    pub(super) fn has(&self, code: &ServiceCode, test: impl Fn(State) -> bool) -> bool {
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

    pub(super) fn value(&self, code: &ServiceCode) -> Option<Credits> {
        self.open_items().find(|item| item.service == *code).map(|item| item.value)
    }

    /// What restoring an item costs, where it is open and dropped in this choice.
    pub(super) fn restoring(&self, choice: &Choice, code: &ServiceCode) -> Option<Credits> {
        self.value(code).filter(|_| choice.dropped.contains(code))
    }

    pub(super) fn kept<'a>(&'a self, choice: &'a Choice) -> impl Iterator<Item = &'a ServiceCode> {
        self.open_items().map(|item| &item.service).filter(|code| !choice.dropped.contains(*code))
    }

    /// Live + in progress + package items kept + added.
    pub fn result(&self, choice: &Choice) -> BTreeSet<ServiceCode> {
        self.requests
            .iter()
            .filter(|(_, state)| state.stands())
            .map(|(code, _)| code)
            .chain(self.kept(choice))
            .chain(choice.added.keys())
            .cloned()
            .collect()
    }

    pub(super) fn high_in(&self, codes: &BTreeSet<ServiceCode>) -> u32 {
        let count = codes.iter().filter(|code| self.service(code).is_some_and(Service::is_high)).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Of these services, how many count towards the minimum: also what the aggregator ever rejected or cancelled,
    /// whatever became of asking for it again.
    pub(super) fn high_for_minimum(&self, result: &BTreeSet<ServiceCode>) -> u32 {
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

    pub(super) fn exclude_each_other(&self, one: &ServiceCode, other: &ServiceCode) -> bool {
        let names = |a: &ServiceCode, b: &ServiceCode| {
            self.service(a).is_some_and(|service| service.excludes.contains(b))
        };
        names(one, other) || names(other, one)
    }
}
