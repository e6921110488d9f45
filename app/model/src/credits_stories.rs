//! What would make *available* negative, tried in each way that the rules close.
//!
//! Each story moves one account entry by entry, as the handlers do, and tries the forbidden entry on the way.

use super::*;

fn account(granted: Credits) -> Account {
    Account { granted, ..Account::default() }
}

/// The account after several entries, each of which must be possible.
fn after(start: Account, entries: &[(EntryKind, Credits)]) -> Account {
    entries.iter().fold(start, |now, (kind, amount)| {
        now.apply(*kind, *amount)
            .unwrap_or_else(|refusal| panic!("{kind:?} {amount} on {now:?}: {refusal:?}"))
    })
}

/// What a waiting submission renounced is not taken back any more.
fn authorised(waiting: Account) -> Account {
    Account { pledged: 0, ..waiting }
}

fn short<T>(missing: Credits) -> Result<T, Refusal> {
    Err(Refusal::CreditsShort { missing })
}

#[test]
fn a_submission_sent_back_after_its_drops_paid_for_its_additions() {
    let start = account(3);
    let waiting = after(start, &[(EntryKind::Renounce, 4), (EntryKind::Hold, 5), (EntryKind::Hold, 2)]);
    assert_eq!(waiting, Account { granted: 7, held: 7, spent: 0, pledged: 4 });
    // Taking the value back first, or after only one of the holds came back, would go below zero.
    assert_eq!(waiting.apply(EntryKind::Reinstate, 4), short(4));
    let half = after(waiting, &[(EntryKind::Release, 2)]);
    assert_eq!(half.apply(EntryKind::Reinstate, 4), short(2));
    assert_eq!(after(half, &[(EntryKind::Release, 5), (EntryKind::Reinstate, 4)]), start, "all or nothing");
}

#[test]
fn a_submission_without_additions_sent_back_after_others_wanted_its_credits() {
    let start = account(1);
    let waiting = after(start, &[(EntryKind::Renounce, 4)]);
    for kind in [EntryKind::Reduce, EntryKind::Expire] {
        assert_eq!(waiting.apply(kind, 2), short(1), "{kind:?} would take what may be reinstated");
        assert_eq!(after(waiting, &[(kind, 1), (EntryKind::Reinstate, 4)]), account(0), "{kind:?}");
    }
    assert_eq!(waiting.apply(EntryKind::Correct, -2), short(1));
}

#[test]
fn drops_of_an_authorised_submission_are_final() {
    let first = authorised(after(account(0), &[(EntryKind::Renounce, 6), (EntryKind::Hold, 2)]));
    assert_eq!(first.apply(EntryKind::Reinstate, 1), Err(Refusal::AmountInvalid));
    // The rest pays for a second submission, and only its own drops come back when that one is sent back.
    let second = after(first, &[(EntryKind::Renounce, 1), (EntryKind::Hold, 5)]);
    assert_eq!(second.available(), 0);
    let sent_back = after(second, &[(EntryKind::Release, 5)]);
    assert_eq!(sent_back.apply(EntryKind::Reinstate, 2), Err(Refusal::AmountInvalid));
    assert_eq!(after(sent_back, &[(EntryKind::Reinstate, 1)]), first);
}

#[test]
fn withdrawing_one_by_one_gives_back_each_hold_and_never_a_drop() {
    let mut now = authorised(after(
        account(0),
        &[(EntryKind::Renounce, 9), (EntryKind::Hold, 2), (EntryKind::Hold, 3), (EntryKind::Hold, 4)],
    ));
    for (hold, available) in [(3, 3), (2, 5), (4, 9)] {
        assert!(now.apply(EntryKind::Reinstate, 1).is_err(), "not even one of the values");
        now = after(now, &[(EntryKind::Release, hold)]);
        assert_eq!(now.available(), available);
    }
    assert_eq!(now, account(9), "the credits stay, the items stay dropped");
    assert_eq!(now.apply(EntryKind::Release, 1), Err(Refusal::AmountInvalid), "none resolves twice");
}

#[test]
fn a_withdrawal_after_the_approval_finds_no_hold() {
    let spent = after(account(5), &[(EntryKind::Hold, 5), (EntryKind::Spend, 5)]);
    assert_eq!(spent.apply(EntryKind::Release, 5), Err(Refusal::AmountInvalid));
    assert_eq!(spent.apply(EntryKind::Spend, 5), Err(Refusal::AmountInvalid));
    let refunded = after(spent, &[(EntryKind::Refund, 5)]);
    assert_eq!(refunded, account(5));
    assert_eq!(refunded.apply(EntryKind::Refund, 5), Err(Refusal::AmountInvalid));
}

#[test]
fn a_rule_that_shrinks_takes_only_what_is_free() {
    let busy = after(account(20), &[(EntryKind::Hold, 8), (EntryKind::Hold, 4), (EntryKind::Spend, 4)]);
    assert_eq!(busy.available(), 8);
    assert_eq!(busy.apply(EntryKind::Reduce, 7).map(|now| now.available()), Ok(1));
    assert_eq!(busy.apply(EntryKind::Reduce, 8).map(|now| now.available()), Ok(0));
    assert_eq!(busy.apply(EntryKind::Reduce, 9), short(1));
    assert_eq!(busy.apply(EntryKind::Reduce, 20), short(12));
    let emptied = after(busy, &[(EntryKind::Reduce, 8)]);
    assert_eq!(emptied.apply(EntryKind::Reduce, 1), short(1));
    assert_eq!(after(emptied, &[(EntryKind::Spend, 8)]).spent, 12, "what was promised is still paid");
}

