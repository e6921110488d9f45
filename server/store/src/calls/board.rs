//! The whole call at a glance: what the board and the matrix read in a few statements.

use model::calendar::Day;
use model::credits::Credits;
use model::ids::{BodyId, CallId, ServiceCode};
use model::requests::State;

use crate::database::row::row;
use crate::{StoreResult, Transaction};

row! {
    /// A request as the board counts it.
    pub struct MatrixRequestRow of "request" {
        pub body: BodyId,
        pub service: ServiceCode,
        pub state: State,
        pub due: Option<Day>,
        pub stopped_on: Option<Day>,
    }
}

row! {
    /// An item of a body's package.
    pub struct BoardBodyRow of "assigned_item" {
        pub body: BodyId,
        pub service: ServiceCode,
        pub value: Credits,
    }
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
        self.all(statement.bind(call)).await
    }

    /// The packages of every body of a call.
    pub async fn all_assigned_items(&mut self, call: CallId) -> StoreResult<Vec<BoardBodyRow>> {
        self.all(
            self.sql(
                "SELECT body, service, value FROM assigned_item
             WHERE aggregator = $1 AND call = $2 ORDER BY body, position",
            )
            .bind(call),
        )
        .await
    }
}
