//! What locks the basket and what does not; taking an addition back.

use super::*;

#[test]
fn a_waiting_submission_locks_every_command() {
    let mut world = World::with(50);
    world.waiting = true;
    let saved = choice(&["mappe"], &[("mensa", 1)]);
    for code in ["mappe", "mensa", "anagrafe", "multe", "ignoto"] {
        for change in [Change::Drop, Change::Undo] {
            assert_eq!(world.change(&saved, change, code), Err(Refusal::SubmissionWaiting));
        }
        for change in [Change::Add, Change::AddWithPrerequisites] {
            // What can't be had in any case is told first.
            let first = match code {
                "mensa" | "anagrafe" => Refusal::AlreadyChosen,
                "ignoto" => Refusal::NotAvailable { reason: String::new() },
                _ => Refusal::SubmissionWaiting,
            };
            assert_eq!(world.change(&saved, change, code), Err(first), "{code}");
        }
    }
    assert_eq!(world.offer(&saved, "multe"), Offer::Refused { refusal: Refusal::SubmissionWaiting });
}

#[test]
fn a_closed_call_and_the_high_range_do_not_hinder_composing() {
    let mut world = World::with(50);
    world.open = false;
    world.high = HighRange { minimum: 2, maximum: 2 };
    let above = world.first(Change::AddWithPrerequisites, "pagamenti").unwrap();
    assert_eq!(above, choice(&[], &[("identita", 1), ("pagamenti", 1)]));
    let below = world.first(Change::Drop, "tributi").unwrap();
    assert_eq!(below, choice(&["tributi"], &[]));
}

#[test]
fn undo_takes_back_one_addition_at_a_time() {
    let world = World::with(50);
    let twice = choice(&[], &[("formazione", 2)]);
    let once = world.change(&twice, Change::Undo, "formazione").unwrap();
    assert_eq!(once, choice(&[], &[("formazione", 1)]));
    let none = world.change(&once, Change::Undo, "formazione").unwrap();
    assert!(none.is_empty());
    assert_eq!(world.change(&none, Change::Undo, "formazione"), Err(Refusal::NothingToUndo));
    assert_eq!(world.first(Change::Undo, "tributi"), Err(Refusal::NothingToUndo));
    assert_eq!(world.first(Change::Undo, "ignoto"), Err(Refusal::NothingToUndo));
}

#[test]
fn an_addition_that_others_of_the_basket_need_is_not_undone() {
    let world = World::with(50);
    let all = world.first(Change::AddWithPrerequisites, "multe").unwrap();
    let needed_by = |code| Err(Refusal::HasDependants { services: vec![world.named(code)] });
    assert_eq!(world.change(&all, Change::Undo, "identita"), needed_by("pagamenti"));
    assert_eq!(world.change(&all, Change::Undo, "pagamenti"), needed_by("multe"));
    let mut left = all;
    for code in ["multe", "pagamenti", "identita"] {
        left = world.change(&left, Change::Undo, code).unwrap();
    }
    assert!(left.is_empty(), "from the last to the first each may go");
}

#[test]
fn what_is_live_without_its_prerequisite_does_not_keep_an_addition() {
    // The prerequisite ended while the service that needs it stayed live: buying it again may be undone.
    let world = World::with(50).asked("pagamenti", &[State::Live]).asked("identita", &[State::Ended]);
    let added = world.first(Change::Add, "identita").unwrap();
    assert_eq!(world.change(&added, Change::Undo, "identita"), Ok(Choice::default()));
}
