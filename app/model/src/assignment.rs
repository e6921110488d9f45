//! Which package and how many credits a body gets, and why.
//!
//! A rule is versioned data: half-open bands of population without gap or overlap, then modifiers on context
//! variables. An unknown population is never guessed: it is left for a person to decide.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::calendar::Instant;
use crate::credits::{Credits, MOST_CREDITS};
use crate::ids::{PackageCode, ServiceCode};
use crate::refusals::Refusal;

mod soundness;

pub use soundness::Unsound;

/// *Variabile di contesto*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Variable {
    /// *Comune montano*
    Mountain,
    /// *Area di disagio strutturale*
    StructuralDifficulty,
    /// *Membro di un'Unione*
    UnionMember,
}

impl Variable {
    pub const ALL: [Self; 3] = [Self::Mountain, Self::StructuralDifficulty, Self::UnionMember];

    /// The name used in the database and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mountain => "mountain",
            Self::StructuralDifficulty => "structural_difficulty",
            Self::UnionMember => "union_member",
        }
    }
}

/// *Sì, no, non noto*.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Known {
    Yes,
    No,
    #[default]
    Unknown,
}

impl Known {
    pub const ALL: [Self; 3] = [Self::Yes, Self::No, Self::Unknown];

    /// The name used in the database and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

/// *Fascia*: populations `from ≤ p < to`; the last band has no upper end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Band {
    pub from: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u32>,
    pub package: PackageCode,
    pub credits: Credits,
}

impl Band {
    pub fn contains(&self, population: u32) -> bool {
        population >= self.from && self.to.is_none_or(|to| population < to)
    }
}

/// What a context variable changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Modifier {
    pub variable: Variable,
    pub is: Known,
    /// Added to the band's credits; may be negative, but the sum stops at 0.
    #[serde(default)]
    pub credits: Credits,
    /// Services added to the package, with no value to come back.
    #[serde(default)]
    pub adds: Vec<ServiceCode>,
    pub reason: String,
}

/// *Regola di assegnazione*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rule {
    /// 1 and up, within a call.
    pub version: u32,
    pub bands: Vec<Band>,
    pub modifiers: Vec<Modifier>,
}

/// Why a rule can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleFault {
    NoBands,
    /// The first band does not begin at 0.
    FirstNotZero,
    /// A band is empty, or does not begin where the one before it ends.
    GapOrOverlap {
        at: u32,
    },
    /// The last band has an upper end, or another has none.
    LastNotOpen,
    /// Below 0, or more than is ever moved at once.
    BandCredits {
        from: u32,
    },
    /// More than is ever moved at once, either way.
    ModifierCredits {
        variable: Variable,
    },
}

impl RuleFault {
    /// The part of a rule that is to be mended.
    pub fn field(&self) -> &'static str {
        if matches!(self, Self::ModifierCredits { .. }) { "modifier" } else { "band" }
    }
}

/// As a clause, for whoever writes the rule.
impl fmt::Display for RuleFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBands => f.write_str("at least one band is expected"),
            Self::FirstNotZero => f.write_str("the first band must begin at 0"),
            Self::GapOrOverlap { at } => {
                write!(f, "a band ends at {at}, and the next does not begin there or is empty")
            }
            Self::LastNotOpen => f.write_str("the last band, and only it, has no upper end"),
            Self::BandCredits { from } => {
                write!(f, "the credits of the band from {from} must be from 0 to {MOST_CREDITS}")
            }
            Self::ModifierCredits { variable } => {
                let name = variable.name();
                write!(f, "the credits of the modifier {name} must be from -{MOST_CREDITS} to {MOST_CREDITS}")
            }
        }
    }
}

/// What is known of a body when it is assigned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    pub population: Option<u32>,
    pub population_year: Option<u16>,
    pub population_source: String,
    pub variables: BTreeMap<Variable, Known>,
}

