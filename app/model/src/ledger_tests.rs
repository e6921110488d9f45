use proptest::prelude::*;

use super::*;

/// Not SHA-256, and enough to tell one entry from another.
fn chain(before: &str, sequence: i64, entry: &Entry) -> String {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    format!("{before} {sequence} {entry:?}").hash(&mut hasher);
    format!("{:x}", hasher.finish())
}

const ACCOUNT: AccountId = AccountId(7);

fn tip(account: AccountId, sequence: i64, hash: &str) -> Tip {
    let first = &sound().entries[0].hash.clone();
    let place = Some(place(first, BodyId(1), CallId(1)));
    Tip { account, sequence, hash: hash.to_owned(), place }
}

fn place(first: &str, body: BodyId, call: CallId) -> String {
    format!("{first} {body} {call}")
}

/// Kind, amount, request, and the entry that it resolves, by its number.
type VectorLine = (EntryKind, Credits, Option<i64>, Option<i64>);

/// A book with these entries, all that follows from them being right.
fn book(lines: &[VectorLine]) -> Book {
    let mut book = Book {
        account: ACCOUNT,
        body: BodyId(1),
        call: CallId(1),
        numbers: Account::default(),
        sequence: 0,
        last_hash: String::new(),
        entries: Vec::new(),
    };
    for (sequence, (kind, amount, request, settles)) in (1..).zip(lines) {
        let entry = Entry {
            account: ACCOUNT,
            kind: *kind,
            amount: *amount,
            at: Instant(sequence * 1_000),
            actor: Some(PersonId(3)),
            reason: "Motivo".to_owned(),
            service: None,
            request: request.map(RequestId),
            submission: None,
            settles: settles.map(|number| EntryId(number + 100)),
        };
        book.numbers = add(book.numbers, &entry);
        book.last_hash = chain(&book.last_hash, sequence, &entry);
        book.sequence = sequence;
        let (id, hash) = (EntryId(sequence + 100), book.last_hash.clone());
        book.entries.push(Recorded { id, sequence, entry, proposer: None, note: None, hash });
    }
    book
}

/// A grant, three holds: one spent and refunded, one released, one open; a renounced value that came back.
fn sound() -> Book {
    book(&[
        (EntryKind::Grant, 40, None, None),
        (EntryKind::Renounce, 4, None, None),
        (EntryKind::Hold, 12, Some(1), None),
        (EntryKind::Hold, 5, Some(2), None),
        (EntryKind::Hold, 7, Some(3), None),
        (EntryKind::Spend, 12, Some(1), Some(3)),
        (EntryKind::Release, 5, Some(2), Some(4)),
        (EntryKind::Refund, 12, Some(1), Some(3)),
        (EntryKind::Reinstate, 4, None, Some(2)),
        (EntryKind::Correct, -3, None, None),
    ])
}

fn wrong(book: &Book) -> Option<(Option<i64>, Wrong)> {
    book.check(chain).err().map(|fault| (fault.sequence, fault.what))
}

#[test]
fn a_sound_book_passes() {
    assert_eq!(wrong(&sound()), None);
    assert_eq!(wrong(&book(&[])), None);
}

#[test]
fn a_gap_and_a_cut_tail_are_named() {
    let mut gap = sound();
    gap.entries.remove(4);
    assert_eq!(wrong(&gap), Some((Some(5), Wrong::Missing)));
    let mut cut = sound();
    cut.entries.pop();
    assert_eq!(wrong(&cut), Some((Some(9), Wrong::Cut { last: 10 })));
    let mut empty = sound();
    empty.entries.clear();
    assert_eq!(wrong(&empty), Some((Some(0), Wrong::Cut { last: 10 })));
}

#[test]
fn what_resolves_must_fit_what_it_resolves() {
    use EntryKind::{Grant, Hold, Refund, Reinstate, Release, Renounce, Spend};
    let grant = (Grant, 40, None, None);
    let hold = (Hold, 5, Some(1), None);
    for (lines, at) in [
        (vec![grant, (Spend, 5, Some(1), None)], 2),
        (vec![grant, hold, (Spend, 5, Some(1), Some(9))], 3),
        (vec![grant, hold, (Spend, 4, Some(1), Some(2))], 3),
        (vec![grant, hold, (Spend, 5, Some(2), Some(2))], 3),
        (vec![grant, hold, (Release, 5, Some(1), Some(2)), (Spend, 5, Some(1), Some(2))], 4),
        (vec![grant, hold, (Refund, 5, Some(1), Some(2))], 3),
        (vec![grant, (Renounce, 5, None, None), (Release, 5, None, Some(2))], 3),
        (vec![grant, hold, (Reinstate, 5, Some(1), Some(2))], 3),
        (vec![grant, hold, (Hold, 5, Some(1), Some(2))], 3),
        (vec![grant, hold, (Grant, 5, None, Some(2))], 3),
    ] {
        assert_eq!(wrong(&book(&lines)), Some((Some(at), Wrong::Settlement)), "{lines:?}");
    }
}

#[test]
fn numbers_that_the_entries_do_not_give_are_named() {
    let overdrawn = book(&[(EntryKind::Grant, 4, None, None), (EntryKind::Hold, 5, Some(1), None)]);
    assert_eq!(wrong(&overdrawn), Some((Some(2), Wrong::Overdrawn)));
    let mut richer = sound();
    let counted = richer.numbers;
    richer.numbers.granted += 1;
    assert_eq!(wrong(&richer), Some((None, Wrong::Sums { counted })));
}

