//! The one true sentence of every refusal, trouble and fault. Each `match` is without `_`, so that a new reason
//! can't go without its sentence.

use model::api::{ApiError, FieldErrorKind, Problem};
use model::refusals::Refusal;
use model::requests::{Event, State};

use super::Lang;

impl Lang {
    pub fn problem(self, problem: &Problem) -> String {
        match problem {
            Problem::Refused(refusal) => self.refusal(refusal),
            Problem::ApiError(trouble) => self.trouble(trouble),
        }
    }

    /// Why a rule says no, the same on card, list, detail and form.
    pub fn refusal(self, refusal: &Refusal) -> String {
        let plain = match refusal {
            Refusal::CreditsShort { missing } => return self.refusal_credits_short(*missing),
            Refusal::AmountInvalid => self.refusal_amount_invalid(),
            Refusal::SecondPersonNeeded { threshold } => {
                return self.refusal_second_person_needed(*threshold);
            }
            Refusal::NotTheProposer => self.refusal_not_the_proposer(),
            Refusal::OwnProposal => self.refusal_own_proposal(),
            Refusal::AlreadyLive => self.refusal_already_live(),
            Refusal::InProgress => self.refusal_in_progress(),
            Refusal::Universal => self.refusal_universal(),
            Refusal::AlreadyChosen => self.refusal_already_chosen(),
            Refusal::NotInPackage => self.refusal_not_in_package(),
            Refusal::NothingToUndo => self.refusal_nothing_to_undo(),
            Refusal::InteractivityBelow { missing, range } => {
                return self.refusal_interactivity_below((*missing).into(), range.minimum, range.maximum);
            }
            Refusal::InteractivityAbove { excess, range } => {
                return self.refusal_interactivity_above((*excess).into(), range.minimum, range.maximum);
            }
            Refusal::PrerequisiteMissing { service } => {
                return self.refusal_prerequisite_missing(&service.name);
            }
            Refusal::ExcludedBy { service } => return self.refusal_excluded_by(&service.name),
            Refusal::NotAvailable { reason } if reason.is_empty() => self.refusal_not_available_now(),
            Refusal::NotAvailable { reason } => return self.refusal_not_available(reason),
            Refusal::CallClosed => self.refusal_call_closed(),
            Refusal::SubmissionWaiting => self.refusal_submission_waiting(),
            Refusal::NotAssigned => self.refusal_not_assigned(),
            Refusal::NotJoined => self.refusal_not_joined(),
            Refusal::NothingToSubmit => self.refusal_nothing_to_submit(),
            Refusal::ReasonNeeded => self.refusal_reason_needed(),
            Refusal::TransitionRefused {
                state,
                event: Event::Authorise | Event::SendBack | Event::WithdrawSubmission | Event::Lapse,
            } => return self.refusal_submission_settled(self.settled(*state)),
            Refusal::TransitionRefused { state, event } => {
                return self.refusal_transition_refused(self.state(*state), self.action(*event));
            }
            Refusal::PrerequisitePending { service } => {
                return self.refusal_prerequisite_pending(&service.name);
            }
            Refusal::HasDependants { services } => {
                return self
                    .refusal_has_dependants(self.listed(services.iter().map(|service| &service.name)));
            }
            Refusal::MilestonesPending { left } => {
                return self.refusal_milestones_pending((*left).into());
            }
            Refusal::NotYourMilestone => self.refusal_not_your_milestone(),
            Refusal::OwnedByAnother { owner } => return self.refusal_owned_by_another(&owner.name),
            Refusal::Unassigned => self.refusal_unassigned(),
            Refusal::ReminderTooEarly { from } => {
                return self.refusal_reminder_too_early(self.since_day(*from));
            }
            Refusal::ReminderSentToday => self.refusal_reminder_sent_today(),
            Refusal::AuthorisationExpired { until } => {
                return self.refusal_authorisation_expired(self.on_instant(*until));
            }
            Refusal::HoldsOpen { count } => return self.refusal_holds_open((*count).into()),
            Refusal::CallNotDraft => self.refusal_call_not_draft(),
            Refusal::AnotherCallOpen => self.refusal_another_call_open(),
            Refusal::NotAnExtension { until } => {
                return self.refusal_not_an_extension(self.on_instant(*until));
            }
            Refusal::CallNotClosed => self.refusal_call_not_closed(),
            Refusal::ClockInDoubt => self.refusal_clock_in_doubt(),
            Refusal::PopulationUnknown => self.refusal_population_unknown(),
            Refusal::AnchorsUnreadable => self.refusal_anchors_unreadable(),
        };
        plain.to_owned()
    }

    /// The same beside the form that it came back to: who signs in again after the session expired is told so, and
    /// that what was `written` is there again.
    pub fn form_problem(self, problem: &Problem, written: bool) -> String {
        match problem {
            Problem::ApiError(ApiError::SignInNeeded) if written => self.problem_signed_in_again().to_owned(),
            Problem::ApiError(ApiError::SignInNeeded) => self.problem_session_over().to_owned(),
            problem => self.problem(problem),
        }
    }

