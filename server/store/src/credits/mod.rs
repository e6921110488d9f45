//! The ledger: one balance row an account, append-only entries chained by SHA-256.
//!
//! Entries move the numbers by one conditional UPDATE, which also locks and reads the chain's end.

use model::calendar::Instant;
use model::causes::is_by_rule;
use model::credits::{Account, Credits, EntryKind};
use model::ids::{AccountId, BodyId, CallId, EntryId, PersonId, RequestId, ServiceCode, SubmissionId};
use model::ledger::{Entry, Note};
use model::proposals::ProposalKind;
use model::refusals::Refusal;

use crate::credits::batch_effect::BatchEffect;
use crate::database::row::row;
use crate::hashing::{chained, sealed, token};
use crate::{StoreError, StoreResult, Transaction};

pub(crate) mod batch_effect;
pub(crate) mod ledger;
pub(crate) mod proposals;

row! {
    pub struct AccountRow of "account" {
        pub id: AccountId,
        pub body: BodyId,
        granted: Credits,
        held: Credits,
        spent: Credits,
        pledged: Credits,
        pub sequence: i64,
        pub last_hash: String,
    }
}

impl AccountRow {
    pub fn account(&self) -> Account {
        Account { granted: self.granted, held: self.held, spent: self.spent, pledged: self.pledged }
    }
}

row! {
    pub struct EntryRow of "entry" {
        pub id: EntryId,
        pub account: AccountId,
        pub sequence: i64,
        pub kind: EntryKind,
        pub amount: Credits,
        pub at: Instant,
        pub actor: Option<PersonId>,
        pub actor_name: Option<String>,
        /// Who proposed it, where another person confirmed it.
        pub proposer_name: Option<String>,
        /// What the proposal was that it came of: one that was confirmed, or something that one person did alone.
        pub proposal_kind: Option<ProposalKind>,
        /// As the entry has it.
        pub reason: String,
        /// What a person wrote, where it stands beside the entry.
        pub note: Option<String>,
        pub service: Option<ServiceCode>,
        pub request: Option<RequestId>,
        pub submission: Option<SubmissionId>,
        pub submission_year: Option<i64>,
        pub submission_number: Option<i64>,
        pub settles: Option<EntryId>,
        pub hash: String,
    }
}

row! {
    /// A hold, or a renounced value, that nothing has resolved yet.
    pub struct HoldRow of "entry" {
        pub id: EntryId,
        pub account: AccountId,
        pub kind: EntryKind,
        pub amount: Credits,
        pub service: Option<ServiceCode>,
        pub request: Option<RequestId>,
    }
}

/// Takes what a person wrote out of an entry that is to be written, and leaves its hash there; none where nobody wrote
/// anything.
fn note_of(entry: &mut Entry) -> Option<Note> {
    if entry.reason.is_empty() || is_by_rule(&entry.reason) {
        return None;
    }
    let note = Note { salt: token(), text: std::mem::take(&mut entry.reason) };
    entry.reason = sealed(&note);
    Some(note)
}

impl Transaction {
    pub async fn open_account(&mut self, call: CallId, body: BodyId) -> StoreResult<AccountRow> {
        self.one(
            self.sql(
                "INSERT INTO account (aggregator, call, body) VALUES ($1, $2, $3)
             ON CONFLICT (call, body) DO UPDATE SET sequence = account.sequence
             RETURNING id, body, granted, held, spent, pledged, sequence, last_hash",
            )
            .bind(call)
            .bind(body),
        )
        .await
    }

    /// The accounts of a call.
    pub async fn accounts(&mut self, call: CallId) -> StoreResult<Vec<AccountRow>> {
        self.all(
            self.sql(
                "SELECT id, body, granted, held, spent, pledged, sequence, last_hash FROM account
             WHERE aggregator = $1 AND call = $2",
            )
            .bind(call),
        )
        .await
    }

