//! What must be true at any time, counted again from the entries: called at the end of each story.

use std::collections::BTreeMap;

use model::credits::{Account, EntryKind};
use model::ids::{AccountId, AggregatorId};
use model::requests::State;
use server::store::{EntryRow, Work};
use sqlx::FromRow;
use sqlx::sqlite::SqliteConnection;

use super::Town;

#[derive(FromRow)]
struct Book {
    id: i64,
    aggregator: i64,
    granted: i64,
    held: i64,
    spent: i64,
    sequence: i64,
    last_hash: String,
}

#[derive(Debug, FromRow)]
struct Asked {
    id: i64,
    call: i64,
    body: i64,
    submission: i64,
    service: String,
    price: i64,
    state: String,
    version: i64,
    submission_state: String,
    account: i64,
}

impl Asked {
    fn state(&self) -> State {
        State::from_name(&self.state).expect("a known state")
    }
}

impl Town {
    /// Counts everything again: numbers, chains, holds, requests, submissions, numbering.
    pub async fn assert_sound(&self) {
        let mut connection = self.connection().await;
        let books: Vec<Book> = all(
            &mut connection,
            "SELECT id, aggregator, granted, held, spent, sequence, last_hash FROM account",
        )
        .await;
        let asked: Vec<Asked> = all(
            &mut connection,
            "SELECT r.id, r.call, r.body, r.submission, r.service, r.price, r.state, r.version,
                    s.state AS submission_state, a.id AS account
             FROM request r JOIN submission s ON s.id = r.submission
             JOIN account a ON a.call = r.call AND a.body = r.body",
        )
        .await;
        let mut entries = BTreeMap::new();
        for book in &books {
            let reading = self.office.store.read(AggregatorId(book.aggregator)).await;
            let mut work: Work = reading.expect("the store reads");
            let rows = work.entries(AccountId(book.id)).await.expect("entries");
            chain_holds(book, &rows);
            numbers_agree(book, &rows);
            settlements_are_exact(&rows);
            entries.insert(book.id, rows);
        }
        for request in &asked {
            request_agrees(request, &entries[&request.account]);
        }
        submissions_agree(&mut connection).await;
        pledges_wait(&mut connection).await;
        steps_agree(&mut connection, &asked).await;
        nothing_twice(&mut connection).await;
        numbers_have_no_gap(&mut connection).await;
    }
}

