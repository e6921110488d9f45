//! The whole call at a glance: what the board and the matrix read in a few statements.

use model::ids::CallId;
use model::requests::State;
use sqlx::FromRow;

use super::{Stored, Work, known, sql};

/// A request as the board counts it.
#[derive(Clone, Debug, FromRow)]
pub struct MatrixRequestRow {
    pub call: i64,
    pub body: i64,
    pub service: String,
    state: String,
    pub due: Option<i32>,
    pub stopped_on: Option<i32>,
}

impl MatrixRequestRow {
    pub fn state(&self) -> Stored<State> {
        known(State::from_name(&self.state), "request.state", &self.state)
    }
}

/// An item of a body's package.
#[derive(Clone, Debug, FromRow)]
pub struct BoardBodyRow {
    pub body: i64,
    pub service: String,
    pub value: i64,
}

impl Work {
    /// Every request of every body, oldest first.
    pub async fn all_requests(&mut self) -> Stored<Vec<MatrixRequestRow>> {
        let aggregator = self.aggregator().0;
        self.all(sql(
            "SELECT call, body, service, state, due, stopped_on FROM request WHERE aggregator = $1 ORDER BY id",
        )
        .bind(aggregator)).await
    }

    /// The packages of every body of a call.
    pub async fn all_assigned_items(&mut self, call: CallId) -> Stored<Vec<BoardBodyRow>> {
        let aggregator = self.aggregator().0;
        self.all(
            sql("SELECT body, service, value FROM assigned_item
             WHERE aggregator = $1 AND call = $2 ORDER BY body, position")
            .bind(aggregator)
            .bind(call.0),
        )
        .await
    }
}