    /// Writes entries of one account, one after the other, and moves its numbers; or says why that can't be, and then
    /// does nothing of it. Answers with the account as it is then, if there was anything to be written.
    pub async fn add_entries(
        &mut self,
        entries: &[Entry],
    ) -> StoreResult<Result<Option<AccountRow>, Refusal>> {
        let Some(first) = entries.first() else {
            return Ok(Ok(None));
        };
        let account = first.account;
        if entries.iter().any(|entry| entry.account != account) {
            return Err(StoreError::Inconsistent {
                what: "entries".to_owned(),
                found: "several accounts".to_owned(),
            });
        }
        if entries.iter().any(|entry| !entry.kind.admits(entry.amount)) {
            // The UPDATE would let it through: a hold below zero gives back what was never held.
            return self.why_not(account, entries).await.map(Err);
        }
        let moves = BatchEffect::of(entries);
        let Some(mut row) = self.move_numbers(account, &moves).await? else {
            return self.why_not(account, entries).await.map(Err);
        };
        row.last_hash = self.chain(account, entries, row.sequence - moves.count + 1, row.last_hash).await?;
        self.moved += entries.iter().map(|entry| entry.amount.abs()).sum::<i64>();
        self.run(
            self.sql("UPDATE account SET last_hash = $3 WHERE aggregator = $1 AND id = $2")
                .bind(account)
                .bind(&row.last_hash),
        )
        .await?;
        Ok(Ok(Some(row)))
    }

    /// Moves the numbers if every entry finds what it needs: the account with the sequence of the last entry, and the
    /// hash before the first.
    async fn move_numbers(
        &mut self,
        account: AccountId,
        moves: &BatchEffect,
    ) -> StoreResult<Option<AccountRow>> {
        self.optional(
            self.sql(
                "UPDATE account SET granted = granted + $3, held = held + $4, spent = spent + $5,
                    pledged = pledged + $6, sequence = sequence + $7
             WHERE aggregator = $1 AND id = $2
               AND granted - held - spent >= $8 AND granted - held - spent - pledged >= $9
               AND granted >= $10 AND held >= $11 AND spent >= $12 AND pledged >= $13
             RETURNING id, body, granted, held, spent, pledged, sequence, last_hash",
            )
            .bind(account)
            .bind(moves.sum.granted)
            .bind(moves.sum.held)
            .bind(moves.sum.spent)
            .bind(moves.sum.pledged)
            .bind(moves.count)
            .bind(moves.available)
            .bind(moves.unpledged)
            .bind(moves.least.granted)
            .bind(moves.least.held)
            .bind(moves.least.spent)
            .bind(moves.least.pledged),
        )
        .await
    }

