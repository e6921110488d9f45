//! How many high-interactivity services a body keeps, at submission and at a withdrawal.

use super::*;

/// So many high services, live; none in the package.
fn with_live(count: usize, high: HighRange) -> World {
    let mut world = World::empty(100);
    world.high = high;
    for i in 0..count {
        let code = format!("alto-{i}");
        world.services.insert(code.as_str().into(), service(&code, 1, InteractionLevel::FullTransaction));
        world = world.asked(&code, &[State::Live]);
    }
    world
}

#[test]
fn high_interactivity_stays_between_minimum_and_maximum() {
    let range = HighRange { minimum: 2, maximum: 4 };
    let below = |missing| vec![(None, Refusal::InteractivityBelow { missing, range })];
    let above = |excess| vec![(None, Refusal::InteractivityAbove { excess, range })];
    for (count, expected) in
        [(0, below(2)), (1, below(1)), (2, vec![]), (3, vec![]), (4, vec![]), (5, above(1)), (6, above(2))]
    {
        let world = with_live(count, range);
        assert_eq!(world.objections(&Choice::default()), expected, "{count} high services");
        assert_eq!(usize::try_from(world.situation().judge(&Choice::default()).high), Ok(count));
    }
}

#[test]
fn only_levels_three_and_four_are_high() {
    for level in InteractionLevel::ALL {
        let mut world = with_live(1, HighRange::default());
        world.edit("alto-0").interaction_level = level;
        let high = u32::from(matches!(u8::from(level), 3 | 4));
        assert_eq!(world.situation().judge(&Choice::default()).high, high, "{level:?}");
    }
}

#[test]
fn what_the_aggregator_refused_counts_towards_the_minimum_and_not_the_maximum() {
    for state in State::ALL {
        let there = state == State::Live || state.in_progress();
        let refused = matches!(state, State::Rejected | State::Cancelled);
        let mut world = with_live(1, HighRange { minimum: 1, maximum: 0 });
        world.requests[0].1 = state;
        let mut expected = Vec::new();
        if !there && !refused {
            expected.push((None, Refusal::InteractivityBelow { missing: 1, range: world.high }));
        }
        if there {
            expected.push((None, Refusal::InteractivityAbove { excess: 1, range: world.high }));
        }
        assert_eq!(world.objections(&Choice::default()), expected, "{state:?}");
        assert_eq!(world.situation().judge(&Choice::default()).high, u32::from(there));
    }
}

#[test]
fn a_refused_request_counts_once_and_whatever_came_of_asking_again() {
    let refused_twice = World::with(0)
        .asked("pagamenti", &[State::Rejected, State::Cancelled])
        .asked("tributi", &[State::Cancelled]);
    let counted = |world: &World, dropped: &[&str]| world.objections(&choice(dropped, &[]));
    let range = HighRange { minimum: 3, maximum: 3 };
    let mut world = refused_twice;
    world.high = range;
    // pagamenti once, tributi kept or refused once, anagrafe kept.
    assert_eq!(counted(&world, &[]), []);
    assert_eq!(counted(&world, &["tributi"]), []);
    let below = (None, Refusal::InteractivityBelow { missing: 1, range });
    assert_eq!(counted(&world, &["anagrafe"]), [below]);
    // The mayor sent back the new try, or the officers withdrew it: it is as it was after the refusal.
    for state in [State::SentBack, State::Lapsed, State::Withdrawn] {
        let again = world.clone().asked("pagamenti", &[state]);
        assert_eq!(counted(&again, &[]), [], "{state:?}");
    }
}

#[test]
fn a_withdrawal_keeps_the_minimum() {
    let range = HighRange { minimum: 2, maximum: 8 };
    for (count, expected) in [
        (1, Err(Refusal::InteractivityBelow { missing: 2, range })),
        (2, Err(Refusal::InteractivityBelow { missing: 1, range })),
        (3, Ok(())),
        (4, Ok(())),
    ] {
        let mut world = with_live(count, range);
        world.requests[0].1 = State::Withdrawn;
        assert_eq!(world.situation().without(&"alto-0".into()), expected, "one of {count}");
    }
}

#[test]
fn a_block_may_be_withdrawn_while_another_remains() {
    let range = HighRange { minimum: 2, maximum: 8 };
    let mut world = with_live(2, range).asked("alto-0", &[State::Withdrawn]);
    assert_eq!(world.situation().without(&"alto-0".into()), Ok(()));
    world.requests[0].1 = State::Ended;
    let below = Err(Refusal::InteractivityBelow { missing: 1, range });
    assert_eq!(world.situation().without(&"alto-0".into()), below);
}

#[test]
fn a_withdrawal_of_what_does_not_count_is_free() {
    let mut world = with_live(1, HighRange::default()).asked("basso", &[State::Withdrawn]);
    world.services.insert("basso".into(), service("basso", 1, InteractionLevel::Forms));
    assert_eq!(world.situation().without(&"basso".into()), Ok(()));
    // What the aggregator refused counts, so that its refusal does not lock the rest.
    let mut world = with_live(2, HighRange::default()).asked("alto-2", &[State::Rejected]);
    world.requests[0].1 = State::Withdrawn;
    world.services.insert("alto-2".into(), service("alto-2", 1, InteractionLevel::FullTransaction));
    assert_eq!(world.situation().without(&"alto-0".into()), Ok(()));
}

#[test]
fn withdrawing_one_by_one_stops_at_the_minimum() {
    let mut world = with_live(5, HighRange { minimum: 2, maximum: 8 });
    for one in &mut world.requests {
        one.1 = State::Submitted;
    }
    let mut gone = 0;
    for i in 0..5 {
        world.requests[i].1 = State::Withdrawn;
        if world.situation().without(&format!("alto-{i}").as_str().into()).is_ok() {
            gone += 1;
        } else {
            world.requests[i].1 = State::Submitted;
        }
    }
    assert_eq!(gone, 3);
}
