//! Running a call: create, open, extend, close, reopen, archive; and one body's extension.

use model::api::bodies::CallWindow;
use model::api::calls::{
    ArchiveCall, Call, CloseCall, CreateCall, ExtendBody, ExtendCall, OpenCall, ReopenCall, ReopenedCall,
};
use model::api::{ApiError, FieldError, FieldErrorKind, Problem, in_range};
use model::assignment::Rule;
use model::calendar::{Day, Instant};
use model::calls::{CallStatus, latest_day};
use model::credits::Credits;
use model::ids::CallId;
use model::people::Caller;
use model::proposals::highest_threshold;
use model::refusals::Refusal;

use crate::baskets::current;
use crate::calls::assignment::sound;
use crate::context::{Handler, RequestContext};
use crate::credits::expire;

pub mod assignment;
pub mod board;
pub mod time;

impl Handler for CreateCall {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Call, Problem> {
        let days = [("opens", self.opens), ("closes", self.closes)]
            .map(|(field, at)| beyond(ctx, field, at.day_in_rome()));
        let threshold = too_high(ctx, self.terms.correction_threshold).await?;
        refuse(days.into_iter().chain([threshold]).flatten().collect())?;
        let catalogue = ctx.tx.catalogue().await?;
        let rule =
            Rule { version: 1, bands: self.terms.bands.clone(), modifiers: self.terms.modifiers.clone() };
        sound(&rule, &catalogue, self.terms.high())?;
        let id = ctx.tx.add_call(self.title.trim(), self.opens, self.closes, &self.terms).await?;
        read(ctx, id).await
    }
}

impl Handler for OpenCall {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Call, Problem> {
        let call = read(ctx, self.call).await?;
        if call.status != CallStatus::Draft {
            return Err(Refusal::CallNotDraft.into());
        }
        if call.closes <= ctx.now {
            let day = ctx.today();
            return Err(Problem::faulty(FieldError::new("closes", FieldErrorKind::NotAfter { day })));
        }
        refuse(beyond(ctx, "closes", call.closes.day_in_rome()).into_iter().collect())?;
        refuse_another(ctx, self.call).await?;
        ctx.tx.set_call(self.call, CallStatus::Open, call.closes).await?;
        read(ctx, self.call).await
    }
}

impl Handler for ExtendCall {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Call, Problem> {
        let call = read(ctx, self.call).await?;
        // Also where the clock did not close it yet.
        let over = call.status == CallStatus::Open && call.closes <= ctx.now;
        if over || matches!(call.status, CallStatus::Closed | CallStatus::Archived) {
            return Err(Refusal::CallClosed.into());
        }
        if self.until <= call.closes || self.until <= ctx.now {
            return Err(Refusal::NotAnExtension { until: call.closes }.into());
        }
        refuse(beyond(ctx, "until", self.until.day_in_rome()).into_iter().collect())?;
        ctx.tx.set_call(self.call, call.status, self.until).await?;
        read(ctx, self.call).await
    }
}

impl Handler for ReopenCall {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<ReopenedCall, Problem> {
        let call = read(ctx, self.call).await?;
        if call.status != CallStatus::Closed {
            return Err(Refusal::CallNotClosed.into());
        }
        if self.until <= ctx.now {
            let day = ctx.today();
            return Err(Problem::faulty(FieldError::new("until", FieldErrorKind::NotAfter { day })));
        }
        if self.until <= call.closes {
            return Err(Refusal::NotAnExtension { until: call.closes }.into());
        }
        refuse(beyond(ctx, "until", self.until.day_in_rome()).into_iter().collect())?;
        refuse_another(ctx, self.call).await?;
        let (actor, at) = (ctx.actor(), ctx.now);
        ctx.tx.add_reopening(self.call, self.until, self.reason.trim(), actor, at).await?;
        ctx.tx.set_call(self.call, CallStatus::Open, self.until).await?;
        let kept = ctx.tx.kept_by_silence(self.call).await?;
        Ok(ReopenedCall {
            call: read(ctx, self.call).await?,
            kept_by_silence: u32::try_from(kept).unwrap_or(u32::MAX),
        })
    }
}

impl Handler for CloseCall {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Call, Problem> {
        let call = read(ctx, self.call).await?;
        if call.status != CallStatus::Open {
            return Err(Refusal::CallClosed.into());
        }
        let closes = call.closes.min(ctx.now).max(Instant(call.opens.0 + 1));
        ctx.tx.set_call(self.call, CallStatus::Closed, closes).await?;
        read(ctx, self.call).await
    }
}

