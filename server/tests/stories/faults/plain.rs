//! The ledger against a plain model: whatever is asked of three accounts, in whatever order, in transactions that are
//! kept, refused, broken or panic, the ledger and the model say the same.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use model::api::{ApiError, Problem};
use model::calendar::Instant;
use model::credits::{Account, EntryKind};
use model::ids::{AccountId, BodyId, CallId, EntryId};
use model::ledger::Entry;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use store::hashing::chained;
use store::{EntryRow, Transaction, UnitOfWork};
use tokio::runtime::Runtime;

use super::{Line, times};
use crate::test_app::{TestApp, call};

const ACCOUNTS: usize = 3;
/// Steps of each history: twice as many at a release.
fn length() -> usize {
    if times(1) > 1 { 100 } else { 50 }
}
/// The kinds that resolve an entry before them.
const RESOLVING: [EntryKind; 4] =
    [EntryKind::Spend, EntryKind::Release, EntryKind::Refund, EntryKind::Reinstate];

/// Something asked of one account.
#[derive(Clone, Copy, Debug)]
struct Step {
    account: usize,
    what: What,
    /// It is written at once with the step before, where both concern the same account: both, or none.
    joined: bool,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Enter(EntryKind, i64),
    /// Resolves one of the holds, or of the renounced values, there are: it may be resolved already.
    Resolve(EntryKind, usize),
}

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Keep,
    Refuse,
    Panic,
    /// Goes on as if nothing were, whatever the database said.
    Swallow,
}

/// An account as anybody would keep it with pencil and paper.
#[derive(Clone, Debug, Default)]
struct Plain {
    granted: i64,
    held: i64,
    spent: i64,
    pledged: i64,
    /// Kind, amount, and the place of the entry that it resolves.
    entries: Vec<(EntryKind, i64, Option<usize>)>,
}

/// What the model expects of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Done,
    Refused(&'static str),
    /// What the tables themselves forbid: nothing of the transaction may be kept.
    Broken,
}

impl Plain {
    /// The entries that resolve the one in this place.
    fn resolved(&self, place: usize, kinds: &[EntryKind]) -> bool {
        self.entries.iter().any(|(kind, _, of)| *of == Some(place) && kinds.contains(kind))
    }

    /// The place and amount of an entry to resolve; none when there is nothing to try.
    fn open(&self, kind: EntryKind, nth: usize) -> Option<(usize, i64)> {
        let opener = if kind == EntryKind::Reinstate { EntryKind::Renounce } else { EntryKind::Hold };
        let openers = self.entries.iter().enumerate().filter(|(_, entry)| entry.0 == opener);
        let mut openers: Vec<_> = openers.map(|(place, entry)| (place, entry.1)).collect();
        if kind == EntryKind::Refund {
            // That only what was spent is given back is a rule of the handlers.
            openers.retain(|(place, _)| self.resolved(*place, &[EntryKind::Spend]));
        }
        (!openers.is_empty()).then(|| openers[nth % openers.len()])
    }

    fn take(&mut self, kind: EntryKind, amount: i64, resolves: Option<usize>) -> Expected {
        use EntryKind::{Correct, Expire, Grant, Hold, Reduce, Refund, Reinstate, Release, Renounce, Spend};
        if amount == 0 || (amount < 0 && kind != Correct) {
            return Expected::Refused("amount_invalid");
        }
        let mut after = self.clone();
        match kind {
            Grant | Correct => after.granted += amount,
            Reduce | Expire => after.granted -= amount,
            Renounce => (after.granted, after.pledged) = (self.granted + amount, self.pledged + amount),
            Reinstate => (after.granted, after.pledged) = (self.granted - amount, self.pledged - amount),
            Hold => after.held += amount,
            Release => after.held -= amount,
            Spend => (after.held, after.spent) = (self.held - amount, self.spent + amount),
            Refund => after.spent -= amount,
        }
        let free = |plain: &Self| plain.granted - plain.held - plain.spent;
        // Nobody but a hold, and the undoing itself, takes what a waiting submission may have to give back.
        let least = if matches!(kind, Hold | Reinstate) { 0 } else { after.pledged };
        if free(&after) < free(self) && free(&after) < least {
            return Expected::Refused("credits_short");
        }
        if [after.granted, after.held, after.spent, after.pledged].iter().any(|number| *number < 0) {
            return Expected::Refused("amount_invalid");
        }
        let mut expected = Expected::Done;
        let again = if matches!(kind, Spend | Release) { vec![Spend, Release] } else { vec![kind] };
        if resolves.is_some_and(|place| self.resolved(place, &again)) {
            expected = Expected::Broken;
        }
        after.entries.push((kind, amount, resolves));
        *self = after;
        expected
    }
}

