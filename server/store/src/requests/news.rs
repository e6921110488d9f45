//! *Novità sulle tue richieste*: which steps an operator is told of, until they are dismissed.

use model::ids::{RequestId, ServiceCode};
use sqlx::FromRow;

use crate::{StepRow, StoreResult, Transaction, counted};

/// Something that somebody else did.
#[derive(Clone, Debug, FromRow)]
pub struct NewsRow {
    /// The number of the step.
    pub number: i64,
    pub request: i64,
    pub body: i64,
    pub body_kind: String,
    pub body_name: String,
    service: String,
    total: i64,
    #[sqlx(flatten)]
    pub step: StepRow,
}

impl NewsRow {
    pub fn request(&self) -> RequestId {
        RequestId(self.request)
    }

    pub fn service(&self) -> ServiceCode {
        ServiceCode(self.service.clone())
    }

    /// How many there are in all.
    pub fn total(&self) -> u32 {
        counted(self.total)
    }
}

impl Transaction {
    /// Tells each person of the last step of a request.
    pub async fn tell(&mut self, told: &[(i64, RequestId)]) -> StoreResult<()> {
        let rows: Vec<_> =
            told.iter().map(|(person, request)| [(*person).into(), request.0.into()]).collect();
        self.run_rows(
            "WITH told (aggregator, person, request) AS (VALUES {rows})
             INSERT INTO request_news (aggregator, person, step)
             SELECT w.aggregator, w.person, MAX(t.id) FROM told w JOIN request_step t ON t.request = w.request
             GROUP BY w.aggregator, w.person, w.request",
            &rows,
        )
        .await
        .map(drop)
    }

    /// What a person was told of and did not dismiss, the newest first.
    pub async fn news(&mut self, person: i64, limit: i64) -> StoreResult<Vec<NewsRow>> {
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
    pub async fn dismiss_news(&mut self, person: i64, steps: &[i64]) -> StoreResult<()> {
        let rows: Vec<_> = steps.iter().map(|step| [person.into(), (*step).into()]).collect();
        self.run_rows("DELETE FROM request_news WHERE (aggregator, person, step) IN (VALUES {rows})", &rows)
            .await
            .map(drop)
    }
}
