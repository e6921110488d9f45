//! Several entries of one account as a single change of its numbers.

use model::credits::{BalanceChange, Credits};
use model::ledger::Entry;

/// What entries, one after the other, do to an account, and what it must have at least before the first of them: the
/// rule of [`Account::apply`], said of all of them at once.
pub(crate) struct BatchEffect {
    pub count: i64,
    pub sum: BalanceChange,
    pub least: BalanceChange,
    pub available: Credits,
    /// Available beyond what is pledged.
    pub unpledged: Credits,
}

impl BatchEffect {
    pub fn of(entries: &[Entry]) -> Self {
        let (mut sum, mut least) = (BalanceChange::default(), BalanceChange::default());
        let (mut count, mut available, mut unpledged) = (0, 0, Credits::MIN);
        for entry in entries {
            let effect = entry.kind.effect(entry.amount);
            count += 1;
            sum = BalanceChange {
                granted: sum.granted + effect.granted,
                held: sum.held + effect.held,
                spent: sum.spent + effect.spent,
                pledged: sum.pledged + effect.pledged,
            };
            least = BalanceChange {
                granted: least.granted.max(-sum.granted),
                held: least.held.max(-sum.held),
                spent: least.spent.max(-sum.spent),
                pledged: least.pledged.max(-sum.pledged),
            };
            let gained = sum.granted - sum.held - sum.spent;
            available = available.max(-gained);
            if effect.lowers() && !effect.draws_on_pledge() {
                unpledged = unpledged.max(sum.pledged - gained);
            }
        }
        Self { count, sum, least, available, unpledged }
    }
}

#[cfg(test)]
mod tests {
    use model::calendar::Instant;
    use model::credits::{Account, EntryKind};
    use model::ids::AccountId;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn entry((kind, amount): (EntryKind, Credits)) -> Entry {
        Entry {
            account: AccountId(1),
            kind,
            amount,
            at: Instant(0),
            actor: None,
            reason: String::new(),
            service: None,
            request: None,
            submission: None,
            settles: None,
        }
    }

    /// What the UPDATE asks of an account.
    fn finds_what_they_need(account: Account, moves: &BatchEffect) -> bool {
        account.available() >= moves.available
            && account.available() - account.pledged >= moves.unpledged
            && account.granted >= moves.least.granted
            && account.held >= moves.least.held
            && account.spent >= moves.least.spent
            && account.pledged >= moves.least.pledged
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn all_at_once_they_need_and_do_what_they_do_one_after_the_other(
            (held, spent, free, pledged) in (0..9_i64, 0..9_i64, 0..9_i64, 0..9_i64),
            steps in vec((select(EntryKind::ALL.to_vec()), 1..9_i64), 1..6),
        ) {
            let granted = held + spent + free;
            let before = Account { granted, held, spent, pledged: pledged.min(granted) };
            let one_by_one =
                steps.iter().try_fold(before, |account, (kind, amount)| account.apply(*kind, *amount));
            let entries: Vec<_> = steps.into_iter().map(entry).collect();
            let moves = BatchEffect::of(&entries);
            prop_assert_eq!(finds_what_they_need(before, &moves), one_by_one.is_ok());
            if let Ok(after) = one_by_one {
                let BalanceChange { granted, held, spent, pledged } = moves.sum;
                let moved = [before.granted + granted, before.held + held, before.spent + spent];
                prop_assert_eq!(moved, [after.granted, after.held, after.spent]);
                prop_assert_eq!(before.pledged + pledged, after.pledged);
                prop_assert_eq!(Ok(moves.count), i64::try_from(entries.len()));
            }
        }
    }
}