fn steps() -> impl Strategy<Value = Vec<(Step, Option<End>)>> {
    let amount = prop_oneof![8 => 1..30_i64, 1 => -12..1_i64];
    let enter = (select(EntryKind::ALL.to_vec()), amount)
        .prop_filter_map("these resolve another", |(kind, amount)| {
            (!RESOLVING.contains(&kind)).then_some(What::Enter(kind, amount))
        });
    let plenty = (1..60_i64).prop_map(|amount| What::Enter(EntryKind::Grant, amount));
    let hold = (1..12_i64).prop_map(|amount| What::Enter(EntryKind::Hold, amount));
    let resolve = (select(RESOLVING.to_vec()), 0..20_usize).prop_map(|(kind, nth)| What::Resolve(kind, nth));
    let what = prop_oneof![2 => enter, 1 => plenty, 2 => hold, 3 => resolve];
    let step = (0..ACCOUNTS, what, prop::bool::weighted(0.5));
    let step = step.prop_map(|(account, what, joined)| Step { account, what, joined });
    let ends = vec![End::Keep, End::Keep, End::Keep, End::Keep, End::Swallow, End::Refuse, End::Panic];
    vec((step, prop::option::weighted(0.3, select(ends))), length())
}

/// A few steps in one transaction, some of them written at once.
#[derive(Clone, Debug)]
struct Visit {
    groups: Vec<Vec<Entry>>,
    end: End,
}

impl UnitOfWork for Visit {
    /// What each group was refused for.
    type Answer = Vec<Option<String>>;

    async fn run(self, tx: &mut Transaction) -> Result<Self::Answer, Problem> {
        let mut answers = Vec::new();
        for group in &self.groups {
            match tx.add_entries(group).await {
                Ok(done) => {
                    let code = |refusal| server::http::problem::code(&Problem::from(refusal));
                    answers.push(done.err().map(code));
                }
                Err(_) if self.end == End::Swallow => answers.push(None),
                Err(error) => return Err(error.into()),
            }
        }
        match self.end {
            End::Keep | End::Swallow => Ok(answers),
            End::Refuse => Err(ApiError::Forbidden.into()),
            End::Panic => panic!("a mistake of ours"),
        }
    }
}

/// A call of its own, with an account for each of three bodies.
#[derive(Clone)]
struct Accounts {
    bodies: Vec<BodyId>,
}

impl UnitOfWork for Accounts {
    type Answer = (CallId, Vec<AccountId>);

    async fn run(self, tx: &mut Transaction) -> Result<Self::Answer, Problem> {
        let terms = call();
        let id = tx.add_call("Modello", terms.opens, terms.closes, &terms.terms).await?;
        let mut accounts = Vec::new();
        for body in self.bodies {
            accounts.push(tx.open_account(id, body).await?.id);
        }
        Ok((id, accounts))
    }
}

/// The model beside the ledger.
struct Beside {
    call: CallId,
    bodies: Vec<BodyId>,
    accounts: Vec<AccountId>,
    plain: Vec<Plain>,
    /// The entries of each account, by their place.
    ids: Vec<Vec<i64>>,
}

impl Beside {
    async fn opened(app: &TestApp) -> Self {
        let bodies = ["Bellagio", "Brunate", "Como"].map(|name| app.body(name)).to_vec();
        let opened = app.write(Accounts { bodies: bodies.clone() }).await;
        let (call, accounts) = opened.expect("accounts are opened");
        Self {
            call,
            bodies,
            accounts,
            plain: vec![Plain::default(); ACCOUNTS],
            ids: vec![Vec::new(); ACCOUNTS],
        }
    }

    /// Does a few steps in both, and compares.
    async fn visit(&mut self, app: &TestApp, steps: &[Step], end: End) {
        let mut after = self.plain.clone();
        let (mut groups, mut expected) = (Vec::new(), Vec::new());
        for steps in steps.chunk_by(|before, step| step.joined && before.account == step.account) {
            let plain = &mut after[steps[0].account];
            let mut together = plain.clone();
            let (mut group, mut outcomes) = (Vec::new(), Vec::new());
            for step in steps {
                let Some((kind, amount, resolves)) = self.expected_entry(&together, step) else {
                    continue;
                };
                let settles = resolves.map(|place| EntryId(self.ids[step.account][place]));
                group.push(self.entry(step.account, kind, amount, settles));
                outcomes.push(together.take(kind, amount, resolves));
            }
            // The first refusal refuses all of the group, before the tables are asked.
            let refused = outcomes.iter().find(|one| matches!(one, Expected::Refused(_)));
            let broken = outcomes.iter().find(|one| **one == Expected::Broken);
            if refused.is_none() {
                *plain = together;
            }
            groups.push(group);
            expected.push(*refused.or(broken).unwrap_or(&Expected::Done));
        }
        let broken = expected.contains(&Expected::Broken);
        let outcome = app.write(Visit { groups, end }).await;
        let refusals = expected.iter().map(|one| match one {
            Expected::Refused(code) => Some((*code).to_owned()),
            Expected::Done | Expected::Broken => None,
        });
        let foreseen = match end {
            _ if broken => Err(ApiError::Unavailable.into()),
            End::Keep | End::Swallow => Ok(refusals.collect()),
            End::Refuse => Err(ApiError::Forbidden.into()),
            End::Panic => Err(ApiError::Internal.into()),
        };
        assert_eq!(outcome, foreseen);
        if outcome.is_ok() {
            self.plain = after;
        }
        self.compare(app, steps).await;
    }