#[test]
fn a_correction_that_meets_a_hold() {
    let held = after(account(10), &[(EntryKind::Hold, 7)]);
    assert_eq!(held.apply(EntryKind::Correct, -2).map(|now| now.available()), Ok(1));
    assert_eq!(held.apply(EntryKind::Correct, -3).map(|now| now.available()), Ok(0));
    assert_eq!(held.apply(EntryKind::Correct, -4), short(1));
    // Proposed while there was enough, confirmed when there is not: the check runs at the effect.
    let later = after(held, &[(EntryKind::Hold, 2)]);
    assert_eq!(later.apply(EntryKind::Correct, -3), short(2));
    let spent = after(later, &[(EntryKind::Spend, 7), (EntryKind::Release, 2)]);
    assert_eq!(
        after(spent, &[(EntryKind::Correct, -3)]),
        Account { granted: 7, held: 0, spent: 7, pledged: 0 }
    );
    assert_eq!(spent.apply(EntryKind::Correct, -4), short(1), "nor what is spent");
    assert_eq!(after(spent, &[(EntryKind::Correct, 4)]).available(), 7);
}

#[test]
fn archiving_with_open_holds_expires_only_what_is_available() {
    let open = after(account(12), &[(EntryKind::Hold, 5), (EntryKind::Hold, 3), (EntryKind::Spend, 3)]);
    assert_eq!(open.apply(EntryKind::Expire, 5), short(1));
    assert_eq!(open.apply(EntryKind::Expire, 12), short(8));
    let expired = after(open, &[(EntryKind::Expire, 4)]);
    assert_eq!(expired, Account { granted: 8, held: 5, spent: 3, pledged: 0 });
    assert_eq!(expired.apply(EntryKind::Expire, 0), Err(Refusal::AmountInvalid), "nothing to write");
    // What comes back later, from a rejection or a revocation, follows the same rule at once.
    let empty = after(
        expired,
        &[(EntryKind::Release, 5), (EntryKind::Expire, 5), (EntryKind::Refund, 3), (EntryKind::Expire, 3)],
    );
    assert_eq!(empty, account(0));
}

#[test]
fn what_was_promised_before_is_settled_while_another_submission_waits() {
    let promised = after(account(10), &[(EntryKind::Hold, 3), (EntryKind::Hold, 2), (EntryKind::Spend, 2)]);
    let waiting = after(promised, &[(EntryKind::Renounce, 4), (EntryKind::Hold, 9)]);
    assert_eq!((waiting.available(), waiting.pledged), (0, 4));
    // None of these takes anything from what may have to be given back, so none is refused for its sake.
    for (kind, amount, available) in
        [(EntryKind::Spend, 3, 0), (EntryKind::Release, 3, 3), (EntryKind::Refund, 2, 2)]
    {
        assert_eq!(waiting.apply(kind, amount).map(|now| now.available()), Ok(available), "{kind:?}");
    }
}

#[test]
fn each_value_comes_back_by_itself_as_far_as_there_is_something() {
    let waiting =
        after(account(0), &[(EntryKind::Renounce, 3), (EntryKind::Renounce, 2), (EntryKind::Hold, 4)]);
    let one = after(waiting, &[(EntryKind::Reinstate, 1)]);
    assert_eq!(one, Account { granted: 4, held: 4, spent: 0, pledged: 4 });
    assert_eq!(one.apply(EntryKind::Reinstate, 2), short(2));
}

#[test]
fn numbers_that_nobody_has_are_no_reason_to_stop() {
    for kind in EntryKind::ALL {
        for amount in [Credits::MIN, Credits::MAX] {
            let effect = kind.effect(amount);
            let ends = [effect.granted, effect.held, effect.spent].iter().any(|number| *number != 0);
            assert!(ends, "{kind:?} {amount}");
        }
    }
    let far = Account { granted: Credits::MIN, held: Credits::MAX, spent: Credits::MAX, pledged: 0 };
    assert_eq!(far.available(), Credits::MIN);
}

#[test]
fn sixty_four_who_want_the_last_credits_get_what_fits() {
    let mut now = account(40);
    let accepted = (0..64)
        .filter(|_| {
            let held = now.apply(EntryKind::Hold, 3);
            now = held.clone().unwrap_or(now);
            held.is_ok()
        })
        .count();
    assert_eq!((accepted, now.available()), (13, 1));
}

#[test]
fn names_go_there_and_back() {
    for (i, kind) in EntryKind::ALL.into_iter().enumerate() {
        assert_eq!(EntryKind::from_name(kind.name()), Some(kind));
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name(), "the same on the wire");
        assert_eq!(kind as usize, i, "none is missing between");
    }
    assert_eq!(EntryKind::from_name("Grant"), None);
}
