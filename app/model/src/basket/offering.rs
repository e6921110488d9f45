//! What the card of a service may offer, given what is chosen already.

use std::collections::BTreeSet;

use super::{Change, Choice, Offer, Situation};
use crate::catalogue::Service;
use crate::credits::Credits;
use crate::ids::ServiceCode;
use crate::refusals::Refusal;

impl Situation<'_> {
    /// What the card of a service may offer, given what is chosen already.
    pub fn offer(&self, choice: &Choice, code: &ServiceCode) -> Offer {
        self.try_offer(choice, code).unwrap_or_else(|refusal| Offer::Refused { refusal })
    }

    pub(super) fn try_offer(&self, choice: &Choice, code: &ServiceCode) -> Result<Offer, Refusal> {
        let service = match self.restoring(choice, code) {
            Some(_) => self.service(code).ok_or(Refusal::NotInPackage)?,
            None => self.addable(choice, code)?,
        };
        if choice.added.contains_key(code) && !service.repeatable {
            return Err(Refusal::AlreadyChosen);
        }
        // What can't be had at all is told first: that will be true also when the basket is open again.
        if self.waiting {
            return Err(Refusal::SubmissionWaiting);
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
    pub(super) fn needed(&self, service: &Service, result: &BTreeSet<ServiceCode>) -> Vec<ServiceCode> {
        let mut needed = Vec::new();
        let mut seen = BTreeSet::from([service.code.clone()]);
        self.collect_needed(service, result, &mut seen, &mut needed);
        needed
    }

    pub(super) fn collect_needed(
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

    pub(super) fn afford(&self, choice: &Choice, more: Credits) -> Result<(), Refusal> {
        let left = self.account.available() - self.cost(choice) - more;
        if left < 0 { Err(Refusal::CreditsShort { missing: -left }) } else { Ok(()) }
    }

    /// Why an item of the package can't be dropped now, or what dropping it gives back.
    ///
    /// # Errors
    /// The one true reason.
    pub fn drop_gives(&self, choice: &Choice, code: &ServiceCode) -> Result<Credits, Refusal> {
        let value = self.droppable(code)?;
        self.change(choice, Change::Drop, code).map(|_| value)
    }
}
