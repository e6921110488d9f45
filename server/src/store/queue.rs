//! *Richieste da lavorare*: the operator's list, and what is counted over it.
//!
//! Counts and order come from two indexes of what is to be worked: what ended, which in time is most, is not looked at.

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

/// Overdue first, then the nearest due date, stopped clocks last: as the index `request_in_turn` has them.
macro_rules! in_order {
    () => {
        " ORDER BY r.stopped_on IS NOT NULL, r.due, r.id"
    };
}

/// Values of a statement, each with its place in the text.
struct Values(Vec<Value>);

impl Values {
    fn place(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }

    fn bound_to(self, text: String) -> Statement {
        self.0.into_iter().fold(assembled(text), Statement::bind)
    }
}

impl QueueFilter {
    /// Whose requests are listed: only what is asked for stands in the statement.
    fn of_whom(&self, values: &mut Values) -> Vec<String> {
        let mut conditions = Vec::new();
        if let Some(operator) = self.operator {
            conditions.push(format!("r.operator = {}", values.place(operator)));
        }
        if self.nobodys {
            conditions.push("r.operator IS NULL".to_owned());
        }
        if let Some(bodies) = &self.bodies {
            let places = bodies.iter().map(|body| values.place(*body));
            // Among no bodies nothing is found: none has the number 0.
            let places: Vec<_> = std::iter::once("0".to_owned()).chain(places).collect();
            conditions.push(format!("r.body IN ({})", places.join(", ")));
        }
        conditions
    }
}

impl Work {
    /// One page of the operator's list.
    pub async fn queue(&mut self, filter: &QueueFilter, limit: i64, offset: i64) -> Stored<Vec<QueueRow>> {
        let mut values = Values(vec![self.aggregator().0.into()]);
        let mut conditions = filter.of_whom(&mut values);
        conditions.insert(0, to_be_worked!().to_owned());
        if let Some(state) = filter.state {
            conditions.push(format!("r.state = {}", values.place(state.name())));
        }
        if let Some(service) = &filter.service {
            conditions.push(format!("r.service = {}", values.place(service.as_str())));
        }
        let (limit, offset) = (values.place(limit), values.place(offset));
        let text = format!(
            concat!(
                queue_rows!("WHERE r.id IN (SELECT r.id FROM request r WHERE {}"),
                in_order!(),
                " LIMIT {} OFFSET {})",
                in_order!()
            ),
            conditions.join(" AND "),
            limit,
            offset
        );
        self.all(values.bound_to(text)).await
    }

    /// Counts what is to be worked, by state and service: which of these the filter names is not asked.
    pub async fn queue_tally(&mut self, filter: &QueueFilter, today: Day) -> Stored<Vec<TallyRow>> {
        let mut values = Values(vec![self.aggregator().0.into()]);
        let mut listed = filter.of_whom(&mut values);
        listed.push("TRUE".to_owned());
        let mut overdue = listed.clone();
        overdue.push(format!("r.stopped_on IS NULL AND r.due < {}", values.place(today.0)));
        let text = format!(
            concat!(
                "SELECT r.state, r.service, COUNT(*) FILTER (WHERE {}) AS listed,
                        COUNT(*) FILTER (WHERE {}) AS overdue
                 FROM request r WHERE ",
                to_be_worked!(),
                " GROUP BY r.state, r.service"
            ),
            listed.join(" AND "),
            overdue.join(" AND "),
        );
        self.all(values.bound_to(text)).await
    }

    /// Number and name of every body that has something to be worked. With the plus SQLite looks only these up.
    pub async fn queue_bodies(&mut self) -> Stored<Vec<(i64, String)>> {
        let aggregator = self.aggregator().0;
        let text = concat!(
            "SELECT b.id, b.name FROM body b WHERE +b.aggregator = $1
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
