//! Submissions with their lines, and the numbers they get.

use model::api::submissions::{LineKind, SubmissionState};
use model::calendar::Instant;
use model::credits::Credits;
use model::ids::{AccountId, BodyId, CallId, PersonId, RequestId, ServiceCode, SubmissionId};
use model::requests::State;

use crate::database::row::row;
use crate::{StoreResult, Transaction};

row! {
    pub struct SubmissionRow of "submission" {
        pub id: SubmissionId,
        pub call: CallId,
        pub body: BodyId,
        pub year: i64,
        pub number: i64,
        pub protocol: String,
        pub state: SubmissionState,
        pub reason: String,
        pub contact: String,
        pub prepared_by: Option<PersonId>,
        pub prepared_by_name: Option<String>,
        pub submitted_at: Instant,
        pub settled_by_name: Option<String>,
        pub settled_at: Option<Instant>,
        pub sent_back_reason: String,
    }
}

/// `2026/000123`
pub fn number(year: i64, number: i64) -> String {
    format!("{year}/{number:06}")
}

impl SubmissionRow {
    /// *Numero di pratica*
    pub fn number(&self) -> String {
        number(self.year, self.number)
    }
}

row! {
    pub struct SubmissionLineRow of "submission_line" {
        pub submission: SubmissionId,
        pub kind: LineKind,
        pub service: ServiceCode,
        pub credits: Credits,
        pub request: Option<RequestId>,
        /// The state of its request; none of what was given up.
        pub state: Option<State>,
    }
}

row! {
    struct SubmissionStateRow of "submission" {
        body: BodyId,
        state: SubmissionState,
    }
}

/// A line of a submission that is being written.
pub struct NewLine<'l> {
    pub kind: LineKind,
    pub service: &'l ServiceCode,
    pub credits: Credits,
    pub request: Option<RequestId>,
}

macro_rules! submissions {
    ($which:literal) => {
        concat!(
            "SELECT s.id, s.call, s.body, s.year, s.number, s.protocol, s.state, s.reason, s.contact,
                    s.prepared_by, p.name AS prepared_by_name, s.submitted_at, m.name AS settled_by_name, s.settled_at,
                    s.sent_back_reason
             FROM submission s LEFT JOIN person p ON p.id = s.prepared_by LEFT JOIN person m ON m.id = s.settled_by
             WHERE s.aggregator = $1 AND ",
            $which
        )
    };
}

macro_rules! lines {
    ($which:literal) => {
        concat!(
            "SELECT l.submission, l.kind, l.service, l.credits, l.request, r.state
             FROM submission_line l LEFT JOIN request r ON r.id = l.request ",
            $which
        )
    };
}

impl Transaction {
    /// The body that a submission is of.
    pub async fn body_of_submission(&mut self, id: SubmissionId) -> StoreResult<Option<Option<BodyId>>> {
        let body: Option<(i64,)> = self
            .optional(self.sql("SELECT body FROM submission WHERE aggregator = $1 AND id = $2").bind(id))
            .await?;
        Ok(body.map(|(body,)| Some(BodyId(body))))
    }

    pub async fn submission(&mut self, id: SubmissionId) -> StoreResult<Option<SubmissionRow>> {
        self.optional(self.sql(submissions!("s.id = $2")).bind(id)).await
    }

    /// The submissions of a body, newest first.
    pub async fn submissions(&mut self, body: BodyId) -> StoreResult<Vec<SubmissionRow>> {
        self.all(self.sql(submissions!("s.body = $2 ORDER BY s.id DESC")).bind(body)).await
    }

    /// Every submission of a call that waits for its authorisation.
    pub async fn waiting_submissions(&mut self, call: CallId) -> StoreResult<Vec<SubmissionRow>> {
        let waiting =
            self.sql(submissions!("s.call = $2 AND s.state = 'awaiting_authorisation' ORDER BY s.id DESC"));
        self.all(waiting.bind(call)).await
    }

    /// Body and state of the submissions of a call.
    pub async fn submission_states(&mut self, call: CallId) -> StoreResult<Vec<(BodyId, SubmissionState)>> {
        let states = self.sql("SELECT body, state FROM submission WHERE aggregator = $1 AND call = $2");
        let rows: Vec<SubmissionStateRow> = self.all(states.bind(call)).await?;
        Ok(rows.into_iter().map(|row| (row.body, row.state)).collect())
    }

