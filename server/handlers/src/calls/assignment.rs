//! Giving packages and credits: by the rule for all, by hand for one; never undoing a human choice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::api::Problem;
use model::api::calls::{AssignmentLine, AssignmentOutcome, Call, ReviseRule, RuleEffect};
use model::api::{ApiError, FieldError, FieldErrorKind};
use model::assignment::{Assignment, Explanation, Rule};
use model::basket::Choice;
use model::calendar::Instant;
use model::calls::CallStatus;
use model::catalogue::{HighRange, PackageFault, PackageItem, value_of};
use model::causes::by_rule;
use model::credits::{Credits, EntryKind};
use model::ids::{BodyId, CallId, PackageCode, ServiceCode};
use model::refusals::Refusal;
use model::territory::Body;

use crate::baskets::body_in_call::{BodyInCall, body_ref};
use crate::context::{Handler, RequestContext};
use crate::credits::{EntryPosition, enter, refuse_changes};
use store::hashing::hash;
use store::{AssignmentRow, CallRow, Catalogue, StoreResult};

/// What the rule would do to every body of a call.
pub struct AssignmentPlan {
    pub call: Call,
    pub effect: RuleEffect,
    rule: Rule,
    catalogue: Arc<Catalogue>,
    bodies: Vec<Body>,
    /// One for each body.
    pub lines: Vec<AssignmentLine>,
}

impl AssignmentPlan {
    pub async fn make(ctx: &mut RequestContext<'_>, call: CallId) -> Result<Self, Problem> {
        let row = unarchived(ctx, call).await?;
        let rule = row.rule()?;
        let catalogue = ctx.tx.catalogue().await?;
        let bodies = ctx.tx.joined_bodies().await?;
        let judge = Judge::of(ctx, call, &rule, &catalogue).await?;
        let lines = bodies.iter().map(|body| judge.line(body)).collect::<StoreResult<Vec<_>>>()?;
        let effect = RuleEffect::of(rule.version, &lines, digest(&lines));
        Ok(Self { call: row.call()?, effect, rule, catalogue, bodies, lines })
    }

    /// Refuses where it would do something else than what was seen.
    pub fn refuse_unseen(&self, seen: &RuleEffect) -> Result<(), ApiError> {
        refuse_changes(self.effect.differences(seen))
    }

    /// Writes it, and answers with the entries that came of it.
    pub async fn carry_out(&self, ctx: &mut RequestContext<'_>) -> Result<Vec<EntryPosition>, Problem> {
        let mut written = Vec::new();
        for (body, line) in self.bodies.iter().zip(&self.lines).filter(|(_, line)| line.outcome.gives()) {
            let assignment = self.rule.assign(&body.context(), ctx.now)?;
            let (call, catalogue) = (self.call.id, &self.catalogue);
            let entry = give(ctx, call, body.id, catalogue, &assignment, line.difference, false).await?;
            written.extend(entry);
        }
        Ok(written)
    }
}

/// A call that may still give something.
async fn unarchived(ctx: &mut RequestContext<'_>, id: CallId) -> Result<CallRow, Problem> {
    let row = ctx.tx.call(id).await?.ok_or(ApiError::NotFound)?;
    if row.status == CallStatus::Archived {
        return Err(Refusal::CallClosed.into());
    }
    Ok(row)
}

/// Bodies that made a choice in this call: a changed basket, or a submission.
async fn chosen(ctx: &mut RequestContext<'_>, call: CallId) -> Result<BTreeSet<BodyId>, Problem> {
    let mut chosen: BTreeSet<BodyId> =
        ctx.tx.submission_states(call).await?.into_iter().map(|(body, _)| body).collect();
    let choices = ctx.tx.choices(call).await?;
    chosen.extend(choices.iter().filter(|(_, choice)| !choice.is_empty()).map(|(body, _)| *body));
    Ok(chosen)
}

/// The digest of what the lines give: see [`RuleEffect`].
fn digest(lines: &[AssignmentLine]) -> String {
    let given = lines.iter().filter(|line| line.outcome.gives());
    let mut given: Vec<_> =
        given.map(|line| (line.body.id, &line.package, line.credits, line.difference)).collect();
    given.sort_by_key(|(body, ..)| *body);
    hash(serde_json::json!(given).to_string())
}

/// What is to be known to say what the rule would do to each body.
struct Judge<'r> {
    rule: &'r Rule,
    catalogue: &'r Catalogue,
    at: Instant,
    before: Vec<AssignmentRow>,
    /// By body: what comes back for the package that it has.
    values: BTreeMap<BodyId, Credits>,
    /// Bodies that made a choice.
    chosen: BTreeSet<BodyId>,
}

impl<'r> Judge<'r> {
    async fn of(
        ctx: &mut RequestContext<'_>,
        call: CallId,
        rule: &'r Rule,
        catalogue: &'r Catalogue,
    ) -> Result<Self, Problem> {
        let mut values: BTreeMap<BodyId, Credits> = BTreeMap::new();
        for item in ctx.tx.all_assigned_items(call).await? {
            *values.entry(item.body).or_default() += item.value;
        }
        let before = ctx.tx.assignments(call).await?;
        Ok(Self { rule, catalogue, at: ctx.now, before, values, chosen: chosen(ctx, call).await? })
    }

