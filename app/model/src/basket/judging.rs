//! The judgement of a whole choice, and what submitting it will do.

use std::collections::BTreeSet;

use super::{Choice, Judgement, Objection, Plan, Situation, Standing};
use crate::catalogue::{Service, ServiceStatus};
use crate::credits::Credits;
use crate::ids::ServiceCode;
use crate::refusals::Refusal;
use crate::requests::State;

impl Situation<'_> {
    /// Judges a basket for submission: every objection, not only the first.
    pub fn judge(&self, choice: &Choice) -> Judgement {
        let result = self.result(choice);
        // What waits for its authorisation has its credits held already.
        let cost = if self.waiting { 0 } else { self.cost(choice) };
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

    pub(super) fn droppable(&self, code: &ServiceCode) -> Result<Credits, Refusal> {
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
    pub(super) fn addable<'a>(&'a self, choice: &Choice, code: &ServiceCode) -> Result<&'a Service, Refusal> {
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
    pub(super) fn missing_prerequisites(
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

    pub(super) fn exclusions(
        &self,
        choice: &Choice,
        result: &BTreeSet<ServiceCode>,
    ) -> Vec<(ServiceCode, ServiceCode)> {
        self.kept(choice)
            .chain(choice.added.keys())
            .flat_map(|code| result.iter().map(move |other| (code, other)))
            .filter(|(code, other)| code != other && self.exclude_each_other(code, other))
            .map(|(code, other)| (code.clone(), other.clone()))
            .collect()
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

    /// Refuses that a request was taken away when the minimum is no longer kept.
    ///
    /// # Errors
    /// `interactivity_below` with what would be missing.
    pub fn without(&self, code: &ServiceCode) -> Result<(), Refusal> {
        let mut result = self.result(&Choice::default());
        // An item of the package is open again then, and yet no longer asked for. Of a repeatable service another
        // block may remain.
        if !self.has(code, State::stands) {
            result.remove(code);
        }
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