#[test]
fn a_tail_that_was_cut_off_is_found_by_what_was_published() {
    let anchor = |book: &Book| Anchor {
        aggregator: "Provincia".to_owned(),
        day: Day(20_000),
        at: Instant(0),
        tips: vec![tip(book.account, book.sequence, &book.last_hash)],
    };
    let published = anchor(&sound());
    let (one, two) = ((EntryKind::Grant, 40, None, None), (EntryKind::Grant, 2, None, None));
    let longer = book(&[one, two]);
    assert_eq!(
        longer.check_anchor(&anchor(&book(&[one])), place),
        Ok(true),
        "entries that came later change nothing"
    );
    // Both are sound by themselves: shorter, and made anew.
    for (other, at) in [(book(&[one]), 10), (book(&[two; 10]), 10)] {
        assert_eq!(wrong(&other), None);
        let found = other.check_anchor(&published, place).expect_err("it is found");
        assert_eq!((found.sequence, found.what), (Some(at), Wrong::Anchored { day: Day(20_000) }));
    }
    let another = Book { account: AccountId(8), ..sound() };
    assert_eq!(
        another.check_anchor(&published, place),
        Ok(false),
        "an account that nothing was published of"
    );
    for given in [Book { body: BodyId(2), ..sound() }, Book { call: CallId(2), ..sound() }] {
        let found = given.check_anchor(&published, place).expect_err("it is found");
        assert_eq!((found.sequence, found.what), (None, Wrong::Anchored { day: Day(20_000) }));
    }
    // As anchors were published before they told whose the accounts are.
    let text = r#"{"account":7,"sequence":10,"hash":"HASH"}"#.replace("HASH", &sound().last_hash);
    let earlier: Tip = serde_json::from_str(&text).expect("it is read");
    assert_eq!(serde_json::to_string(&earlier).expect("it is written"), text, "its hash stays as it was");
    let earlier = Anchor { tips: vec![earlier], ..published };
    assert_eq!(Book { body: BodyId(2), ..sound() }.check_anchor(&earlier, place), Ok(true));
}

#[test]
fn what_is_pledged_is_what_waiting_submissions_renounced() {
    let mut book = sound();
    book.entries[1].entry.submission = Some(SubmissionId(5));
    let pledged = |book: &Book, waiting| book.check_pledged(|id| id == SubmissionId(waiting)).err();
    assert_eq!(pledged(&book, 6), None);
    assert_eq!(pledged(&book, 5).map(|fault| fault.what), Some(Wrong::Pledged { counted: 4 }));
    book.numbers.pledged = 4;
    assert_eq!(pledged(&book, 5), None);
    assert_eq!(pledged(&book, 6).map(|fault| fault.what), Some(Wrong::Pledged { counted: 0 }));
}

#[test]
fn a_copy_that_somebody_made_up_is_judged_like_any_other() {
    for far in [Credits::MIN, Credits::MAX] {
        for kind in EntryKind::ALL {
            let made_up = book(&[(kind, far, None, None), (EntryKind::Correct, far, None, None)]);
            // Which of the two it is does not matter: that there is an answer does.
            let _ = made_up.check(chain);
        }
    }
    let overdrawn = book(&[(EntryKind::Reduce, Credits::MAX, None, None)]);
    assert_eq!(wrong(&overdrawn), Some((Some(1), Wrong::Overdrawn)));
    for sequence in [Credits::MIN, -1, 0, Credits::MAX] {
        let tips = vec![tip(ACCOUNT, sequence, "")];
        let anchor = Anchor { aggregator: String::new(), day: Day(20_000), at: Instant(0), tips };
        assert!(sound().check_anchor(&anchor, place).is_err(), "there is no entry {sequence}");
    }
}

/// One change to one field of one entry.
fn alter(recorded: &mut Recorded, field: u8, by: i64) {
    let entry = &mut recorded.entry;
    match field {
        0 => entry.amount += by,
        1 => entry.at.0 += by,
        2 => entry.actor = entry.actor.map_or(Some(PersonId(by)), |_| None),
        3 => entry.reason.push('!'),
        4 => entry.service = Some(ServiceCode::from("altro")),
        5 => entry.request = Some(RequestId(1_000 + by)),
        6 => entry.submission = Some(SubmissionId(by)),
        7 => entry.settles = Some(EntryId(10_000 + by)),
        8 => entry.account = AccountId(1_000 + by),
        9 => recorded.sequence += by,
        10 => recorded.hash.push('0'),
        _ => {
            entry.kind = if entry.kind == EntryKind::Grant { EntryKind::Correct } else { EntryKind::Grant };
        }
    }
}

proptest! {
    #[test]
    fn any_change_of_an_entry_is_found_at_that_entry(at in 0..10_usize, field in 0..12_u8, by in 1..50_i64) {
        let mut altered = sound();
        alter(&mut altered.entries[at], field, by);
        let found = altered.check(chain).expect_err("it is found");
        prop_assert_eq!(found.sequence, Some(i64::try_from(at).expect("few") + 1));
    }

    #[test]
    fn a_removed_or_exchanged_entry_is_found(at in 0..9_usize, other in 0..9_usize) {
        let mut removed = sound();
        removed.entries.remove(at);
        prop_assert!(removed.check(chain).is_err());
        let mut exchanged = sound();
        exchanged.entries.swap(at, other);
        prop_assert_eq!(exchanged.check(chain).is_err(), at != other);
    }
}
