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
    /// *Ritirata* by who proposed it.
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

/// Whether one administrator may move these credits alone. `done_alone` is what administrators moved alone before, on the
/// same body and call: signs do not count, so that what is given and taken again adds up too.
pub fn one_person_may(done_alone: Credits, credits: Credits, threshold: Credits) -> bool {
    credits == 0 || done_alone.saturating_add(credits.saturating_abs()) <= threshold
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_corrections_of_ten_are_one_of_sixty() {
        assert!(one_person_may(0, 10, 10) && one_person_may(0, -10, 10));
        assert!(!one_person_may(0, 11, 10) && !one_person_may(0, -11, 10));
        assert!(!one_person_may(10, 10, 10) && !one_person_may(10, -10, 10) && !one_person_may(10, 1, 10));
        assert!(one_person_may(4, -6, 10) && !one_person_may(4, -7, 10));
    }

    #[test]
    fn what_moves_nothing_needs_nobody_else_and_no_sum_overflows() {
        assert!(one_person_may(11, 0, 10) && one_person_may(0, 0, 0));
        assert!(!one_person_may(0, 1, 0));
        assert!(!one_person_may(Credits::MAX, Credits::MIN, 10));
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
