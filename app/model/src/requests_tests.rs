//! The life of a request against the table of the rules, written down here a second time and in another form.
//!
//! Nothing here is read off [`TABLE`]: what it says beyond these lines, or leaves out, fails.

use super::*;

const ACTORS: [Actor; 4] = [Actor::Officer, Actor::Mayor, Actor::Aggregator, Actor::Time];
const ORIGINS: [Origin; 2] = [Origin::Package, Origin::Added];

/// Who may cause an event in a state (O, M, A, T), where it leads and what the account owes it.
#[expect(clippy::match_same_arms, reason = "one line for each pair of the rules, whatever the others say")]
fn expected(from: State, event: Event, origin: Origin) -> Option<(&'static str, State, CreditEffect)> {
    use CreditEffect::{None as Nothing, Refund, Release, Spend, UndoSubmission};
    use Event as E;
    use State as S;
    let authorised = match origin {
        Origin::Package => S::Approved,
        Origin::Added => S::Submitted,
    };
    Some(match (from, event) {
        (S::AwaitingAuthorisation, E::Authorise) => ("M", authorised, Nothing),
        (S::AwaitingAuthorisation, E::SendBack) => ("M", S::SentBack, UndoSubmission),
        (S::AwaitingAuthorisation, E::Lapse) => ("T", S::Lapsed, UndoSubmission),
        (S::AwaitingAuthorisation, E::WithdrawSubmission) => ("OM", S::Withdrawn, UndoSubmission),
        (S::AwaitingAuthorisation, E::Reassign) => ("A", S::AwaitingAuthorisation, Nothing),
        (S::AwaitingAuthorisation, E::Release) => ("A", S::AwaitingAuthorisation, Nothing),

        (S::Submitted, E::TakeInCharge) => ("A", S::InReview, Nothing),
        (S::Submitted, E::Withdraw) => ("OM", S::Withdrawn, Release),
        (S::Submitted, E::Cancel) => ("A", S::Cancelled, Release),
        (S::Submitted, E::Reassign) => ("A", S::Submitted, Nothing),
        (S::Submitted, E::Release) => ("A", S::Submitted, Nothing),
        (S::Submitted, E::Remind) => ("OM", S::Submitted, Nothing),

        (S::InReview, E::AskChanges) => ("A", S::NeedsChanges, Nothing),
        (S::InReview, E::Approve) => ("A", S::Approved, Spend),
        (S::InReview, E::Reject) => ("A", S::Rejected, Release),
        (S::InReview, E::Withdraw) => ("OM", S::Withdrawn, Release),
        (S::InReview, E::Cancel) => ("A", S::Cancelled, Release),
        (S::InReview, E::Reassign) => ("A", S::InReview, Nothing),
        (S::InReview, E::Release) => ("A", S::InReview, Nothing),
        (S::InReview, E::Remind) => ("OM", S::InReview, Nothing),

        // The clock stands still and it is the body's turn: there is nobody to remind.
        (S::NeedsChanges, E::Answer) => ("O", S::InReview, Nothing),
        (S::NeedsChanges, E::Withdraw) => ("OM", S::Withdrawn, Release),
        (S::NeedsChanges, E::Cancel) => ("A", S::Cancelled, Release),
        (S::NeedsChanges, E::Reassign) => ("A", S::NeedsChanges, Nothing),
        (S::NeedsChanges, E::Release) => ("A", S::NeedsChanges, Nothing),

        (S::Approved, E::Start) => ("A", S::Activating, Nothing),
        (S::Approved, E::Revoke) => ("A", S::Revoked, Refund),
        (S::Approved, E::Reassign) => ("A", S::Approved, Nothing),
        (S::Approved, E::Release) => ("A", S::Approved, Nothing),
        (S::Approved, E::Remind) => ("OM", S::Approved, Nothing),

        (S::Activating, E::CompleteMilestone) => ("AO", S::Activating, Nothing),
        (S::Activating, E::GoLive) => ("A", S::Live, Nothing),
        (S::Activating, E::Revoke) => ("A", S::Revoked, Refund),
        (S::Activating, E::Reassign) => ("A", S::Activating, Nothing),
        (S::Activating, E::Release) => ("A", S::Activating, Nothing),
        (S::Activating, E::Remind) => ("OM", S::Activating, Nothing),

        (S::Live, E::End) => ("A", S::Ended, Nothing),
        _ => return None,
    })
}

