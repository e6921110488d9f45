//! Requests, their timeline and their milestones.

use model::calendar::Day;
use model::ids::{BodyId, CallId, RequestId, ServiceCode, SubmissionId};
use model::requests::{Event, Origin, State};
use sqlx::FromRow;

use super::{Stored, Work, known};

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

#[derive(Clone, Debug, FromRow)]
pub struct StepRow {
    event: String,
    state: String,
    pub at: i64,
    pub actor_name: Option<String>,
    pub note: String,
}

impl StepRow {
    pub fn event(&self) -> Stored<Event> {
        known(Event::from_name(&self.event), "request_step.event", &self.event)
    }

    pub fn state(&self) -> Stored<State> {
        known(State::from_name(&self.state), "request_step.state", &self.state)
    }
}

#[derive(Clone, Debug, FromRow)]
pub struct MilestoneRow {
    pub request: i64,
    pub position: i64,
    pub title: String,
    pub by_body: bool,
    pub done_at: Option<i64>,
    pub done_by_name: Option<String>,
}

/// What the operator's list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct QueueFilter {
    pub state: Option<State>,
    /// Requests of this operator.
    pub operator: Option<i64>,
    /// Requests that nobody has taken.
    pub nobodys: bool,
    pub service: Option<ServiceCode>,
    pub body: Option<BodyId>,
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

macro_rules! queue_filter {
    ($head:expr, $tail:literal) => {
        concat!(
            $head,
            "WHERE r.aggregator = $1 AND r.state IN ('submitted', 'in_review', 'needs_changes', 'approved', 'activating')
               AND (CAST($2 AS TEXT) IS NULL OR r.state = $2) AND (CAST($3 AS BIGINT) IS NULL OR r.operator = $3)
               AND ($4 = 0 OR r.operator IS NULL) AND (CAST($5 AS TEXT) IS NULL OR r.service = $5)
               AND (CAST($6 AS BIGINT) IS NULL OR r.body = $6) ",
            $tail
        )
    };
}

impl Work {
    pub async fn request(&mut self, id: RequestId) -> Stored<Option<RequestRow>> {
        let aggregator = self.aggregator().0;
        Ok(sqlx::query_as(request_columns!(" FROM request r WHERE r.aggregator = $1 AND r.id = $2"))
            .bind(aggregator)
            .bind(id.0)
            .fetch_optional(self.link())
            .await?)
    }

    /// A request with the names that a page shows.
    pub async fn named_request(&mut self, id: RequestId) -> Stored<Option<QueueRow>> {
        let aggregator = self.aggregator().0;
        Ok(sqlx::query_as(queue_rows!("WHERE r.aggregator = $1 AND r.id = $2"))
            .bind(aggregator)
            .bind(id.0)
            .fetch_optional(self.link())
            .await?)
    }

    /// Every request of a body, oldest first.
    pub async fn requests_of(&mut self, body: BodyId) -> Stored<Vec<RequestRow>> {
        let aggregator = self.aggregator().0;
        Ok(sqlx::query_as(request_columns!(
            " FROM request r WHERE r.aggregator = $1 AND r.body = $2 ORDER BY r.id"
        ))
        .bind(aggregator)
        .bind(body.0)
        .fetch_all(self.link())
        .await?)
    }

    /// The requests of a body with their names, newest first.
    pub async fn named_requests_of(&mut self, body: BodyId) -> Stored<Vec<QueueRow>> {
        let aggregator = self.aggregator().0;
        Ok(sqlx::query_as(queue_rows!("WHERE r.aggregator = $1 AND r.body = $2 ORDER BY r.id DESC"))
            .bind(aggregator)
            .bind(body.0)
            .fetch_all(self.link())
            .await?)
    }

    pub async fn requests_of_submission(&mut self, submission: SubmissionId) -> Stored<Vec<RequestRow>> {
        let aggregator = self.aggregator().0;
        Ok(sqlx::query_as(request_columns!(
            " FROM request r WHERE r.aggregator = $1 AND r.submission = $2 ORDER BY r.id"
        ))
        .bind(aggregator)
        .bind(submission.0)
        .fetch_all(self.link())
        .await?)
    }

