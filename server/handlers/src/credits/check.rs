//! The check of everything: each account's chain, sums and settlements, what was published of it, and the state of
//! each request against its last entry.

use std::collections::{BTreeMap, BTreeSet};

use model::access::Permission;
use model::api::Problem;
use model::api::credits::LedgerCheck;
use model::calendar::Instant;
use model::credits::EntryKind;
use model::ids::{AggregatorId, SubmissionId};
use model::ledger::{Anchor, Book, LedgerFault, Recorded, Wrong};

use super::anchor;
use crate::context::{CallerContext, Identity};
use crate::marketplace::Marketplace;
use store::hashing::{chained, placed, sealed};
use store::{CheckedRequestRow, StoreResult, Transaction, UnitOfWork};

/// Checks an aggregator's whole ledger on a connection that reads, then notes what was found.
///
/// # Errors
/// When the store does not answer, or this identity may not check.
pub async fn run(
    marketplace: &Marketplace,
    aggregator: AggregatorId,
    identity: &Identity,
    elsewhere: &[Anchor],
) -> Result<LedgerCheck, Problem> {
    let now = marketplace.clock.now();
    let mut tx = marketplace.store.read(aggregator).await?;
    let ctx = CallerContext::open(&mut tx, identity, now).await?.authorize(Permission::CheckLedger, None)?;
    let found = everything(ctx.tx, now, elsewhere).await?;
    drop(tx);
    if let Some(fault) = &found.fault {
        tracing::error!(aggregator = aggregator.0, %fault, "the ledger is not sound");
    }
    marketplace.write(aggregator, RecordCheck { found: found.clone() }).await?;
    Ok(found)
}

/// Checks everything of the aggregator at work, and notes nothing.
///
/// # Errors
/// When the store does not answer, or holds what it can't.
pub async fn everything(tx: &mut Transaction, at: Instant, elsewhere: &[Anchor]) -> StoreResult<LedgerCheck> {
    let published = tx.anchors_to_hold(at.day_in_rome()).await?;
    let waiting = tx.waiting_ids().await?;
    let altered =
        published.iter().filter(|(_, as_listed)| !as_listed).find_map(|(anchor, _)| anchor::altered(anchor));
    let anchors: Vec<&Anchor> = published.iter().map(|(anchor, _)| anchor).chain(elsewhere).collect();
    let mut found = LedgerCheck { at, accounts: 0, entries: 0, fault: None };
    let accounts = tx.books(None).await?;
    let missing = anchors.iter().find_map(|anchor| anchor::without_account(anchor, &accounts));
    for account in &accounts {
        let sound = match tx.book(account).await? {
            Err(unreadable) => Err(unreadable),
            Ok(book) => {
                found.entries += i64::try_from(book.entries.len()).unwrap_or(i64::MAX);
                let requests = tx.checked_requests_of(book.body).await?;
                judge(&book, &anchors, &waiting, &requests)
            }
        };
        found.accounts += 1;
        found.fault = found.fault.or(sound.err());
    }
    let gone = tx.account_gone().await?;
    let gone = gone.map(|account| LedgerFault { account, sequence: None, what: Wrong::Missing });
    found.fault = found.fault.or(missing).or(gone).or(altered);
    Ok(found)
}

fn judge(
    book: &Book,
    anchors: &[&Anchor],
    waiting: &BTreeSet<SubmissionId>,
    requests: &[CheckedRequestRow],
) -> Result<(), LedgerFault> {
    book.check(chained)?;
    book.check_notes(sealed)?;
    for anchor in anchors {
        book.check_anchor(anchor, placed)?;
    }
    book.check_pledged(|submission| waiting.contains(&submission))?;
    judge_requests(book, requests)
}

/// The first request whose entries are not: one hold first, and last what its state asks for.
fn judge_requests(book: &Book, requests: &[CheckedRequestRow]) -> Result<(), LedgerFault> {
    let wrong = |request, recorded: Option<&Recorded>| {
        let sequence = recorded.map(|recorded| recorded.sequence);
        Err(LedgerFault { account: book.account, sequence, what: Wrong::Request { request } })
    };
    let mut last = BTreeMap::new();
    for recorded in &book.entries {
        if let Some(request) = recorded.entry.request {
            let first = last.insert(request, recorded).is_none();
            if first != (recorded.entry.kind == EntryKind::Hold) {
                return wrong(request, Some(recorded));
            }
        }
    }
    for row in requests.iter().filter(|row| row.call == book.call) {
        let found = last.remove(&row.id);
        let kind = found.map(|recorded| recorded.entry.kind);
        let Some(state) = row.state() else {
            return wrong(row.id, found);
        };
        let expected = (row.price != 0).then_some(state.last_entry());
        let amount = found.is_none_or(|recorded| recorded.entry.amount == row.price);
        if kind != expected || !amount {
            return wrong(row.id, found);
        }
    }
    // An entry of a request that is not there.
    match last.into_iter().next() {
        Some((request, recorded)) => wrong(request, Some(recorded)),
        None => Ok(()),
    }
}

/// Keeps what a check found.
#[derive(Clone)]
struct RecordCheck {
    found: LedgerCheck,
}

impl UnitOfWork for RecordCheck {
    type Answer = ();

    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        Ok(tx.note_check(&self.found).await?)
    }
}
