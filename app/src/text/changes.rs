//! The sentence of a conflict: what has changed since it was read. Server only (see `rendering.rs`).

use model::api::calls::PackageRef;
use model::basket::Change;
use model::catalogue::ServiceStatus;
use model::credits::Credits;
use model::requests::State;
use model::seen::Difference;

use super::Lang;

impl Lang {
    pub(super) fn conflict(self, changes: &[Difference], state: Option<State>) -> String {
        let commands = changes.iter().all(|change| matches!(change, Difference::Basket { .. }));
        let listed = || self.listed(changes.iter().map(|change| self.difference(change)));
        let owner = changes.iter().find_map(|change| match change {
            Difference::Owner { now } => Some(now),
            _ => None,
        });
        match state {
            Some(state) => match owner {
                Some(owner) => self.problem_conflict_owner(self.state(state), owner),
                None => self.problem_conflict_state(self.state(state)),
            },
            None if changes.is_empty() => self.problem_conflict().to_owned(),
            None if commands => self.problem_conflict_basket(listed()),
            None => self.problem_conflict_seen(listed()),
        }
    }

    fn other_command(self, change: Change, service: &str) -> String {
        match change {
            Change::Add | Change::AddWithPrerequisites => self.problem_change_added(service),
            Change::Drop => self.problem_change_dropped(service),
            Change::Undo => self.problem_change_undone(service),
        }
    }

    fn other_package(self, seen: Option<&PackageRef>, now: Option<&PackageRef>) -> String {
        let name =
            |package: Option<&PackageRef>| package.map(|package| package.name.clone()).unwrap_or_default();
        match (seen, now) {
            (Some(_), Some(_)) => self.problem_seen_package(name(seen), name(now)),
            (None, _) => self.problem_seen_package_new(name(now)),
            (Some(_), None) => self.problem_seen_package_gone(name(seen)),
        }
    }