    /// One page of the operator's list: overdue first, then the nearest due date, stopped clocks last.
    pub async fn queue(&mut self, filter: &QueueFilter, limit: i64, offset: i64) -> Stored<Vec<QueueRow>> {
        let aggregator = self.aggregator().0;
        Ok(sqlx::query_as(queue_filter!(
            queue_rows!(""),
            "ORDER BY CASE WHEN r.stopped_on IS NULL THEN 0 ELSE 1 END, r.due, r.id LIMIT $7 OFFSET $8"
        ))
        .bind(aggregator)
        .bind(filter.state.map(State::name))
        .bind(filter.operator)
        .bind(i64::from(filter.nobodys))
        .bind(filter.service.as_ref().map(ServiceCode::as_str))
        .bind(filter.body.map(|body| body.0))
        .bind(limit)
        .bind(offset)
        .fetch_all(self.link())
        .await?)
    }

    /// How many requests to be worked are in each state, with every filter but the state.
    pub async fn queue_counts(&mut self, filter: &QueueFilter) -> Stored<Vec<(State, u32)>> {
        let aggregator = self.aggregator().0;
        let rows: Vec<(String, u32)> =
            sqlx::query_as(queue_filter!("SELECT r.state, COUNT(*) FROM request r ", "GROUP BY r.state"))
                .bind(aggregator)
                .bind(None::<String>)
                .bind(filter.operator)
                .bind(i64::from(filter.nobodys))
                .bind(filter.service.as_ref().map(ServiceCode::as_str))
                .bind(filter.body.map(|body| body.0))
                .fetch_all(self.link())
                .await?;
        rows.into_iter()
            .map(|(state, count)| Ok((known(State::from_name(&state), "request.state", &state)?, count)))
            .collect()
    }

    /// How many of the operator's list are past their due date while their clock goes on.
    pub async fn queue_overdue(&mut self, filter: &QueueFilter, today: Day) -> Stored<u32> {
        let aggregator = self.aggregator().0;
        Ok(sqlx::query_scalar(queue_filter!(
            "SELECT COUNT(*) FROM request r ",
            "AND r.stopped_on IS NULL AND r.due < $7"
        ))
        .bind(aggregator)
        .bind(filter.state.map(State::name))
        .bind(filter.operator)
        .bind(i64::from(filter.nobodys))
        .bind(filter.service.as_ref().map(ServiceCode::as_str))
        .bind(filter.body.map(|body| body.0))
        .bind(i64::from(today.0))
        .fetch_one(self.link())
        .await?)
    }

