//! *Area del Comune* and the movements of its account.

use model::api::Problem;
use model::api::bodies::{
    Assigned, BodyArea, BodyService, Draft, Entries, EntryLine, LatestSubmission, ListEntries, ReadBody,
    StateCount, Todo,
};
use model::api::submissions::SubmissionState;
use model::assignment::Explanation;
use model::calendar::Day;
use model::catalogue::Service;
use model::causes::Facts;
use model::credits::Account;
use model::ids::{RequestId, ServiceCode};
use model::people::{Caller, Role};
use model::refusals::Refusal;
use model::territory::Body;

use crate::baskets::body_in_call::{BodyInCall, body, body_ref, choice_that_counts, counted};
use crate::context::{Handler, RequestContext};
use crate::requests::due;
use store::{AssignmentRow, EntryRow, MilestoneRow, StoreResult, submission_number};

impl Handler for ReadBody {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<BodyArea, Problem> {
        let body = body(ctx.tx, self.body).await?;
        let help = ctx.tx.profile().await?;
        let facilitator = ctx.tx.holder_on(Role::Facilitator, self.body, ctx.now).await?;
        let mut area = BodyArea {
            title: body.title(),
            roles: roles_on(&ctx.caller, &body),
            call: None,
            assigned: None,
            account: None,
            high: 0,
            todo: Vec::new(),
            services: Vec::new(),
            counts: Vec::new(),
            latest: None,
            draft: None,
            submitted: false,
            help,
            facilitator,
            body: body.clone(),
        };
        if let Some(body_in_call) = BodyInCall::current(ctx.tx, body, ctx.now).await? {
            fill(ctx, &mut area, &body_in_call).await?;
        }
        Ok(area)
    }
}

fn roles_on(caller: &Caller, body: &Body) -> Vec<Role> {
    Role::ALL.into_iter().filter(|role| caller.holds(*role, Some(body.id))).collect()
}

async fn fill(
    ctx: &mut RequestContext<'_>,
    area: &mut BodyArea,
    body_in_call: &BodyInCall,
) -> Result<(), Problem> {
    let situation = body_in_call.situation()?;
    area.call = Some(body_in_call.window.clone());
    area.counts = counts(body_in_call);
    let latest = body_in_call.submissions.first();
    area.latest = latest.map(|row| LatestSubmission { id: row.id, number: row.number(), state: row.state });
    area.submitted = body_in_call.submitted()?;
    area.draft = draft(body_in_call)?;
    let milestones = ctx.tx.milestones_of_body(body_in_call.body.id).await?;
    area.services = services(body_in_call, &milestones, ctx.today())?;
    let Some(assignment) = body_in_call.assignment.as_ref() else {
        return Ok(());
    };
    let code = assignment.package.clone();
    let package = body_in_call.catalogue.package(&code);
    area.assigned = Some(Assigned {
        package: code,
        package_name: package.map(|package| package.name.clone()).unwrap_or_default(),
        package_summary: package.map(|package| package.summary.clone()).unwrap_or_default(),
        credits: assignment.credits,
        explanation: assignment.explanation()?,
    });
    area.account = body_in_call.account.as_ref().map(store::AccountRow::account);
    let (closes, waits) = (body_in_call.window.closes, body_in_call.waiting()?.is_some());
    area.high = situation.judge(&choice_that_counts(&body_in_call.choice, closes, waits, ctx.now)).high;
    area.todo = todo(ctx, body_in_call, milestones).await?;
    Ok(())
}

/// What was chosen and not sent; while a submission waits, what was chosen is that.
fn draft(body_in_call: &BodyInCall) -> StoreResult<Option<Draft>> {
    let choice = &body_in_call.choice;
    if choice.is_empty() || body_in_call.waiting()?.is_some() {
        return Ok(None);
    }
    let judgement = body_in_call.situation()?.judge(choice);
    Ok(Some(Draft {
        added: choice.added.values().sum(),
        dropped: u32::try_from(choice.dropped.len()).unwrap_or(u32::MAX),
        left: judgement.left,
    }))
}

fn counts(body_in_call: &BodyInCall) -> Vec<StateCount> {
    counted(body_in_call.states.iter().map(|(_, state)| *state))
}

/// The package and everything that was ever asked for, once a service.
fn services(
    body_in_call: &BodyInCall,
    milestones: &[MilestoneRow],
    today: Day,
) -> Result<Vec<BodyService>, Problem> {
    let situation = body_in_call.situation()?;
    let mut codes: Vec<ServiceCode> = body_in_call.package.iter().map(|item| item.service.clone()).collect();
    for (code, _) in &body_in_call.states {
        if !codes.contains(code) {
            codes.push(code.clone());
        }
    }
    let service = |code: ServiceCode| {
        let item = body_in_call.package.iter().find(|item| item.service == code);
        let latest = body_in_call
            .requests
            .iter()
            .zip(&body_in_call.states)
            .rev()
            .find(|(_, (other, _))| *other == code);
        let row = latest.map(|(row, _)| row);
        let steps = |done: bool| {
            let of_it = milestones.iter().filter(|milestone| {
                row.is_some_and(|row| row.id == milestone.request) && (!done || milestone.done_at.is_some())
            });
            u32::try_from(of_it.count()).unwrap_or(u32::MAX)
        };
        BodyService {
            service: body_in_call.catalogue.reference(&code),
            high: body_in_call.catalogue.services.get(&code).is_some_and(Service::is_high),
            standing: situation.standing(&code),
            request: row.map(|row| row.id),
            state: latest.map(|(_, (_, state))| *state),
            due: row.and_then(|row| due(row, today)),
            since: row.map(|row| row.changed_at),
            milestones: steps(false),
            milestones_done: steps(true),
            in_package: item.is_some(),
            value: item.map_or(0, |item| item.value),
        }
    };
    Ok(codes.into_iter().map(service).collect())
}

