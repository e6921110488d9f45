//! What happened to a request, line by line, and its milestones.

use model::calendar::Instant;
use model::catalogue::{Milestone, MilestoneBy};
use model::ids::{BodyId, PersonId, RequestId, ServiceCode};
use model::requests::{Event, State};

use crate::database::row::row;
use crate::{StoreResult, Transaction};

row! {
    pub struct StepRow of "request_step" {
        pub event: Event,
        pub state: State,
        pub at: Instant,
        pub actor_name: Option<String>,
        pub note: String,
        along_with: Option<RequestId>,
        along_service: Option<ServiceCode>,
    }
}

/// What happens to one request or to several alike.
#[derive(Clone, Copy, Debug)]
pub struct NewStep<'n> {
    pub event: Event,
    pub actor: Option<PersonId>,
    pub note: &'n str,
    /// The request whose end takes these along.
    pub along_with: Option<RequestId>,
    pub at: Instant,
}

impl StepRow {
    /// The request whose end took this one along, and its service.
    pub fn along_with(&self) -> Option<(RequestId, ServiceCode)> {
        self.along_with.zip(self.along_service.clone())
    }
}

row! {
    pub struct MilestoneRow of "milestone" {
        pub request: RequestId,
        pub position: i64,
        pub title: String,
        pub by_body: bool,
        pub done_at: Option<Instant>,
        pub done_by_name: Option<String>,
    }
}

row! {
    struct QuestionRow of "request_step" {
        request: RequestId,
        note: String,
    }
}

// With the plus SQLite looks requests up by their number or their body, and not by all that the aggregator has.
macro_rules! milestones {
    ($which:literal) => {
        concat!(
            "SELECT m.request, m.position, m.title, m.by_body, m.done_at, p.name AS done_by_name
             FROM request r JOIN milestone m ON m.request = r.id LEFT JOIN person p ON p.id = m.done_by
             WHERE +r.aggregator = $1 AND ",
            $which,
            " ORDER BY m.request, m.position"
        )
    };
}

impl Transaction {
    /// Adds what happened to some requests alike, with the state that each came into.
    pub async fn add_steps(&mut self, requests: &[(RequestId, State)], step: NewStep<'_>) -> StoreResult<()> {
        let rows: Vec<_> = requests
            .iter()
            .map(|(request, state)| {
                [
                    request.0.into(),
                    step.event.name().into(),
                    state.name().into(),
                    step.at.into(),
                    step.actor.into(),
                    step.note.into(),
                    step.along_with.map(|request| request.0).into(),
                ]
            })
            .collect();
        self.run_rows(
            "INSERT INTO request_step (aggregator, request, event, state, at, actor, note, along_with)
             VALUES {rows}",
            &rows,
        )
        .await
        .map(drop)
    }

    /// The timeline, newest first.
    pub async fn steps(&mut self, request: RequestId) -> StoreResult<Vec<StepRow>> {
        self.all(
            self.sql(
                "SELECT t.event, t.state, t.at, p.name AS actor_name, t.note, t.along_with,
                    w.service AS along_service
             FROM request_step t LEFT JOIN person p ON p.id = t.actor
             LEFT JOIN request w ON w.id = t.along_with
             WHERE t.aggregator = $1 AND t.request = $2 ORDER BY t.id DESC",
            )
            .bind(request),
        )
        .await
    }

    /// The latest question to each body's requests that wait for an answer: request and message.
    pub async fn questions(&mut self, body: BodyId) -> StoreResult<Vec<(RequestId, String)>> {
        let rows: Vec<QuestionRow> = self.all(
            self.sql("SELECT t.request, t.note FROM request_step t JOIN request r ON r.id = t.request
             WHERE +r.aggregator = $1 AND r.body = $2 AND r.state = 'needs_changes' AND t.event = 'ask_changes'
             ORDER BY t.id")
            .bind(body),
        )
        .await?;
        Ok(rows.into_iter().map(|row| (row.request, row.note)).collect())
    }

    /// Adds the milestones of a request, in their order.
    pub async fn add_milestones(&mut self, request: RequestId, milestones: &[Milestone]) -> StoreResult<()> {
        let rows: Vec<_> = (0_i64..)
            .zip(milestones)
            .map(|(position, milestone)| {
                [
                    request.0.into(),
                    position.into(),
                    (&milestone.title).into(),
                    (milestone.by == MilestoneBy::Body).into(),
                ]
            })
            .collect();
        self.run_rows(
            "INSERT INTO milestone (aggregator, request, position, title, by_body) VALUES {rows}",
            &rows,
        )
        .await
        .map(drop)
    }

    pub async fn complete_milestone(
        &mut self,
        request: RequestId,
        position: i64,
        by: Option<PersonId>,
        at: Instant,
    ) -> StoreResult<()> {
        self.run(
            self.sql(
                "UPDATE milestone SET done_at = $4, done_by = $5
             WHERE aggregator = $1 AND request = $2 AND position = $3 AND done_at IS NULL",
            )
            .bind(request)
            .bind(position)
            .bind(at)
            .bind(by),
        )
        .await?;
        Ok(())
    }

    /// The milestones of a request, in their order.
    pub async fn milestones(&mut self, request: RequestId) -> StoreResult<Vec<MilestoneRow>> {
        let milestones = self.sql(milestones!("m.request = $2"));
        self.all(milestones.bind(request)).await
    }

    /// The milestones of everything that a body has in activation.
    pub async fn milestones_of_body(&mut self, body: BodyId) -> StoreResult<Vec<MilestoneRow>> {
        let milestones = self.sql(milestones!("r.body = $2 AND r.state = 'activating'"));
        self.all(milestones.bind(body)).await
    }
}
