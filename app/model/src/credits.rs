//! The account of a body in a call, and the only ways in which its numbers move.
//!
//! `available = granted − held − spent`, never below zero. What the rules allow here, the database enforces again
//! with a CHECK and a conditional UPDATE.

use serde::{Deserialize, Serialize};

use crate::refusals::Refusal;

/// *Crediti*: whole, never fractions.
pub type Credits = i64;

/// The most that somebody may write as one amount: no sum of such comes near the end of the numbers.
pub const MOST_CREDITS: Credits = 10_000;

/// *Conto crediti*.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Account {
    /// *Assegnati*
    pub granted: Credits,
    /// *Prenotati*
    pub held: Credits,
    /// *Spesi*
    pub spent: Credits,
    /// Of `granted`, what a submission that waits for its authorisation would take back if it were undone.
    #[serde(default)]
    pub pledged: Credits,
}

/// *Tipo di movimento*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// *Assegnazione*
    Grant,
    /// *Riduzione*
    Reduce,
    /// *Rinuncia*: items dropped, at submission.
    Renounce,
    /// *Annullamento della rinuncia*
    Reinstate,
    /// *Prenotazione*
    Hold,
    /// *Spesa*
    Spend,
    /// *Sblocco*
    Release,
    /// *Riaccredito*
    Refund,
    /// *Rettifica*: the only kind whose amount may be negative.
    Correct,
    /// *Azzeramento a fine avviso*
    Expire,
}

impl EntryKind {
    pub const ALL: [Self; 10] = [
        Self::Grant,
        Self::Reduce,
        Self::Renounce,
        Self::Reinstate,
        Self::Hold,
        Self::Spend,
        Self::Release,
        Self::Refund,
        Self::Correct,
        Self::Expire,
    ];

    /// Whether an entry may be of this amount: nothing moves nothing, and only a correction takes away by its sign.
    pub fn admits(self, amount: Credits) -> bool {
        amount > 0 || (amount < 0 && self == Self::Correct)
    }

    /// The name used in the database, in exports and in the hash chain.
    pub fn name(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Reduce => "reduce",
            Self::Renounce => "renounce",
            Self::Reinstate => "reinstate",
            Self::Hold => "hold",
            Self::Spend => "spend",
            Self::Release => "release",
            Self::Refund => "refund",
            Self::Correct => "correct",
            Self::Expire => "expire",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What one entry of this kind does to the four numbers.
    pub fn effect(self, amount: Credits) -> BalanceChange {
        let mut effect = BalanceChange::default();
        // In a copy of the ledger that somebody made up there may be any number.
        let less = amount.saturating_neg();
        match self {
            Self::Grant | Self::Correct => effect.granted = amount,
            Self::Renounce => (effect.granted, effect.pledged) = (amount, amount),
            Self::Reduce | Self::Expire => effect.granted = less,
            Self::Reinstate => (effect.granted, effect.pledged) = (less, less),
            Self::Hold => effect.held = amount,
            Self::Spend => (effect.held, effect.spent) = (less, amount),
            Self::Release => effect.held = less,
            Self::Refund => effect.spent = less,
        }
        effect
    }
}

/// The change that an entry makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BalanceChange {
    pub granted: Credits,
    pub held: Credits,
    pub spent: Credits,
    pub pledged: Credits,
}

impl BalanceChange {
    /// Whether less is available after it.
    pub fn lowers(&self) -> bool {
        self.granted - self.held - self.spent < 0
    }

    /// What the account must have free for this change: a hold draws on what is available; any other lowering
    /// must also leave what a waiting submission may have to give back.
    pub fn draws_on_pledge(&self) -> bool {
        self.held > 0 || self.pledged < 0
    }
}

impl Account {
    pub fn available(&self) -> Credits {
        self.granted.saturating_sub(self.held).saturating_sub(self.spent)
    }

