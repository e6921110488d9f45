//! Playing the history: every step is an operation, performed by who may, at its instant.

use model::api::baskets::{ChangeBasket, ReadBasket};
use model::api::calls::{
    ArchiveCall, Assign, AssignByHand, CreateCall, ExtendBody, GrantExtra, OpenCall, ProposeCorrection,
};
use model::api::credits::proposals::{ConfirmProposal, ListProposals, MoveOutcome};
use model::api::requests::{
    AnswerRequest, Approve, AskChanges, Cancel, CompleteMilestone, EndService, GoLive, Reject, RemindRequest,
    Revoke, Start, TakeInCharge, WithdrawRequest,
};
use model::api::submissions::{
    Authorise, ReadSubmission, SendBack, SubmissionState, Submit, WithdrawSubmission,
};
use model::basket::Change;
use model::calendar::Instant;
use model::ids::{BodyId, CallId, RequestId, ServiceCode, SubmissionId};
use model::requests::{Actor, Event, transition};
use model::territory::Body;

use super::history::{
    ByAdministrator, Cue, History, OnSubmission, ScriptedAction, ScriptedStep, Whole, instant,
};
use super::stage::Stage;
use super::{DemoError, bring_joined, cast, files, working_day};
use crate::imports;
use handlers::calls::time::Tick;
use handlers::context::Identity;

/// Plays both calls; the clock stands at the history's beginning.
pub async fn play(stage: &mut Stage, history: &History) -> Result<(), DemoError> {
    let bodies: Vec<String> = history.stories.iter().map(|story| story.body.clone()).collect();
    cast::enter(stage, &bodies).await?;
    let opening = stage.opening;
    let cues = history.cues(opening, &stage.catalogue)?;
    let (before, since) = cues.split_at(cues.partition_point(|cue| cue.at < instant(opening, 0, 0, 0)));
    pilot(stage, history, before).await?;
    bring_joined(stage, |_| true).await?;
    let terms = imports::call::read("call.toml", files::file("call.toml"));
    let (title, _) = terms?;
    let closes = Instant::from_rome(working_day(opening, history.call.closes), 23, 59, 59);
    stage.move_to(instant(opening, 0, 8, 30));
    open_call(stage, title, instant(opening, 0, 9, 0), closes).await?;
    for cue in since {
        act(stage, cue).await?;
    }
    Ok(())
}

/// The pilot: opened, closed by the clock, worked off, archived.
async fn pilot(stage: &mut Stage, history: &History, cues: &[Cue]) -> Result<(), DemoError> {
    let (pilot, opening) = (&history.pilot, stage.opening);
    bring_joined(stage, |istat| pilot.bodies.iter().any(|body| body == istat)).await?;
    stage.move_to(instant(opening, pilot.opens, 8, 30));
    let closes = Instant::from_rome(working_day(opening, pilot.closes), 23, 59, 59);
    let opens = instant(opening, pilot.opens, 9, 0);
    let call = open_call(stage, pilot.title.clone(), opens, closes).await?;
    let mut beats = pilot.beats.iter().map(|day| instant(opening, *day, 0, 5)).peekable();
    for cue in cues {
        while let Some(at) = beats.next_if(|at| *at < cue.at) {
            stage.move_to(at);
            stage.marketplace.write(stage.tenant, Tick { now: at }).await?;
        }
        act(stage, cue).await?;
    }
    stage.move_to(instant(opening, pilot.archived, 12, 0));
    stage.execute(Identity::System, ArchiveCall { call }).await?;
    Ok(())
}

/// A call on the terms of the document, assigned and open from its first instant.
async fn open_call(
    stage: &mut Stage,
    title: String,
    opens: Instant,
    closes: Instant,
) -> Result<CallId, DemoError> {
    let read = imports::call::read("call.toml", files::file("call.toml"));
    let (_, terms) = read?;
    let create = CreateCall { title, opens, closes, terms };
    let system = Identity::System;
    let call = stage.execute(system.clone(), create).await?.id;
    let trial = stage.execute(system.clone(), Assign { call, dry_run: true, seen: None }).await?;
    let assign = Assign { call, dry_run: false, seen: Some(trial.effect) };
    stage.execute(system.clone(), assign).await?;
    stage.move_to(opens);
    stage.execute(system, OpenCall { call }).await?;
    Ok(call)
}