    /// What the rule would do to one body.
    fn line(&self, body: &Body) -> StoreResult<AssignmentLine> {
        let before = self.before.iter().find(|row| row.body == body.id);
        let given = self.rule.assign(&body.context(), self.at).ok();
        let difference =
            given.as_ref().map_or(0, |given| given.credits - before.map_or(0, |row| row.credits));
        let outcome = self.outcome(given.as_ref(), before, difference)?;
        let value_change = match &given {
            Some(given) if outcome == AssignmentOutcome::Changed => {
                let items = items(self.catalogue, &given.package, &given.adds).unwrap_or_default();
                value_of(&items) - self.values.get(&body.id).copied().unwrap_or_default()
            }
            _ => 0,
        };
        Ok(AssignmentLine {
            body: body_ref(body),
            outcome,
            package: given.as_ref().map(|given| given.package.clone()),
            credits: given.map(|given| given.credits),
            difference,
            value_change,
        })
    }

    fn outcome(
        &self,
        given: Option<&Assignment>,
        before: Option<&AssignmentRow>,
        difference: Credits,
    ) -> StoreResult<AssignmentOutcome> {
        let added = match before {
            Some(row) => row.explanation()?.adds(),
            None => Vec::new(),
        };
        Ok(match (given, before) {
            // A body that somebody decided for is not waiting for a decision any more.
            (None, Some(_)) => AssignmentOutcome::Kept,
            (None, None) => AssignmentOutcome::PopulationUnknown,
            (Some(_), None) => AssignmentOutcome::Assigned,
            (Some(given), Some(row))
                if row.package == given.package && difference == 0 && added == given.adds =>
            {
                AssignmentOutcome::Unchanged
            }
            (Some(_), Some(row)) if row.by_hand || self.chosen.contains(&row.body) => AssignmentOutcome::Kept,
            (Some(_), Some(_)) => AssignmentOutcome::Changed,
        })
    }
}

/// Writes an assignment: the package as it is today, the explanation, and the difference in credits.
async fn give(
    ctx: &mut RequestContext<'_>,
    call: CallId,
    body: BodyId,
    catalogue: &Catalogue,
    assignment: &Assignment,
    difference: Credits,
    by_hand: bool,
) -> Result<Option<EntryPosition>, Problem> {
    let Some(items) = items(catalogue, &assignment.package, &assignment.adds) else {
        return Err(unknown_package());
    };
    let account = ctx.tx.open_account(call, body).await?;
    let explanation = &assignment.explanation;
    let reason = explanation.reason.clone().unwrap_or_else(|| by_rule(explanation.rule_version));
    let written = match difference {
        0 => None,
        more if more > 0 => Some(enter(ctx, account.id, EntryKind::Grant, more, &reason).await?),
        less => Some(enter(ctx, account.id, EntryKind::Reduce, -less, &reason).await?),
    };
    ctx.tx
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
    Ok(written)
}

/// What a body gets: the package with what modifiers add and every body has. None where there is no such package.
pub fn items(catalogue: &Catalogue, package: &PackageCode, adds: &[ServiceCode]) -> Option<Vec<PackageItem>> {
    Some(catalogue.package(package)?.given(adds, &catalogue.services))
}

fn unknown_package() -> Problem {
    Problem::faulty(FieldError::new("package", FieldErrorKind::Unknown))
}

/// Refuses a package that the body can't be given by hand now.
pub fn check_package(body_in_call: &BodyInCall, package: &PackageCode) -> Result<(), Problem> {
    if body_in_call.body.joined.is_none() {
        return Err(Refusal::NotJoined.into());
    }
    if body_in_call.waiting()?.is_some() {
        return Err(Refusal::SubmissionWaiting.into());
    }
    if body_in_call.catalogue.package(package).is_none() {
        return Err(unknown_package());
    }
    Ok(refuse_beyond(&body_in_call.catalogue, package, body_in_call.call.terms.high())?)
}

/// Another package with its credits, as a person decided.
pub async fn assign_by_hand(
    ctx: &mut RequestContext<'_>,
    body_in_call: &BodyInCall,
    package: PackageCode,
    credits: Credits,
    reason: &str,
) -> Result<Option<EntryPosition>, Problem> {
    let context = body_in_call.body.context();
    let assignment = Assignment {
        package,
        credits,
        adds: Vec::new(),
        explanation: Explanation {
            rule_version: body_in_call.call.rule_version,
            band: None,
            population: context.population,
            population_year: context.population_year,
            population_source: context.population_source,
            modifiers: Vec::new(),
            at: ctx.now,
            reason: Some(reason.to_owned()),
        },
    };
    let (call, body) = (body_in_call.call_id(), body_in_call.body.id);
    let difference = credits - body_in_call.assignment.as_ref().map_or(0, |row| row.credits);
    let written = give(ctx, call, body, &body_in_call.catalogue, &assignment, difference, true).await?;
    // Another package: what was chosen on the old one would no longer mean the same.
    if !body_in_call.choice.is_empty() {
        ctx.tx.save_choice(call, body, &Choice::default(), ctx.now).await?;
    }
    Ok(written)
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

impl Handler for ReviseRule {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Call, Problem> {
        let row = unarchived(ctx, self.call).await?;
        let version = row.rule()?.version + 1;
        let rule = Rule { version, bands: self.bands, modifiers: self.modifiers };
        let catalogue = ctx.tx.catalogue().await?;
        sound(&rule, &catalogue, row.call()?.terms.high())?;
        ctx.tx.add_rule(self.call, i64::from(version), &rule.bands, &rule.modifiers).await?;
        let row = ctx.tx.call(self.call).await?.ok_or(ApiError::Internal)?;
        Ok(row.call()?)
    }
}

/// Refuses a rule with every fault that it has, by itself and against the catalogue.
pub fn sound(rule: &Rule, catalogue: &Catalogue, range: HighRange) -> Result<(), Problem> {
    let unreadable =
        |field: &str, detail: String| FieldError::new(field, FieldErrorKind::Unreadable { detail });
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
    if faults.is_empty() { Ok(()) } else { Err(ApiError::Faulty { faults }.into()) }
}