fn letter(actor: Actor) -> char {
    match actor {
        Actor::Officer => 'O',
        Actor::Mayor => 'M',
        Actor::Aggregator => 'A',
        Actor::Time => 'T',
    }
}

#[test]
fn every_state_event_hand_and_origin_does_what_the_rules_say_and_nothing_else() {
    let mut allowed = 0;
    for state in State::ALL {
        for event in Event::ALL {
            for actor in ACTORS {
                for origin in ORIGINS {
                    let expected = match expected(state, event, origin) {
                        Some((actors, to, credits)) if actors.contains(letter(actor)) => Ok((to, credits)),
                        _ => Err(Refusal::TransitionRefused { state, event }),
                    };
                    allowed += usize::from(expected.is_ok());
                    let found = transition(state, event, actor, origin);
                    assert_eq!(found, expected, "{state:?} {event:?} {actor:?} {origin:?}");
                }
            }
        }
    }
    assert_eq!(allowed, 2 * 46, "as many as the rules have, counted by hand");
}

#[test]
fn actions_are_the_events_that_lead_somewhere() {
    for state in State::ALL {
        for actor in ACTORS {
            let allowed_events: Vec<_> = allowed_events(state, actor).collect();
            for event in Event::ALL {
                let leads = transition(state, event, actor, Origin::Added).is_ok();
                let named = allowed_events.iter().filter(|action| **action == event).count();
                assert_eq!(named, usize::from(leads), "{state:?} {event:?} {actor:?}");
            }
        }
    }
}

#[test]
fn what_is_over_stays_over() {
    let over = [
        State::SentBack,
        State::Lapsed,
        State::Rejected,
        State::Withdrawn,
        State::Cancelled,
        State::Revoked,
        State::Ended,
    ];
    for state in State::ALL {
        let stuck = ACTORS.into_iter().all(|actor| allowed_events(state, actor).next().is_none());
        assert_eq!(stuck, over.contains(&state), "{state:?}");
        assert_eq!(state.in_progress(), !stuck && state != State::Live, "{state:?}");
        assert_eq!(state.stands(), !stuck, "{state:?}");
        assert_eq!(state.reopens_package_item(), stuck && state != State::Ended, "{state:?}");
    }
}

#[test]
fn the_kinds_of_states_and_events_are_as_the_rules_use_them() {
    let which =
        |test: fn(State) -> bool| State::ALL.into_iter().filter(|state| test(*state)).collect::<Vec<_>>();
    let review = [State::Submitted, State::InReview, State::NeedsChanges];
    assert_eq!(which(State::under_review), review);
    let activation = [State::Approved, State::Activating];
    assert_eq!(which(State::to_be_worked), [review.as_slice(), &activation].concat());
    assert_eq!(which(State::supports_dependants), [State::Approved, State::Activating, State::Live]);
    let takes_away: Vec<_> = Event::ALL.into_iter().filter(|event| event.takes_away()).collect();
    assert_eq!(takes_away, [Event::Reject, Event::Withdraw, Event::Cancel, Event::Revoke, Event::End]);
}

#[test]
fn names_go_there_and_back() {
    for (i, state) in State::ALL.into_iter().enumerate() {
        assert_eq!(State::from_name(state.name()), Some(state));
        assert_eq!(serde_json::to_value(state).unwrap(), state.name(), "the same on the wire");
        assert_eq!(state as usize, i, "none is missing between");
    }
    for (i, event) in Event::ALL.into_iter().enumerate() {
        assert_eq!(Event::from_name(event.name()), Some(event));
        assert_eq!(serde_json::to_value(event).unwrap(), event.name(), "the same on the wire");
        assert_eq!(event as usize, i, "none is missing between");
    }
    assert_eq!((State::from_name("Live"), Event::from_name("")), (None, None));
}

