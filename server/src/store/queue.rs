//! *Richieste da lavorare*: the operator's list, its counts, and what it may be narrowed to.

use model::calendar::Day;
use model::ids::{BodyId, ServiceCode};
use model::requests::State;

use super::request::{QueueRow, queue_rows, request_columns};
use super::sql::Statement;
use super::{Stored, Work, counted, known, sql};

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

impl QueueFilter {
    /// A statement with the six values of the filter; the others follow.
    fn narrow(&self, statement: Statement, aggregator: i64, state: Option<State>) -> Statement {
        statement
            .bind(aggregator)
            .bind(state.map(State::name))
            .bind(self.operator)
            .bind(i64::from(self.nobodys))
            .bind(self.service.as_ref().map(ServiceCode::as_str))
            .bind(self.body.map(|body| body.0))
    }
}

impl Work {
    /// One page of the operator's list: overdue first, then the nearest due date, stopped clocks last.
    pub async fn queue(&mut self, filter: &QueueFilter, limit: i64, offset: i64) -> Stored<Vec<QueueRow>> {
        let statement = sql(queue_filter!(
            queue_rows!(""),
            "ORDER BY CASE WHEN r.stopped_on IS NULL THEN 0 ELSE 1 END, r.due, r.id LIMIT $7 OFFSET $8"
        ));
        let statement = filter.narrow(statement, self.aggregator().0, filter.state);
        self.all(statement.bind(limit).bind(offset)).await
    }

    /// How many requests to be worked are in each state, with every filter but the state.
    pub async fn queue_counts(&mut self, filter: &QueueFilter) -> Stored<Vec<(State, u32)>> {
        let statement = sql(queue_filter!("SELECT r.state, COUNT(*) FROM request r ", "GROUP BY r.state"));
        let rows: Vec<(String, i64)> = self.all(filter.narrow(statement, self.aggregator().0, None)).await?;
        rows.into_iter()
            .map(|(state, count)| {
                Ok((known(State::from_name(&state), "request.state", &state)?, counted(count)))
            })
            .collect()
    }

    /// How many of the operator's list are past their due date while their clock goes on.
    pub async fn queue_overdue(&mut self, filter: &QueueFilter, today: Day) -> Stored<u32> {
        let statement =
            sql(queue_filter!("SELECT COUNT(*) FROM request r ", "AND r.stopped_on IS NULL AND r.due < $7"));
        let statement = filter.narrow(statement, self.aggregator().0, filter.state);
        self.scalar(statement.bind(today.0)).await.map(counted)
    }

    /// Services and bodies that have something to be worked: code; id, kind and name.
    pub async fn queue_choices(&mut self) -> Stored<(Vec<String>, Vec<(i64, String, String)>)> {
        let aggregator = self.aggregator().0;
        let services = self.scalars(sql(
            "SELECT DISTINCT service FROM request WHERE aggregator = $1
               AND state IN ('submitted', 'in_review', 'needs_changes', 'approved', 'activating') ORDER BY service",
        )
        .bind(aggregator)).await?;
        let bodies = self.all(sql(
            "SELECT DISTINCT b.id, b.kind, b.name FROM request r JOIN body b ON b.id = r.body WHERE r.aggregator = $1
               AND r.state IN ('submitted', 'in_review', 'needs_changes', 'approved', 'activating') ORDER BY b.name",
        )
        .bind(aggregator)).await?;
        Ok((services, bodies))
    }
}
