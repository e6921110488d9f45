//! *Richieste da lavorare*: the operator's list, and what is counted over it.
//!
//! Counts and order come from two indexes of what is to be worked: what ended, which in time is most, is not looked at.

use model::api::requests::{Cursor, PageOfQueue};
use model::calendar::{Day, Instant};
use model::ids::{BodyId, PersonId, ServiceCode};
use model::requests::State;

use crate::database::row::row;
use crate::database::sql::{Statement, Value, assembled};
use crate::people::workers;
use crate::requests::{QueueRow, queue_rows, request_columns};
use crate::{StoreResult, Transaction, counted};

/// What the operator's list is narrowed to.
#[derive(Clone, Debug)]
pub struct QueueFilter {
    /// When it is asked, for the roles that people hold.
    pub now: Instant,
    pub state: Option<State>,
    /// Requests of this operator.
    pub operator: Option<PersonId>,
    /// Requests that nobody has, or somebody who does not work on requests any more.
    pub nobodys: bool,
    pub service: Option<ServiceCode>,
    /// Requests of these bodies.
    pub bodies: Option<Vec<BodyId>>,
    /// Requests of the submission with this year and number.
    pub submission: Option<(i64, i64)>,
}

row! {
    /// A body by all that it may be looked for.
    pub struct QueueBodyRow of "body" {
        pub id: BodyId,
        pub kind: String,
        pub name: String,
        pub other_name: String,
        pub istat: String,
        pub cadastral: String,
    }
}

row! {
    /// How many requests of a service are in a state, of those that are to be worked.
    pub struct TallyRow of "request" {
        pub state: State,
        pub service: ServiceCode,
        /// Of the operator and the bodies that were asked for.
        listed: i64,
        /// Of these, past their due date while their clock goes on.
        overdue: i64,
        /// Of those listed, that go before the page which follows a place, or before the place that a page goes before.
        before: i64,
    }
}

impl TallyRow {
    pub fn listed(&self) -> u32 {
        counted(self.listed)
    }

    pub fn overdue(&self) -> u32 {
        counted(self.overdue)
    }

    pub fn before(&self) -> u32 {
        counted(self.before)
    }
}

/// What is neither waiting for a mayor nor over.
macro_rules! to_be_worked {
    () => {
        "r.aggregator = $1 AND r.state IN ('submitted', 'in_review', 'needs_changes', 'approved', 'activating')"
    };
}

/// Whether a clock stands still, as the index `request_in_turn` has it.
const CLOCK: &str = "CASE WHEN r.stopped_on IS NULL THEN 0 ELSE 1 END";

/// Overdue first, then the nearest due date, stopped clocks last.
fn in_order(backwards: bool) -> String {
    let way = if backwards { " DESC" } else { "" };
    format!(" ORDER BY {CLOCK}{way}, r.due{way}, r.id{way}")
}

/// Values of a statement, each with its place in the text.
struct BoundValues(Vec<Value>);

impl BoundValues {
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
    fn of_whom(&self, values: &mut BoundValues) -> Vec<String> {
        let mut conditions = Vec::new();
        if let Some(operator) = self.operator {
            conditions.push(format!("r.operator = {}", values.place(operator.0)));
        }
        if self.nobodys {
            let now = values.place(self.now);
            let workers = format!(workers!("{0}"), now);
            conditions.push(format!("(r.operator IS NULL OR r.operator NOT IN ({workers}))"));
        }
        if let Some(bodies) = &self.bodies {
            let places = bodies.iter().map(|body| values.place(*body));
            // Among no bodies nothing is found: none has the number 0.
            let places: Vec<_> = std::iter::once("0".to_owned()).chain(places).collect();
            conditions.push(format!("r.body IN ({})", places.join(", ")));
        }
        if let Some((year, number)) = self.submission {
            conditions.push(format!(
                "r.submission IN (SELECT s.id FROM submission s
                                  WHERE s.aggregator = $1 AND s.year = {} AND s.number = {})",
                values.place(year),
                values.place(number)
            ));
        }
        conditions
    }
}

/// What is next to a place, in order. Running and stopped clocks are asked for apart: so both databases begin at the
/// place in their index, and end after a page.
fn nearest(beside: Option<Cursor>, backwards: bool, values: &mut BoundValues) -> Vec<String> {
    let Some(Cursor { stopped, due, id }) = beside else {
        return vec![["TRUE", &in_order(backwards)].concat()];
    };
    let (side, way) = if backwards { ("<", " DESC") } else { (">", "") };
    let order = format!(" ORDER BY r.due{way}, r.id{way}");
    let (clock, due, id) = (values.place(i64::from(stopped)), values.place(due.0), values.place(id.0));
    let mut asked = vec![format!("{CLOCK} = {clock} AND (r.due, r.id) {side} ({due}, {id}){order}")];
    if stopped == backwards {
        asked.push(format!("{CLOCK} = {}{order}", values.place(i64::from(!stopped))));
    }
    asked
}

