//! Why an entry of the ledger was made, from what the program knows of it: one answer for page, file and API.

use serde::{Deserialize, Serialize};

use crate::api::submissions::SubmissionState;
use crate::assignment::{Band, Explanation};
use crate::credits::EntryKind;
use crate::ledger::is_sealed;
use crate::proposals::ProposalKind;
use crate::requests::State;

/// What caused an entry. What a person wrote as a reason stands beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(not(target_arch = "wasm32"), serde(tag = "kind"))]
#[cfg_attr(target_arch = "wasm32", serde(rename = "tag:kind"))]
pub enum EntryCause {
    /// The assignment rule. The version is null in entries made before it was kept, the band where it is not known any
    /// more.
    Rule {
        version: Option<u32>,
        band: Option<Band>,
    },
    /// An administrator's extra grant.
    ExtraGrant,
    /// An administrator's manual assignment.
    ManualAssignment,
    /// One of these two: in entries of an earlier version nothing tells which.
    ByHand,
    /// A submission was sent.
    Submitted,
    /// A submission was sent back by the mayor.
    SentBack,
    /// A submission was not authorised in time.
    Lapsed,
    /// A submission was withdrawn whole.
    SubmissionWithdrawn,
    Approved,
    Rejected,
    /// A request was withdrawn.
    Withdrawn,
    Cancelled,
    Revoked,
    /// An administrator's correction.
    Corrected,
    /// The call was archived, or what came back later followed its rule on leftovers.
    CallArchived,
    /// A request or a submission came to nothing.
    Undone,
}

/// Begins the reason of an entry that a rule made. No person's reason begins so: what people write is stored without
/// spaces around it.
const BY_RULE: &str = " rule:";

/// The reason of an entry that this version of the assignment rule makes.
pub fn by_rule(version: u32) -> String {
    format!("{BY_RULE}{version}")
}

/// Whether the program wrote this reason, and no person.
pub fn is_by_rule(reason: &str) -> bool {
    rule_version(reason).is_some()
}

fn rule_version(reason: &str) -> Option<u32> {
    reason.strip_prefix(BY_RULE)?.parse().ok()
}

/// What an entry is explained by.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'f> {
    pub kind: EntryKind,
    /// As the entry has it.
    pub reason: &'f str,
    /// What stands beside the entry; none where there is no note, or its text was taken out.
    pub note: Option<&'f str>,
    /// What the proposal was that the entry came of.
    pub proposal: Option<ProposalKind>,
    /// State of the submission that the entry names.
    pub submission: Option<SubmissionState>,
    /// State of the request that the entry names.
    pub request: Option<State>,
    /// Why the body has its package now.
    pub explanation: Option<&'f Explanation>,
}

