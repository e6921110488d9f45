//! Sending a basket: numbers, requests and entries in one transaction; and undoing it whole before it is authorised.

use model::api::submission::{LineKind, SubmissionState};
use model::api::{Problem, Trouble};
use model::basket::{Choice, Plan};
use model::calendar::add_working_days;
use model::credits::{Credits, EntryKind};
use model::ids::{BodyId, CallId, EntryId, PersonId, RequestId, ServiceCode, SubmissionId};
use model::ledger::Entry;
use model::requests::{Event, Origin, State};

use super::folder::Folder;
use crate::desk::Desk;
use crate::store::{AccountRow, Catalogue, HoldRow, NewLine, NewStep, RequestRow, Stored, SubmissionRow};

/// What accompanies a basket that is sent.
#[derive(Clone, Debug, Default)]
pub struct Covering {
    pub reason: String,
    pub contact: String,
    pub protocol: String,
}

/// Sends a plan: one submission, its requests, its entries (renounce, then hold), which move the account of the folder.
/// Where nobody must authorise it is authorised at once, and only what is pledged there is told no more. [`number`] must
/// follow.
pub async fn send(
    desk: &mut Desk<'_>,
    folder: &mut Folder,
    plan: &Plan,
    covering: &Covering,
    needs_authorisation: bool,
) -> Result<SubmissionId, Problem> {
    let account = folder.assigned()?;
    let year = i64::from(desk.today().ymd().0);
    // Until it is numbered it has the number of its account, below zero, which no other transaction can write.
    let number = -account.id;
    let submission = desk
        .work
        .add_submission(
            folder.call_id(),
            folder.body.id,
            (year, number),
            (covering.protocol.trim(), covering.reason.trim(), covering.contact.trim()),
            SubmissionState::AwaitingAuthorisation,
            desk.actor(),
            desk.now.0,
        )
        .await?;
    let asked: Vec<_> = plan
        .keeps
        .iter()
        .map(|service| (service, Origin::Package, 0))
        .chain(plan.adds.iter().map(|(service, price)| (service, Origin::Added, *price)))
        .collect();
    let state = State::AwaitingAuthorisation;
    let place = (folder.call_id(), folder.body.id, submission);
    let requests = desk.work.add_requests(place, &asked, state, desk.now.0).await?;
    let steps: Vec<_> = requests.iter().map(|request| (*request, state)).collect();
    desk.work.add_steps(&steps, step(desk, Event::Submit, desk.actor(), "")).await?;
    let lines = lines(plan, &asked, &requests);
    desk.work.add_submission_lines(submission, &lines).await?;
    let entries: Vec<_> = lines.iter().filter_map(|line| entry(desk, account, submission, line)).collect();
    folder.moved(desk.work.add_entries(&entries).await??);
    if !needs_authorisation {
        let row = desk.work.submission(submission).await?.ok_or(Trouble::Internal)?;
        authorise(desk, &row, &folder.catalogue, None).await?;
    }
    Ok(submission)
}

/// Numbers what was sent, when nothing else is left to do: who sends at the same time waits for a number until this is
/// stored.
pub async fn number(desk: &mut Desk<'_>, submission: SubmissionId) -> Stored<String> {
    let year = i64::from(desk.today().ymd().0);
    desk.work.number_submission(submission, year).await
}

/// The lines of a submission: what is renounced, then a line for each request.
fn lines<'l>(
    plan: &'l Plan,
    asked: &[(&'l ServiceCode, Origin, Credits)],
    requests: &[RequestId],
) -> Vec<NewLine<'l>> {
    let drops = plan.drops.iter().map(|(service, value)| NewLine {
        kind: LineKind::Drop,
        service,
        credits: *value,
        request: None,
    });
    let requested = asked.iter().zip(requests).map(|((service, origin, price), request)| NewLine {
        kind: if *origin == Origin::Package { LineKind::Keep } else { LineKind::Add },
        service,
        credits: *price,
        request: Some(*request),
    });
    drops.chain(requested).collect()
}

/// What a line does to the account; nothing where it costs nothing.
fn entry(
    desk: &Desk<'_>,
    account: &AccountRow,
    submission: SubmissionId,
    line: &NewLine<'_>,
) -> Option<Entry> {
    (line.credits > 0).then(|| Entry {
        account: account.id(),
        kind: if line.kind == LineKind::Drop { EntryKind::Renounce } else { EntryKind::Hold },
        amount: line.credits,
        at: desk.now,
        actor: desk.caller.person(),
        reason: String::new(),
        service: Some(line.service.clone()),
        request: line.request,
        submission: Some(submission),
        settles: None,
    })
}

