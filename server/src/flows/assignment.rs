//! Giving packages and credits: by the rule for all, by hand for one; never undoing a human choice.

use std::collections::BTreeSet;

use model::access::Deed;
use model::api::Problem;
use model::api::call::{
    Assign, AssignByHand, AssignmentLine, AssignmentOutcome, AssignmentReport, Call, ReviseRule, RuleEffect,
};
use model::api::{Fault, FaultKind, Trouble};
use model::assignment::{Assignment, Explanation, Rule};
use model::basket::Choice;
use model::calls::CallStatus;
use model::catalogue::{HighRange, PackageFault, PackageItem};
use model::causes::by_rule;
use model::credits::{Credits, EntryKind};
use model::ids::{BodyId, CallId, PackageCode};
use model::refusals::Refusal;
use model::territory::Body;

use super::basket::current;
use super::credits::enter;
use super::folder::body_ref;
use crate::desk::{Desk, Flow};
use crate::store::{AssignmentRow, CallRow, Catalogue, Stored};

impl Flow for Assign {
    async fn run(self, desk: &mut Desk<'_>) -> Result<AssignmentReport, Problem> {
        desk.allow(Deed::RunCall, None)?;
        let row = unarchived(desk, self.call).await?;
        let rule = row.rule()?;
        let catalogue = desk.work.catalogue().await?;
        let held = desk.work.assignments(self.call).await?;
        let chosen = chosen(desk, self.call).await?;
        let bodies = desk.work.joined_bodies().await?;
        let before = |body: &Body| held.iter().find(|row| row.body == body.id.0);
        let lines = bodies.iter().map(|body| judge(desk, &rule, body, before(body), &chosen));
        let lines = lines.collect::<Stored<Vec<_>>>()?;
        let effect = RuleEffect::of(rule.version, &lines);
        if !self.dry_run {
            let changes = effect.differences(self.seen.unwrap_or_default());
            if !changes.is_empty() {
                return Err(Trouble::Conflict { changes, state: None }.into());
            }
            for (body, line) in bodies.iter().zip(&lines).filter(|(_, line)| line.outcome.gives()) {
                let assignment = rule.assign(&body.context(), desk.now)?;
                give(desk, self.call, body.id, &catalogue, &assignment, line.difference, false).await?;
            }
        }
        Ok(AssignmentReport { dry_run: self.dry_run, effect, lines })
    }
}

/// A call that may still give something.
async fn unarchived(desk: &mut Desk<'_>, id: CallId) -> Result<CallRow, Problem> {
    let row = desk.work.call(id).await?.ok_or(Trouble::NotFound)?;
    if row.status()? == CallStatus::Archived {
        return Err(Refusal::CallClosed.into());
    }
    Ok(row)
}

/// Bodies that made a choice in this call: a changed basket, or a submission.
async fn chosen(desk: &mut Desk<'_>, call: CallId) -> Result<BTreeSet<i64>, Problem> {
    let mut chosen: BTreeSet<i64> =
        desk.work.submission_states(call).await?.into_iter().map(|(body, _)| body).collect();
    let choices = desk.work.choices(call).await?;
    chosen.extend(choices.iter().filter(|(_, choice)| !choice.is_empty()).map(|(body, _)| body.0));
    Ok(chosen)
}

/// What the rule would do to one body.
fn judge(
    desk: &Desk<'_>,
    rule: &Rule,
    body: &Body,
    before: Option<&AssignmentRow>,
    chosen: &BTreeSet<i64>,
) -> Stored<AssignmentLine> {
    let given = rule.assign(&body.context(), desk.now).ok();
    let difference = given.as_ref().map_or(0, |given| given.credits - before.map_or(0, |row| row.credits));
    let added = match before {
        Some(row) => row.explanation()?.adds(),
        None => Vec::new(),
    };
    let outcome = match (&given, before) {
        (None, _) => AssignmentOutcome::PopulationUnknown,
        (Some(_), None) => AssignmentOutcome::Assigned,
        (Some(given), Some(row))
            if row.package == given.package.0 && difference == 0 && added == given.adds =>
        {
            AssignmentOutcome::Unchanged
        }
        (Some(_), Some(row)) if row.by_hand || chosen.contains(&row.body) => AssignmentOutcome::Kept,
        (Some(_), Some(_)) => AssignmentOutcome::Changed,
    };
    // A body that somebody decided for is not waiting for a decision any more.
    let outcome = match before {
        Some(_) if outcome == AssignmentOutcome::PopulationUnknown => AssignmentOutcome::Kept,
        _ => outcome,
    };
    Ok(AssignmentLine {
        body: body_ref(body),
        outcome,
        package: given.as_ref().map(|given| given.package.clone()),
        credits: given.map(|given| given.credits),
        difference,
    })
}