async fn act(stage: &mut Stage, cue: &Cue) -> Result<(), DemoError> {
    stage.move_to(cue.at);
    let body = stage.body(&cue.body).await?;
    let done = match cue.step.action {
        ScriptedAction::OnBasket(change) => basket(stage, &body, &cue.step, change).await,
        ScriptedAction::OnSubmission(action) => submission(stage, &body, &cue.step, action).await,
        ScriptedAction::OnRequest(event) => requests(stage, &body, &cue.step, event).await,
        ScriptedAction::ByAdministrator(action) => administration(stage, &body, &cue.step, action).await,
        // Its single events have cues of their own.
        ScriptedAction::Whole(Whole::Activate) => Ok(()),
    };
    done.map_err(|error| DemoError::Step { body: body.title(), day: cue.step.day, error: Box::new(error) })
}

async fn basket(
    stage: &mut Stage,
    body: &Body,
    step: &ScriptedStep,
    change: Change,
) -> Result<(), DemoError> {
    let officer = stage.person(&cast::officer(body))?;
    for service in &step.services {
        let command = ChangeBasket { body: body.id, change, service: service.clone() };
        stage.execute(officer.clone(), command).await?;
    }
    Ok(())
}

async fn submission(
    stage: &mut Stage,
    body: &Body,
    step: &ScriptedStep,
    action: OnSubmission,
) -> Result<(), DemoError> {
    let officer = stage.person(&cast::officer(body))?;
    let mayor = stage.person(&cast::mayor(body))?;
    let reason = step.text.clone();
    let done = match action {
        OnSubmission::Submit => {
            let basket = stage.look(officer.clone(), ReadBasket { body: body.id }).await?;
            let submit = Submit {
                body: body.id,
                version: basket.version,
                seen: basket.seen(),
                reason,
                contact: format!("Ufficio segreteria, {}", cast::officer(body)),
                protocol: String::new(),
            };
            stage.execute(officer, submit).await
        }
        OnSubmission::Authorise => {
            let submission = waiting(stage, body).await?;
            let seen = stage.look(mayor.clone(), ReadSubmission { submission }).await?.seen();
            stage.execute(mayor, Authorise { submission, seen }).await
        }
        OnSubmission::SendBack => {
            let submission = waiting(stage, body).await?;
            stage.execute(mayor, SendBack { submission, reason }).await
        }
        OnSubmission::WithdrawSubmission => {
            let submission = waiting(stage, body).await?;
            stage.execute(officer, WithdrawSubmission { submission }).await
        }
    };
    done.map(drop)
}

async fn waiting(stage: &Stage, body: &Body) -> Result<SubmissionId, DemoError> {
    let rows = stage.read(async |tx| tx.submissions(body.id).await).await?;
    let waits = rows.iter().find(|row| row.state == SubmissionState::AwaitingAuthorisation);
    waits.map(|row| row.id).ok_or(DemoError::NothingWaits)
}

/// The event on the oldest request of each service that it fits.
async fn requests(
    stage: &mut Stage,
    body: &Body,
    step: &ScriptedStep,
    event: Event,
) -> Result<(), DemoError> {
    for service in &step.services {
        let rows = stage.requests(body.id).await?;
        let fits = |row: &&store::RequestRecord| {
            row.service == *service
                && [Actor::Aggregator, Actor::Officer]
                    .into_iter()
                    .any(|actor| transition(row.state, event, actor, row.origin).is_ok())
        };
        let row = rows.iter().find(fits);
        let row = row.ok_or_else(|| DemoError::NotReady { service: service.clone(), event })?;
        let who = actor(stage, body, service, event, row.id).await?;
        on_request(stage, who, (row.id, row.version), event, &step.text).await?;
    }
    Ok(())
}

/// Who causes an event: the body's officer for what is the body's, else the operator of the service's area.
async fn actor(
    stage: &Stage,
    body: &Body,
    service: &ServiceCode,
    event: Event,
    request: RequestId,
) -> Result<Identity, DemoError> {
    let by_body = match event {
        Event::Answer | Event::Withdraw | Event::Remind => true,
        Event::CompleteMilestone => {
            let milestones = stage.read(async |tx| tx.milestones(request).await).await?;
            let next = milestones.iter().find(|milestone| milestone.done_at.is_none());
            next.is_some_and(|next| next.by_body)
        }
        _ => false,
    };
    if by_body {
        return stage.person(&cast::officer(body));
    }
    let area = stage.catalogue.services.get(service).map(|service| service.area.as_str());
    stage.person(cast::operator(area.unwrap_or_default()))
}

