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
use crate::store::{AccountRow, Catalogue, HoldRow, RequestRow, SubmissionRow};

/// What accompanies a basket that is sent.
#[derive(Clone, Debug, Default)]
pub struct Covering {
    pub reason: String,
    pub contact: String,
    pub protocol: String,
}

/// Sends a plan: one submission, its requests, its entries (renounce, then hold). Where nobody must authorise it is
/// authorised at once.
pub async fn send(
    desk: &mut Desk<'_>,
    folder: &Folder,
    plan: &Plan,
    covering: &Covering,
    needs_authorisation: bool,
) -> Result<SubmissionId, Problem> {
    let account = folder.assigned()?;
    let year = i64::from(desk.today().ymd().0);
    let number = desk.work.next_number(year).await?;
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
    let mut draft = Draft { folder, account, submission, position: 0 };
    for (service, value) in &plan.drops {
        draft.line(desk, LineKind::Drop, service, *value, None).await?;
        if *value > 0 {
            let entry = draft.entry(desk, EntryKind::Renounce, *value, service, None);
            desk.work.add_entry(&entry).await??;
        }
    }
    for service in &plan.keeps {
        draft.request(desk, service, Origin::Package, 0).await?;
    }
    for (service, price) in &plan.adds {
        draft.request(desk, service, Origin::Added, *price).await?;
    }
    if !needs_authorisation {
        let row = desk.work.submission(submission).await?.ok_or(Trouble::Internal)?;
        authorise(desk, &row, &folder.catalogue, None).await?;
    }
    Ok(submission)
}

/// A submission that is being written, line by line.
struct Draft<'f> {
    folder: &'f Folder,
    account: &'f AccountRow,
    submission: SubmissionId,
    position: i64,
}

impl Draft<'_> {
    async fn line(
        &mut self,
        desk: &mut Desk<'_>,
        kind: LineKind,
        service: &ServiceCode,
        credits: Credits,
        request: Option<RequestId>,
    ) -> Result<(), Problem> {
        let position = self.position;
        self.position += 1;
        desk.work.add_submission_line(self.submission, position, kind, service, credits, request).await?;
        Ok(())
    }

    fn entry(
        &self,
        desk: &Desk<'_>,
        kind: EntryKind,
        amount: Credits,
        service: &ServiceCode,
        request: Option<RequestId>,
    ) -> Entry {
        Entry {
            account: self.account.id(),
            kind,
            amount,
            at: desk.now,
            actor: desk.caller.person(),
            reason: String::new(),
            service: Some(service.clone()),
            request,
            submission: Some(self.submission),
            settles: None,
        }
    }

    async fn request(
        &mut self,
        desk: &mut Desk<'_>,
        service: &ServiceCode,
        origin: Origin,
        price: Credits,
    ) -> Result<(), Problem> {
        let place = (self.folder.call_id(), self.folder.body.id, self.submission);
        let state = State::AwaitingAuthorisation;
        let request = desk.work.add_request(place, service, origin, price, state, None, desk.now.0).await?;
        desk.work.add_step(request, Event::Submit, state, desk.actor(), "", desk.now.0).await?;
        let kind = if origin == Origin::Package { LineKind::Keep } else { LineKind::Add };
        self.line(desk, kind, service, price, Some(request)).await?;
        if price > 0 {
            let entry = self.entry(desk, EntryKind::Hold, price, service, Some(request));
            desk.work.add_entry(&entry).await??;
        }
        Ok(())
    }
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
        save(desk, &row, state, Event::Authorise, by, "").await?;
    }
    if let Some(account) = desk.work.account(CallId(submission.call), BodyId(submission.body)).await? {
        desk.work.settle_pledge(account.id()).await?;
    }
    // What was chosen is on its way: the basket begins anew.
    desk.work
        .save_choice(CallId(submission.call), BodyId(submission.body), &Choice::default(), desk.now.0)
        .await?;
    Ok(())
}

/// Undoes a submission that waits, whole: holds are released, then what was renounced is reinstated. The basket
/// stays as it was, and is open again.
pub async fn undo(
    desk: &mut Desk<'_>,
    submission: &SubmissionRow,
    (event, state): (Event, SubmissionState),
    by: Option<i64>,
    reason: &str,
) -> Result<(), Problem> {
    settle(desk, submission, state, by, reason).await?;
    let id = SubmissionId(submission.id);
    let to = match state {
        SubmissionState::SentBack => State::SentBack,
        SubmissionState::Lapsed => State::Lapsed,
        _ => State::Withdrawn,
    };
    for row in desk.work.requests_of_submission(id).await? {
        save(desk, &row, to, event, by, reason).await?;
    }
    let account = desk.work.account(CallId(submission.call), BodyId(submission.body)).await?;
    let account = account.ok_or(Trouble::Internal)?;
    for (opened, closes) in
        [(EntryKind::Hold, EntryKind::Release), (EntryKind::Renounce, EntryKind::Reinstate)]
    {
        for hold in desk.work.open_entries(id, opened).await? {
            let entry = settling(desk, &account, &hold, closes, Some(id), by.map(PersonId), reason);
            desk.work.add_entry(&entry).await??;
        }
    }
    Ok(())
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
    account: &AccountRow,
    hold: &HoldRow,
    kind: EntryKind,
    submission: Option<SubmissionId>,
    actor: Option<PersonId>,
    reason: &str,
) -> Entry {
    Entry {
        account: account.id(),
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

/// Saves a request in its new state, with a line of the timeline.
///
/// # Errors
/// `conflict` when somebody changed it since it was read.
pub async fn save(
    desk: &mut Desk<'_>,
    row: &RequestRow,
    state: State,
    event: Event,
    by: Option<i64>,
    note: &str,
) -> Result<(), Problem> {
    let mut row = row.clone();
    if !state.in_progress() {
        (row.due, row.stopped_on) = (None, None);
    }
    if !desk.work.save_request(&row, state, desk.now.0).await? {
        return Err(Trouble::Conflict { changes: Vec::new(), state: Some(row.state()?) }.into());
    }
    desk.work.add_step(row.id(), event, state, by, note, desk.now.0).await?;
    Ok(())
}
