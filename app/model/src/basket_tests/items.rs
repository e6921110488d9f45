//! The items of the package: what may be dropped, what comes back, what is gone.

use super::*;

const REOPENING: [State; 6] =
    [State::SentBack, State::Lapsed, State::Rejected, State::Cancelled, State::Revoked, State::Withdrawn];

#[test]
fn an_item_is_dropped_for_its_value_and_restored_for_the_same() {
    let world = World::with(0);
    let dropped = world.first(Change::Drop, "tributi").unwrap();
    assert_eq!(dropped, choice(&["tributi"], &[]));
    let judged = world.situation().judge(&dropped);
    assert_eq!((judged.cost, judged.left), (-4, 4));
    assert_eq!(world.situation().drop_gives(&Choice::default(), &"tributi".into()), Ok(4));
    assert_eq!(world.offer(&dropped, "tributi"), Offer::Restore { value: 4 });
    for change in [Change::Undo, Change::Add, Change::AddWithPrerequisites] {
        assert_eq!(world.change(&dropped, change, "tributi"), Ok(Choice::default()), "{change:?}");
    }
}

#[test]
fn restoring_is_refused_when_the_value_was_used() {
    for (available, expected) in [(2, Err(short(1))), (3, Ok(())), (4, Ok(()))] {
        let world = World::with(available);
        let swapped = choice(&["tributi"], &[("mensa", 1)]);
        for change in [Change::Undo, Change::Add] {
            assert_eq!(world.change(&swapped, change, "tributi").map(drop), expected, "{available}");
        }
        assert_eq!(
            world.offer(&swapped, "tributi") == Offer::Restore { value: 4 },
            expected.is_ok(),
            "{available}"
        );
    }
}

#[test]
fn restoring_keeps_exclusions() {
    for (item, other) in [("mensa", "mensa-scolastica"), ("mensa-scolastica", "mensa")] {
        let world = World::with(50).pack(item, 1);
        let swapped = choice(&[item], &[(other, 1)]);
        let refusal = Refusal::ExcludedBy { service: world.named(other) };
        for change in [Change::Undo, Change::Add, Change::AddWithPrerequisites] {
            assert_eq!(world.change(&swapped, change, item), Err(refusal.clone()), "{change:?}");
        }
        assert_eq!(world.offer(&swapped, item), Offer::Refused { refusal });
    }
}

#[test]
fn restoring_needs_what_the_item_needs() {
    let world = World::with(50).pack("identita", 1).pack("pagamenti", 2);
    let dropped = choice(&["identita", "pagamenti"], &[]);
    let identita = world.named("identita");
    let refusal = Refusal::PrerequisiteMissing { service: identita.clone() };
    assert_eq!(world.change(&dropped, Change::Undo, "pagamenti"), Err(refusal.clone()));
    assert_eq!(world.change(&dropped, Change::Add, "pagamenti"), Err(refusal));
    assert_eq!(
        world.offer(&dropped, "pagamenti"),
        Offer::AddWith { services: vec![identita], price: 3, others: 1 }
    );
    assert_eq!(
        world.change(&dropped, Change::AddWithPrerequisites, "pagamenti"),
        Ok(Choice::default()),
        "both come back, none is bought"
    );
}

#[test]
fn what_is_not_open_in_the_package_is_not_dropped() {
    for state in State::ALL {
        let expected = match state {
            State::Live => Err(Refusal::AlreadyLive),
            State::Ended => Err(Refusal::NotInPackage),
            state if state.in_progress() => Err(Refusal::InProgress),
            _ => Ok(4),
        };
        let world = World::with(50).asked("tributi", &[state]);
        let gives = world.situation().drop_gives(&Choice::default(), &"tributi".into());
        assert_eq!(gives, expected, "{state:?}");
        let dropped = world.first(Change::Drop, "tributi");
        assert_eq!(dropped, expected.map(|_| choice(&["tributi"], &[])), "{state:?}");
    }
    let world = World::with(50);
    assert_eq!(world.first(Change::Drop, "sito"), Err(Refusal::Universal));
    assert_eq!(world.first(Change::Drop, "mensa"), Err(Refusal::NotInPackage));
    assert_eq!(world.first(Change::Drop, "ignoto"), Err(Refusal::NotInPackage));
    let dropped = choice(&["tributi"], &[]);
    assert_eq!(world.change(&dropped, Change::Drop, "tributi"), Err(Refusal::NotInPackage), "once");
}

#[test]
fn an_addition_is_not_dropped_as_if_it_were_an_item() {
    let world = World::with(50);
    let added = choice(&[], &[("mensa", 1)]);
    assert_eq!(world.change(&added, Change::Drop, "mensa"), Err(Refusal::NotInPackage));
}

