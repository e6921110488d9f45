//! Requests: one, those of a body or of a submission, and how they are written.

use model::api::people::PersonRef;
use model::calendar::{Day, Instant};
use model::credits::Credits;
use model::ids::{BodyId, CallId, PersonId, RequestId, ServiceCode, SubmissionId};
use model::requests::{Origin, State};

use crate::database::row::row;
use crate::people::workers;
use crate::{StoreResult, Transaction};

pub(crate) mod news;
pub(crate) mod queue;
pub(crate) mod timeline;

row! {
    pub struct RequestRecord of "request" {
        pub id: RequestId,
        pub call: CallId,
        pub body: BodyId,
        pub submission: SubmissionId,
        pub service: ServiceCode,
        pub origin: Origin,
        pub price: Credits,
        pub state: State,
        pub version: i64,
        pub operator: Option<PersonId>,
        pub arrived_at: Instant,
        pub changed_at: Instant,
        pub due: Option<Day>,
        pub stopped_on: Option<Day>,
        pub reminded_on: Option<Day>,
    }
}

row! {
    /// A request as the check of the ledger reads it: whatever its state is called.
    pub struct CheckedRequestRow of "request" {
        pub id: RequestId,
        pub call: CallId,
        pub price: Credits,
        state: String,
    }
}

impl CheckedRequestRow {
    /// None where the model does not know it.
    pub fn state(&self) -> Option<State> {
        State::from_name(&self.state)
    }
}

row! {
    /// A request with the names that a list shows.
    pub struct QueueRow of "request" {
        pub body_kind: String,
        pub body_name: String,
        operator_name: Option<String>,
        operator_works: bool,
        pub year: i64,
        pub number: i64,
    } with {
        pub request: RequestRecord,
    }
}

impl QueueRow {
    /// Who has it: nobody where who had it does not work on requests any more.
    pub fn owner(&self) -> Option<PersonRef> {
        self.operator().filter(|_| self.operator_works)
    }

    /// Who had it, where they do not work on requests any more.
    pub fn former_owner(&self) -> Option<PersonRef> {
        self.operator().filter(|_| !self.operator_works)
    }

    fn operator(&self) -> Option<PersonRef> {
        let (id, name) = self.request.operator.zip(self.operator_name.clone())?;
        Some(PersonRef { id, name })
    }
}

macro_rules! request_columns {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.call, r.body, r.submission, r.service, r.origin, r.price, r.state, r.version, r.operator,
                    r.arrived_at, r.changed_at, r.due, r.stopped_on, r.reminded_on",
            $rest
        )
    };
}

