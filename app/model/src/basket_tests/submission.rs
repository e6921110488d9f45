//! Judging a whole basket for submission, and what sending it will do.

use super::*;

#[test]
fn the_assigned_package_can_be_sent_as_it_is() {
    let world = World::with(0);
    let situation = world.situation();
    let judged = situation.judge(&Choice::default());
    assert_eq!(judged.objections, []);
    assert_eq!((judged.cost, judged.left, judged.high), (0, 0, 2));
    let plan = situation.plan(&Choice::default()).unwrap();
    let keeps = ["sito", "tributi", "anagrafe", "mappe"].map(ServiceCode::from).to_vec();
    assert_eq!(plan, Plan { keeps, ..Plan::default() });
}

#[test]
fn a_plan_has_one_line_a_request() {
    let world = World::with(50);
    let plan = world.situation().plan(&choice(&["mappe"], &[("formazione", 2), ("mensa", 1)])).unwrap();
    assert_eq!(plan.drops, [("mappe".into(), 2)]);
    assert_eq!(plan.keeps, ["sito", "tributi", "anagrafe"].map(ServiceCode::from));
    let adds = [("formazione", 2), ("formazione", 2), ("mensa", 3)];
    assert_eq!(plan.adds, adds.map(|(code, price)| (code.into(), price)));
}

#[test]
fn requests_are_made_only_for_what_is_neither_live_nor_on_its_way() {
    let mut world = World::with(50).asked("tributi", &[State::Live]).asked("mensa", &[State::InReview]);
    for code in ["sito", "anagrafe", "mappe"] {
        world = world.asked(code, &[State::Approved]);
    }
    let situation = world.situation();
    let result = situation.judge(&Choice::default()).result;
    assert_eq!(result, ["sito", "tributi", "anagrafe", "mappe", "mensa"].map(ServiceCode::from).into());
    let nothing = situation.plan(&Choice::default()).unwrap_err();
    assert_eq!(nothing, [Objection { service: None, refusal: Refusal::NothingToSubmit }]);
    let more = situation.plan(&choice(&[], &[("identita", 1)])).unwrap();
    assert_eq!(more, Plan { adds: vec![("identita".into(), 2)], ..Plan::default() });
}

#[test]
fn only_submitting_needs_an_open_call() {
    let mut world = World::with(50);
    world.open = false;
    let added = world.first(Change::Add, "mensa").expect("a closed call does not hinder composing");
    assert_eq!(world.objections(&added), [(None, Refusal::CallClosed)]);
    let refused = world.situation().plan(&added).unwrap_err();
    assert_eq!(refused, [Objection { service: None, refusal: Refusal::CallClosed }]);
    let silent = world.situation().unchecked_plan(&Choice::default());
    assert_eq!(silent.keeps.len(), 4, "silence keeps the package");
}

#[test]
fn a_waiting_submission_is_an_objection() {
    let mut world = World::with(50);
    world.waiting = true;
    assert_eq!(world.objections(&Choice::default()), [(None, Refusal::SubmissionWaiting)]);
    assert!(world.situation().plan(&Choice::default()).is_err());
    // Its credits are held already: they are not counted a second time.
    let judged = world.situation().judge(&choice(&[], &[("mensa", 1)]));
    assert_eq!((judged.cost, judged.left), (0, world.account.available()));
}

#[test]
fn the_price_may_be_all_that_is_available_and_not_one_more() {
    // Saved when there was more, judged on what there is: 3 + 2 × 2 − 2.
    let saved = choice(&["mappe"], &[("mensa", 1), ("formazione", 2)]);
    for (available, expected) in [(4, vec![(None, short(1))]), (5, vec![]), (6, vec![])] {
        let world = World::with(available);
        assert_eq!(world.objections(&saved), expected, "{available} available");
        let judged = world.situation().judge(&saved);
        assert_eq!((judged.cost, judged.left), (5, available - 5));
        assert_eq!(world.situation().plan(&saved).is_ok(), expected.is_empty());
    }
}