    /// The account after one entry, or the one reason why it can't be made.
    ///
    /// # Errors
    /// `credits_short` when it would take more than there is. An amount of zero, or a negative one but for a
    /// correction, is `amount_invalid`.
    pub fn apply(self, kind: EntryKind, amount: Credits) -> Result<Self, Refusal> {
        if !kind.admits(amount) {
            return Err(Refusal::AmountInvalid);
        }
        let effect = kind.effect(amount);
        let after = Self {
            granted: self.granted + effect.granted,
            held: self.held + effect.held,
            spent: self.spent + effect.spent,
            pledged: self.pledged + effect.pledged,
        };
        let reserve = if effect.draws_on_pledge() { 0 } else { after.pledged };
        let floor = if effect.lowers() { reserve } else { 0 };
        if after.available() < floor {
            return Err(Refusal::CreditsShort { missing: floor - after.available() });
        }
        if after.held < 0 || after.spent < 0 || after.granted < 0 || after.pledged < 0 {
            return Err(Refusal::AmountInvalid);
        }
        Ok(after)
    }
}

#[cfg(test)]
#[path = "credits_stories.rs"]
mod stories;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn account(granted: Credits, held: Credits, spent: Credits) -> Account {
        Account { granted, held, spent, pledged: 0 }
    }

    #[test]
    fn a_hold_takes_exactly_what_is_available_and_no_more() {
        let start = account(10, 3, 2);
        assert_eq!(start.apply(EntryKind::Hold, 5), Ok(account(10, 8, 2)));
        assert_eq!(start.apply(EntryKind::Hold, 6), Err(Refusal::CreditsShort { missing: 1 }));
    }

    #[test]
    fn spending_and_refunding_are_exactly_the_hold() {
        let held = account(10, 4, 0);
        let spent = held.apply(EntryKind::Spend, 4).expect("a hold can be spent");
        assert_eq!(spent, account(10, 0, 4));
        assert_eq!(spent.apply(EntryKind::Refund, 4), Ok(account(10, 0, 0)));
        assert_eq!(held.apply(EntryKind::Spend, 5), Err(Refusal::AmountInvalid));
    }

    #[test]
    fn no_entry_is_zero_and_only_corrections_are_negative() {
        for kind in EntryKind::ALL {
            assert_eq!(account(9, 5, 4).apply(kind, 0), Err(Refusal::AmountInvalid), "{kind:?}");
            if kind != EntryKind::Correct {
                assert_eq!(account(9, 5, 4).apply(kind, -1), Err(Refusal::AmountInvalid), "{kind:?}");
            }
        }
        assert_eq!(account(9, 0, 0).apply(EntryKind::Correct, -9), Ok(account(0, 0, 0)));
        assert_eq!(account(9, 5, 0).apply(EntryKind::Correct, -5), Err(Refusal::CreditsShort { missing: 1 }));
    }

    #[test]
    fn what_a_waiting_submission_may_give_back_is_not_there_to_be_taken() {
        let waiting = account(5, 0, 0).apply(EntryKind::Renounce, 10).expect("a renounce only adds");
        assert_eq!(waiting.apply(EntryKind::Correct, -6), Err(Refusal::CreditsShort { missing: 1 }));
        let corrected = waiting.apply(EntryKind::Correct, -5).expect("the rest is free");
        assert_eq!(corrected.apply(EntryKind::Reinstate, 10), Ok(account(0, 0, 0)));
    }

    proptest! {
        #[test]
        fn no_sequence_of_entries_makes_available_negative(
            steps in prop::collection::vec((0..10_usize, -3_i64..30), 0..80)
        ) {
            let mut now = Account::default();
            for (kind, amount) in steps {
                if let Ok(after) = now.apply(EntryKind::ALL[kind], amount) {
                    now = after;
                }
                prop_assert!(now.available() >= 0 && now.held >= 0 && now.spent >= 0 && now.pledged >= 0);
            }
        }

        #[test]
        fn a_waiting_submission_can_always_be_undone(
            granted in 0_i64..50, renounced in 1_i64..30, held in 0_i64..50,
            between in prop::collection::vec((0..10_usize, -40_i64..40), 0..20)
        ) {
            let mut now = account(granted, 0, 0).apply(EntryKind::Renounce, renounced).expect("adds");
            let held = held.min(now.available());
            if held > 0 {
                now = now.apply(EntryKind::Hold, held).expect("fits");
            }
            let outside = [EntryKind::Grant, EntryKind::Reduce, EntryKind::Correct, EntryKind::Expire];
            for (kind, amount) in between {
                now = now.apply(outside[kind % outside.len()], amount).unwrap_or(now);
            }
            if held > 0 {
                now = now.apply(EntryKind::Release, held).expect("the hold comes back");
            }
            prop_assert!(now.apply(EntryKind::Reinstate, renounced).is_ok());
        }
    }
}
