//! The ledger as it is proven: whole accounts, the anchors, and what the checks found.

use std::collections::BTreeSet;

use model::api::credits::{AnchorRef, LedgerCheck};
use model::calendar::{Day, Instant};
use model::credits::{Account, EntryKind};
use model::ids::{AccountId, BodyId, CallId, EntryId, PersonId, RequestId, ServiceCode, SubmissionId};
use model::ledger::{Anchor, Book, Entry, LedgerFault, Note, Recorded, Tip, Wrong};
use sqlx::FromRow;

use crate::hashing::{anchor_reference, placed};
use crate::{StoreResult, Transaction, counted, from_json, parse_column, to_json};

/// An account with its place.
#[derive(Clone, Debug, FromRow)]
pub struct BookRow {
    id: i64,
    body: i64,
    call: i64,
    granted: i64,
    held: i64,
    spent: i64,
    pledged: i64,
    sequence: i64,
    last_hash: String,
}

impl BookRow {
    pub fn id(&self) -> AccountId {
        AccountId(self.id)
    }
}

#[derive(FromRow)]
struct RecordedRow {
    id: i64,
    sequence: i64,
    kind: String,
    amount: i64,
    at: i64,
    actor: Option<i64>,
    reason: String,
    service: Option<String>,
    request: Option<i64>,
    submission: Option<i64>,
    settles: Option<i64>,
    salt: Option<String>,
    text: Option<String>,
    proposer: Option<i64>,
    hash: String,
}

impl RecordedRow {
    /// # Errors
    /// That it is of a kind that there is none of.
    fn recorded(self, account: AccountId) -> Result<Recorded, LedgerFault> {
        let unreadable = LedgerFault { account, sequence: Some(self.sequence), what: Wrong::Unreadable };
        let entry = Entry {
            account,
            kind: EntryKind::from_name(&self.kind).ok_or(unreadable)?,
            amount: self.amount,
            at: Instant(self.at),
            actor: self.actor.map(PersonId),
            reason: self.reason,
            service: self.service.map(ServiceCode),
            request: self.request.map(RequestId),
            submission: self.submission.map(SubmissionId),
            settles: self.settles.map(EntryId),
        };
        let note = self.salt.zip(self.text).map(|(salt, text)| Note { salt, text });
        let proposer = self.proposer.map(PersonId);
        Ok(Recorded { id: EntryId(self.id), sequence: self.sequence, entry, proposer, note, hash: self.hash })
    }
}

/// An anchor in the list: its accounts and its hash, or the document of one that was stored without them.
#[derive(FromRow)]
struct ListedAnchor {
    day: i64,
    accounts: Option<i64>,
    hash: Option<String>,
    document: Option<String>,
}

impl ListedAnchor {
    fn reference(self) -> StoreResult<AnchorRef> {
        if let Some(text) = self.document {
            return Ok(anchor_reference(&from_json(&text, "anchor.document")?));
        }
        Ok(AnchorRef {
            day: Day(parse_column(i32::try_from(self.day).ok(), "anchor.day", &self.day.to_string())?),
            accounts: counted(self.accounts.unwrap_or_default()),
            hash: self.hash.unwrap_or_default(),
        })
    }
}

impl Transaction {
    /// Every account of the aggregator, or those of a body; oldest first.
    pub async fn books(&mut self, body: Option<BodyId>) -> StoreResult<Vec<BookRow>> {
        self.all(
            self.sql(
                "SELECT id, body, call, granted, held, spent, pledged, sequence, last_hash FROM account
             WHERE aggregator = $1 AND body BETWEEN $2 AND $3 ORDER BY id",
            )
            .bind_bodies(body),
        )
        .await
    }

    /// An account with all its entries, or the first of them that can't be read.
    pub async fn book(&mut self, row: &BookRow) -> StoreResult<Result<Book, LedgerFault>> {
        let rows: Vec<RecordedRow> = self.all(self.sql(
            "SELECT e.id, e.sequence, e.kind, e.amount, e.at, e.actor, e.reason, e.service, e.request, e.submission,
                    e.settles, n.salt, n.text, q.proposed_by AS proposer, e.hash
             FROM entry e LEFT JOIN entry_note n ON n.account = e.account AND n.sequence = e.sequence
             LEFT JOIN proposal_entry l ON l.entry = e.id
             LEFT JOIN proposal q ON q.id = l.proposal AND q.state = 'confirmed'
             WHERE e.aggregator = $1 AND e.account = $2 ORDER BY e.sequence",
        )
        .bind(row.id)).await?;
        let account = row.id();
        let entries: Result<_, _> = rows.into_iter().map(|row| row.recorded(account)).collect();
        Ok(entries.map(|entries| Book {
            account,
            body: BodyId(row.body),
            call: CallId(row.call),
            numbers: Account { granted: row.granted, held: row.held, spent: row.spent, pledged: row.pledged },
            sequence: row.sequence,
            last_hash: row.last_hash.clone(),
            entries,
        }))
    }

    /// The last entry of each account that has one.
    pub async fn tips(&mut self) -> StoreResult<Vec<Tip>> {
        let rows: Vec<(i64, i64, i64, i64, String, String)> = self
            .all(self.sql(
                "SELECT a.id, a.body, a.call, a.sequence, a.last_hash, e.hash
             FROM account a JOIN entry e ON e.account = a.id AND e.sequence = 1
             WHERE a.aggregator = $1 ORDER BY a.id",
            ))
            .await?;
        let tip = |(id, body, call, sequence, hash, first): (i64, i64, i64, i64, String, String)| {
            let place = Some(placed(&first, BodyId(body), CallId(call)));
            Tip { account: AccountId(id), sequence, hash, place }
        };
        Ok(rows.into_iter().map(tip).collect())
    }