#[test]
fn what_is_asked_for_needs_its_prerequisites_in_the_result() {
    let world = World::with(50);
    let missing = |code: &str| Refusal::PrerequisiteMissing { service: world.named(code) };
    let alone = choice(&[], &[("multe", 1)]);
    assert_eq!(world.objections(&alone), [(Some("multe".into()), missing("pagamenti"))]);
    let half = choice(&[], &[("multe", 1), ("pagamenti", 1)]);
    assert_eq!(world.objections(&half), [(Some("pagamenti".into()), missing("identita"))]);

    let packed = World::with(50).pack("pagamenti", 1);
    let kept = [(Some("pagamenti".into()), missing("identita"))];
    assert_eq!(packed.objections(&Choice::default()), kept, "a kept item too");
    assert_eq!(packed.objections(&choice(&["pagamenti"], &[])), []);
    let live = World::with(50).asked("pagamenti", &[State::Live]);
    assert_eq!(live.objections(&Choice::default()), [], "what is there is not asked for");
    let dropped = live.pack("identita", 1);
    assert_eq!(dropped.objections(&choice(&["identita"], &[])), kept, "but what it needs is not dropped");
}

#[test]
fn exclusions_object_to_what_is_asked_for() {
    let excluded = |code: &str, by: &str| {
        let service = World::with(0).named(by);
        (Some(code.to_owned()), Refusal::ExcludedBy { service })
    };
    let both = choice(&[], &[("mensa", 1), ("mensa-scolastica", 1)]);
    assert_eq!(
        World::with(50).objections(&both),
        [excluded("mensa", "mensa-scolastica"), excluded("mensa-scolastica", "mensa")]
    );
    let live = World::with(50).asked("mensa", &[State::Live]);
    let one = choice(&[], &[("mensa-scolastica", 1)]);
    assert_eq!(live.objections(&one), [excluded("mensa-scolastica", "mensa")]);
    let both_live = live.asked("mensa-scolastica", &[State::Live]);
    assert_eq!(both_live.objections(&Choice::default()), [], "what is there is not asked for");
}

#[test]
fn what_was_added_long_ago_is_judged_as_it_is_now() {
    let saved = choice(&[], &[("mensa", 1)]);
    let about_it = |refusal| vec![(Some("mensa".to_owned()), refusal)];
    let mut paused = World::with(50);
    paused.edit("mensa").status = ServiceStatus::Paused;
    paused.edit("mensa").status_reason = "guasto".into();
    assert_eq!(paused.objections(&saved), about_it(Refusal::NotAvailable { reason: "guasto".into() }));
    let packed = World::with(50).pack("mensa", 1);
    assert_eq!(packed.objections(&saved), about_it(Refusal::AlreadyChosen));
    let live = World::with(50).asked("mensa", &[State::Live]);
    assert_eq!(live.objections(&saved), about_it(Refusal::AlreadyLive));
    let asked = World::with(50).asked("mensa", &[State::InReview]);
    assert_eq!(asked.objections(&saved), about_it(Refusal::InProgress));
    let twice = choice(&[], &[("mensa", 2)]);
    assert_eq!(World::with(50).objections(&twice), about_it(Refusal::AlreadyChosen), "not repeatable");
    let unknown = World::with(50).objections(&choice(&[], &[("ignoto", 1)]));
    let gone = Refusal::NotAvailable { reason: String::new() };
    assert_eq!(unknown, [(Some("ignoto".to_owned()), gone)]);
}

#[test]
fn a_basket_hears_every_objection_at_once() {
    let mut world = World::with(0);
    world.open = false;
    let bad = choice(&["sito", "anagrafe"], &[("mensa", 1), ("mensa-scolastica", 1), ("pagamenti", 2)]);
    let objections = world.situation().plan(&bad).unwrap_err();
    let codes: Vec<_> = objections
        .iter()
        .map(|one| serde_json::to_value(&one.refusal).unwrap()["code"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        codes,
        [
            "call_closed",
            "universal",
            "already_chosen",
            "prerequisite_missing",
            "excluded_by",
            "excluded_by",
            "credits_short",
        ]
    );
    assert_eq!(objections.last().unwrap().refusal, short(3 + 3 + 5 + 5 - 3));
}
