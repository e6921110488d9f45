//! The assignment rule at work: what it would do, what was seen of that, and what it did.

use serde::{Deserialize, Serialize};

use crate::api::people::BodyRef;
use crate::api::{FieldError, FieldErrorKind, operation};
use crate::credits::Credits;
use crate::ids::{CallId, PackageCode, ProposalId};
use crate::seen::Difference;

/// *Assegna* by the rule: what a dry run said it would do. Where it would do something else by now, nothing is done and
/// `conflict` names the difference.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Assign {
    pub call: CallId,
    /// Say what would happen, and change nothing.
    pub dry_run: bool,
    /// `effect` as the dry run answered it; needed but for a dry run.
    #[serde(default)]
    pub seen: Option<RuleEffect>,
}
operation!(Assign, Post "/calls/{call}/assign", RunCall -> AssignmentReport, |o| {
    let missing = !o.dry_run && o.seen.is_none();
    missing.then(|| FieldError::new("seen", FieldErrorKind::Missing)).into_iter().collect()
});

/// What a rule does, or would do, in sum.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleEffect {
    pub rule_version: u32,
    /// Bodies that are given something for the first time, or something else.
    pub bodies: u32,
    /// Credits that are moved for them, whether given or taken away.
    pub credits: Credits,
    /// What changes in the value of their packages, without signs; those that had none are not counted.
    pub value_change: Credits,
    /// SHA-256 in hexadecimal over a JSON array that holds `[body, package, credits, difference]` of each line that gives
    /// something, in order of body.
    pub digest: String,
}

impl RuleEffect {
    /// The digest is computed by whoever has a hash: this crate has none.
    pub fn of(rule_version: u32, lines: &[AssignmentLine], digest: String) -> Self {
        let mut effect = Self { rule_version, digest, ..Self::default() };
        for line in lines.iter().filter(|line| line.outcome.gives()) {
            effect.bodies += 1;
            effect.credits += line.difference.abs();
            effect.value_change += line.value_change.abs();
        }
        effect
    }

    /// What of it is not as it was `seen`.
    pub fn differences(&self, seen: &Self) -> Vec<Difference> {
        [
            (self.rule_version != seen.rule_version)
                .then_some(Difference::Rule { seen: seen.rule_version, now: self.rule_version }),
            (self.bodies != seen.bodies)
                .then_some(Difference::Bodies { seen: seen.bodies, now: self.bodies }),
            (self.credits != seen.credits)
                .then_some(Difference::Moved { seen: seen.credits, now: self.credits }),
            (self.value_change != seen.value_change)
                .then_some(Difference::PackageValue { seen: seen.value_change, now: self.value_change }),
            (self.digest != seen.digest).then_some(Difference::RuleLines),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// What an assignment did to one body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AssignmentOutcome {
    Assigned,
    Unchanged,
    /// A new version of the rule: the difference was written.
    Changed,
    /// Somebody chose: not touched.
    Kept,
    /// Left for a manual decision.
    PopulationUnknown,
}

impl AssignmentOutcome {
    /// Whether the body is given something.
    pub fn gives(self) -> bool {
        matches!(self, Self::Assigned | Self::Changed)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AssignmentLine {
    pub body: BodyRef,
    pub outcome: AssignmentOutcome,
    pub package: Option<PackageCode>,
    /// What the rule gives.
    pub credits: Option<Credits>,
    /// What it gives less what the body has by assignment.
    pub difference: Credits,
    /// The value of the package that it gives less that of the package that the body has; 0 where nothing is changed, and
    /// for a first assignment, which counts by its credits alone.
    pub value_change: Credits,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AssignmentReport {
    pub dry_run: bool,
    pub effect: RuleEffect,
    /// It is above the threshold: nothing was changed, and another administrator must confirm this.
    pub proposal: Option<ProposalId>,
    pub lines: Vec<AssignmentLine>,
}