    /// What is not any more as it was shown, as a part of a sentence.
    fn difference(self, difference: &Difference) -> String {
        let number = |number: &Credits| self.number(*number);
        match difference {
            Difference::Basket { change, service } => self.other_command(*change, &service.name),
            Difference::Lines { kind, service, now: 0, .. } => {
                self.problem_seen_line_gone(&service.name, self.line_kind(*kind))
            }
            Difference::Lines { kind, service, seen: 0, .. } => {
                self.problem_seen_line_new(&service.name, self.line_kind(*kind))
            }
            Difference::Lines { service, seen, now, .. } => self.problem_seen_lines(&service.name, seen, now),
            Difference::Price { service, seen, now } => {
                self.problem_seen_price(&service.name, number(seen), self.credits(*now))
            }
            Difference::Value { service, seen, now } => {
                self.problem_seen_value(&service.name, number(seen), self.credits(*now))
            }
            Difference::Level { service, seen, now } => {
                self.problem_seen_level(&service.name, self.level(*seen), self.level(*now))
            }
            Difference::Status { service, now: ServiceStatus::Published, .. } => {
                self.problem_seen_published(&service.name)
            }
            Difference::Status { service, now, reason } if reason.is_empty() => {
                self.problem_seen_status(&service.name, self.service_status(*now))
            }
            Difference::Status { service, now, reason } => {
                self.problem_seen_status_why(&service.name, self.service_status(*now), reason)
            }
            Difference::Available { seen: Some(seen), now } => {
                self.problem_seen_available(number(seen), number(now))
            }
            Difference::Available { seen: None, now } => self.problem_seen_available_now(number(now)),
            Difference::High { seen: Some(seen), now } => self.problem_seen_high(seen, now),
            Difference::High { seen: None, now } => self.problem_seen_high_now(now),
            Difference::Granted { seen: Some(seen), now } => {
                self.problem_seen_granted(number(seen), number(now))
            }
            Difference::Granted { seen: None, now } => self.problem_seen_granted_now(number(now)),
            Difference::Rule { seen, now } => self.problem_seen_rule(seen, now),
            Difference::Bodies { seen, now } => self.problem_seen_bodies(seen, now),
            Difference::Moved { seen, now } => self.problem_seen_moved(number(seen), number(now)),
            Difference::PackageValue { seen, now } => {
                self.problem_seen_package_value(number(seen), number(now))
            }
            Difference::Package { seen, now } => self.other_package(seen.as_ref(), now.as_ref()),
            Difference::RuleLines => self.problem_seen_rule_lines().to_owned(),
            Difference::RequestAdded { service, state } => {
                self.problem_seen_request_added(&service.name, self.state(*state))
            }
            Difference::RequestChanged { service, state } => {
                self.problem_seen_request_changed(&service.name, self.state(*state))
            }
            Difference::RequestRemoved { service, state } => {
                self.problem_seen_request_removed(&service.name, self.state(*state))
            }
            Difference::Owner { now } => self.problem_seen_owner(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use model::api::ApiError;
    use model::catalogue::ServiceRef;

    use super::*;

    #[test]
    fn a_conflict_says_what_changed() {
        let service = ServiceRef { code: "wifi".into(), name: "Wi-Fi pubblico".to_owned() };
        let changes = vec![Difference::Basket { change: Change::Add, service: service.clone() }];
        let sentence = Lang::It.problem(&ApiError::Conflict { changes, state: None }.into());
        assert!(sentence.contains("aggiunto Wi-Fi pubblico"), "{sentence}");
        let changes = vec![
            Difference::Price { service: service.clone(), seen: 3, now: 9 },
            Difference::Status {
                service,
                now: ServiceStatus::Paused,
                reason: "in attesa del fornitore".to_owned(),
            },
            Difference::Available { seen: Some(1_040), now: 12 },
        ];
        let sentence = Lang::It.problem(&ApiError::Conflict { changes, state: None }.into());
        assert_eq!(
            sentence,
            "Nel frattempo i dati mostrati sono cambiati: il prezzo di «Wi-Fi pubblico» passa da 3 a 9\u{a0}crediti, \
             «Wi-Fi pubblico» ora è nello stato «Sospeso» (in attesa del fornitore) e i crediti disponibili passano da \
             1.040 a 12. Nulla è stato fatto. La pagina ora è aggiornata: controllare e, se serve, riprovare"
        );
        let sentence = Lang::It
            .problem(&ApiError::Conflict { changes: Vec::new(), state: Some(State::Withdrawn) }.into());
        assert!(sentence.contains("«Ritirata»"), "{sentence}");
        let changes = vec![Difference::Owner { now: "Operatore 2".to_owned() }];
        let sentence = Lang::It.problem(&ApiError::Conflict { changes, state: Some(State::InReview) }.into());
        assert!(sentence.contains("«In istruttoria», in mano a Operatore 2"), "{sentence}");
    }

    #[test]
    fn a_conflict_names_the_package_then_and_now() {
        let package = |name: &str| Some(PackageRef { code: "x".into(), name: name.to_owned() });
        for (seen, now, part) in [
            (package("Base"), package("Esteso"), "il pacchetto passa da «Base» a «Esteso»"),
            (None, package("Esteso"), "ora è assegnato il pacchetto «Esteso»"),
            (package("Base"), None, "il pacchetto «Base» non è più assegnato"),
        ] {
            let changes = vec![Difference::Package { seen, now }, Difference::RuleLines];
            let whole = Lang::It.problem(&ApiError::Conflict { changes, state: None }.into());
            assert!(whole.contains(part) && whole.contains("cambierebbe altri Comuni"), "{whole}");
        }
    }

    #[test]
    fn a_conflict_names_each_request_that_is_not_as_it_was_shown() {
        let service = |name: &str| ServiceRef { code: "x".into(), name: name.to_owned() };
        let changes = vec![
            Difference::RequestAdded { service: service("Multe"), state: State::Submitted },
            Difference::RequestChanged { service: service("Rate"), state: State::Approved },
            Difference::RequestRemoved { service: service("Tributi"), state: State::Rejected },
        ];
        let sentence = Lang::It.problem(&ApiError::Conflict { changes, state: None }.into());
        for part in [
            "«Multe» si è aggiunta a quelle interessate",
            "«Rate» è cambiata",
            "«Tributi» non è più tra quelle interessate",
        ] {
            assert!(sentence.contains(part), "{part}: {sentence}");
        }
    }
}
