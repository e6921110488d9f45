//! What an event needs beside the state and the actor that the table names. The handler asks it to refuse, the page asks
//! it to hide the button.

use crate::calendar::Day;
use crate::catalogue::ServiceRef;
use crate::refusals::Refusal;

use super::{Actor, Event, State, allowed_events};

/// What the guards look at.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'c> {
    /// Of each milestone that is not done, in their order: whether the body has to do it.
    pub open_milestones: &'c [bool],
    /// Prerequisites that are neither approved, in activation nor live.
    pub pending: &'c [ServiceRef],
    /// An operator has the request.
    pub owned: bool,
    /// The day by which it is due; it is not counted while its clock is stopped.
    pub due: Option<Day>,
    pub stopped: bool,
    /// The day of the last reminder.
    pub reminded_on: Option<Day>,
    pub today: Day,
}

/// Refuses an event that the table allows, for what is missing or comes too early.
///
/// # Errors
/// `not_your_milestone`, `milestones_pending`, `prerequisite_pending`, `unassigned`, `reminder_too_early`,
/// `reminder_sent_today`; `transition_refused` for a milestone where none is left.
pub fn guard(state: State, event: Event, actor: Actor, now: &Circumstances) -> Result<(), Refusal> {
    match event {
        Event::CompleteMilestone => match now.open_milestones.first() {
            None => Err(Refusal::TransitionRefused { state, event }),
            Some(false) if actor != Actor::Aggregator => Err(Refusal::NotYourMilestone),
            Some(_) => Ok(()),
        },
        Event::GoLive => match now.open_milestones.len() {
            0 => Ok(()),
            left => Err(Refusal::MilestonesPending { left: u32::try_from(left).unwrap_or(u32::MAX) }),
        },
        Event::Approve => match now.pending.first() {
            None => Ok(()),
            Some(service) => Err(Refusal::PrerequisitePending { service: service.clone() }),
        },
        Event::Release if !now.owned => Err(Refusal::Unassigned),
        Event::Remind => may_remind(now),
        _ => Ok(()),
    }
}

/// Reminding is for what is late, once a day.
fn may_remind(now: &Circumstances) -> Result<(), Refusal> {
    if let Some(due) = now.due.filter(|due| now.stopped || now.today <= *due) {
        return Err(Refusal::ReminderTooEarly { from: due.plus(1) });
    }
    if now.reminded_on == Some(now.today) {
        return Err(Refusal::ReminderSentToday);
    }
    Ok(())
}

/// What somebody who acts in these qualities may do with a request now, each event once. What concerns its submission as
/// a whole is done there.
pub fn possible_events(state: State, actors: &[Actor], now: &Circumstances) -> Vec<Event> {
    let mut events = Vec::new();
    for actor in actors {
        for event in allowed_events(state, *actor) {
            let of_submission = matches!(
                event,
                Event::Authorise | Event::SendBack | Event::Lapse | Event::WithdrawSubmission
            );
            if !of_submission && !events.contains(&event) && guard(state, event, *actor, now).is_ok() {
                events.push(event);
            }
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ServiceCode;

    const TODAY: Day = Day(20_000);

    fn nothing_missing() -> Circumstances<'static> {
        Circumstances {
            open_milestones: &[],
            pending: &[],
            owned: true,
            due: Some(Day(19_999)),
            stopped: false,
            reminded_on: None,
            today: TODAY,
        }
    }

    #[test]
    fn a_milestone_of_the_aggregator_is_not_for_the_officer() {
        let now = Circumstances { open_milestones: &[false, true], ..nothing_missing() };
        let complete = |actor| guard(State::Activating, Event::CompleteMilestone, actor, &now);
        assert_eq!(complete(Actor::Officer), Err(Refusal::NotYourMilestone));
        assert_eq!(complete(Actor::Aggregator), Ok(()));
        let none_left =
            guard(State::Activating, Event::CompleteMilestone, Actor::Officer, &nothing_missing());
        let refused =
            Refusal::TransitionRefused { state: State::Activating, event: Event::CompleteMilestone };
        assert_eq!(none_left, Err(refused));
    }

    #[test]
    fn each_guard_names_what_is_missing() {
        let service = ServiceRef { code: ServiceCode("anagrafe".to_owned()), name: "Anagrafe".to_owned() };
        let pending = [service.clone()];
        let now = Circumstances {
            open_milestones: &[true],
            pending: &pending,
            owned: false,
            reminded_on: Some(TODAY),
            ..nothing_missing()
        };
        for (event, refusal) in [
            (Event::GoLive, Refusal::MilestonesPending { left: 1 }),
            (Event::Approve, Refusal::PrerequisitePending { service }),
            (Event::Release, Refusal::Unassigned),
            (Event::Remind, Refusal::ReminderSentToday),
        ] {
            assert_eq!(guard(State::InReview, event, Actor::Aggregator, &now), Err(refusal), "{event:?}");
            assert_eq!(guard(State::InReview, event, Actor::Aggregator, &nothing_missing()), Ok(()));
        }
    }

    #[test]
    fn a_reminder_is_for_what_is_late() {
        let too_early = Err(Refusal::ReminderTooEarly { from: TODAY.plus(1) });
        let due_today = Circumstances { due: Some(TODAY), ..nothing_missing() };
        assert_eq!(may_remind(&due_today), too_early);
        let stopped = Circumstances { stopped: true, ..nothing_missing() };
        assert_eq!(may_remind(&stopped), Err(Refusal::ReminderTooEarly { from: TODAY }));
        assert_eq!(may_remind(&Circumstances { due: None, ..nothing_missing() }), Ok(()));
    }

    #[test]
    fn what_is_possible_is_what_table_and_guards_allow() {
        let all = [Actor::Aggregator, Actor::Officer, Actor::Mayor, Actor::Time];
        for state in State::ALL {
            for event in possible_events(state, &all, &nothing_missing()) {
                let by = |actor: &Actor| allowed_events(state, *actor).any(|allowed| allowed == event);
                assert!(all.iter().any(by), "{state:?} {event:?}");
            }
        }
        assert!(
            possible_events(State::AwaitingAuthorisation, &[Actor::Mayor], &nothing_missing()).is_empty()
        );
    }
}