impl Facts<'_> {
    pub fn cause(self) -> EntryCause {
        match self.kind {
            EntryKind::Grant | EntryKind::Reduce => self.assignment(),
            EntryKind::Renounce | EntryKind::Hold => EntryCause::Submitted,
            EntryKind::Spend => EntryCause::Approved,
            EntryKind::Reinstate | EntryKind::Release => self.undone(),
            EntryKind::Refund => EntryCause::Revoked,
            EntryKind::Correct => EntryCause::Corrected,
            EntryKind::Expire => EntryCause::CallArchived,
        }
    }

    /// What the person who caused the entry wrote; empty where nobody wrote anything, and where it was taken out.
    pub fn written(&self) -> &str {
        match self.note {
            Some(text) => text,
            None if is_by_rule(self.reason) || is_sealed(self.reason) => "",
            None => self.reason,
        }
    }

    fn assignment(self) -> EntryCause {
        let version = rule_version(self.reason);
        if version.is_none() && !self.reason.is_empty() {
            return match self.proposal {
                Some(ProposalKind::Grant) => EntryCause::ExtraGrant,
                Some(ProposalKind::Assignment) => EntryCause::ManualAssignment,
                Some(ProposalKind::Correction | ProposalKind::Rule) | None => EntryCause::ByHand,
            };
        }
        let same = self.explanation.filter(|explanation| Some(explanation.rule_version) == version);
        EntryCause::Rule { version, band: same.and_then(|explanation| explanation.band.clone()) }
    }

    /// A submission settles once, and so does a request: the state that it is in is what undid it.
    fn undone(self) -> EntryCause {
        match (self.submission, self.request) {
            (Some(SubmissionState::SentBack), _) => EntryCause::SentBack,
            (Some(SubmissionState::Lapsed), _) => EntryCause::Lapsed,
            (Some(SubmissionState::Withdrawn), _) => EntryCause::SubmissionWithdrawn,
            (_, Some(State::Rejected)) => EntryCause::Rejected,
            (_, Some(State::Withdrawn)) => EntryCause::Withdrawn,
            (_, Some(State::Cancelled)) => EntryCause::Cancelled,
            _ => EntryCause::Undone,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Instant;

    fn facts(kind: EntryKind, reason: &str) -> Facts<'_> {
        Facts { kind, reason, note: None, proposal: None, submission: None, request: None, explanation: None }
    }

    #[test]
    fn a_rule_is_told_by_its_version_and_no_person_can_write_as_one() {
        let band = Band { from: 0, to: Some(1_001), package: "piccolo".into(), credits: 10 };
        let why = Explanation {
            rule_version: 2,
            band: Some(band.clone()),
            population: Some(600),
            population_year: None,
            population_source: String::new(),
            modifiers: Vec::new(),
            at: Instant(0),
            reason: None,
        };
        let (first, second) = (by_rule(1), by_rule(2));
        let told = |reason| {
            let facts = Facts { explanation: Some(&why), ..facts(EntryKind::Grant, reason) };
            (facts.cause(), facts.written().to_owned())
        };
        let rule = |version, band| EntryCause::Rule { version, band };
        assert_eq!(told(&second), (rule(Some(2), Some(band)), String::new()));
        assert_eq!(told(&first), (rule(Some(1), None), String::new()));
        assert_eq!(told(""), (rule(None, None), String::new()), "made before versions were kept");
        for written in ["Delibera", second.trim()] {
            assert_eq!(told(written), (EntryCause::ByHand, written.to_owned()));
        }
    }

    #[test]
    fn what_a_person_decided_is_told_also_when_the_reason_was_taken_out() {
        let hashed = format!("sha256:{}", "0f".repeat(32));
        let sealed = facts(EntryKind::Grant, &hashed);
        for (proposal, cause) in [
            (Some(ProposalKind::Grant), EntryCause::ExtraGrant),
            (Some(ProposalKind::Assignment), EntryCause::ManualAssignment),
            (None, EntryCause::ByHand),
        ] {
            for (note, written) in [(Some("Delibera"), "Delibera"), (None, "")] {
                let told = Facts { note, proposal, ..sealed };
                assert_eq!((told.cause(), told.written()), (cause.clone(), written));
            }
        }
        // What the rule did is the rule's, also where a proposal was confirmed.
        let rule = by_rule(1);
        let told = Facts { proposal: Some(ProposalKind::Rule), ..facts(EntryKind::Grant, &rule) };
        assert_eq!(told.cause(), EntryCause::Rule { version: Some(1), band: None });
        // In an earlier version the entry held the text itself.
        let old = facts(EntryKind::Grant, "sha256:in breve");
        assert_eq!((old.cause(), old.written()), (EntryCause::ByHand, "sha256:in breve"));
    }

    #[test]
    fn what_undid_a_hold_is_told() {
        let release = facts(EntryKind::Release, "");
        for (submission, request, cause) in [
            (Some(SubmissionState::SentBack), Some(State::SentBack), EntryCause::SentBack),
            (Some(SubmissionState::Lapsed), Some(State::Lapsed), EntryCause::Lapsed),
            (Some(SubmissionState::Withdrawn), Some(State::Withdrawn), EntryCause::SubmissionWithdrawn),
            (None, Some(State::Withdrawn), EntryCause::Withdrawn),
            (None, Some(State::Rejected), EntryCause::Rejected),
            (None, Some(State::Cancelled), EntryCause::Cancelled),
            (None, None, EntryCause::Undone),
        ] {
            assert_eq!(Facts { submission, request, ..release }.cause(), cause);
        }
        assert_eq!(facts(EntryKind::Expire, "").cause(), EntryCause::CallArchived);
    }
}
