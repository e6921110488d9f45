//! Running a call: create, open, extend, close, reopen, archive; and one body's extension.

use model::access::Deed;
use model::api::body::CallWindow;
use model::api::call::{
    ArchiveCall, Call, CloseCall, CreateCall, ExtendBody, ExtendCall, OpenCall, ReopenCall, ReopenedCall,
};
use model::api::{Fault, FaultKind, Problem, Trouble, in_range};
use model::assignment::Rule;
use model::calendar::{Day, Instant};
use model::calls::{CallStatus, latest_day};
use model::credits::Credits;
use model::ids::CallId;
use model::people::Caller;
use model::proposals::highest_threshold;
use model::refusals::Refusal;

use super::assignment::sound;
use super::basket::current;
use super::credits::expire;
use super::time;
use crate::desk::{Desk, Flow};

impl Flow for CreateCall {
    async fn run(self, desk: &mut Desk<'_>) -> Result<Call, Problem> {
        desk.allow(Deed::RunCall, None)?;
        let days = [("opens", self.opens), ("closes", self.closes)]
            .map(|(field, at)| beyond(desk, field, at.day_in_rome()));
        let threshold = too_high(desk, self.terms.correction_threshold).await?;
        refuse(days.into_iter().chain([threshold]).flatten().collect())?;
        let catalogue = desk.work.catalogue().await?;
        let rule =
            Rule { version: 1, bands: self.terms.bands.clone(), modifiers: self.terms.modifiers.clone() };
        sound(&rule, &catalogue, self.terms.high())?;
        let id = desk.work.add_call(self.title.trim(), self.opens.0, self.closes.0, &self.terms).await?;
        read(desk, id).await
    }
}

impl Flow for OpenCall {
    async fn run(self, desk: &mut Desk<'_>) -> Result<Call, Problem> {
        desk.allow(Deed::RunCall, None)?;
        let call = read(desk, self.call).await?;
        if call.status != CallStatus::Draft {
            return Err(Refusal::CallNotDraft.into());
        }
        if call.closes <= desk.now {
            let day = desk.today();
            return Err(Problem::faulty(Fault::new("closes", FaultKind::NotAfter { day })));
        }
        refuse(beyond(desk, "closes", call.closes.day_in_rome()).into_iter().collect())?;
        refuse_another(desk, self.call).await?;
        desk.work.set_call(self.call, CallStatus::Open, call.closes.0).await?;
        read(desk, self.call).await
    }
}

impl Flow for ExtendCall {
    async fn run(self, desk: &mut Desk<'_>) -> Result<Call, Problem> {
        desk.allow(Deed::RunCall, None)?;
        let call = read(desk, self.call).await?;
        // Also where the clock did not close it yet.
        let over = call.status == CallStatus::Open && call.closes <= desk.now;
        if over || matches!(call.status, CallStatus::Closed | CallStatus::Archived) {
            return Err(Refusal::CallClosed.into());
        }
        if self.until <= call.closes || self.until <= desk.now {
            return Err(Refusal::NotAnExtension { until: call.closes }.into());
        }
        refuse(beyond(desk, "until", self.until.day_in_rome()).into_iter().collect())?;
        desk.work.set_call(self.call, call.status, self.until.0).await?;
        read(desk, self.call).await
    }
}

impl Flow for ReopenCall {
    async fn run(self, desk: &mut Desk<'_>) -> Result<ReopenedCall, Problem> {
        desk.allow(Deed::RunCall, None)?;
        let call = read(desk, self.call).await?;
        if call.status != CallStatus::Closed {
            return Err(Refusal::CallNotClosed.into());
        }
        if self.until <= desk.now {
            let day = desk.today();
            return Err(Problem::faulty(Fault::new("until", FaultKind::NotAfter { day })));
        }
        if self.until <= call.closes {
            return Err(Refusal::NotAnExtension { until: call.closes }.into());
        }
        refuse(beyond(desk, "until", self.until.day_in_rome()).into_iter().collect())?;
        refuse_another(desk, self.call).await?;
        let (actor, at) = (desk.actor(), desk.now.0);
        desk.work.add_reopening(self.call, self.until.0, self.reason.trim(), actor, at).await?;
        desk.work.set_call(self.call, CallStatus::Open, self.until.0).await?;
        let kept = desk.work.kept_by_silence(self.call).await?;
        Ok(ReopenedCall {
            call: read(desk, self.call).await?,
            kept_by_silence: u32::try_from(kept).unwrap_or(u32::MAX),
        })
    }
}

