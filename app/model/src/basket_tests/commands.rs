//! Adding, with what is needed: each refusal and the offer that announces it.

use super::*;

#[test]
fn an_addition_may_cost_all_that_is_available_and_not_one_more() {
    for (available, expected) in [(2, Err(short(1))), (3, Ok(())), (4, Ok(()))] {
        let world = World::with(available);
        assert_eq!(world.first(Change::Add, "mensa").map(drop), expected, "{available} available");
        let offer = match expected {
            Ok(()) => Offer::Add { price: 3 },
            Err(refusal) => Offer::Refused { refusal },
        };
        assert_eq!(world.offer(&Choice::default(), "mensa"), offer, "{available} available");
    }
}

#[test]
fn what_is_dropped_pays_for_what_is_added() {
    for (price, expected) in [(3, Ok(())), (4, Ok(())), (5, Err(short(1)))] {
        let mut world = World::with(0);
        world.edit("mensa").price = price;
        let dropped = world.first(Change::Drop, "tributi").unwrap();
        assert_eq!(world.change(&dropped, Change::Add, "mensa").map(drop), expected, "at {price}");
    }
}

#[test]
fn credits_held_or_spent_are_not_there_to_be_chosen_with() {
    let mut world = World::with(0);
    world.account = Account { granted: 10, held: 5, spent: 3, pledged: 0 };
    assert_eq!(world.first(Change::Add, "mensa"), Err(short(1)));
    assert_eq!(world.first(Change::Add, "formazione"), Ok(choice(&[], &[("formazione", 1)])));
}

#[test]
fn what_is_needed_comes_along_in_order_at_the_price_of_all() {
    let world = World::with(14);
    let services = vec![world.named("identita"), world.named("pagamenti")];
    assert_eq!(world.offer(&Choice::default(), "multe"), Offer::AddWith { services, price: 14, others: 7 });
    assert_eq!(
        world.first(Change::Add, "multe"),
        Err(Refusal::PrerequisiteMissing { service: world.named("pagamenti") }),
        "alone it is refused, with the prerequisite that it names itself"
    );
    assert_eq!(
        world.first(Change::AddWithPrerequisites, "multe"),
        Ok(choice(&[], &[("identita", 1), ("pagamenti", 1), ("multe", 1)]))
    );
    assert_eq!(World::with(13).first(Change::AddWithPrerequisites, "multe"), Err(short(1)));
    assert_eq!(World::with(13).first(Change::Add, "multe"), Err(short(1)), "one true reason");
    assert!(World::with(15).first(Change::AddWithPrerequisites, "multe").is_ok());
}

#[test]
fn a_prerequisite_live_or_on_its_way_is_enough_and_one_that_is_over_is_not() {
    for state in State::ALL {
        let world = World::with(5).asked("identita", &[state]);
        let enough = state == State::Live || state.in_progress();
        let expected = if enough { Ok(choice(&[], &[("pagamenti", 1)])) } else { Err(short(2)) };
        assert_eq!(world.first(Change::AddWithPrerequisites, "pagamenti"), expected, "{state:?}");
    }
}

#[test]
fn a_dropped_prerequisite_is_restored_at_its_value() {
    let mut world = World::with(1);
    world.edit("mensa").requires = vec!["mappe".into()];
    let dropped = choice(&["mappe"], &[]);
    let services = vec![world.named("mappe")];
    assert_eq!(world.offer(&dropped, "mensa"), Offer::Refused { refusal: short(2) });
    world.account.granted = 3;
    assert_eq!(world.offer(&dropped, "mensa"), Offer::AddWith { services, price: 5, others: 2 });
    assert_eq!(
        world.change(&dropped, Change::AddWithPrerequisites, "mensa"),
        Ok(choice(&[], &[("mensa", 1)]))
    );
}

#[test]
fn a_prerequisite_dropped_for_good_is_bought_even_if_the_basket_still_drops_it() {
    let mut world = World::with(20);
    world.edit("mensa").requires = vec!["mappe".into()];
    world.dropped_for_good.insert("mappe".into());
    let after = world.change(&choice(&["mappe"], &[]), Change::AddWithPrerequisites, "mensa").unwrap();
    assert_eq!(after.added, choice(&[], &[("mappe", 1), ("mensa", 1)]).added);
}

#[test]
fn prerequisites_in_a_circle_come_together() {
    let mut world = World::with(7);
    world.edit("identita").requires = vec!["pagamenti".into()];
    assert_eq!(
        world.first(Change::AddWithPrerequisites, "pagamenti"),
        Ok(choice(&[], &[("identita", 1), ("pagamenti", 1)]))
    );
}

