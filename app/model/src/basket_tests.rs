//! A small world to compose packages in, and what the tests of the basket say about it.
//!
//! The world is plain: two universal or high services in the package, a chain of prerequisites, a pair that
//! excludes itself, one block that may be bought again. Each test changes only what it speaks of.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::catalogue::{DeliveryMode, InteractionLevel, ServiceStatus, Sheet};

#[path = "basket_tests/commands.rs"]
mod commands;
#[path = "basket_tests/high.rs"]
mod high;
#[path = "basket_tests/items.rs"]
mod items;
#[path = "basket_tests/properties.rs"]
mod properties;
#[path = "basket_tests/submission.rs"]
mod submission;
#[path = "basket_tests/undo.rs"]
mod undo;

/// What a [`Situation`] is made of, owned.
#[derive(Clone)]
struct World {
    services: BTreeMap<ServiceCode, Service>,
    package: Vec<PackageItem>,
    dropped_for_good: BTreeSet<ServiceCode>,
    requests: Vec<(ServiceCode, State)>,
    account: Account,
    high: HighRange,
    open: bool,
    waiting: bool,
}

impl std::fmt::Debug for World {
    /// Only what a rule looks at, so that a counterexample fits on a screen.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for one in self.services.values() {
            let what = (one.price, one.interaction_level, one.status, one.universal, one.repeatable);
            writeln!(f, "{} {what:?} requires {:?} excludes {:?}", one.code, one.requires, one.excludes)?;
        }
        writeln!(f, "package {:?}, gone {:?}", self.package, self.dropped_for_good)?;
        writeln!(f, "requests {:?}, {:?}", self.requests, self.account)?;
        write!(f, "{:?}, open {}, waiting {}", self.high, self.open, self.waiting)
    }
}

impl World {
    fn empty(available: Credits) -> Self {
        Self {
            services: BTreeMap::new(),
            package: Vec::new(),
            dropped_for_good: BTreeSet::new(),
            requests: Vec::new(),
            account: Account { granted: available, ..Account::default() },
            high: HighRange { minimum: 0, maximum: 8 },
            open: true,
            waiting: false,
        }
    }

    /// The plain world, with so many credits to spend.
    fn with(available: Credits) -> Self {
        let mut world = Self::empty(available);
        for (code, price, level) in [
            ("sito", 0, InteractionLevel::Information),
            ("tributi", 6, InteractionLevel::OnlineSubmission),
            ("anagrafe", 5, InteractionLevel::FullTransaction),
            ("mappe", 4, InteractionLevel::Forms),
            ("identita", 2, InteractionLevel::Information),
            ("pagamenti", 5, InteractionLevel::FullTransaction),
            ("multe", 7, InteractionLevel::FullTransaction),
            ("mensa", 3, InteractionLevel::Forms),
            ("mensa-scolastica", 3, InteractionLevel::Forms),
            ("formazione", 2, InteractionLevel::Information),
        ] {
            world.services.insert(code.into(), service(code, price, level));
        }
        world.edit("sito").universal = true;
        world.edit("pagamenti").requires = vec!["identita".into()];
        world.edit("multe").requires = vec!["pagamenti".into()];
        world.edit("mensa").excludes = vec!["mensa-scolastica".into()];
        world.edit("formazione").repeatable = true;
        world.package = [("sito", 0), ("tributi", 4), ("anagrafe", 3), ("mappe", 2)]
            .map(|(code, value)| PackageItem { service: code.into(), value })
            .into();
        world.high = HighRange { minimum: 2, maximum: 4 };
        world
    }

    fn edit(&mut self, code: &str) -> &mut Service {
        self.services.get_mut(&ServiceCode::from(code)).expect("a service of this world")
    }

    fn pack(mut self, code: &str, value: Credits) -> Self {
        self.package.push(PackageItem { service: code.into(), value });
        self
    }

    /// Adds requests of the body, oldest first.
    fn asked(mut self, code: &str, states: &[State]) -> Self {
        self.requests.extend(states.iter().map(|state| (code.into(), *state)));
        self
    }

    fn situation(&self) -> Situation<'_> {
        Situation {
            services: &self.services,
            package: self.package.clone(),
            dropped_for_good: self.dropped_for_good.clone(),
            requests: self.requests.clone(),
            account: self.account,
            high: self.high,
            open: self.open,
            waiting: self.waiting,
        }
    }

    fn change(&self, choice: &Choice, change: Change, code: &str) -> Result<Choice, Refusal> {
        self.situation().change(choice, change, &code.into())
    }

    /// One command on a basket that nobody touched.
    fn first(&self, change: Change, code: &str) -> Result<Choice, Refusal> {
        self.change(&Choice::default(), change, code)
    }

    fn offer(&self, choice: &Choice, code: &str) -> Offer {
        self.situation().offer(choice, &code.into())
    }

    fn objections(&self, choice: &Choice) -> Vec<(Option<String>, Refusal)> {
        let objections = self.situation().judge(choice).objections;
        objections.into_iter().map(|one| (one.service.map(|service| service.code.0), one.refusal)).collect()
    }

    fn named(&self, code: &str) -> ServiceRef {
        self.services[&ServiceCode::from(code)].reference()
    }
}

fn service(code: &str, price: Credits, level: InteractionLevel) -> Service {
    Service {
        code: code.into(),
        name: code.to_uppercase(),
        area: "area".into(),
        summary: String::new(),
        keywords: Vec::new(),
        interaction_level: level,
        access: Vec::new(),
        delivery: DeliveryMode::CentralPlatform,
        universal: false,
        price,
        requires: Vec::new(),
        excludes: Vec::new(),
        review_days: 10,
        activation_days: 30,
        owner: String::new(),
        reuse_source: String::new(),
        status: ServiceStatus::Published,
        status_reason: String::new(),
        repeatable: false,
        milestones: Vec::new(),
        sheet: Sheet::default(),
    }
}

/// A choice written down as it is, as a basket saved long ago would be read.
fn choice(dropped: &[&str], added: &[(&str, u32)]) -> Choice {
    Choice {
        dropped: dropped.iter().map(|code| (*code).into()).collect(),
        added: added.iter().map(|(code, count)| ((*code).into(), *count)).collect(),
    }
}

fn short(missing: Credits) -> Refusal {
    Refusal::CreditsShort { missing }
}