    /// Adds the rows, each with the hash that follows from the one before it, and beside them what people wrote; answers
    /// with the last hash.
    async fn chain(
        &mut self,
        account: AccountId,
        entries: &[Entry],
        first: i64,
        before: String,
    ) -> StoreResult<String> {
        let mut hash = before;
        let mut rows = Vec::with_capacity(entries.len());
        let mut notes = Vec::new();
        for (sequence, entry) in (first..).zip(entries) {
            let mut entry = entry.clone();
            if let Some(note) = note_of(&mut entry) {
                let Note { salt, text } = note;
                notes.push([account.0.into(), sequence.into(), salt.into(), text.into()]);
            }
            hash = chained(&hash, sequence, &entry);
            rows.push([
                account.0.into(),
                sequence.into(),
                entry.kind.name().into(),
                entry.amount.into(),
                entry.at.0.into(),
                entry.actor.map(|id| id.0).into(),
                (&entry.reason).into(),
                entry.service.as_ref().map(ServiceCode::as_str).into(),
                entry.request.map(|id| id.0).into(),
                entry.submission.map(|id| id.0).into(),
                entry.settles.map(|id| id.0).into(),
                (&hash).into(),
            ]);
        }
        self.run_rows(
            "INSERT INTO entry (aggregator, account, sequence, kind, amount, at, actor, reason, service, request,
                                submission, settles, hash) VALUES {rows}",
            &rows,
        )
        .await?;
        self.run_rows(
            "INSERT INTO entry_note (aggregator, account, sequence, salt, text) VALUES {rows}",
            &notes,
        )
        .await?;
        Ok(hash)
    }

    /// The refusal behind an UPDATE that moved nothing: the rule of the model, on the account as it is.
    async fn why_not(&mut self, account: AccountId, entries: &[Entry]) -> StoreResult<Refusal> {
        let row: Option<AccountRow> = self
            .optional(
                self.sql(
                    "SELECT id, body, granted, held, spent, pledged, sequence, last_hash FROM account
             WHERE aggregator = $1 AND id = $2",
                )
                .bind(account),
            )
            .await?;
        let refused = row.and_then(|row| {
            let mut steps = entries.iter();
            steps.try_fold(row.account(), |now, entry| now.apply(entry.kind, entry.amount)).err()
        });
        refused.ok_or_else(|| StoreError::Inconsistent {
            what: "account".to_owned(),
            found: format!("no reason to refuse {entries:?}"),
        })
    }

    /// The submission that waited is authorised: what it renounced will not be taken back.
    pub async fn settle_pledge(&mut self, call: CallId, body: BodyId) -> StoreResult<()> {
        self.run(
            self.sql("UPDATE account SET pledged = 0 WHERE aggregator = $1 AND call = $2 AND body = $3")
                .bind(call)
                .bind(body),
        )
        .await
        .map(drop)
    }

    /// The hold of a request, while nothing has resolved it.
    pub async fn open_hold(&mut self, request: RequestId) -> StoreResult<Option<HoldRow>> {
        self.optional(
            self.sql(
                "SELECT h.id, h.account, h.kind, h.amount, h.service, h.request FROM entry h
             WHERE h.aggregator = $1 AND h.request = $2 AND h.kind = 'hold'
               AND NOT EXISTS (SELECT 1 FROM entry s WHERE s.settles = h.id)",
            )
            .bind(request),
        )
        .await
    }

    /// The hold of a request that was spent, while it is not refunded.
    pub async fn spent_hold(&mut self, request: RequestId) -> StoreResult<Option<HoldRow>> {
        self.optional(
            self.sql(
                "SELECT h.id, h.account, h.kind, h.amount, h.service, h.request FROM entry h
             WHERE h.aggregator = $1 AND h.request = $2 AND h.kind = 'hold'
               AND EXISTS (SELECT 1 FROM entry s WHERE s.settles = h.id AND s.kind = 'spend')
               AND NOT EXISTS (SELECT 1 FROM entry s WHERE s.settles = h.id AND s.kind = 'refund')",
            )
            .bind(request),
        )
        .await
    }

    /// What a submission holds, and then what it renounced, that nothing has resolved yet.
    pub async fn open_entries(&mut self, submission: SubmissionId) -> StoreResult<Vec<HoldRow>> {
        self.all(
            self.sql(
                "SELECT h.id, h.account, h.kind, h.amount, h.service, h.request FROM entry h
             WHERE h.aggregator = $1 AND h.submission = $2 AND h.kind IN ('hold', 'renounce')
               AND NOT EXISTS (SELECT 1 FROM entry s WHERE s.settles = h.id)
             ORDER BY h.kind, h.sequence",
            )
            .bind(submission),
        )
        .await
    }

    /// Every entry of an account, oldest first.
    pub async fn entries(&mut self, account: AccountId) -> StoreResult<Vec<EntryRow>> {
        self.all(
            self.sql("SELECT e.id, e.account, e.sequence, e.kind, e.amount, e.at, e.actor, p.name AS actor_name,
                    o.name AS proposer_name, q.kind AS proposal_kind, e.reason, n.text AS note, e.service, e.request,
                    e.submission, s.year AS submission_year, s.number AS submission_number, e.settles, e.hash
             FROM entry e LEFT JOIN person p ON p.id = e.actor LEFT JOIN submission s ON s.id = e.submission
             LEFT JOIN entry_note n ON n.account = e.account AND n.sequence = e.sequence
             LEFT JOIN proposal_entry l ON l.entry = e.id
             LEFT JOIN proposal q ON q.id = l.proposal
             LEFT JOIN person o ON o.id = q.proposed_by AND q.state = 'confirmed'
             WHERE e.aggregator = $1 AND e.account = $2 ORDER BY e.sequence")
            .bind(account),
        )
        .await
    }
}