#[test]
fn a_prerequisite_that_cannot_be_had_is_the_reason() {
    let mut world = World::with(50);
    world.edit("identita").status = ServiceStatus::Paused;
    let refusal = Refusal::PrerequisiteMissing { service: world.named("identita") };
    for change in [Change::Add, Change::AddWithPrerequisites] {
        assert_eq!(world.first(change, "multe"), Err(refusal.clone()));
    }
    world.services.remove(&ServiceCode::from("identita"));
    let service = ServiceRef { code: "identita".into(), name: "identita".into() };
    assert_eq!(
        world.offer(&Choice::default(), "multe"),
        Offer::Refused { refusal: Refusal::PrerequisiteMissing { service } }
    );
}

#[test]
fn exclusions_hold_both_ways() {
    for (first, second) in [("mensa", "mensa-scolastica"), ("mensa-scolastica", "mensa")] {
        let refused = |world: &World| Err(Refusal::ExcludedBy { service: world.named(first) });
        let world = World::with(50);
        let added = world.first(Change::Add, first).unwrap();
        assert_eq!(world.change(&added, Change::Add, second), refused(&world), "added");
        let world = World::with(50).pack(first, 1);
        assert_eq!(world.first(Change::Add, second), refused(&world), "in the package");
        let dropped = world.first(Change::Drop, first).unwrap();
        assert!(world.change(&dropped, Change::Add, second).is_ok(), "dropped");
        for state in State::ALL {
            let world = World::with(50).asked(first, &[state]);
            let there = state == State::Live || state.in_progress();
            let expected = if there { refused(&world) } else { Ok(choice(&[], &[(second, 1)])) };
            assert_eq!(world.first(Change::Add, second), expected, "{state:?}");
        }
    }
}

#[test]
fn what_comes_along_may_not_be_excluded_either() {
    let mut world = World::with(50);
    world.edit("mensa").excludes = vec!["identita".into()];
    let added = world.first(Change::Add, "mensa").unwrap();
    let refusal = Refusal::ExcludedBy { service: world.named("mensa") };
    assert_eq!(world.change(&added, Change::AddWithPrerequisites, "pagamenti"), Err(refusal));
    // Nor may two that are needed exclude each other.
    world.edit("pagamenti").excludes = vec!["identita".into()];
    let together = world.first(Change::AddWithPrerequisites, "multe");
    assert!(matches!(together, Err(Refusal::ExcludedBy { .. })), "{together:?}");
}

#[test]
fn only_published_services_are_added() {
    for status in [ServiceStatus::Draft, ServiceStatus::Paused, ServiceStatus::Withdrawn] {
        let mut world = World::with(50);
        world.edit("mensa").status = status;
        world.edit("mensa").status_reason = "in manutenzione".into();
        let refusal = Refusal::NotAvailable { reason: "in manutenzione".into() };
        assert_eq!(world.first(Change::Add, "mensa"), Err(refusal.clone()), "{status:?}");
        assert_eq!(world.offer(&Choice::default(), "mensa"), Offer::Refused { refusal }, "{status:?}");
    }
    let unknown = World::with(50).first(Change::Add, "ignoto");
    assert_eq!(unknown, Err(Refusal::NotAvailable { reason: String::new() }));
}

#[test]
fn no_service_twice_unless_it_is_repeatable() {
    let world = World::with(50);
    assert_eq!(world.first(Change::Add, "tributi"), Err(Refusal::AlreadyChosen), "in the package");
    let added = world.first(Change::Add, "mensa").unwrap();
    assert_eq!(world.change(&added, Change::Add, "mensa"), Err(Refusal::AlreadyChosen));
    assert_eq!(world.offer(&added, "mensa"), Offer::Refused { refusal: Refusal::AlreadyChosen });

    let world = World::with(4).pack("formazione", 1);
    let once = world.first(Change::Add, "formazione").unwrap();
    assert_eq!(world.offer(&once, "formazione"), Offer::Add { price: 2 });
    let twice = world.change(&once, Change::Add, "formazione").unwrap();
    assert_eq!(twice, choice(&[], &[("formazione", 2)]));
    assert_eq!(world.change(&twice, Change::Add, "formazione"), Err(short(2)), "each at its price");
    let world = World::with(2).asked("formazione", &[State::Live, State::InReview]);
    assert_eq!(world.first(Change::Add, "formazione"), Ok(once));
}

#[test]
fn what_the_body_has_or_waits_for_is_not_added() {
    for state in State::ALL {
        let expected = match state {
            State::Live => Err(Refusal::AlreadyLive),
            state if state.in_progress() => Err(Refusal::InProgress),
            _ => Ok(choice(&[], &[("mensa", 1)])),
        };
        let world = World::with(50).asked("mensa", &[state]);
        assert_eq!(world.first(Change::Add, "mensa"), expected, "{state:?}");
    }
}