    pub async fn anchor(&mut self, day: Day) -> StoreResult<Option<Anchor>> {
        let found: Option<(String,)> = self
            .optional(
                self.sql("SELECT document FROM anchor WHERE aggregator = $1 AND day = $2")
                    .bind(i64::from(day.0)),
            )
            .await?;
        found.map(|(text,)| from_json(&text, "anchor.document")).transpose()
    }

    /// The newest anchors, newest first, at most so many.
    pub async fn anchors(&mut self, most: i64) -> StoreResult<Vec<AnchorRef>> {
        let rows: Vec<ListedAnchor> = self
            .all(
                self.sql(
                    "SELECT day, accounts, hash, CASE WHEN hash IS NULL THEN document END AS document
                     FROM anchor WHERE aggregator = $1 ORDER BY day DESC LIMIT $2",
                )
                .bind(most),
            )
            .await?;
        rows.into_iter().map(ListedAnchor::reference).collect()
    }

    /// What a check compares with: the newest anchor up to this day. One that a wrong clock dated later must not stand
    /// in its place until then, and is compared as well. Each with whether it is as the list of anchors has it.
    pub async fn anchors_to_hold(&mut self, today: Day) -> StoreResult<Vec<(Anchor, bool)>> {
        let rows: Vec<(String, Option<i64>, Option<String>)> = self
            .all(
                self.sql(
                    "SELECT document, accounts, hash FROM anchor WHERE aggregator = $1 AND day >= COALESCE(
                 (SELECT MAX(n.day) FROM anchor n WHERE n.aggregator = $1 AND n.day <= $2), $2)
             ORDER BY day",
                )
                .bind(i64::from(today.0)),
            )
            .await?;
        let read = |(text, accounts, hash): &(String, Option<i64>, Option<String>)| {
            let made: Anchor = from_json(text, "anchor.document")?;
            let is = anchor_reference(&made);
            let as_listed =
                hash.as_ref().is_none_or(|hash| *hash == is.hash && *accounts == Some(is.accounts.into()));
            Ok((made, as_listed))
        };
        rows.iter().map(read).collect()
    }

    /// Submissions that wait to be authorised.
    pub async fn waiting_ids(&mut self) -> StoreResult<BTreeSet<SubmissionId>> {
        let waiting =
            self.sql("SELECT id FROM submission WHERE aggregator = $1 AND state = 'awaiting_authorisation'");
        let ids = self.scalars(waiting).await?;
        Ok(ids.into_iter().map(SubmissionId).collect())
    }

    /// The account of an entry that is of none of this aggregator.
    pub async fn account_gone(&mut self) -> StoreResult<Option<AccountId>> {
        let gone = self.sql(
            "SELECT e.account FROM entry e WHERE e.aggregator = $1 AND NOT EXISTS (
             SELECT 1 FROM account a WHERE a.id = e.account AND a.aggregator = e.aggregator) LIMIT 1",
        );
        Ok(self.scalar_optional(gone).await?.map(AccountId))
    }

    pub async fn newest_anchor_day(&mut self) -> StoreResult<Option<Day>> {
        let found: Option<(i64,)> = self
            .optional(self.sql("SELECT day FROM anchor WHERE aggregator = $1 ORDER BY day DESC LIMIT 1"))
            .await?;
        Ok(found.and_then(|(day,)| i32::try_from(day).ok()).map(Day))
    }

    pub async fn add_anchor(&mut self, anchor: &Anchor) -> StoreResult<()> {
        let reference = anchor_reference(anchor);
        self.run(
            self.sql(
                "INSERT INTO anchor (aggregator, day, document, accounts, hash) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(i64::from(anchor.day.0))
            .bind(to_json(anchor))
            .bind(i64::from(reference.accounts))
            .bind(reference.hash),
        )
        .await?;
        Ok(())
    }

    pub async fn note_check(&mut self, found: &LedgerCheck) -> StoreResult<()> {
        self.run(
            self.sql("INSERT INTO ledger_check (aggregator, at, document) VALUES ($1, $2, $3)")
                .bind(found.at.0)
                .bind(to_json(found)),
        )
        .await?;
        Ok(())
    }

    /// Whether a check of this day found a fault.
    pub async fn faulty_on(&mut self, day: Day) -> StoreResult<bool> {
        let midnight = |day| Instant::from_rome(day, 0, 0, 0).0;
        let of_day =
            self.sql("SELECT document FROM ledger_check WHERE aggregator = $1 AND at BETWEEN $2 AND $3");
        let of_day = of_day.bind(midnight(day)).bind(midnight(day.plus(1)) - 1);
        let rows: Vec<(String,)> = self.all(of_day).await?;
        for (text,) in &rows {
            if from_json::<LedgerCheck>(text, "ledger_check.document")?.fault.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What was found last, by the order of the checks: a clock may have been wrong.
    pub async fn latest_check(&mut self) -> StoreResult<Option<LedgerCheck>> {
        let found: Option<(String,)> = self
            .optional(
                self.sql("SELECT document FROM ledger_check WHERE aggregator = $1 ORDER BY id DESC LIMIT 1"),
            )
            .await?;
        found.map(|(text,)| from_json(&text, "ledger_check.document")).transpose()
    }
}
