//! Requests, their timeline and their milestones.

use model::calendar::Day;
use model::ids::{BodyId, CallId, RequestId, ServiceCode, SubmissionId};
use model::requests::{Origin, State};
use sqlx::FromRow;

use super::{Stored, Work, known, sql};

#[derive(Clone, Debug, FromRow)]
pub struct RequestRow {
    pub id: i64,
    pub call: i64,
    pub body: i64,
    pub submission: i64,
    pub service: String,
    origin: String,
    pub price: i64,
    state: String,
    pub version: i64,
    pub operator: Option<i64>,
    pub arrived_at: i64,
    pub changed_at: i64,
    pub due: Option<i32>,
    pub stopped_on: Option<i32>,
    pub reminded_on: Option<i32>,
}

impl RequestRow {
    pub fn id(&self) -> RequestId {
        RequestId(self.id)
    }

    pub fn service(&self) -> ServiceCode {
        ServiceCode(self.service.clone())
    }

    pub fn state(&self) -> Stored<State> {
        known(State::from_name(&self.state), "request.state", &self.state)
    }

    pub fn origin(&self) -> Stored<Origin> {
        match self.origin.as_str() {
            "package" => Ok(Origin::Package),
            "added" => Ok(Origin::Added),
            other => known(None, "request.origin", other),
        }
    }
}

/// A request with the names that a list shows.
#[derive(Clone, Debug, FromRow)]
pub struct QueueRow {
    #[sqlx(flatten)]
    pub request: RequestRow,
    pub body_kind: String,
    pub body_name: String,
    pub operator_name: Option<String>,
    pub year: i64,
    pub number: i64,
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

macro_rules! queue_rows {
    ($rest:literal) => {
        concat!(
            request_columns!(
                ", b.kind AS body_kind, b.name AS body_name, p.name AS operator_name, s.year, s.number
                 FROM request r JOIN body b ON b.id = r.body JOIN submission s ON s.id = r.submission
                 LEFT JOIN person p ON p.id = r.operator "
            ),
            $rest
        )
    };
}

pub(super) use {queue_rows, request_columns};

impl Work {
    pub async fn request(&mut self, id: RequestId) -> Stored<Option<RequestRow>> {
        let aggregator = self.aggregator().0;
        self.optional(
            sql(request_columns!(" FROM request r WHERE r.aggregator = $1 AND r.id = $2"))
                .bind(aggregator)
                .bind(id.0),
        )
        .await
    }

    /// A request with the names that a page shows.
    pub async fn named_request(&mut self, id: RequestId) -> Stored<Option<QueueRow>> {
        let aggregator = self.aggregator().0;
        self.optional(sql(queue_rows!("WHERE r.aggregator = $1 AND r.id = $2")).bind(aggregator).bind(id.0))
            .await
    }

    /// Every request of a body, oldest first.
    pub async fn requests_of(&mut self, body: BodyId) -> Stored<Vec<RequestRow>> {
        let aggregator = self.aggregator().0;
        self.all(
            sql(request_columns!(" FROM request r WHERE r.aggregator = $1 AND r.body = $2 ORDER BY r.id"))
                .bind(aggregator)
                .bind(body.0),
        )
        .await
    }

    /// The requests of a body with their names, newest first.
    pub async fn named_requests_of(&mut self, body: BodyId) -> Stored<Vec<QueueRow>> {
        let aggregator = self.aggregator().0;
        self.all(
            sql(queue_rows!("WHERE r.aggregator = $1 AND r.body = $2 ORDER BY r.id DESC"))
                .bind(aggregator)
                .bind(body.0),
        )
        .await
    }

    pub async fn requests_of_submission(&mut self, submission: SubmissionId) -> Stored<Vec<RequestRow>> {
        let aggregator = self.aggregator().0;
        self.all(
            sql(request_columns!(
                " FROM request r WHERE r.aggregator = $1 AND r.submission = $2 ORDER BY r.id"
            ))
            .bind(aggregator)
            .bind(submission.0),
        )
        .await
    }

    pub async fn add_request(
        &mut self,
        (call, body, submission): (CallId, BodyId, SubmissionId),
        service: &ServiceCode,
        origin: Origin,
        price: i64,
        state: State,
        due: Option<Day>,
        at: i64,
    ) -> Stored<RequestId> {
        let aggregator = self.aggregator().0;
        let id: i64 = self.scalar(sql(
            "INSERT INTO request (aggregator, call, body, submission, service, origin, price, state, version,
                                  arrived_at, changed_at, due)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9, $10) RETURNING id",
        )
        .bind(aggregator)
        .bind(call.0)
        .bind(body.0)
        .bind(submission.0)
        .bind(service.as_str())
        .bind(if origin == Origin::Package { "package" } else { "added" })
        .bind(price)
        .bind(state.name())
        .bind(at)
        .bind(due.map(|day| i64::from(day.0)))).await?;
        Ok(RequestId(id))
    }

    /// Saves what changed, if nobody changed it since it was read; false when somebody did.
    pub async fn save_request(&mut self, row: &RequestRow, state: State, at: i64) -> Stored<bool> {
        let aggregator = self.aggregator().0;
        let done = self.run(sql(
            "UPDATE request SET state = $4, version = version + 1, operator = $5, changed_at = $6, due = $7,
                    stopped_on = $8, reminded_on = $9
             WHERE aggregator = $1 AND id = $2 AND version = $3",
        )
        .bind(aggregator)
        .bind(row.id)
        .bind(row.version)
        .bind(state.name())
        .bind(row.operator)
        .bind(at)
        .bind(row.due)
        .bind(row.stopped_on)
        .bind(row.reminded_on)).await?;
        Ok(done == 1)
    }
}