/// Authorises a submission that waits: drops are final, kept items are approved, added services begin their review.
/// `by` is the mayor; none where nobody must authorise.
pub async fn authorise(
    desk: &mut Desk<'_>,
    submission: &SubmissionRow,
    catalogue: &Catalogue,
    by: Option<i64>,
) -> Result<(), Problem> {
    settle(desk, submission, SubmissionState::Authorised, by, "").await?;
    let today = desk.today();
    let mut changed = Vec::new();
    for mut row in desk.work.requests_of_submission(SubmissionId(submission.id)).await? {
        let (state, _) = model::requests::transition(
            row.state()?,
            Event::Authorise,
            model::requests::Hand::Mayor,
            row.origin()?,
        )?;
        let days = catalogue.services.get(&row.service()).map_or(30, |service| {
            if state == State::Approved { service.activation_days } else { service.review_days }
        });
        row.due = Some(add_working_days(today, days).0);
        changed.push((row, state));
    }
    save(desk, changed, step(desk, Event::Authorise, by, "")).await?;
    let (call, body) = (CallId(submission.call), BodyId(submission.body));
    desk.work.settle_pledge(call, body).await?;
    // What was chosen is on its way: the basket begins anew.
    desk.work.save_choice(call, body, &Choice::default(), desk.now.0).await?;
    Ok(())
}

/// Undoes a submission that waits, whole: holds are released, then what was renounced is reinstated. The basket
/// stays as it was, and is open again. Answers with the account, if it moved.
pub async fn undo(
    desk: &mut Desk<'_>,
    submission: &SubmissionRow,
    (event, state): (Event, SubmissionState),
    by: Option<i64>,
    reason: &str,
) -> Result<Option<AccountRow>, Problem> {
    settle(desk, submission, state, by, reason).await?;
    let id = SubmissionId(submission.id);
    let to = match state {
        SubmissionState::SentBack => State::SentBack,
        SubmissionState::Lapsed => State::Lapsed,
        _ => State::Withdrawn,
    };
    let rows = desk.work.requests_of_submission(id).await?;
    save(desk, rows.into_iter().map(|row| (row, to)).collect(), step(desk, event, by, reason)).await?;
    let mut entries = Vec::new();
    for hold in desk.work.open_entries(id).await? {
        let closes = if hold.kind()? == EntryKind::Hold { EntryKind::Release } else { EntryKind::Reinstate };
        entries.push(settling(desk, &hold, closes, Some(id), by.map(PersonId), reason));
    }
    Ok(desk.work.add_entries(&entries).await??)
}

async fn settle(
    desk: &mut Desk<'_>,
    submission: &SubmissionRow,
    state: SubmissionState,
    by: Option<i64>,
    reason: &str,
) -> Result<(), Problem> {
    let id = SubmissionId(submission.id);
    if desk.work.settle_submission(id, state, by, desk.now.0, reason).await? {
        return Ok(());
    }
    // Somebody was quicker.
    Err(Trouble::Conflict { changes: Vec::new(), state: None }.into())
}

/// The entry that resolves a hold, for exactly its amount.
pub fn settling(
    desk: &Desk<'_>,
    hold: &HoldRow,
    kind: EntryKind,
    submission: Option<SubmissionId>,
    actor: Option<PersonId>,
    reason: &str,
) -> Entry {
    Entry {
        account: hold.account(),
        kind,
        amount: hold.amount,
        at: desk.now,
        actor,
        reason: reason.to_owned(),
        service: hold.service.clone().map(ServiceCode),
        request: hold.request.map(RequestId),
        submission,
        settles: Some(EntryId(hold.id)),
    }
}

/// A line of the timeline, of what happens now.
pub fn step<'n>(desk: &Desk<'_>, event: Event, actor: Option<i64>, note: &'n str) -> NewStep<'n> {
    NewStep { event, actor, note, along_with: None, at: desk.now.0 }
}

/// Saves requests, each in its new state, with a line of their timelines. Who has one of them is told of what somebody
/// else did.
///
/// # Errors
/// `conflict` when somebody changed one since it was read.
pub async fn save(
    desk: &mut Desk<'_>,
    mut changed: Vec<(RequestRow, State)>,
    step: NewStep<'_>,
) -> Result<(), Problem> {
    for (row, state) in &mut changed {
        if !state.in_progress() {
            (row.due, row.stopped_on) = (None, None);
        }
    }
    let saved = desk.work.save_requests(&changed, step.at).await?;
    if saved != changed.len() as u64 {
        let state = changed.first().map(|(row, _)| row.state()).transpose()?;
        return Err(Trouble::Conflict { changes: Vec::new(), state }.into());
    }
    let steps: Vec<_> = changed.iter().map(|(row, state)| (row.id(), *state)).collect();
    desk.work.add_steps(&steps, step).await?;
    let others = |row: &RequestRow| row.operator.filter(|operator| Some(*operator) != step.actor);
    let told: Vec<_> = changed.iter().filter_map(|(row, _)| Some((others(row)?, row.id()))).collect();
    desk.work.tell(&told).await?;
    Ok(())
}