/// *Perché questo pacchetto*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Explanation {
    pub rule_version: u32,
    /// None where a person decided.
    pub band: Option<Band>,
    pub population: Option<u32>,
    pub population_year: Option<u16>,
    pub population_source: String,
    /// The modifiers that applied.
    pub modifiers: Vec<Modifier>,
    pub at: Instant,
    /// Why a person decided, where one did.
    pub reason: Option<String>,
}

impl Explanation {
    /// The services that the modifiers added.
    pub fn adds(&self) -> Vec<ServiceCode> {
        added_by(&self.modifiers)
    }
}

fn added_by(modifiers: &[Modifier]) -> Vec<ServiceCode> {
    modifiers.iter().flat_map(|modifier| modifier.adds.iter().cloned()).collect()
}

/// What a body gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Assignment {
    pub package: PackageCode,
    pub credits: Credits,
    pub adds: Vec<ServiceCode>,
    pub explanation: Explanation,
}

impl Rule {
    /// Every fault that keeps this rule from giving each population exactly one band.
    pub fn faults(&self) -> Vec<RuleFault> {
        let mut faults = Vec::new();
        let Some(first) = self.bands.first() else {
            return vec![RuleFault::NoBands];
        };
        if first.from != 0 {
            faults.push(RuleFault::FirstNotZero);
        }
        for pair in self.bands.windows(2) {
            match pair[0].to {
                None => faults.push(RuleFault::LastNotOpen),
                Some(to) if to != pair[1].from || to <= pair[0].from => {
                    faults.push(RuleFault::GapOrOverlap { at: to });
                }
                Some(_) => {}
            }
        }
        if self.bands.last().is_some_and(|last| last.to.is_some()) {
            faults.push(RuleFault::LastNotOpen);
        }
        let beyond = |band: &&Band| !(0..=MOST_CREDITS).contains(&band.credits);
        faults
            .extend(self.bands.iter().filter(beyond).map(|band| RuleFault::BandCredits { from: band.from }));
        let beyond = |modifier: &&Modifier| !(-MOST_CREDITS..=MOST_CREDITS).contains(&modifier.credits);
        faults.extend(
            self.modifiers
                .iter()
                .filter(beyond)
                .map(|modifier| RuleFault::ModifierCredits { variable: modifier.variable }),
        );
        faults
    }

    /// The one place that says which band a population falls in.
    pub fn band(&self, population: u32) -> Option<&Band> {
        self.bands.iter().find(|band| band.contains(population))
    }

    /// The modifiers that apply where so much is known of the variables.
    fn applying(&self, variables: &BTreeMap<Variable, Known>) -> Vec<Modifier> {
        let applies = |modifier: &&Modifier| {
            variables.get(&modifier.variable).copied().unwrap_or_default() == modifier.is
        };
        self.modifiers.iter().filter(applies).cloned().collect()
    }