    /// How a submission was settled, by the state of its requests.
    fn settled(self, state: State) -> &'static str {
        match state {
            State::Submitted | State::Approved => self.state_authorised(),
            state => self.state(state),
        }
    }

    fn trouble(self, trouble: &ApiError) -> String {
        let plain = match trouble {
            ApiError::Faulty { faults } => {
                return self.problem_faulty(i64::try_from(faults.len()).unwrap_or(i64::MAX));
            }
            ApiError::SignInNeeded => self.problem_sign_in_needed(),
            ApiError::WrongCredentials => self.problem_wrong_credentials(),
            ApiError::Forbidden => self.problem_forbidden(),
            ApiError::NotFound => self.problem_not_found(),
            #[cfg(not(target_arch = "wasm32"))]
            ApiError::Conflict { changes, state } => return self.conflict(changes, *state),
            // Forms show the sentence that came with the page.
            #[cfg(target_arch = "wasm32")]
            ApiError::Conflict { .. } => self.problem_conflict(),
            ApiError::KeyMissing => self.problem_key_missing(),
            ApiError::KeyReused => self.problem_key_reused(),
            ApiError::TooMany { retry_after } if *retry_after < 90 => {
                return self.problem_too_many_seconds((*retry_after).max(1).into());
            }
            ApiError::TooMany { retry_after } => {
                return self.problem_too_many_minutes(retry_after.div_ceil(60).into());
            }
            ApiError::CrossSite => self.problem_cross_site(),
            ApiError::TooLarge => self.problem_too_large(),
            ApiError::HeadTooLarge => self.problem_head_too_large(),
            ApiError::HostUnknown => self.problem_host_unknown(),
            ApiError::UnsupportedMedia => self.problem_unsupported_media(),
            ApiError::MethodNotAllowed => self.problem_method_not_allowed(),
            ApiError::Unavailable => self.problem_unavailable(),
            ApiError::Internal => self.problem_internal(),
            ApiError::Unreachable => self.problem_unreachable(),
        };
        plain.to_owned()
    }

    /// What is wrong with one field, beside it.
    pub fn fault(self, fault: &FieldErrorKind) -> String {
        let plain = match fault {
            FieldErrorKind::Missing => self.problem_fault_missing(),
            FieldErrorKind::TooShort { least } => return self.problem_fault_too_short((*least).into()),
            FieldErrorKind::TooLong { most } => return self.problem_fault_too_long((*most).into()),
            FieldErrorKind::OutOfRange { least, most } => {
                return self.problem_fault_out_of_range(self.number(*least), self.number(*most));
            }
            FieldErrorKind::NotEmail => self.problem_fault_not_email(),
            FieldErrorKind::Unreadable { .. } => self.problem_fault_unreadable(),
            FieldErrorKind::Unknown => self.problem_fault_unknown(),
            FieldErrorKind::NotAfter { day } => {
                return self.problem_fault_not_after(self.after_day(*day));
            }
            FieldErrorKind::NotBeyond { day } => {
                return self.problem_fault_not_beyond(self.by_day(*day));
            }
            FieldErrorKind::ControlCharacter => self.problem_fault_control_character(),
            FieldErrorKind::ReversedText => self.problem_fault_reversed_text(),
            FieldErrorKind::Common => self.problem_fault_common(),
            FieldErrorKind::OwnAddress => self.problem_fault_own_address(),
            FieldErrorKind::OwnBody { name } => return self.problem_fault_own_body(name),
        };
        plain.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::catalogue::{HighRange, ServiceRef};

    #[test]
    fn refusals_are_told_with_their_facts() {
        let service = ServiceRef { code: "nodo-pagamenti".into(), name: "Nodo dei pagamenti".to_owned() };
        for (refusal, expected) in [
            (Refusal::CreditsShort { missing: 3 }, "Servono 3\u{a0}crediti in più"),
            (Refusal::CreditsShort { missing: 1 }, "Serve 1\u{a0}credito in più"),
            (
                Refusal::InteractivityBelow { missing: 1, range: HighRange::default() },
                "Manca 1\u{a0}servizio ad alta interattività: devono essere da 2 a 8",
            ),
            (
                Refusal::HasDependants { services: vec![service] },
                "Ne hanno bisogno altri servizi richiesti: Nodo dei pagamenti",
            ),
            (
                Refusal::TransitionRefused { state: State::Live, event: Event::Approve },
                "La richiesta è nello stato «Attiva»: ora non è possibile «Approva»",
            ),
            (
                Refusal::TransitionRefused { state: State::Submitted, event: Event::SendBack },
                "Nel frattempo la pratica è cambiata: ora è nello stato «Autorizzata»",
            ),
        ] {
            assert_eq!(Lang::It.problem(&refusal.into()), expected);
        }
    }

    #[test]
    fn waiting_is_told_in_seconds_then_in_minutes() {
        let sentence = |retry_after| Lang::It.problem(&ApiError::TooMany { retry_after }.into());
        assert_eq!(sentence(0), "Troppi tentativi. Riprovare tra 1\u{a0}secondo");
        assert_eq!(sentence(89), "Troppi tentativi. Riprovare tra 89\u{a0}secondi");
        assert_eq!(sentence(90), "Troppi tentativi. Riprovare tra 2\u{a0}minuti");
        assert_eq!(sentence(840), "Troppi tentativi. Riprovare tra 14\u{a0}minuti");
    }
}
