//! What holds for every basket, in random small catalogues with random packages and histories.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;

const CODES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
/// One more than there are services.
const NAMED: [&str; 7] = ["a", "b", "c", "d", "e", "f", "ignoto"];
const CHANGES: [Change; 4] = [Change::Add, Change::AddWithPrerequisites, Change::Drop, Change::Undo];

fn codes(at_most: usize) -> impl Strategy<Value = Vec<ServiceCode>> {
    subsequence(CODES.to_vec(), 0..=at_most)
        .prop_map(|codes| codes.into_iter().map(ServiceCode::from).collect())
}

fn a_service(code: &'static str) -> impl Strategy<Value = Service> {
    let kind = (
        0_i64..8,
        select(InteractionLevel::ALL.to_vec()),
        prop::bool::weighted(0.15),
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.85),
    );
    (kind, codes(2), codes(1)).prop_map(
        move |((price, level, universal, repeatable, published), needs, excludes)| {
            let others =
                |codes: Vec<ServiceCode>| codes.into_iter().filter(|other| other.0 != code).collect();
            Service {
                universal,
                price: if universal { 0 } else { price },
                repeatable,
                status: if published { ServiceStatus::Published } else { ServiceStatus::Paused },
                requires: others(needs),
                excludes: others(excludes),
                ..service(code, price, level)
            }
        },
    )
}

fn a_world() -> impl Strategy<Value = World> {
    let services = CODES.map(a_service);
    let package = (codes(5), prop::collection::vec(0_i64..8, 6));
    let requests = prop::collection::vec((select(CODES.to_vec()), select(State::ALL.to_vec())), 0..6);
    let call = (0_u32..3, 0_u32..5, any::<bool>(), prop::bool::weighted(0.05));
    (services, package, codes(1), requests, (0_i64..25, 0_i64..10), call).prop_map(
        |(services, (package, values), dropped, requests, (free, held), (minimum, more, open, waiting))| {
            let services: BTreeMap<_, _> = services.into_iter().map(|one| (one.code.clone(), one)).collect();
            let package = package
                .into_iter()
                .zip(values)
                .map(|(code, value)| PackageItem { value: value.min(services[&code].price), service: code })
                .collect();
            World {
                package,
                dropped_for_good: dropped.into_iter().collect(),
                requests: requests.into_iter().map(|(code, state)| (code.into(), state)).collect(),
                account: Account { granted: free + held, held, ..Account::default() },
                high: HighRange { minimum, maximum: minimum + more },
                open,
                waiting,
                services,
            }
        },
    )
}

fn commands() -> impl Strategy<Value = Vec<(Change, &'static str)>> {
    prop::collection::vec((select(CHANGES.to_vec()), select(NAMED.to_vec())), 0..14)
}

/// Any choice, also one that no sequence of commands leads to now: saved before things changed.
fn any_choice() -> impl Strategy<Value = Choice> {
    let added = prop::collection::vec((select(NAMED.to_vec()), 1_u32..4), 0..4);
    (subsequence(NAMED.to_vec(), 0..4), added).prop_map(|(dropped, added)| choice(&dropped, &added))
}