    /// What a body in this context gets, with the explanation.
    ///
    /// # Errors
    /// `population_unknown` where the population is unknown: a person must decide.
    pub fn assign(&self, context: &Context, at: Instant) -> Result<Assignment, Refusal> {
        let band = context
            .population
            .and_then(|population| self.band(population))
            .ok_or(Refusal::PopulationUnknown)?;
        let modifiers = self.applying(&context.variables);
        let credits = band.credits + modifiers.iter().map(|modifier| modifier.credits).sum::<Credits>();
        Ok(Assignment {
            package: band.package.clone(),
            credits: credits.max(0),
            adds: added_by(&modifiers),
            explanation: Explanation {
                rule_version: self.version,
                band: Some(band.clone()),
                population: context.population,
                population_year: context.population_year,
                population_source: context.population_source.clone(),
                modifiers,
                at,
                reason: None,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rule(ends: &[u32]) -> Rule {
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let bands = starts
            .enumerate()
            .map(|(i, from)| Band {
                from,
                to: ends.get(i).copied(),
                package: PackageCode(format!("p{i}")),
                credits: 10 * i64::try_from(i).expect("few bands"),
            })
            .collect();
        Rule { version: 1, bands, modifiers: Vec::new() }
    }

    fn of(population: Option<u32>) -> Context {
        Context { population, ..Context::default() }
    }

    #[test]
    fn the_national_classes_include_their_upper_limit() {
        let rule = rule(&[1_001, 5_001, 20_001, 50_001, 100_001, 250_001]);
        assert_eq!(rule.faults(), []);
        for (i, end) in [1_000, 5_000, 20_000, 50_000, 100_000, 250_000].into_iter().enumerate() {
            let package = |p| rule.assign(&of(Some(p)), Instant(0)).expect("known").package.0;
            assert_eq!(package(end - 1), format!("p{i}"));
            assert_eq!(package(end), format!("p{i}"));
            assert_eq!(package(end + 1), format!("p{}", i + 1));
        }
        assert_eq!(rule.assign(&of(None), Instant(0)), Err(Refusal::PopulationUnknown));
    }

    #[test]
    fn modifiers_apply_only_where_the_variable_is_known_to_match() {
        let mut rule = rule(&[]);
        rule.modifiers.push(Modifier {
            variable: Variable::Mountain,
            is: Known::Yes,
            credits: -5,
            adds: vec!["x".into()],
            reason: "montano".into(),
        });
        let mut context = of(Some(7));
        assert!(rule.assign(&context, Instant(0)).expect("known").adds.is_empty());
        context.variables.insert(Variable::Mountain, Known::Yes);
        let given = rule.assign(&context, Instant(0)).expect("known");
        assert_eq!((given.credits, given.adds.len()), (0, 1), "credits stop at zero");
    }

    #[test]
    fn gaps_overlaps_and_open_ends_are_faults() {
        let mut gap = rule(&[10, 20]);
        gap.bands[1].from = 11;
        assert_eq!(gap.faults(), [RuleFault::GapOrOverlap { at: 10 }]);
        let mut closed = rule(&[10]);
        closed.bands[1].to = Some(20);
        assert_eq!(closed.faults(), [RuleFault::LastNotOpen]);
        let mut late = rule(&[10]);
        late.bands[0].from = 1;
        assert_eq!(late.faults(), [RuleFault::FirstNotZero]);
        assert_eq!(Rule { version: 1, bands: vec![], modifiers: vec![] }.faults(), [RuleFault::NoBands]);
    }

    #[test]
    fn no_band_or_modifier_moves_more_than_an_action_may() {
        let mut good = rule(&[10]);
        good.bands[0].credits = MOST_CREDITS;
        assert_eq!(good.faults(), []);
        for credits in [-1, MOST_CREDITS + 1, Credits::MIN, Credits::MAX] {
            good.bands[1].credits = credits;
            assert_eq!(good.faults(), [RuleFault::BandCredits { from: 10 }], "{credits}");
        }
        let mut rule = rule(&[]);
        let modifier = |credits| Modifier {
            variable: Variable::Mountain,
            is: Known::Yes,
            credits,
            adds: Vec::new(),
            reason: String::new(),
        };
        rule.modifiers = [-MOST_CREDITS, MOST_CREDITS].map(modifier).to_vec();
        assert_eq!(rule.faults(), []);
        for credits in [-MOST_CREDITS - 1, MOST_CREDITS + 1, Credits::MIN, Credits::MAX] {
            rule.modifiers = vec![modifier(credits)];
            let fault = RuleFault::ModifierCredits { variable: Variable::Mountain };
            assert_eq!(rule.faults(), [fault], "{credits}");
        }
    }

    proptest! {
        #[test]
        fn a_faultless_rule_gives_each_population_exactly_one_band(
            ends in prop::collection::btree_set(1_u32..1_000_000, 0..8), population in 0_u32..2_000_000
        ) {
            let rule = rule(&ends.into_iter().collect::<Vec<_>>());
            prop_assert_eq!(rule.faults(), vec![]);
            prop_assert_eq!(rule.bands.iter().filter(|band| band.contains(population)).count(), 1);
        }
    }
}