#[test]
fn what_others_need_is_not_dropped() {
    let needed_by = |world: &World, codes: &[&str]| {
        let services = codes.iter().map(|code| world.named(code)).collect();
        Err(Refusal::HasDependants { services })
    };
    let world = World::with(50).pack("identita", 1).pack("pagamenti", 2);
    assert_eq!(world.first(Change::Drop, "identita"), needed_by(&world, &["pagamenti"]), "kept");
    let gives = world.situation().drop_gives(&Choice::default(), &"identita".into());
    assert_eq!(gives, needed_by(&world, &["pagamenti"]).map(|_: Choice| 0));
    let without = world.first(Change::Drop, "pagamenti").unwrap();
    assert!(world.change(&without, Change::Drop, "identita").is_ok(), "after what needs it");

    let mut world = World::with(50).pack("identita", 1);
    world.edit("mensa").requires = vec!["identita".into()];
    let both = choice(&[], &[("mensa", 1), ("pagamenti", 1)]);
    let expected = needed_by(&world, &["mensa", "pagamenti"]);
    assert_eq!(world.change(&both, Change::Drop, "identita"), expected, "added");

    for state in State::ALL {
        let world = World::with(50).pack("identita", 1).asked("pagamenti", &[state]);
        let expected = if state == State::Live || state.in_progress() {
            needed_by(&world, &["pagamenti"])
        } else {
            Ok(choice(&["identita"], &[]))
        };
        assert_eq!(world.first(Change::Drop, "identita"), expected, "{state:?}");
    }
}

#[test]
fn an_item_whose_request_came_to_nothing_is_open_again() {
    for state in State::ALL {
        let world = World::with(0).asked("tributi", &[state]);
        let situation = world.situation();
        let standing = match state {
            State::Live => Standing::Live,
            State::Ended => Standing::Gone,
            state if state.in_progress() => Standing::InProgress,
            _ => Standing::Open,
        };
        assert_eq!(situation.standing(&"tributi".into()), standing, "{state:?}");
        assert_eq!(standing == Standing::Open, REOPENING.contains(&state), "{state:?}");
        assert_eq!(state.reopens_package_item(), REOPENING.contains(&state), "{state:?}");
    }
}

#[test]
fn an_open_item_is_asked_for_at_nothing_or_dropped_for_its_value() {
    for state in REOPENING {
        let world = World::with(0).asked("tributi", &[State::Withdrawn, state]);
        let situation = world.situation();
        let kept = situation.plan(&Choice::default()).unwrap();
        assert!(kept.keeps.contains(&"tributi".into()), "{state:?}");
        assert!(kept.adds.is_empty() && kept.drops.is_empty(), "{state:?}: at no cost");
        let dropped = world.first(Change::Drop, "tributi").unwrap();
        assert_eq!(situation.judge(&dropped).cost, -4, "{state:?}");
    }
}

#[test]
fn what_was_dropped_for_good_stays_gone_and_may_be_bought() {
    for later in [vec![], REOPENING.to_vec(), vec![State::Rejected]] {
        let mut world = World::with(6).asked("tributi", &later);
        world.dropped_for_good.insert("tributi".into());
        let situation = world.situation();
        assert_eq!(situation.standing(&"tributi".into()), Standing::Gone);
        assert!(!situation.result(&Choice::default()).contains(&"tributi".into()));
        assert_eq!(world.first(Change::Drop, "tributi"), Err(Refusal::NotInPackage), "not twice");
        assert_eq!(world.offer(&Choice::default(), "tributi"), Offer::Add { price: 6 });
        let bought = world.first(Change::Add, "tributi").unwrap();
        assert_eq!(situation.judge(&bought).cost, 6);
        assert_eq!(world.change(&bought, Change::Undo, "tributi"), Ok(Choice::default()));
    }
}

#[test]
fn what_ended_stays_gone_even_if_buying_it_again_came_to_nothing() {
    for state in REOPENING {
        for requests in [vec![State::Ended], vec![State::Ended, state], vec![state, State::Ended]] {
            let world = World::with(6).asked("tributi", &requests);
            let situation = world.situation();
            assert_eq!(situation.standing(&"tributi".into()), Standing::Gone, "{requests:?}");
            assert_eq!(world.first(Change::Drop, "tributi"), Err(Refusal::NotInPackage));
            assert!(!situation.result(&Choice::default()).contains(&"tributi".into()));
            assert_eq!(world.offer(&Choice::default(), "tributi"), Offer::Add { price: 6 });
        }
    }
}

#[test]
fn a_drop_of_what_is_no_open_item_any_more_counts_for_nothing_and_can_be_forgotten() {
    for (state, refusal) in [
        (State::Live, Refusal::AlreadyLive),
        (State::Approved, Refusal::InProgress),
        (State::Ended, Refusal::NotInPackage),
    ] {
        // Even where the credits are short already, and something that excludes it was chosen since.
        let mut world = World::with(0).asked("tributi", &[state]);
        world.edit("mensa").excludes.push("tributi".into());
        let saved = choice(&["tributi"], &[("mensa", 1)]);
        let judged = world.situation().judge(&saved);
        assert_eq!(judged.cost, 3, "{state:?}: the value is not given");
        assert!(world.objections(&saved).contains(&(Some("tributi".into()), refusal)), "{state:?}");
        let forgotten = world.change(&saved, Change::Undo, "tributi");
        assert_eq!(forgotten, Ok(choice(&[], &[("mensa", 1)])), "{state:?}");
    }
}