    /// Services and bodies that have something to be worked: code; id, kind and name.
    pub async fn queue_choices(&mut self) -> Stored<(Vec<String>, Vec<(i64, String, String)>)> {
        let aggregator = self.aggregator().0;
        let services = sqlx::query_scalar(
            "SELECT DISTINCT service FROM request WHERE aggregator = $1
               AND state IN ('submitted', 'in_review', 'needs_changes', 'approved', 'activating') ORDER BY service",
        )
        .bind(aggregator)
        .fetch_all(self.link())
        .await?;
        let bodies = sqlx::query_as(
            "SELECT DISTINCT b.id, b.kind, b.name FROM request r JOIN body b ON b.id = r.body WHERE r.aggregator = $1
               AND r.state IN ('submitted', 'in_review', 'needs_changes', 'approved', 'activating') ORDER BY b.name",
        )
        .bind(aggregator)
        .fetch_all(self.link())
        .await?;
        Ok((services, bodies))
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
        let id: i64 = sqlx::query_scalar(
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
        .bind(due.map(|day| i64::from(day.0)))
        .fetch_one(self.link())
        .await?;
        Ok(RequestId(id))
    }

    /// Saves what changed, if nobody changed it since it was read; false when somebody did.
    pub async fn save_request(&mut self, row: &RequestRow, state: State, at: i64) -> Stored<bool> {
        let aggregator = self.aggregator().0;
        let done = sqlx::query(
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
        .bind(row.reminded_on)
        .execute(self.link())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn add_step(
        &mut self,
        request: RequestId,
        event: Event,
        state: State,
        actor: Option<i64>,
        note: &str,
        at: i64,
    ) -> Stored<()> {
        let aggregator = self.aggregator().0;
        sqlx::query(
            "INSERT INTO request_step (aggregator, request, event, state, at, actor, note)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(aggregator)
        .bind(request.0)
        .bind(event.name())
        .bind(state.name())
        .bind(at)
        .bind(actor)
        .bind(note)
        .execute(self.link())
        .await?;
        Ok(())
    }

    /// The timeline, newest first.
    pub async fn steps(&mut self, request: RequestId) -> Stored<Vec<StepRow>> {
        let aggregator = self.aggregator().0;
        Ok(sqlx::query_as(
            "SELECT t.event, t.state, t.at, p.name AS actor_name, t.note
             FROM request_step t LEFT JOIN person p ON p.id = t.actor
             WHERE t.aggregator = $1 AND t.request = $2 ORDER BY t.id DESC",
        )
        .bind(aggregator)
        .bind(request.0)
        .fetch_all(self.link())
        .await?)
    }

    /// The latest question to each body's requests that wait for an answer: request and message.
    pub async fn questions(&mut self, body: BodyId) -> Stored<Vec<(i64, String)>> {
        let aggregator = self.aggregator().0;
        Ok(sqlx::query_as(
            "SELECT t.request, t.note FROM request_step t JOIN request r ON r.id = t.request
             WHERE r.aggregator = $1 AND r.body = $2 AND r.state = 'needs_changes' AND t.event = 'ask_changes'
             ORDER BY t.id",
        )
        .bind(aggregator)
        .bind(body.0)
        .fetch_all(self.link())
        .await?)
    }

    pub async fn add_milestone(
        &mut self,
        request: RequestId,
        position: i64,
        title: &str,
        by_body: bool,
    ) -> Stored<()> {
        let aggregator = self.aggregator().0;
        sqlx::query(
            "INSERT INTO milestone (aggregator, request, position, title, by_body) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(aggregator)
        .bind(request.0)
        .bind(position)
        .bind(title)
        .bind(i64::from(by_body))
        .execute(self.link())
        .await?;
        Ok(())
    }

    pub async fn complete_milestone(
        &mut self,
        request: RequestId,
        position: i64,
        by: Option<i64>,
        at: i64,
    ) -> Stored<()> {
        let aggregator = self.aggregator().0;
        sqlx::query(
            "UPDATE milestone SET done_at = $4, done_by = $5
             WHERE aggregator = $1 AND request = $2 AND position = $3 AND done_at IS NULL",
        )
        .bind(aggregator)
        .bind(request.0)
        .bind(position)
        .bind(at)
        .bind(by)
        .execute(self.link())
        .await?;
        Ok(())
    }

    /// Milestones of a request, or of everything that a body has in activation, in their order.
    pub async fn milestones(
        &mut self,
        request: Option<RequestId>,
        body: Option<BodyId>,
    ) -> Stored<Vec<MilestoneRow>> {
        let aggregator = self.aggregator().0;
        Ok(sqlx::query_as(
            "SELECT m.request, m.position, m.title, m.by_body, m.done_at, p.name AS done_by_name
             FROM milestone m JOIN request r ON r.id = m.request LEFT JOIN person p ON p.id = m.done_by
             WHERE m.aggregator = $1 AND (m.request = $2 OR (r.body = $3 AND r.state = 'activating'))
             ORDER BY m.request, m.position",
        )
        .bind(aggregator)
        .bind(request.map(|id| id.0))
        .bind(body.map(|id| id.0))
        .fetch_all(self.link())
        .await?)
    }
}
