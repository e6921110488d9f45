//! Whether the packages of a rule stand alone as bodies would get them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{Known, Rule, Variable, added_by};
use crate::catalogue::{HighRange, Package, PackageFault, Service};
use crate::ids::{PackageCode, ServiceCode};

/// A package that a rule gives, and that does not stand alone as a body would get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsound {
    pub package: PackageCode,
    /// The services that modifiers add to it.
    pub adds: Vec<ServiceCode>,
    pub fault: PackageFault,
}

/// As a clause, for whoever writes the rule or the catalogue.
impl fmt::Display for Unsound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "package {}", self.package)?;
        if !self.adds.is_empty() {
            let adds: Vec<_> = self.adds.iter().map(ServiceCode::as_str).collect();
            write!(f, " with {}, which modifiers add", adds.join(", "))?;
        }
        write!(f, ": {}", self.fault)
    }
}

impl Rule {
    /// Everything that modifiers can add to a package, one list for each combination of what can be known of the
    /// variables; among them that nothing is added.
    fn additions(&self) -> BTreeSet<Vec<ServiceCode>> {
        let adding = self.modifiers.iter().filter(|modifier| !modifier.adds.is_empty());
        let variables: BTreeSet<_> = adding.map(|modifier| modifier.variable).collect();
        let mut contexts = vec![BTreeMap::new()];
        for variable in variables {
            let each = |context: BTreeMap<Variable, Known>| {
                Known::ALL.map(|known| {
                    let mut context = context.clone();
                    context.insert(variable, known);
                    context
                })
            };
            contexts = contexts.into_iter().flat_map(each).collect();
        }
        let added = |context| added_by(&self.applying(context)).into_iter().collect::<BTreeSet<_>>();
        let all = contexts.iter().map(|context| added(context).into_iter().collect());
        all.chain([Vec::new()]).collect()
    }

    /// Every package of this rule that does not stand alone, by itself or with what modifiers add, where `range` is the
    /// call's own. A fault is told once a package, with the fewest additions that show it.
    pub fn unsound(
        &self,
        packages: &[Package],
        services: &BTreeMap<ServiceCode, Service>,
        range: HighRange,
    ) -> Vec<Unsound> {
        let named: BTreeSet<_> = self.bands.iter().map(|band| &band.package).collect();
        let mut additions: Vec<_> = self.additions().into_iter().collect();
        additions.sort_by_key(Vec::len);
        let mut unsound: Vec<Unsound> = Vec::new();
        for package in packages.iter().filter(|package| named.contains(&package.code)) {
            for adds in &additions {
                for fault in package.faults(adds, services, Some(range)) {
                    let told = |one: &Unsound| one.package == package.code && one.fault == fault;
                    if !unsound.iter().any(told) {
                        unsound.push(Unsound { package: package.code.clone(), adds: adds.clone(), fault });
                    }
                }
            }
        }
        unsound
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assignment::{Band, Modifier};
    use crate::catalogue::{AccessMode, DeliveryMode, InteractionLevel, PackageItem, ServiceStatus, Sheet};

    fn service(code: &str, level: InteractionLevel, requires: &[&str]) -> Service {
        Service {
            code: code.into(),
            name: code.to_owned(),
            area: "vita".into(),
            summary: code.to_owned(),
            keywords: Vec::new(),
            interaction_level: level,
            access: vec![AccessMode::Web],
            delivery: DeliveryMode::CentralPlatform,
            universal: false,
            price: 0,
            requires: requires.iter().map(|code| ServiceCode::from(*code)).collect(),
            excludes: Vec::new(),
            review_days: 1,
            activation_days: 1,
            owner: String::new(),
            reuse_source: String::new(),
            status: ServiceStatus::Published,
            status_reason: String::new(),
            repeatable: false,
            milestones: Vec::new(),
            sheet: Sheet::default(),
        }
    }

    /// Two high services in the package, two that modifiers add, one of them in need of another; and the portal.
    fn services() -> BTreeMap<ServiceCode, Service> {
        use InteractionLevel::{FullTransaction, Information};
        let mut portal = service("portale", Information, &[]);
        portal.universal = true;
        let services = [
            portal,
            service("anagrafe", FullTransaction, &["portale"]),
            service("scuola", FullTransaction, &[]),
            service("malghe", FullTransaction, &[]),
            service("rete", Information, &["antenna"]),
            service("antenna", Information, &[]),
        ];
        services.into_iter().map(|service| (service.code.clone(), service)).collect()
    }

    fn package() -> Package {
        let item = |code: &str| PackageItem { service: code.into(), value: 0 };
        Package {
            code: "unico".into(),
            name: String::new(),
            summary: String::new(),
            items: vec![item("anagrafe"), item("scuola")],
        }
    }

    fn rule(modifiers: &[(Variable, Known, &str)]) -> Rule {
        let modifier = |(variable, is, adds): &(Variable, Known, &str)| Modifier {
            variable: *variable,
            is: *is,
            credits: 0,
            adds: vec![ServiceCode::from(*adds)],
            reason: String::new(),
        };
        Rule {
            version: 1,
            bands: vec![Band { from: 0, to: None, package: "unico".into(), credits: 1 }],
            modifiers: modifiers.iter().map(modifier).collect(),
        }
    }

    fn told(rule: &Rule, minimum: u32, maximum: u32) -> Vec<String> {
        let range = HighRange { minimum, maximum };
        rule.unsound(&[package()], &services(), range).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_package_is_judged_by_the_limits_of_its_own_call() {
        let rule = rule(&[]);
        assert!(told(&rule, 2, 8).is_empty() && told(&rule, 0, 2).is_empty());
        assert_eq!(
            told(&rule, 3, 8),
            ["package unico: 2 high-interactivity services; from 3 to 8 are expected"]
        );
        assert_eq!(
            told(&rule, 0, 1),
            ["package unico: 2 high-interactivity services; from 0 to 1 are expected"]
        );
    }

    #[test]
    fn a_package_is_judged_with_what_modifiers_add_and_every_body_has() {
        let adding =
            rule(&[(Variable::Mountain, Known::Yes, "malghe"), (Variable::UnionMember, Known::No, "rete")]);
        assert_eq!(
            told(&adding, 2, 2),
            [
                "package unico with malghe, which modifiers add: 3 high-interactivity services; from 2 to 2 are \
                 expected",
                "package unico with rete, which modifiers add: rete needs antenna, which is not in it",
            ]
        );
        // Together they are sound: the one brings what the other needs.
        let together = rule(&[
            (Variable::UnionMember, Known::No, "rete"),
            (Variable::UnionMember, Known::No, "antenna"),
        ]);
        assert!(told(&together, 2, 2).is_empty());
        // What excludes each other never comes together where the variable is one.
        let apart = rule(&[
            (Variable::Mountain, Known::Yes, "malghe"),
            (Variable::Mountain, Known::Unknown, "antenna"),
        ]);
        assert!(told(&apart, 2, 3).is_empty());
        assert_eq!(apart.additions().len(), 3, "nothing, or one of the two");
    }

    #[test]
    fn every_combination_of_three_variables_is_looked_at() {
        let all = rule(&[
            (Variable::Mountain, Known::Yes, "malghe"),
            (Variable::StructuralDifficulty, Known::Yes, "antenna"),
            (Variable::UnionMember, Known::Unknown, "rete"),
        ]);
        assert_eq!(all.additions().len(), 8);
    }
}
