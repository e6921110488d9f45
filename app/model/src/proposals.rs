//! Two people for what moves credits: up to a threshold an administrator acts alone, above it another one confirms.

use serde::{Deserialize, Serialize};

use crate::credits::Credits;

/// What a proposal would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProposalKind {
    /// *Assegnazione aggiuntiva*
    Grant,
    /// *Assegnazione manuale*
    Assignment,
    /// *Rettifica*
    Correction,
    /// *Applicazione della regola* to every body of the call.
    Rule,
}

impl ProposalKind {
    pub const ALL: [Self; 4] = [Self::Grant, Self::Assignment, Self::Correction, Self::Rule];

    /// The name used in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Assignment => "assignment",
            Self::Correction => "correction",
            Self::Rule => "rule",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// How far a proposal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProposalState {
    /// *In attesa di conferma*
    Waiting,
    /// *Confermata* by another administrator, and done.
    Confirmed,
    /// *Rifiutata*
    Refused,
    /// *Ritirata* by who proposed it, or with its call when that was archived.
    Withdrawn,
}

impl ProposalState {
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Confirmed, Self::Refused, Self::Withdrawn];

    /// The name used in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Confirmed => "confirmed",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// The threshold that an administrator may always give to a new call.
const PLAIN_THRESHOLD: Credits = 10;

/// The highest threshold that an administrator may give to a new call. `newest` is that of the newest call that is not in
/// preparation. Whoever runs the machine may give any.
pub fn highest_threshold(newest: Option<Credits>) -> Credits {
    newest.unwrap_or_default().max(PLAIN_THRESHOLD)
}

/// What counts for the threshold: the change of the credits granted and that of the package's value, without signs.
pub fn moved(credits: Credits, value_change: Credits) -> Credits {
    credits.saturating_abs().saturating_add(value_change.saturating_abs())
}

/// Whether one administrator may move this much alone. `done_alone` is what administrators moved alone before, on the same
/// body and call: signs do not count, so that what is given and taken again adds up too.
pub fn one_person_may(done_alone: Credits, moved: Credits, threshold: Credits) -> bool {
    moved == 0 || done_alone.saturating_add(moved) <= threshold
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(done_alone: Credits, credits: Credits, value_change: Credits) -> bool {
        one_person_may(done_alone, moved(credits, value_change), 10)
    }

    #[test]
    fn six_corrections_of_ten_are_one_of_sixty() {
        assert!(may(0, 10, 0) && may(0, -10, 0));
        assert!(!may(0, 11, 0) && !may(0, -11, 0));
        assert!(!may(10, 10, 0) && !may(10, -10, 0) && !may(10, 1, 0));
        assert!(may(4, -6, 0) && !may(4, -7, 0));
    }

    #[test]
    fn the_value_of_a_package_counts_like_credits() {
        assert!(may(0, 0, 10) && !may(0, 0, 11) && !may(0, 0, -11));
        assert!(may(0, 4, 6) && !may(0, 4, 7) && !may(0, -4, 7));
    }

    #[test]
    fn what_moves_nothing_needs_nobody_else_and_no_sum_overflows() {
        assert!(may(11, 0, 0) && one_person_may(0, 0, 0));
        assert!(!one_person_may(0, 1, 0));
        assert!(!may(Credits::MAX, Credits::MIN, Credits::MIN));
    }

    #[test]
    fn a_new_threshold_is_at_most_the_last_one_or_ten() {
        assert_eq!([None, Some(0), Some(10), Some(25)].map(highest_threshold), [10, 10, 10, 25]);
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for kind in ProposalKind::ALL {
            assert_eq!(ProposalKind::from_name(kind.name()), Some(kind));
        }
        for state in ProposalState::ALL {
            assert_eq!(ProposalState::from_name(state.name()), Some(state));
        }
    }
}