/// Writes an assignment: the package as it is today, the explanation, and the difference in credits.
async fn give(
    desk: &mut Desk<'_>,
    call: CallId,
    body: BodyId,
    catalogue: &Catalogue,
    assignment: &Assignment,
    difference: Credits,
    by_hand: bool,
) -> Result<(), Problem> {
    let items = items(catalogue, assignment)?;
    let account = desk.work.open_account(call, body).await?;
    let explanation = &assignment.explanation;
    let reason = explanation.reason.clone().unwrap_or_else(|| by_rule(explanation.rule_version));
    match difference {
        0 => {}
        more if more > 0 => enter(desk, account.id(), EntryKind::Grant, more, &reason).await?,
        less => enter(desk, account.id(), EntryKind::Reduce, -less, &reason).await?,
    }
    desk.work
        .save_assignment(
            call,
            body,
            assignment.package.as_str(),
            assignment.credits,
            &assignment.explanation,
            by_hand,
            &items,
        )
        .await?;
    Ok(())
}

/// What the body gets: the package with what modifiers add and every body has.
fn items(catalogue: &Catalogue, assignment: &Assignment) -> Result<Vec<PackageItem>, Problem> {
    let Some(package) = catalogue.package(&assignment.package) else {
        return Err(Problem::faulty(Fault::new("package", FaultKind::Unknown)));
    };
    Ok(package.given(&assignment.adds, &catalogue.services))
}

impl Flow for AssignByHand {
    async fn run(self, desk: &mut Desk<'_>) -> Result<Assignment, Problem> {
        desk.allow(Deed::AssignByHand, Some(self.body))?;
        let folder = current(desk, self.body).await?;
        if folder.body.joined.is_none() {
            return Err(Refusal::NotJoined.into());
        }
        if folder.waiting()?.is_some() {
            return Err(Refusal::SubmissionWaiting.into());
        }
        refuse_beyond(&folder.catalogue, &self.package, folder.call.terms.high())?;
        let context = folder.body.context();
        let assignment = Assignment {
            package: self.package,
            credits: self.credits,
            adds: Vec::new(),
            explanation: Explanation {
                rule_version: folder.call.rule_version,
                band: None,
                population: context.population,
                population_year: context.population_year,
                population_source: context.population_source,
                modifiers: Vec::new(),
                at: desk.now,
                reason: Some(self.reason.trim().to_owned()),
            },
        };
        let before = folder.assignment.as_ref().map_or(0, |row| row.credits);
        let difference = assignment.credits - before;
        give(desk, folder.call_id(), self.body, &folder.catalogue, &assignment, difference, true).await?;
        // Another package: what was chosen on the old one would no longer mean the same.
        if !folder.choice.is_empty() {
            desk.work.save_choice(folder.call_id(), self.body, &Choice::default(), desk.now.0).await?;
        }
        Ok(assignment)
    }
}

/// Refuses a package with too few or too many high-interactivity services for the call.
fn refuse_beyond(catalogue: &Catalogue, code: &PackageCode, range: HighRange) -> Result<(), Refusal> {
    let faults = catalogue.package(code).map(|package| package.faults(&[], &catalogue.services, Some(range)));
    let high = faults.into_iter().flatten().find_map(|fault| match fault {
        PackageFault::High { count, range } => Some((count, range)),
        _ => None,
    });
    match high {
        None => Ok(()),
        Some((count, range)) if count < range.minimum => {
            Err(Refusal::InteractivityBelow { missing: range.minimum - count, range })
        }
        Some((count, range)) => Err(Refusal::InteractivityAbove { excess: count - range.maximum, range }),
    }
}

impl Flow for ReviseRule {
    async fn run(self, desk: &mut Desk<'_>) -> Result<Call, Problem> {
        desk.allow(Deed::RunCall, None)?;
        let row = unarchived(desk, self.call).await?;
        let version = row.rule()?.version + 1;
        let rule = Rule { version, bands: self.bands, modifiers: self.modifiers };
        let catalogue = desk.work.catalogue().await?;
        sound(&rule, &catalogue, row.call()?.terms.high())?;
        desk.work.add_rule(self.call, i64::from(version), &rule.bands, &rule.modifiers).await?;
        let row = desk.work.call(self.call).await?.ok_or(Trouble::Internal)?;
        Ok(row.call()?)
    }
}

/// Refuses a rule with every fault that it has, by itself and against the catalogue.
pub fn sound(rule: &Rule, catalogue: &Catalogue, range: HighRange) -> Result<(), Problem> {
    let unreadable = |field: &str, detail: String| Fault::new(field, FaultKind::Unreadable { detail });
    let mut faults: Vec<_> =
        rule.faults().iter().map(|fault| unreadable(fault.field(), fault.to_string())).collect();
    let named: BTreeSet<_> = rule.bands.iter().map(|band| &band.package).collect();
    let unknown = named.into_iter().filter(|code| catalogue.package(code).is_none());
    faults.extend(unknown.map(|code| unreadable("band", format!("no package is called {code}"))));
    let unsound = rule.unsound(&catalogue.packages, &catalogue.services, range);
    faults.extend(unsound.iter().map(|unsound| {
        let field = if unsound.adds.is_empty() { "band" } else { "modifier" };
        unreadable(field, unsound.to_string())
    }));
    for code in rule.modifiers.iter().flat_map(|modifier| &modifier.adds) {
        if !catalogue.services.contains_key(code) {
            faults.push(unreadable("modifier", format!("no service is called {code}")));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Trouble::Faulty { faults }.into()) }
}