/// *Da fare*: what waits for the roles that the caller holds on this body.
async fn todo(
    ctx: &mut RequestContext<'_>,
    body_in_call: &BodyInCall,
    milestones: Vec<MilestoneRow>,
) -> Result<Vec<Todo>, Problem> {
    let body = Some(body_in_call.body.id);
    let mut todo = Vec::new();
    let waiting = body_in_call.waiting()?;
    if let Some(row) = waiting.filter(|_| ctx.caller.holds(Role::Mayor, body)) {
        let id = row.id;
        let lines = ctx.tx.lines_of(id).await?;
        let added: Vec<_> =
            lines.iter().filter(|line| line.kind == model::api::submissions::LineKind::Add).collect();
        todo.push(Todo::Authorise {
            submission: id,
            number: row.number(),
            services: u32::try_from(added.len()).unwrap_or(u32::MAX),
            credits: added.iter().map(|line| line.credits).sum(),
            until: body_in_call.window.authorise_until,
        });
    }
    if !ctx.caller.holds(Role::Officer, body) {
        return Ok(todo);
    }
    if waiting.is_none() && body_in_call.window.open {
        let sent_back = match body_in_call.submissions.first() {
            Some(row) if row.state == SubmissionState::SentBack => Some(row),
            _ => None,
        };
        if let Some(row) = sent_back {
            let reason = row.sent_back_reason.clone();
            todo.push(Todo::Mend { submission: row.id, number: row.number(), reason });
        } else if !body_in_call.submitted()? || !body_in_call.choice.is_empty() {
            todo.push(Todo::Compose { closes: body_in_call.window.closes });
        }
    }
    let service = |request: RequestId| {
        body_in_call
            .requests
            .iter()
            .find(|row| row.id == request)
            .map(|row| body_in_call.catalogue.reference(&row.service))
            .unwrap_or_default()
    };
    let mut questions = ctx.tx.questions(body_in_call.body.id).await?;
    // The latest question of each request.
    questions.reverse();
    questions.dedup_by_key(|(request, _)| *request);
    for (request, message) in questions {
        todo.push(Todo::Answer { request, service: service(request), message });
    }
    let mut seen = None;
    for milestone in milestones.into_iter().filter(|milestone| milestone.done_at.is_none()) {
        let first = seen != Some(milestone.request);
        seen = Some(milestone.request);
        if first && milestone.by_body {
            let (request, title) = (milestone.request, milestone.title);
            todo.push(Todo::Milestone { request, service: service(request), title });
        }
    }
    Ok(todo)
}

impl Handler for ListEntries {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Entries, Problem> {
        let body = body(ctx.tx, self.body).await?;
        let body_in_call = BodyInCall::current(ctx.tx, body, ctx.now).await?.ok_or(Refusal::CallClosed)?;
        let account = body_in_call.assigned()?;
        let rows = ctx.tx.entries(account.id).await?;
        let explanation = body_in_call.assignment.as_ref().map(AssignmentRow::explanation).transpose()?;
        let mut after = Account::default();
        let mut entries = Vec::with_capacity(rows.len());
        for row in &rows {
            let line = line(&body_in_call, explanation.as_ref(), row, &mut after);
            if self.kind.is_none_or(|kind| kind == line.kind) {
                entries.push(line);
            }
        }
        entries.reverse();
        Ok(Entries {
            body: body_ref(&body_in_call.body),
            call_title: body_in_call.call.title.clone(),
            account: account.account(),
            entries,
        })
    }
}

fn line(
    body_in_call: &BodyInCall,
    explanation: Option<&Explanation>,
    row: &EntryRow,
    after: &mut Account,
) -> EntryLine {
    let kind = row.kind;
    let submission = body_in_call.submissions.iter().find(|submission| Some(submission.id) == row.submission);
    let request = body_in_call.requests.iter().find(|request| Some(request.id) == row.request);
    let facts = Facts {
        kind,
        reason: &row.reason,
        note: row.note.as_deref(),
        proposal: row.proposal_kind,
        submission: submission.map(|row| row.state),
        request: request.map(|row| row.state),
        explanation,
    };
    let effect = kind.effect(row.amount);
    after.granted += effect.granted;
    after.held += effect.held;
    after.spent += effect.spent;
    EntryLine {
        sequence: row.sequence,
        kind,
        amount: row.amount,
        at: row.at,
        actor: row.actor_name.clone(),
        proposed_by: row.proposer_name.clone(),
        reason: facts.written().to_owned(),
        cause: facts.cause(),
        service: row.service.as_ref().map(|code| body_in_call.catalogue.reference(code)),
        request: row.request,
        submission_number: row
            .submission_year
            .zip(row.submission_number)
            .map(|(year, number)| submission_number(year, number)),
        after: *after,
        hash: row.hash.clone(),
    }
}