impl Transaction {
    /// How many requests that are to be worked this person owns.
    pub async fn owned_requests(&mut self, person: PersonId) -> StoreResult<u32> {
        let owned = concat!("SELECT COUNT(*) FROM request r WHERE ", to_be_worked!(), " AND r.operator = $2");
        Ok(counted(self.scalar(self.sql(owned).bind(person)).await?))
    }

    /// So many requests of the operator's list: from its beginning or its end, or those next to a place.
    pub async fn queue(
        &mut self,
        filter: &QueueFilter,
        (beside, backwards): (Option<Cursor>, bool),
        limit: i64,
    ) -> StoreResult<Vec<QueueRow>> {
        let mut values = BoundValues(vec![self.scope().number().into(), filter.now.into()]);
        let mut conditions = filter.of_whom(&mut values);
        conditions.insert(0, to_be_worked!().to_owned());
        if let Some(state) = filter.state {
            conditions.push(format!("r.state = {}", values.place(state.name())));
        }
        if let Some(service) = &filter.service {
            conditions.push(format!("r.service = {}", values.place(service.as_str())));
        }
        let (listed, limit) = (conditions.join(" AND "), values.place(limit));
        let near: Vec<_> = nearest(beside, backwards, &mut values)
            .iter()
            .map(|near| {
                format!(
                    "SELECT n.id FROM (SELECT r.id FROM request r WHERE {listed} AND {near} LIMIT {limit}) n"
                )
            })
            .collect();
        let near = near.join(" UNION ALL ");
        let text = format!(queue_rows!("WHERE r.id IN ({}){} LIMIT {}"), near, in_order(backwards), limit);
        let mut rows = self.all(values.bound_to(text)).await?;
        if backwards {
            rows.reverse();
        }
        Ok(rows)
    }

    /// Counts what is to be worked, by state and service: which of these the filter names is not asked.
    pub async fn queue_tally(
        &mut self,
        filter: &QueueFilter,
        page: Option<PageOfQueue>,
        today: Day,
    ) -> StoreResult<Vec<TallyRow>> {
        let mut values = BoundValues(vec![self.scope().number().into()]);
        let mut listed = filter.of_whom(&mut values);
        listed.push("TRUE".to_owned());
        let mut overdue = listed.clone();
        overdue.push(format!("r.stopped_on IS NULL AND r.due < {}", values.place(today.0)));
        let mut before = listed.clone();
        before.push(page.map_or_else(
            || "FALSE".to_owned(),
            |page| {
                let side = if matches!(page, PageOfQueue::After(_)) { "<=" } else { "<" };
                let Cursor { stopped, due, id } = page.turn();
                let place =
                    [values.place(i64::from(stopped)), values.place(due.0), values.place(id.0)].join(", ");
                format!("({CLOCK}, r.due, r.id) {side} ({place})")
            },
        ));
        let text = format!(
            concat!(
                "SELECT r.state, r.service, COUNT(*) FILTER (WHERE {}) AS listed,
                        COUNT(*) FILTER (WHERE {}) AS overdue,
                        COUNT(*) FILTER (WHERE {}) AS before
                 FROM request r WHERE ",
                to_be_worked!(),
                " GROUP BY r.state, r.service"
            ),
            listed.join(" AND "),
            overdue.join(" AND "),
            before.join(" AND "),
        );
        self.all(values.bound_to(text)).await
    }

    /// Number and name of every body that has something to be worked. With the plus SQLite looks only these up.
    pub async fn queue_bodies(&mut self) -> StoreResult<Vec<QueueBodyRow>> {
        let text = concat!(
            "SELECT b.id, b.kind, b.name, b.other_name, b.istat, b.cadastral FROM body b WHERE +b.aggregator = $1
               AND b.id IN (SELECT r.body FROM request r WHERE ",
            to_be_worked!(),
            ")"
        );
        self.all(self.sql(text)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_worked_is_said_as_the_model_says_it() {
        let is_listed = |state: &State| to_be_worked!().contains(&format!("'{}'", state.name()));
        for state in State::ALL {
            assert_eq!(is_listed(&state), state.to_be_worked(), "{state:?}");
        }
    }
}