    /// Bodies with a package in a call for which nothing was sent, or nothing that still stands.
    pub async fn silent_bodies(&mut self, call: CallId) -> StoreResult<Vec<BodyId>> {
        let silent = self.sql(
            "SELECT g.body FROM assignment g
             WHERE g.aggregator = $1 AND g.call = $2 AND NOT EXISTS (
                 SELECT 1 FROM submission s WHERE s.body = g.body AND s.call = g.call
                     AND s.state IN ('authorised', 'awaiting_authorisation'))
             ORDER BY g.body",
        );
        let bodies = self.scalars(silent.bind(call)).await?;
        Ok(bodies.into_iter().map(BodyId).collect())
    }

    /// Gives a submission the next number of its year, from a row that the transaction holds to its end: there are no
    /// gaps, and nobody else gets a number meanwhile.
    pub async fn number_submission(&mut self, id: SubmissionId, year: i64) -> StoreResult<String> {
        let next: i64 = self
            .scalar(
                self.sql(
                    "INSERT INTO numbering (aggregator, year, last) VALUES ($1, $2, 1)
             ON CONFLICT (aggregator, year) DO UPDATE SET last = numbering.last + 1 RETURNING last",
                )
                .bind(year),
            )
            .await?;
        self.run(
            self.sql("UPDATE submission SET number = $3 WHERE aggregator = $1 AND id = $2")
                .bind(id)
                .bind(next),
        )
        .await?;
        Ok(number(year, next))
    }

    /// Adds a submission that has no number yet: [`Self::number_submission`] gives it one.
    ///
    /// Until then its column has the number of its account, below zero: two submissions of one account can't be in that
    /// state together, since each locks its body first.
    pub async fn add_submission(
        &mut self,
        call: CallId,
        body: BodyId,
        (year, account): (i64, AccountId),
        (protocol, reason, contact): (&str, &str, &str),
        state: SubmissionState,
        prepared_by: Option<PersonId>,
        at: Instant,
    ) -> StoreResult<SubmissionId> {
        let settled = (state != SubmissionState::AwaitingAuthorisation).then_some(at);
        self.scalar(self.sql(
            "INSERT INTO submission (aggregator, call, body, year, number, protocol, state, reason, contact,
                                     prepared_by, submitted_at, settled_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id",
        )
        .bind(call)
        .bind(body)
        .bind(year)
        .bind(-account.0)
        .bind(protocol)
        .bind(state.name())
        .bind(reason)
        .bind(contact)
        .bind(prepared_by)
        .bind(at)
        .bind(settled)).await
        .map(SubmissionId)
    }

    /// Adds the lines of a submission, in their order.
    pub async fn add_submission_lines(
        &mut self,
        submission: SubmissionId,
        lines: &[NewLine<'_>],
    ) -> StoreResult<()> {
        let rows: Vec<_> = (0_i64..)
            .zip(lines)
            .map(|(position, line)| {
                [
                    submission.0.into(),
                    position.into(),
                    line.kind.name().into(),
                    line.service.as_str().into(),
                    line.credits.into(),
                    line.request.map(|id| id.0).into(),
                ]
            })
            .collect();
        self.run_rows(
            "INSERT INTO submission_line (aggregator, submission, position, kind, service, credits, request)
             VALUES {rows}",
            &rows,
        )
        .await
        .map(drop)
    }

    /// Lines of one submission.
    pub async fn lines_of(&mut self, submission: SubmissionId) -> StoreResult<Vec<SubmissionLineRow>> {
        let lines = self.sql(lines!("WHERE l.aggregator = $1 AND l.submission = $2 ORDER BY l.position"));
        self.all(lines.bind(submission)).await
    }

    /// Lines of every submission of a body.
    pub async fn lines_of_body(&mut self, body: BodyId) -> StoreResult<Vec<SubmissionLineRow>> {
        let lines = self.sql(lines!(
            "JOIN submission s ON s.id = l.submission
             WHERE s.aggregator = $1 AND s.body = $2 ORDER BY l.submission, l.position"
        ));
        self.all(lines.bind(body)).await
    }

    /// Settles a submission that waits; false when it does not wait any more.
    pub async fn settle_submission(
        &mut self,
        id: SubmissionId,
        state: SubmissionState,
        by: Option<PersonId>,
        at: Instant,
        sent_back_reason: &str,
    ) -> StoreResult<bool> {
        let done = self.run(self.sql(
            "UPDATE submission SET state = $3, settled_by = $4, settled_at = $5, sent_back_reason = $6
             WHERE aggregator = $1 AND id = $2 AND state = 'awaiting_authorisation'",
        )
        .bind(id)
        .bind(state.name())
        .bind(by)
        .bind(at)
        .bind(sent_back_reason)).await?;
        Ok(done == 1)
    }
}
