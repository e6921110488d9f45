//! What administrators do by hand with one body: what it changes, whether it can be done, and what of it was seen.

use model::api::Problem;
use model::catalogue::value_of;
use model::credits::{Account, Credits, EntryKind};
use model::ids::PackageCode;
use model::proposals::ProposalKind;
use model::seen::Difference;

use crate::baskets::body_in_call::BodyInCall;
use crate::calls::assignment::{assign_by_hand, check_package, items};
use crate::context::RequestContext;
use crate::credits::{EntryPosition, enter};
use store::{AccountRow, NewAssignment, ProposalRow};

/// Something by hand that changes the credits granted to a body, or its package.
pub struct ByHand {
    pub what: What,
    pub reason: String,
}

pub enum What {
    Grant(Credits),
    Correction(Credits),
    /// A package, and the credits that it gives in all.
    Assignment(PackageCode, Credits),
}

impl ByHand {
    /// What a proposal would do; none for a rule.
    pub fn proposed(row: &ProposalRow) -> Option<Self> {
        let what = match row.kind {
            ProposalKind::Grant => What::Grant(row.credits),
            ProposalKind::Correction => What::Correction(row.credits),
            ProposalKind::Assignment => {
                What::Assignment(row.package.clone().unwrap_or_default(), row.total.unwrap_or_default())
            }
            ProposalKind::Rule => return None,
        };
        Some(Self { what, reason: row.reason.clone() })
    }

    pub fn kind(&self) -> ProposalKind {
        match self.what {
            What::Grant(_) => ProposalKind::Grant,
            What::Correction(_) => ProposalKind::Correction,
            What::Assignment(..) => ProposalKind::Assignment,
        }
    }

    /// The change of the credits granted.
    pub fn change(&self, body_in_call: &BodyInCall) -> Credits {
        match &self.what {
            What::Grant(credits) | What::Correction(credits) => *credits,
            What::Assignment(_, total) => {
                total - body_in_call.assignment.as_ref().map_or(0, |row| row.credits)
            }
        }
    }

    /// The change of what comes back for the body's package.
    pub fn value_change(&self, body_in_call: &BodyInCall) -> Credits {
        let What::Assignment(package, _) = &self.what else { return 0 };
        let given = items(&body_in_call.catalogue, package, &[]).unwrap_or_default();
        value_of(&given) - value_of(&body_in_call.package)
    }

    /// What a proposal of an assignment says more.
    pub fn assignment<'h>(&'h self, body_in_call: &'h BodyInCall) -> Option<NewAssignment<'h>> {
        match &self.what {
            What::Grant(_) | What::Correction(_) => None,
            What::Assignment(package, total) => {
                Some(NewAssignment { package, total: *total, before: package_now(body_in_call) })
            }
        }
    }

    /// Refuses what could not be done now.
    pub fn check(&self, body_in_call: &BodyInCall) -> Result<(), Problem> {
        let account = match &self.what {
            What::Grant(_) | What::Correction(_) => body_in_call.assigned()?.account(),
            What::Assignment(package, _) => {
                check_package(body_in_call, package)?;
                account(body_in_call)
            }
        };
        let change = self.change(body_in_call);
        match self.what {
            What::Correction(_) => account.apply(EntryKind::Correct, change)?,
            _ if change > 0 => account.apply(EntryKind::Grant, change)?,
            _ if change < 0 => account.apply(EntryKind::Reduce, -change)?,
            _ => account,
        };
        Ok(())
    }

    /// Writes it, as the person who acts now; the rule leaves the body alone from then on.
    pub async fn carry_out(
        &self,
        ctx: &mut RequestContext<'_>,
        body_in_call: &BodyInCall,
    ) -> Result<Vec<EntryPosition>, Problem> {
        self.check(body_in_call)?;
        let (kind, credits) = match &self.what {
            What::Grant(credits) => (EntryKind::Grant, *credits),
            What::Correction(credits) => (EntryKind::Correct, *credits),
            What::Assignment(package, total) => {
                let written =
                    assign_by_hand(ctx, body_in_call, package.clone(), *total, &self.reason).await?;
                return Ok(written.into_iter().collect());
            }
        };
        let written = enter(ctx, body_in_call.assigned()?.id, kind, credits, &self.reason).await?;
        ctx.tx.mark_by_hand(body_in_call.call_id(), body_in_call.body.id).await?;
        Ok(vec![written])
    }
}

/// The figures of a body that may have no account yet.
pub fn account(body_in_call: &BodyInCall) -> Account {
    body_in_call.account.as_ref().map(AccountRow::account).unwrap_or_default()
}

/// The code of the package that a body has; empty where it has none.
fn package_now(body_in_call: &BodyInCall) -> &str {
    body_in_call.assignment.as_ref().map_or("", |row| row.package.as_str())
}

/// What of a body's figures was seen before something was done with it; none where the caller did not look.
pub struct SeenFigures {
    pub granted: Option<Credits>,
    /// Empty where the body had none.
    pub package: Option<PackageCode>,
}

impl SeenFigures {
    /// Only the credits granted matter.
    pub fn granted(granted: Option<Credits>) -> Self {
        Self { granted, package: None }
    }

    /// What is not any more as it was seen.
    pub fn differences(&self, body_in_call: &BodyInCall) -> Vec<Difference> {
        let now = account(body_in_call).granted;
        let granted = self.granted.filter(|seen| *seen != now);
        let granted = granted.map(|seen| Difference::Granted { seen: Some(seen), now });
        let package = self.package.as_ref().and_then(|seen| other_package(body_in_call, seen.as_str()));
        granted.into_iter().chain(package).collect()
    }
}

/// That the body has another package than this one.
pub fn other_package(body_in_call: &BodyInCall, seen: &str) -> Option<Difference> {
    let now = package_now(body_in_call);
    let named = |code: &str| {
        (!code.is_empty()).then(|| body_in_call.catalogue.package_reference(&PackageCode(code.to_owned())))
    };
    (seen != now).then(|| Difference::Package { seen: named(seen), now: named(now) })
}