impl Flow for CloseCall {
    async fn run(self, desk: &mut Desk<'_>) -> Result<Call, Problem> {
        desk.allow(Deed::RunCall, None)?;
        let call = read(desk, self.call).await?;
        if call.status != CallStatus::Open {
            return Err(Refusal::CallClosed.into());
        }
        let closes = call.closes.min(desk.now).max(Instant(call.opens.0 + 1));
        desk.work.set_call(self.call, CallStatus::Closed, closes.0).await?;
        read(desk, self.call).await
    }
}

impl Flow for ArchiveCall {
    async fn run(self, desk: &mut Desk<'_>) -> Result<Call, Problem> {
        desk.allow(Deed::RunCall, None)?;
        let call = read(desk, self.call).await?;
        if call.status != CallStatus::Closed {
            return Err(Refusal::CallNotClosed.into());
        }
        time::refuse_doubt(desk).await?;
        // What the clock owes to this call comes first: a body's last extension must be over too.
        time::settle_call(desk, &call).await?;
        let accounts = desk.work.accounts(self.call).await?;
        let waiting = desk.work.waiting_submissions(self.call).await?;
        let open_windows = desk.work.extensions(self.call).await?;
        let open = accounts.iter().filter(|row| row.account().held > 0).count()
            + waiting.len()
            + open_windows.iter().filter(|row| row.until > desk.now.0).count();
        if open > 0 {
            return Err(Refusal::HoldsOpen { count: u32::try_from(open).unwrap_or(u32::MAX) }.into());
        }
        for row in accounts {
            let left = row.account().available();
            if left > 0 {
                expire(desk, row.id(), left).await?;
            }
        }
        desk.work.withdraw_proposals_of(self.call, desk.actor(), desk.now.0).await?;
        desk.work.set_call(self.call, CallStatus::Archived, call.closes.0).await?;
        read(desk, self.call).await
    }
}

impl Flow for ExtendBody {
    async fn run(self, desk: &mut Desk<'_>) -> Result<CallWindow, Problem> {
        desk.allow(Deed::ExtendBody, Some(self.body))?;
        let folder = current(desk, self.body).await?;
        let Some(day) = self.until else {
            return Err(Problem::faulty(Fault::new("until", FaultKind::Missing)));
        };
        refuse(beyond(desk, "until", day).into_iter().collect())?;
        let until = Instant::from_rome(day, 23, 59, 59);
        let closes = folder.call.closes;
        // Time that was given may be taken back, but for what is over and what every body has.
        let shortens = folder.window.closes > closes && until <= folder.window.closes;
        let earliest = closes.max(desk.now);
        if shortens && until <= earliest {
            let day = earliest.day_in_rome().plus(-1);
            return Err(Problem::faulty(Fault::new("until", FaultKind::NotAfter { day })));
        }
        if !shortens && (until <= folder.window.closes || until <= desk.now) {
            return Err(Refusal::NotAnExtension { until: folder.window.closes }.into());
        }
        let (call, actor, at) = (folder.call_id(), desk.actor(), desk.now.0);
        desk.work.add_extension(call, self.body, until.0, self.reason.trim(), actor, at).await?;
        Ok(folder.renewed(desk.work, desk.now).await?.window)
    }
}

/// The fault of a day that lies too far ahead: a slip of the hand would leave a call open for ever.
fn beyond(desk: &Desk<'_>, field: &str, day: Day) -> Option<Fault> {
    let latest = latest_day(desk.today());
    (day > latest).then(|| Fault::new(field, FaultKind::NotBeyond { day: latest }))
}

/// The fault of a threshold that an administrator may not choose, who could then move anything alone. Whoever runs the
/// machine may choose any.
async fn too_high(desk: &mut Desk<'_>, threshold: Credits) -> Result<Option<Fault>, Problem> {
    if desk.caller == Caller::System {
        return Ok(None);
    }
    let mut newest = None;
    for row in desk.work.all_calls().await? {
        if row.status()? != CallStatus::Draft {
            newest = Some(row.call()?.terms.correction_threshold);
            break;
        }
    }
    Ok(in_range("correction_threshold", threshold, 0, highest_threshold(newest)))
}

fn refuse(faults: Vec<Fault>) -> Result<(), Problem> {
    if faults.is_empty() { Ok(()) } else { Err(Trouble::Faulty { faults }.into()) }
}

async fn read(desk: &mut Desk<'_>, id: CallId) -> Result<Call, Problem> {
    let row = desk.work.call(id).await?.ok_or(Trouble::NotFound)?;
    Ok(row.call()?)
}

/// One call at a time is in the open.
async fn refuse_another(desk: &mut Desk<'_>, but: CallId) -> Result<(), Problem> {
    let current = desk.work.current_call().await?;
    if let Some(other) = current.filter(|other| other.id != but.0)
        && other.status()? == CallStatus::Open
    {
        return Err(Refusal::AnotherCallOpen.into());
    }
    Ok(())
}