async fn all<R>(connection: &mut SqliteConnection, text: &'static str) -> Vec<R>
where
    R: for<'r> FromRow<'r, sqlx::sqlite::SqliteRow> + Send + Unpin,
{
    sqlx::query_as(text).fetch_all(connection).await.expect("the check reads")
}

/// Each hash follows from the one before; the account knows the end.
fn chain_holds(book: &Book, rows: &[EntryRow]) {
    let mut before = String::new();
    for (sequence, row) in (1..).zip(rows) {
        assert_eq!(row.sequence, sequence, "account {}", book.id);
        assert_eq!(
            row.hash,
            row.expected_hash(&before).expect("a known kind"),
            "account {}, entry {sequence}",
            book.id
        );
        before.clone_from(&row.hash);
    }
    assert_eq!(book.sequence, i64::try_from(rows.len()).expect("few"));
    assert_eq!(book.last_hash, before);
}

/// Granted, held and spent are the sums of their entries, and available was never negative.
fn numbers_agree(book: &Book, rows: &[EntryRow]) {
    let mut now = Account::default();
    for row in rows {
        let effect = row.kind().expect("a known kind").effect(row.amount);
        now.granted += effect.granted;
        now.held += effect.held;
        now.spent += effect.spent;
        let good = now.available() >= 0 && now.granted >= 0 && now.held >= 0 && now.spent >= 0;
        assert!(good, "account {} after entry {}: {now:?}", book.id, row.sequence);
    }
    assert_eq!(
        (now.granted, now.held, now.spent),
        (book.granted, book.held, book.spent),
        "account {}",
        book.id
    );
    let open: i64 = open(rows, EntryKind::Hold).map(|row| row.amount).sum();
    assert_eq!(open, book.held, "open holds of account {}", book.id);
}

/// Entries of this kind that no other resolves.
fn open(rows: &[EntryRow], kind: EntryKind) -> impl Iterator<Item = &EntryRow> {
    rows.iter().filter(move |row| {
        row.kind().expect("a known kind") == kind && rows.iter().all(|other| other.settles != Some(row.id))
    })
}

/// What resolves an entry is of the right kind, of the same account, request and amount.
fn settlements_are_exact(rows: &[EntryRow]) {
    for row in rows {
        let kind = row.kind().expect("a known kind");
        let resolves = match kind {
            EntryKind::Spend | EntryKind::Release | EntryKind::Refund => Some(EntryKind::Hold),
            EntryKind::Reinstate => Some(EntryKind::Renounce),
            _ => None,
        };
        let settled = row.settles.map(|id| {
            let found = rows.iter().find(|other| other.id == id);
            found.unwrap_or_else(|| panic!("entry {} settles one of another account", row.id))
        });
        let settled_kind = settled.map(|other| other.kind().expect("a known kind"));
        assert_eq!(settled_kind, resolves, "entry {}", row.id);
        if let Some(other) = settled {
            assert_eq!((other.amount, other.request), (row.amount, row.request));
        }
    }
}

/// The state of a request says what its last entry must be.
fn request_agrees(request: &Asked, rows: &[EntryRow]) {
    let own: Vec<_> = rows.iter().filter(|row| row.request == Some(request.id)).collect();
    if request.price == 0 {
        assert!(own.is_empty(), "{request:?} costs nothing");
        return;
    }
    let last = own.last().unwrap_or_else(|| panic!("{request:?} holds"));
    let expected = match request.state() {
        State::AwaitingAuthorisation | State::Submitted | State::InReview | State::NeedsChanges => {
            EntryKind::Hold
        }
        State::Approved | State::Activating | State::Live | State::Ended => EntryKind::Spend,
        State::SentBack | State::Lapsed | State::Rejected | State::Withdrawn | State::Cancelled => {
            EntryKind::Release
        }
        State::Revoked => EntryKind::Refund,
    };
    assert_eq!(last.kind().expect("a known kind"), expected, "{request:?}");
    assert!(own.iter().all(|row| row.amount == request.price));
    let holds = own.iter().filter(|row| row.kind().expect("a known kind") == EntryKind::Hold);
    assert_eq!(holds.count(), 1, "{request:?}");
}

/// Until it is authorised a submission is one act; undone, nothing of it is left in the account.
async fn submissions_agree(connection: &mut SqliteConnection) {
    let rows: Vec<(i64, String, String)> = all(
        connection,
        "SELECT s.id, s.state, r.state FROM submission s JOIN request r ON r.submission = s.id",
    )
    .await;
    for (id, submission, request) in rows {
        let whole = ["awaiting_authorisation", "sent_back", "lapsed"];
        if whole.contains(&submission.as_str()) {
            assert_eq!(request, submission, "submission {id}");
        } else if submission == "withdrawn" {
            assert_eq!(request, "withdrawn", "submission {id}");
        } else {
            assert!(!whole.contains(&request.as_str()), "submission {id}: {request}");
        }
    }
    let unresolved: Vec<(i64, String, String)> = all(
        connection,
        "SELECT s.id, s.state, e.kind FROM entry e JOIN submission s ON s.id = e.submission
         WHERE e.kind IN ('hold', 'renounce') AND s.state IN ('sent_back', 'lapsed', 'withdrawn')
           AND NOT EXISTS (SELECT 1 FROM entry x WHERE x.settles = e.id)",
    )
    .await;
    assert_eq!(unresolved, [], "undone submissions left entries open");
    let reinstated: Vec<(i64,)> = all(
        connection,
        "SELECT e.id FROM entry e JOIN entry r ON r.id = e.settles JOIN submission s ON s.id = r.submission
         WHERE e.kind = 'reinstate' AND s.state IN ('awaiting_authorisation', 'authorised')",
    )
    .await;
    assert_eq!(reinstated, [], "drops that stand were reinstated");
}

/// What is pledged is what the submission that waits renounced.
async fn pledges_wait(connection: &mut SqliteConnection) {
    let wrong: Vec<(i64, i64, i64)> = all(
        connection,
        "SELECT id, pledged, expected FROM (
             SELECT a.id, a.pledged, COALESCE((
                 SELECT SUM(e.amount) FROM entry e JOIN submission s ON s.id = e.submission
                 WHERE e.account = a.id AND e.kind = 'renounce' AND s.state = 'awaiting_authorisation'
             ), 0) AS expected FROM account a)
         WHERE pledged <> expected",
    )
    .await;
    assert_eq!(wrong, [], "account, pledged, renounced by what waits");
}

/// Each change of a request is one line of its timeline, and the last says its state.
async fn steps_agree(connection: &mut SqliteConnection, asked: &[Asked]) {
    for request in asked {
        let steps: Vec<(String,)> =
            sqlx::query_as("SELECT state FROM request_step WHERE request = $1 ORDER BY id")
                .bind(request.id)
                .fetch_all(&mut *connection)
                .await
                .expect("the check reads");
        assert_eq!(i64::try_from(steps.len()).expect("few"), request.version, "{request:?}");
        assert_eq!(steps.last().map(|(state,)| state.as_str()), Some(request.state.as_str()), "{request:?}");
        assert!(request.submission > 0 && request.call > 0 && request.body > 0);
        assert!(!request.service.is_empty() && !request.submission_state.is_empty());
    }
}

/// No service twice on its way or live for a body, unless it is repeatable.
async fn nothing_twice(connection: &mut SqliteConnection) {
    let twice: Vec<(i64, String, i64)> = all(
        connection,
        "SELECT r.body, r.service, COUNT(*) FROM request r
         JOIN service s ON s.aggregator = r.aggregator AND s.code = r.service
         WHERE r.state IN ('awaiting_authorisation', 'submitted', 'in_review', 'needs_changes', 'approved',
                           'activating', 'live')
           AND s.document ->> '$.repeatable' = 0
         GROUP BY r.body, r.service HAVING COUNT(*) > 1",
    )
    .await;
    assert_eq!(twice, [], "body, service, how often");
}

/// *Numeri di pratica* run from 1 without gaps, for each aggregator and year.
async fn numbers_have_no_gap(connection: &mut SqliteConnection) {
    let gaps: Vec<(i64, i64, i64, i64)> = all(
        connection,
        "SELECT aggregator, year, COUNT(*), MAX(number) FROM submission GROUP BY aggregator, year
         HAVING COUNT(*) <> MAX(number) OR MIN(number) <> 1",
    )
    .await;
    assert_eq!(gaps, [], "aggregator, year, submissions, last number");
}
