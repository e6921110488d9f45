//! *Richieste da lavorare*: the operator's list, and what is counted over it.
//!
//! Counts and order come from one index by state: what ended, which in time is most, is not looked at.

use model::calendar::Day;
use model::ids::ServiceCode;
use model::requests::State;
use sqlx::FromRow;

use super::request::{QueueRow, queue_rows, request_columns};
use super::sql::{Statement, Value, assembled};
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
    /// Requests of these bodies.
    pub bodies: Option<Vec<i64>>,
}

/// How many requests of a service are in a state, of those that are to be worked.
#[derive(Clone, Debug, FromRow)]
pub struct TallyRow {
    state: String,
    service: String,
    /// Of the operator and the bodies that were asked for.
    listed: i64,
    /// Of these, past their due date while their clock goes on.
    overdue: i64,
}

impl TallyRow {
    pub fn state(&self) -> Stored<State> {
        known(State::from_name(&self.state), "request.state", &self.state)
    }

    pub fn service(&self) -> ServiceCode {
        ServiceCode(self.service.clone())
    }

    pub fn listed(&self) -> u32 {
        counted(self.listed)
    }

    pub fn overdue(&self) -> u32 {
        counted(self.overdue)
    }
}

/// What is neither waiting for a mayor nor over.
macro_rules! to_be_worked {
    () => {
        "r.aggregator = $1 AND r.state IN ('submitted', 'in_review', 'needs_changes', 'approved', 'activating')"
    };
}

macro_rules! of_whom {
    () => {
        "(CAST($2 AS BIGINT) IS NULL OR r.operator = $2) AND ($3 = 0 OR r.operator IS NULL){bodies} "
    };
}

/// Overdue first, then the nearest due date, stopped clocks last.
macro_rules! in_order {
    () => {
        "ORDER BY CASE WHEN r.stopped_on IS NULL THEN 0 ELSE 1 END, r.due, r.id "
    };
}

impl QueueFilter {
    /// A statement over what is listed: its own values follow the first three, and the bodies come last.
    fn narrow<const N: usize>(&self, text: &str, aggregator: i64, values: [Value; N]) -> Statement {
        let bodies = self.bodies.as_deref();
        let among = bodies.map_or_else(String::new, |bodies| {
            let places = (1..=bodies.len()).map(|place| format!("${}", 3 + N + place));
            // Among no bodies nothing is found: none has the number 0.
            let places: Vec<_> = std::iter::once("0".to_owned()).chain(places).collect();
            format!(" AND r.body IN ({})", places.join(", "))
        });
        let statement = assembled(text.replace("{bodies}", &among))
            .bind(aggregator)
            .bind(self.operator)
            .bind(i64::from(self.nobodys));
        let statement = values.into_iter().fold(statement, Statement::bind);
        bodies.into_iter().flatten().fold(statement, |statement, body| statement.bind(*body))
    }
}

impl Work {
    /// One page of the operator's list.
    pub async fn queue(&mut self, filter: &QueueFilter, limit: i64, offset: i64) -> Stored<Vec<QueueRow>> {
        let text = concat!(
            queue_rows!("WHERE r.id IN (SELECT r.id FROM request r WHERE "),
            to_be_worked!(),
            " AND (CAST($4 AS TEXT) IS NULL OR r.state = $4) AND (CAST($5 AS TEXT) IS NULL OR r.service = $5) AND ",
            of_whom!(),
            in_order!(),
            "LIMIT $6 OFFSET $7) ",
            in_order!()
        );
        let state = filter.state.map(State::name).into();
        let service = filter.service.as_ref().map(ServiceCode::as_str).into();
        let aggregator = self.aggregator().0;
        self.all(filter.narrow(text, aggregator, [state, service, limit.into(), offset.into()])).await
    }

    /// Counts what is to be worked, by state and service: which of these the filter names is not asked.
    pub async fn queue_tally(&mut self, filter: &QueueFilter, today: Day) -> Stored<Vec<TallyRow>> {
        let text = concat!(
            "SELECT r.state, r.service, CAST(SUM(CASE WHEN ",
            of_whom!(),
            "THEN 1 ELSE 0 END) AS BIGINT) AS listed, CAST(SUM(CASE WHEN r.stopped_on IS NULL AND r.due < $4 AND ",
            of_whom!(),
            "THEN 1 ELSE 0 END) AS BIGINT) AS overdue FROM request r WHERE ",
            to_be_worked!(),
            " GROUP BY r.state, r.service"
        );
        let aggregator = self.aggregator().0;
        self.all(filter.narrow(text, aggregator, [today.0.into()])).await
    }

    /// Number and name of every body that has something to be worked.
    pub async fn queue_bodies(&mut self) -> Stored<Vec<(i64, String)>> {
        let aggregator = self.aggregator().0;
        let text = concat!(
            "SELECT b.id, b.name FROM body b WHERE b.aggregator = $1
               AND b.id IN (SELECT r.body FROM request r WHERE ",
            to_be_worked!(),
            ")"
        );
        self.all(sql(text).bind(aggregator)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_worked_is_said_as_the_model_says_it() {
        let said = |state: &State| to_be_worked!().contains(&format!("'{}'", state.name()));
        for state in State::ALL {
            assert_eq!(said(&state), state.to_be_worked(), "{state:?}");
        }
    }
}
