//! One command on a choice.

use super::{Change, Choice, Offer, Situation};
use crate::ids::ServiceCode;
use crate::refusals::Refusal;

impl Situation<'_> {
    /// The choice after one command.
    ///
    /// # Errors
    /// The one reason why the command can't be carried out; the choice stays as it was.
    pub fn change(&self, choice: &Choice, change: Change, code: &ServiceCode) -> Result<Choice, Refusal> {
        if self.waiting && matches!(change, Change::Drop | Change::Undo) {
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

    pub(super) fn undo(
        &self,
        choice: &Choice,
        after: &mut Choice,
        code: &ServiceCode,
    ) -> Result<(), Refusal> {
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
    pub(super) fn refuse_dependants(&self, after: &Choice, code: &ServiceCode) -> Result<(), Refusal> {
        let missing = self.missing_prerequisites(after, &self.result(after));
        let services: Vec<_> = missing
            .iter()
            .filter(|(_, needs)| needs == code)
            .map(|(service, _)| self.named(service))
            .collect();
        if services.is_empty() { Ok(()) } else { Err(Refusal::HasDependants { services }) }
    }
}