    /// Kind, amount and place of what a step asks for; none when there is nothing to try.
    fn expected_entry(&self, plain: &Plain, step: &Step) -> Option<(EntryKind, i64, Option<usize>)> {
        match step.what {
            What::Enter(kind, amount) => Some((kind, amount, None)),
            What::Resolve(kind, nth) => {
                let (place, amount) = plain.open(kind, nth)?;
                // Only what was there before has a number to be named by.
                (place < self.ids[step.account].len()).then_some((kind, amount, Some(place)))
            }
        }
    }

    fn entry(&self, account: usize, kind: EntryKind, amount: i64, settles: Option<EntryId>) -> Entry {
        Entry {
            account: self.accounts[account],
            kind,
            amount,
            at: Instant(amount),
            actor: None,
            reason: String::new(),
            service: None,
            request: None,
            submission: None,
            settles,
        }
    }

    /// The accounts of these steps.
    async fn compare(&mut self, app: &TestApp, steps: &[Step]) {
        let mut tx = app.read().await;
        for at in steps.iter().map(|step| step.account).collect::<BTreeSet<_>>() {
            let plain = &self.plain[at];
            let row =
                tx.standing(self.call, self.bodies[at]).await.expect("read").account.expect("an account");
            let Account { granted, held, spent, pledged } = row.account();
            assert_eq!(
                [granted, held, spent, pledged],
                [plain.granted, plain.held, plain.spent, plain.pledged]
            );
            let rows = tx.entries(self.accounts[at]).await.expect("read");
            self.ids[at] = rows.iter().map(|row| row.id.0).collect();
            let place = |id: EntryId| self.ids[at].iter().position(|one| *one == id.0);
            let line = |row: &EntryRow| (row.kind, row.amount, row.settles.and_then(place));
            assert_eq!(rows.iter().map(line).collect::<Vec<_>>(), plain.entries);
            assert!(rows.iter().map(|row| row.sequence).eq(1..=row.sequence), "{rows:?}");
        }
    }

    /// The chain of each account, at the end.
    async fn check(&self, app: &TestApp) {
        let mut tx = app.read().await;
        for (account, body) in self.accounts.iter().zip(&self.bodies) {
            let books = tx.books(Some(*body)).await.expect("read");
            let row = books.iter().find(|row| row.id() == *account).expect("an account");
            assert_eq!(tx.book(row).await.expect("read").expect("sound").check(chained), Ok(()));
        }
    }
}

async fn count_stored(app: &TestApp, steps: Vec<(Step, Option<End>)>) -> usize {
    let mut beside = Beside::opened(app).await;
    let mut together = Vec::new();
    let last = steps.len() - 1;
    for (at, (step, end)) in steps.into_iter().enumerate() {
        together.push(step);
        if let Some(end) = end.or((at == last).then_some(End::Keep)) {
            beside.visit(app, &together, end).await;
            together.clear();
        }
    }
    beside.check(app).await;
    beside.plain.iter().map(|plain| plain.entries.len()).sum()
}

#[test]
fn the_ledger_says_what_a_plain_model_says() {
    let runtime = Runtime::new().expect("a runtime");
    let app = runtime.block_on(TestApp::new());
    let mut line = Line::of("plain model", app.database.is_postgres());
    // Seeds that found something are kept beside this file.
    let config = Config { cases: times(256), source_file: Some(file!()), ..Config::default() };
    let entries = Arc::new(Mutex::new(0));
    let outcome = TestRunner::new(config.clone()).run(&steps(), |steps| {
        *entries.lock().expect("one at a time") += runtime.block_on(count_stored(&app, steps));
        Ok(())
    });
    assert!(outcome.is_ok(), "{}", outcome.expect_err("it differs"));
    line.injected = config.cases;
    line.acknowledged = *entries.lock().expect("it is over");
    assert!(line.acknowledged > config.cases as usize * 8, "most steps are entries: {line:?}");
    line.report();
}
