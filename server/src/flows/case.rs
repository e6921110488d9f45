//! A request on the desk of who acts on it: with the folder of its body, its clock and its credits.

use model::access::Deed;
use model::api::{Problem, Trouble};
use model::calendar::{Day, add_working_days, working_days_between};
use model::calls::CallStatus;
use model::catalogue::ServiceRef;
use model::credits::EntryKind;
use model::ids::{BodyId, CallId, RequestId};
use model::requests::{CreditEffect, Event, Hand, State, transition};

use super::credits;
use super::folder::{Folder, body};
use super::sending::{save, settling};
use crate::desk::{Desk, absent};
use crate::store::RequestRow;

/// A request that somebody is about to act on, as it was seen.
pub struct Case {
    pub row: RequestRow,
    pub folder: Folder,
    pub state: State,
}

impl Case {
    /// Finds the request, asks the policy, and refuses a stale version.
    pub async fn open(desk: &mut Desk<'_>, id: RequestId, version: i64, deed: Deed) -> Result<Self, Problem> {
        let row = desk.work.request(id).await?.ok_or_else(|| absent(&desk.caller))?;
        desk.allow(deed, Some(BodyId(row.body)))?;
        // Read again, now that nobody else works on this body.
        desk.work.hold(BodyId(row.body)).await?;
        let row = desk.work.request(id).await?.ok_or(Trouble::NotFound)?;
        let state = row.state()?;
        if row.version != version {
            return Err(Trouble::Conflict { changes: Vec::new(), state: Some(state) }.into());
        }
        case(desk, row).await
    }

    /// Carries out an event: the state, the timeline, and for exactly the hold the credits.
    pub async fn happen(
        &mut self,
        desk: &mut Desk<'_>,
        event: Event,
        hand: Hand,
        note: &str,
    ) -> Result<(), Problem> {
        let (to, effect) = transition(self.state, event, hand, self.row.origin()?)?;
        let by = desk.actor();
        save(desk, vec![(self.row.clone(), to)], event, by, note.trim()).await?;
        self.settle(desk, effect, note.trim()).await?;
        self.row.version += 1;
        self.state = to;
        Ok(())
    }

    /// What an event owes to the account of the request's own call. Credits that come back after the archiving
    /// follow the call's rule at once.
    async fn settle(&self, desk: &mut Desk<'_>, effect: CreditEffect, reason: &str) -> Result<(), Problem> {
        let id = self.row.id();
        let (hold, kind) = match effect {
            CreditEffect::None | CreditEffect::UndoSubmission => return Ok(()),
            CreditEffect::Spend => (desk.work.open_hold(id).await?, EntryKind::Spend),
            CreditEffect::Release => (desk.work.open_hold(id).await?, EntryKind::Release),
            CreditEffect::Refund => (desk.work.spent_hold(id).await?, EntryKind::Refund),
        };
        // A request at no cost holds nothing.
        let Some(hold) = hold else { return Ok(()) };
        let entry = settling(desk, &hold, kind, None, desk.caller.person(), reason);
        desk.work.add_entries(&[entry]).await??;
        if self.folder.call.status == CallStatus::Archived && kind != EntryKind::Spend {
            credits::expire(desk, hold.account(), hold.amount).await?;
        }
        Ok(())
    }

    pub fn stop_clock(&mut self, today: Day) {
        self.row.stopped_on.get_or_insert(today.0);
    }

    /// The clock goes on: the days it stood still are added to the due date.
    pub fn resume_clock(&mut self, today: Day) {
        if let (Some(stopped), Some(due)) = (self.row.stopped_on.take(), self.row.due) {
            let stood = u32::try_from(working_days_between(Day(stopped), today)).unwrap_or(0);
            self.row.due = Some(add_working_days(Day(due), stood).0);
        }
    }

    pub fn days(&self, which: impl Fn(&model::catalogue::Service) -> u32) -> u32 {
        self.folder.catalogue.services.get(&self.row.service()).map_or(30, which)
    }

    /// Services on their way that need this one, when nothing else gives it to the body.
    pub fn dependants(&self) -> Vec<&RequestRow> {
        dependants(&self.folder, &self.row)
    }

    /// Prerequisites that are neither approved, in activation nor live.
    pub fn pending(&self) -> Vec<ServiceRef> {
        let service = self.folder.catalogue.services.get(&self.row.service());
        service
            .into_iter()
            .flat_map(|service| &service.requires)
            .filter(|needs| {
                !self.folder.states.iter().any(|(code, state)| code == *needs && state.supports_dependants())
            })
            .map(|needs| self.folder.catalogue.reference(needs))
            .collect()
    }
}

/// What is on its way and needs a request, when nothing else gives its service to the body.
pub fn dependants<'f>(folder: &'f Folder, row: &RequestRow) -> Vec<&'f RequestRow> {
    let code = row.service();
    let another = folder
        .requests
        .iter()
        .zip(&folder.states)
        .any(|(other, (service, state))| other.id != row.id && *service == code && state.stands());
    if another {
        return Vec::new();
    }
    folder
        .requests
        .iter()
        .zip(&folder.states)
        .filter(|(_, (service, state))| {
            let requires = folder.catalogue.services.get(service).map(|service| &service.requires);
            state.in_progress() && requires.is_some_and(|requires| requires.contains(&code))
        })
        .map(|(other, _)| other)
        .collect()
}

/// A request as the reading flows need it: with its folder, whoever asks.
pub async fn case(desk: &mut Desk<'_>, row: RequestRow) -> Result<Case, Problem> {
    let body = body(desk.work, BodyId(row.body)).await?;
    let call = desk.work.call(CallId(row.call)).await?.ok_or(Trouble::Internal)?.call()?;
    let state = row.state()?;
    let folder = Folder::of(desk.work, body, call, desk.now).await?;
    Ok(Case { row, folder, state })
}