async fn on_request(
    stage: &mut Stage,
    who: Identity,
    (request, version): (RequestId, i64),
    event: Event,
    text: &str,
) -> Result<(), DemoError> {
    let text = text.to_owned();
    macro_rules! execute {
        ($operation:ident $(, $field:ident: $value:expr)*) => {
            stage.execute(who, $operation { request, version $(, $field: $value)* }).await.map(drop)
        };
    }
    /// By who has the request, or may have it, and without what needs it.
    macro_rules! tx {
        ($operation:ident $(, $field:ident: $value:expr)*) => {{
            let tx = $operation { request, version $(, $field: $value)*, ..$operation::default() };
            stage.execute(who, tx).await.map(drop)
        }};
    }
    match event {
        Event::TakeInCharge => tx!(TakeInCharge),
        Event::AskChanges => tx!(AskChanges, message: text),
        Event::Answer => execute!(AnswerRequest, message: text),
        Event::Approve => tx!(Approve, note: text),
        Event::Reject => tx!(Reject, reason: text),
        Event::Withdraw => tx!(WithdrawRequest, reason: text),
        Event::Cancel => tx!(Cancel, reason: text),
        Event::Start => tx!(Start, note: text),
        Event::CompleteMilestone => tx!(CompleteMilestone, note: text),
        Event::GoLive => tx!(GoLive, note: text),
        Event::Revoke => tx!(Revoke, reason: text),
        Event::End => tx!(EndService, reason: text),
        Event::Remind => execute!(RemindRequest, note: text),
        // These are no events of a single request, or not told in this history.
        Event::Submit
        | Event::Authorise
        | Event::SendBack
        | Event::Lapse
        | Event::WithdrawSubmission
        | Event::Reassign
        | Event::Release => Err(DemoError::NoSingleEvent(event)),
    }
}

async fn administration(
    stage: &mut Stage,
    body: &Body,
    step: &ScriptedStep,
    action: ByAdministrator,
) -> Result<(), DemoError> {
    let administrator = stage.person(cast::ADMINISTRATOR)?;
    let (body, reason, credits) = (body.id, step.text.clone(), step.credits);
    let outcome = match action {
        ByAdministrator::ExtendBody => {
            let until = Some(working_day(stage.opening, step.until));
            let extend = ExtendBody { body, until, reason };
            return stage.execute(administrator, extend).await.map(drop);
        }
        ByAdministrator::GrantExtra => {
            stage.execute(administrator, GrantExtra { body, credits, seen: None, reason }).await?
        }
        ByAdministrator::Correct => {
            stage.execute(administrator, ProposeCorrection::by(body, credits, reason)).await?
        }
        ByAdministrator::Propose => {
            let other = stage.person(cast::SECOND_ADMINISTRATOR)?;
            return stage.execute(other, ProposeCorrection::by(body, credits, reason)).await.map(drop);
        }
        ByAdministrator::AssignByHand => {
            let (package, (seen, seen_package)) = (step.package.clone(), stage.shown(body).await?);
            let assign = AssignByHand { body, package, credits, seen, seen_package, reason };
            stage.execute(administrator, assign).await?
        }
    };
    match outcome {
        MoveOutcome::Done { .. } => Ok(()),
        MoveOutcome::Waiting { .. } => confirm(stage, body).await,
    }
}

/// The other administrator confirms what was proposed for a body.
async fn confirm(stage: &mut Stage, body: BodyId) -> Result<(), DemoError> {
    let other = stage.person(cast::SECOND_ADMINISTRATOR)?;
    let list = ListProposals { body: Some(body), before: None };
    for seen in stage.look(other.clone(), list).await?.waiting {
        let confirm = ConfirmProposal { proposal: seen.id, before: seen.before, change: seen.change };
        stage.execute(other.clone(), confirm).await?;
    }
    Ok(())
}
