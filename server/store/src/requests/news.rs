//! *Novità sulle tue richieste*: which steps an operator is told of, until they are dismissed.

use model::ids::{BodyId, PersonId, RequestId, ServiceCode};

use crate::database::row::row;
use crate::{StepRow, StoreResult, Transaction, counted};

row! {
    /// Something that somebody else did.
    pub struct NewsRow of "request_news" {
        /// The number of the step.
        pub number: i64,
        pub request: RequestId,
        pub body: BodyId,
        pub body_kind: String,
        pub body_name: String,
        pub service: ServiceCode,
        total: i64,
    } with {
        pub step: StepRow,
    }
}

impl NewsRow {
    /// How many there are in all.
    pub fn total(&self) -> u32 {
        counted(self.total)
    }
}

impl Transaction {
    /// Adds the last step of each request to the news of a person.
    pub async fn add_news(&mut self, news: &[(PersonId, RequestId)]) -> StoreResult<()> {
        let rows: Vec<_> = news.iter().map(|(person, request)| [person.0.into(), request.0.into()]).collect();
        self.run_rows(
            "WITH added (aggregator, person, request) AS (VALUES {rows})
             INSERT INTO request_news (aggregator, person, step)
             SELECT w.aggregator, w.person, MAX(t.id) FROM added w JOIN request_step t ON t.request = w.request
             GROUP BY w.aggregator, w.person, w.request",
            &rows,
        )
        .await
        .map(drop)
    }

    /// What a person was told of and did not dismiss, the newest first.
    pub async fn news(&mut self, person: PersonId, limit: i64) -> StoreResult<Vec<NewsRow>> {
        self.all(
            self.sql("SELECT n.step AS number, t.request, r.body, b.kind AS body_kind, b.name AS body_name, r.service,
                    COUNT(*) OVER () AS total, t.event, t.state, t.at, p.name AS actor_name, t.note,
                    t.along_with, w.service AS along_service
             FROM request_news n JOIN request_step t ON t.id = n.step JOIN request r ON r.id = t.request
             JOIN body b ON b.id = r.body LEFT JOIN person p ON p.id = t.actor
             LEFT JOIN request w ON w.id = t.along_with
             WHERE n.aggregator = $1 AND n.person = $2 ORDER BY n.step DESC LIMIT $3")
            .bind(person)
            .bind(limit),
        )
        .await
    }

    /// Dismisses what a person was told of these steps.
    pub async fn dismiss_news(&mut self, person: PersonId, steps: &[i64]) -> StoreResult<()> {
        let rows: Vec<_> = steps.iter().map(|step| [person.into(), (*step).into()]).collect();
        self.run_rows("DELETE FROM request_news WHERE (aggregator, person, step) IN (VALUES {rows})", &rows)
            .await
            .map(drop)
    }
}