/// `$1` is the aggregator, `$2` now.
macro_rules! queue_rows {
    ($rest:literal) => {
        concat!(
            request_columns!(
                ", b.kind AS body_kind, b.name AS body_name, p.name AS operator_name, s.year, s.number,
                    COALESCE(r.operator IN ("
            ),
            workers!("$2"),
            "), FALSE) AS operator_works
             FROM request r JOIN body b ON b.id = r.body JOIN submission s ON s.id = r.submission
             LEFT JOIN person p ON p.id = r.operator ",
            $rest
        )
    };
}

pub(crate) use {queue_rows, request_columns};

impl Transaction {
    /// The body that a request is of.
    pub async fn body_of_request(&mut self, id: RequestId) -> StoreResult<Option<Option<BodyId>>> {
        let body: Option<(i64,)> = self
            .optional(self.sql("SELECT body FROM request WHERE aggregator = $1 AND id = $2").bind(id))
            .await?;
        Ok(body.map(|(body,)| Some(BodyId(body))))
    }

    pub async fn request(&mut self, id: RequestId) -> StoreResult<Option<RequestRecord>> {
        self.optional(
            self.sql(request_columns!(" FROM request r WHERE r.aggregator = $1 AND r.id = $2")).bind(id),
        )
        .await
    }

    /// A request with the names that a page shows.
    pub async fn named_request(&mut self, id: RequestId, now: Instant) -> StoreResult<Option<QueueRow>> {
        let request = self.sql(queue_rows!("WHERE r.aggregator = $1 AND r.id = $3"));
        self.optional(request.bind(now).bind(id)).await
    }

    /// Every request of a body, oldest first.
    pub async fn requests_of(&mut self, body: BodyId) -> StoreResult<Vec<RequestRecord>> {
        self.all(
            self.sql(request_columns!(
                " FROM request r WHERE r.aggregator = $1 AND r.body = $2 ORDER BY r.id"
            ))
            .bind(body),
        )
        .await
    }

    /// The same, as the check of the ledger reads them.
    pub async fn checked_requests_of(&mut self, body: BodyId) -> StoreResult<Vec<CheckedRequestRow>> {
        let requests = self.sql(
            "SELECT id, call, price, state FROM request WHERE aggregator = $1 AND body = $2 ORDER BY id",
        );
        self.all(requests.bind(body)).await
    }

    /// The requests of a body with their names, newest first.
    pub async fn named_requests_of(&mut self, body: BodyId, now: Instant) -> StoreResult<Vec<QueueRow>> {
        let requests = self.sql(queue_rows!("WHERE r.aggregator = $1 AND r.body = $3 ORDER BY r.id DESC"));
        self.all(requests.bind(now).bind(body)).await
    }

    pub async fn requests_of_submission(
        &mut self,
        submission: SubmissionId,
    ) -> StoreResult<Vec<RequestRecord>> {
        self.all(
            self.sql(request_columns!(
                " FROM request r WHERE r.aggregator = $1 AND r.submission = $2 ORDER BY r.id"
            ))
            .bind(submission),
        )
        .await
    }

    /// Adds requests of a submission: service, origin and price of each. Their ids come in the same order.
    pub async fn add_requests(
        &mut self,
        (call, body, submission): (CallId, BodyId, SubmissionId),
        asked: &[(&ServiceCode, Origin, Credits)],
        state: State,
        at: Instant,
    ) -> StoreResult<Vec<RequestId>> {
        let rows: Vec<_> = asked
            .iter()
            .map(|(service, origin, price)| {
                [
                    call.0.into(),
                    body.0.into(),
                    submission.0.into(),
                    service.as_str().into(),
                    origin.name().into(),
                    (*price).into(),
                    state.name().into(),
                    1_i64.into(),
                    at.into(),
                    at.into(),
                ]
            })
            .collect();
        let mut ids: Vec<i64> = self
            .add_rows(
                "INSERT INTO request (aggregator, call, body, submission, service, origin, price, state, version,
                                      arrived_at, changed_at) VALUES {rows} RETURNING id",
                &rows,
            )
            .await?;
        // They are numbered as they are said, but may be given back in any order.
        ids.sort_unstable();
        Ok(ids.into_iter().map(RequestId).collect())
    }

    /// Saves what changed, each in its new state, and tells how many nobody had changed since they were read.
    pub async fn save_requests(
        &mut self,
        changed: &[(RequestRecord, State)],
        at: Instant,
    ) -> StoreResult<u64> {
        let rows: Vec<_> = changed
            .iter()
            .map(|(row, state)| {
                [
                    row.id.0.into(),
                    row.version.into(),
                    state.name().into(),
                    row.operator.map(|id| id.0).into(),
                    at.into(),
                    row.due.map(|day| day.0).into(),
                    row.stopped_on.map(|day| day.0).into(),
                    row.reminded_on.map(|day| day.0).into(),
                ]
            })
            .collect();
        self.run_rows(
            "WITH changed (aggregator, id, version, state, operator, at, due, stopped_on, reminded_on)
                 AS (VALUES {rows})
             UPDATE request SET state = c.state, version = request.version + 1, operator = c.operator,
                 changed_at = c.at, due = c.due, stopped_on = c.stopped_on, reminded_on = c.reminded_on
             FROM changed c
             WHERE request.aggregator = c.aggregator AND request.id = c.id AND request.version = c.version",
            &rows,
        )
        .await
    }
}