/// Every choice that the commands lead to, with the command that leads there from the one before it.
fn walk(world: &World, commands: &[(Change, &'static str)]) -> Vec<(Choice, Change, &'static str, Choice)> {
    let mut now = Choice::default();
    let mut steps = Vec::new();
    for (change, code) in commands {
        if let Ok(after) = world.change(&now, *change, code) {
            steps.push((now, *change, *code, after.clone()));
            now = after;
        }
    }
    steps
}

/// The pairs of a result that exclude each other, read off the catalogue.
fn excluded(world: &World, choice: &Choice) -> BTreeSet<(ServiceCode, ServiceCode)> {
    let result = world.situation().result(choice);
    let mut pairs = BTreeSet::new();
    for code in &result {
        for other in world.services.get(code).into_iter().flat_map(|service| &service.excludes) {
            if result.contains(other) {
                pairs.insert((code.min(other).clone(), code.max(other).clone()));
            }
        }
    }
    pairs
}

/// Objections but those with which a basket may be saved.
fn serious(world: &World, choice: &Choice) -> Vec<(Option<String>, Refusal)> {
    let mut objections = world.objections(choice);
    objections.retain(|(_, refusal)| {
        !matches!(refusal, Refusal::InteractivityBelow { .. } | Refusal::InteractivityAbove { .. })
    });
    objections
}

/// What is there once a plan was submitted and authorised.
fn carried_out(world: &World, plan: &Plan) -> World {
    let mut after = world.clone();
    for (code, value) in &plan.drops {
        after.dropped_for_good.insert(code.clone());
        after.account.granted += value;
    }
    after.requests.extend(plan.keeps.iter().map(|code| (code.clone(), State::Approved)));
    for (code, price) in &plan.adds {
        after.requests.push((code.clone(), State::Submitted));
        after.account.held += price;
    }
    after
}

proptest! {
    #[test]
    fn no_basket_costs_more_than_there_is(world in a_world(), commands in commands()) {
        for (_, change, code, after) in walk(&world, &commands) {
            let judged = world.situation().judge(&after);
            prop_assert!(judged.left >= 0, "{change:?} {code} leads to {after:?}: {judged:?}");
            prop_assert_eq!(judged.left, world.account.available() - judged.cost);
        }
    }

    #[test]
    fn no_command_leads_to_a_basket_that_may_not_be_saved(world in a_world(), commands in commands()) {
        for (before, change, code, after) in walk(&world, &commands) {
            let known = serious(&world, &before);
            for objection in serious(&world, &after) {
                prop_assert!(known.contains(&objection), "{change:?} {code} on {before:?}: {objection:?}");
            }
            let (pairs, known) = (excluded(&world, &after), excluded(&world, &before));
            prop_assert!(pairs.is_subset(&known), "{change:?} {code} on {before:?}: {pairs:?}");
        }
    }

    #[test]
    fn the_offer_is_what_the_command_does(
        world in a_world(), commands in commands(), saved in any_choice()
    ) {
        let reached = walk(&world, &commands).into_iter().map(|(.., after)| after);
        for choice in reached.chain([saved, Choice::default()]) {
            for code in NAMED {
                let cost = |choice: &Choice| world.situation().cost(choice);
                let added = world.change(&choice, Change::Add, code);
                let together = world.change(&choice, Change::AddWithPrerequisites, code);
                match world.offer(&choice, code) {
                    Offer::Add { price } | Offer::Restore { value: price } => {
                        prop_assert_eq!(added.as_ref().map(cost), Ok(cost(&choice) + price));
                        prop_assert_eq!(together, added);
                    }
                    Offer::AddWith { services, price, others } => {
                        if !choice.dropped.contains(&code.into()) {
                            let own = world.services[&ServiceCode::from(code)].price;
                            prop_assert_eq!(price - others, own);
                        }
                        let alone = matches!(added, Err(Refusal::PrerequisiteMissing { .. }));
                        prop_assert!(alone, "{code} is offered only with {services:?}");
                        prop_assert_eq!(together.as_ref().map(cost), Ok(cost(&choice) + price));
                        let result = world.situation().result(&together.unwrap());
                        prop_assert!(services.iter().all(|one| result.contains(&one.code)));
                    }
                    Offer::Refused { refusal } => {
                        prop_assert_eq!(added, Err(refusal.clone()));
                        prop_assert_eq!(together, Err(refusal));
                    }
                }
            }
        }
    }

    #[test]
    fn undo_returns_to_where_the_command_came_from(world in a_world(), commands in commands()) {
        for (before, change, code, after) in walk(&world, &commands) {
            let objections = serious(&world, &before);
            let restored = before.dropped.contains(&code.into());
            let back = match change {
                // Where the basket lacked this service before, what lacked it keeps it now.
                Change::Add if !restored => Change::Undo,
                Change::Add => Change::Drop,
                // Where an item could not have been asked for before, it does not come back.
                Change::Drop if !before.added.contains_key(&code.into()) => Change::Undo,
                // Of a block that was also bought, Undo takes back the purchase first; Add restores the item.
                Change::Drop => Change::Add,
                Change::AddWithPrerequisites | Change::Undo => continue,
            };
            let concerns = |(about, refusal): &(Option<String>, Refusal)| {
                about.as_deref() == Some(code)
                    || matches!(refusal, Refusal::PrerequisiteMissing { service } if service.code.0 == code)
            };
            if !objections.iter().any(concerns) {
                prop_assert_eq!(world.change(&after, back, code), Ok(before), "{:?} {}", change, code);
            }
        }
    }

    #[test]
    fn every_addition_can_be_taken_back_in_some_order(mut world in a_world(), commands in commands()) {
        // A circle of prerequisites comes and stays whole; a sound catalogue has none.
        for service in world.services.values_mut() {
            let own = service.code.clone();
            service.requires.retain(|needs| *needs < own);
        }
        let Some((.., mut now)) = walk(&world, &commands).pop() else { return Ok(()) };
        if !serious(&world, &Choice::default()).is_empty() {
            // What the package lacks by itself keeps what was added for it.
            return Ok(());
        }
        while !now.added.is_empty() {
            let next = now.added.keys().find_map(|code| {
                // A block that was dropped and bought is first restored, where others need it.
                let restored = now.dropped.contains(code).then_some(Change::Add);
                let mut back = [Some(Change::Undo), restored].into_iter().flatten();
                back.find_map(|change| world.change(&now, change, &code.0).ok())
            });
            prop_assert!(next.is_some(), "{now:?} is stuck");
            now = next.unwrap();
        }
    }

    #[test]
    fn a_plan_is_what_was_judged(world in a_world(), commands in commands(), saved in any_choice()) {
        let situation = world.situation();
        let reached = walk(&world, &commands).pop().map(|(.., after)| after);
        for choice in reached.into_iter().chain([saved, Choice::default()]) {
            let judged = situation.judge(&choice);
            let plan = situation.unchecked_plan(&choice);
            let sum = |lines: &[(ServiceCode, Credits)]| lines.iter().map(|(_, credits)| credits).sum::<Credits>();
            let cost = if world.waiting { 0 } else { sum(&plan.adds) - sum(&plan.drops) };
            prop_assert_eq!(cost, judged.cost);
            let lines: Vec<_> = plan.keeps.iter().chain(plan.drops.iter().map(|(code, _)| code)).collect();
            let open: Vec<_> = situation.open_items().map(|item| &item.service).collect();
            prop_assert_eq!(lines.len(), open.len(), "no item twice");
            prop_assert_eq!(lines.into_iter().collect::<BTreeSet<_>>(), open.into_iter().collect());
            match situation.plan(&choice) {
                Err(objections) => prop_assert!(!objections.is_empty()),
                Ok(checked) => {
                    prop_assert_eq!(&checked, &plan);
                    prop_assert!(judged.objections.is_empty() && world.open && !world.waiting);
                    let after = carried_out(&world, &plan);
                    let then = after.situation().judge(&Choice::default());
                    prop_assert_eq!(&then.result, &judged.result, "it is there once it was carried out");
                    prop_assert_eq!((then.cost, then.left), (0, judged.left));
                    prop_assert_eq!(then.high, judged.high);
                    prop_assert_eq!(then.objections, vec![], "and stands by itself");
                    prop_assert_eq!(after.situation().unchecked_plan(&Choice::default()), Plan::default());
                }
            }
        }
    }

    #[test]
    fn nothing_panics_whatever_was_saved(world in a_world(), saved in any_choice()) {
        let situation = world.situation();
        for code in NAMED.map(ServiceCode::from) {
            for change in CHANGES {
                if let Ok(after) = situation.change(&saved, change, &code) {
                    prop_assert!(after != saved, "a command that succeeds changes something");
                }
            }
            let gives = situation.drop_gives(&saved, &code);
            prop_assert_eq!(gives.is_ok(), situation.change(&saved, Change::Drop, &code).is_ok());
            let high = world.services.get(&code).is_some_and(Service::is_high);
            prop_assert!(high || situation.without(&code).is_ok());
            if saved.dropped.contains(&code) && situation.standing(&code) != Standing::Open {
                let objected = world.objections(&saved).iter().any(|(about, _)| about.as_ref() == Some(&code.0));
                prop_assert!(objected, "a drop of {code} that counts for nothing is named");
            }
        }
    }
}