/// The hold of one added service, as the account knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hold {
    Open,
    Spent,
    Released,
    Refunded,
}

impl Hold {
    /// What an effect makes of it; nothing when it may not happen to it.
    fn after(self, effect: CreditEffect) -> Option<Self> {
        match (self, effect) {
            (same, CreditEffect::None) => Some(same),
            (Self::Open, CreditEffect::Spend) => Some(Self::Spent),
            (Self::Open, CreditEffect::Release | CreditEffect::UndoSubmission) => Some(Self::Released),
            (Self::Spent, CreditEffect::Refund) => Some(Self::Refunded),
            _ => None,
        }
    }

    /// How it must stand while the request is in a state.
    fn due(state: State) -> Self {
        match state {
            State::AwaitingAuthorisation | State::Submitted | State::InReview | State::NeedsChanges => {
                Self::Open
            }
            State::Approved | State::Activating | State::Live | State::Ended => Self::Spent,
            State::Revoked => Self::Refunded,
            State::SentBack | State::Lapsed | State::Rejected | State::Withdrawn | State::Cancelled => {
                Self::Released
            }
        }
    }
}

#[test]
fn the_last_entry_that_the_ledger_is_checked_by_is_what_the_hold_is_due() {
    for state in State::ALL {
        let due = match Hold::due(state) {
            Hold::Open => EntryKind::Hold,
            Hold::Spent => EntryKind::Spend,
            Hold::Released => EntryKind::Release,
            Hold::Refunded => EntryKind::Refund,
        };
        assert_eq!(state.last_entry(), due, "{state:?}");
    }
}

/// Visits every path of at most `left` further events, whoever causes them.
fn walk(
    path: &mut Vec<(Event, State, CreditEffect)>,
    from: State,
    origin: Origin,
    left: usize,
    visit: &mut impl FnMut(&[(Event, State, CreditEffect)]),
) {
    visit(path);
    if left == 0 {
        return;
    }
    for event in Event::ALL {
        let step = ACTORS.into_iter().find_map(|actor| transition(from, event, actor, origin).ok());
        if let Some((to, effect)) = step {
            path.push((event, to, effect));
            walk(path, to, origin, left - 1, visit);
            path.pop();
        }
    }
}

#[test]
fn a_hold_resolves_once_on_every_path() {
    for start in [State::AwaitingAuthorisation, State::Submitted] {
        let mut seen = Vec::new();
        walk(&mut Vec::new(), start, Origin::Added, 8, &mut |path| {
            let mut hold = Hold::Open;
            for (event, to, effect) in path {
                let Some(after) = hold.after(*effect) else {
                    panic!("{event:?} does {effect:?} to a hold that is {hold:?}: {path:?}")
                };
                hold = after;
                assert_eq!(hold, Hold::due(*to), "{path:?}");
                if !seen.contains(to) {
                    seen.push(*to);
                }
            }
        });
        for state in [State::Revoked, State::Ended, State::Rejected, State::Withdrawn, State::Cancelled] {
            assert!(seen.contains(&state), "no path from {start:?} reaches {state:?}");
        }
    }
}

#[test]
fn a_kept_package_item_is_never_reviewed_and_never_spends() {
    let mut longest = 0;
    walk(&mut Vec::new(), State::AwaitingAuthorisation, Origin::Package, 8, &mut |path| {
        longest = longest.max(path.len());
        for (event, to, effect) in path {
            assert!(!to.under_review(), "{path:?}");
            assert!(!matches!(effect, CreditEffect::Spend | CreditEffect::Release), "{event:?} {path:?}");
        }
    });
    assert_eq!(longest, 8);
}