impl Handler for ArchiveCall {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<Call, Problem> {
        let call = read(ctx, self.call).await?;
        if call.status != CallStatus::Closed {
            return Err(Refusal::CallNotClosed.into());
        }
        time::refuse_doubt(ctx).await?;
        // What the clock owes to this call comes first: a body's last extension must be over too.
        time::settle_call(ctx, &call).await?;
        let accounts = ctx.tx.accounts(self.call).await?;
        let waiting = ctx.tx.waiting_submissions(self.call).await?;
        let open_windows = ctx.tx.extensions(self.call).await?;
        let open = accounts.iter().filter(|row| row.account().held > 0).count()
            + waiting.len()
            + open_windows.iter().filter(|row| row.until > ctx.now).count();
        if open > 0 {
            return Err(Refusal::HoldsOpen { count: u32::try_from(open).unwrap_or(u32::MAX) }.into());
        }
        for row in accounts {
            let left = row.account().available();
            if left > 0 {
                expire(ctx, row.id, left).await?;
            }
        }
        ctx.tx.withdraw_proposals_of(self.call, ctx.actor(), ctx.now).await?;
        ctx.tx.set_call(self.call, CallStatus::Archived, call.closes).await?;
        read(ctx, self.call).await
    }
}

impl Handler for ExtendBody {
    async fn run(self, ctx: &mut RequestContext<'_>) -> Result<CallWindow, Problem> {
        let body_in_call = current(ctx, self.body).await?;
        let Some(day) = self.until else {
            return Err(Problem::faulty(FieldError::new("until", FieldErrorKind::Missing)));
        };
        refuse(beyond(ctx, "until", day).into_iter().collect())?;
        let until = Instant::from_rome(day, 23, 59, 59);
        let closes = body_in_call.call.closes;
        // Time that was given may be taken back, but for what is over and what every body has.
        let shortens = body_in_call.window.closes > closes && until <= body_in_call.window.closes;
        let earliest = closes.max(ctx.now);
        if shortens && until <= earliest {
            let day = earliest.day_in_rome().plus(-1);
            return Err(Problem::faulty(FieldError::new("until", FieldErrorKind::NotAfter { day })));
        }
        if !shortens && (until <= body_in_call.window.closes || until <= ctx.now) {
            return Err(Refusal::NotAnExtension { until: body_in_call.window.closes }.into());
        }
        let (call, actor, at) = (body_in_call.call_id(), ctx.actor(), ctx.now);
        ctx.tx.add_extension(call, self.body, until, self.reason.trim(), actor, at).await?;
        Ok(body_in_call.renewed(ctx.tx, ctx.now).await?.window)
    }
}

/// The fault of a day that lies too far ahead: a mistyped year would leave a call open for ever.
fn beyond(ctx: &RequestContext<'_>, field: &str, day: Day) -> Option<FieldError> {
    let latest = latest_day(ctx.today());
    (day > latest).then(|| FieldError::new(field, FieldErrorKind::NotBeyond { day: latest }))
}

/// The fault of a threshold that an administrator may not choose, who could then move anything alone. Whoever runs the
/// machine may choose any.
async fn too_high(ctx: &mut RequestContext<'_>, threshold: Credits) -> Result<Option<FieldError>, Problem> {
    if ctx.caller == Caller::System {
        return Ok(None);
    }
    let mut newest = None;
    for row in ctx.tx.all_calls().await? {
        if row.status != CallStatus::Draft {
            newest = Some(row.call()?.terms.correction_threshold);
            break;
        }
    }
    Ok(in_range("correction_threshold", threshold, 0, highest_threshold(newest)))
}

fn refuse(faults: Vec<FieldError>) -> Result<(), Problem> {
    if faults.is_empty() { Ok(()) } else { Err(ApiError::Faulty { faults }.into()) }
}

async fn read(ctx: &mut RequestContext<'_>, id: CallId) -> Result<Call, Problem> {
    let row = ctx.tx.call(id).await?.ok_or(ApiError::NotFound)?;
    Ok(row.call()?)
}

/// One call at a time is in the open.
async fn refuse_another(ctx: &mut RequestContext<'_>, but: CallId) -> Result<(), Problem> {
    let current = ctx.tx.current_call().await?;
    if let Some(other) = current.filter(|other| other.id != but)
        && other.status == CallStatus::Open
    {
        return Err(Refusal::AnotherCallOpen.into());
    }
    Ok(())
}
