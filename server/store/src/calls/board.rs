//! The whole call at a glance: what the board and the matrix read in a few statements.

use model::ids::CallId;
use model::requests::State;
use sqlx::FromRow;

use crate::{StoreResult, Transaction, parse_column};

/// A request as the board counts it.
#[derive(Clone, Debug, FromRow)]
pub struct MatrixRequestRow {
    pub body: i64,
    pub service: String,
    state: String,
    pub due: Option<i32>,
    pub stopped_on: Option<i32>,
}

impl MatrixRequestRow {
    pub fn state(&self) -> StoreResult<State> {
        parse_column(State::from_name(&self.state), "request.state", &self.state)
    }
}

/// An item of a body's package.
#[derive(Clone, Debug, FromRow)]
pub struct BoardBodyRow {
    pub body: i64,
    pub service: String,
    pub value: i64,
}

impl Transaction {
    /// The requests of the bodies that joined, oldest first: those of a call, and of others what still stands.
    pub async fn requests_of_call(&mut self, call: CallId) -> StoreResult<Vec<MatrixRequestRow>> {
        let standing = State::ALL.into_iter().filter(|state| state.stands());
        let standing: Vec<_> = standing.map(|state| format!("'{}'", state.name())).collect();
        let statement = self.assembled(format!(
            "SELECT r.body, r.service, r.state, r.due, r.stopped_on FROM body b JOIN request r ON r.body = b.id
             WHERE b.aggregator = $1 AND b.joined_on IS NOT NULL AND (r.call = $2 OR r.state IN ({}))
             ORDER BY r.id",
            standing.join(", ")
        ));
        self.all(statement.bind(call.0)).await
    }

    /// The packages of every body of a call.
    pub async fn all_assigned_items(&mut self, call: CallId) -> StoreResult<Vec<BoardBodyRow>> {
        self.all(
            self.sql(
                "SELECT body, service, value FROM assigned_item
             WHERE aggregator = $1 AND call = $2 ORDER BY body, position",
            )
            .bind(call.0),
        )
        .await
    }
}
