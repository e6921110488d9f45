//! Taking a request away, with what needs it: what would be touched, shown before, and compared when it is done.

use std::collections::BTreeSet;

use model::api::people::PersonRef;
use model::api::requests::{Removal, SeenRequest, Touched};
use model::api::{ApiError, Problem};
use model::calls::{CallStatus, Setback};
use model::credits::Credits;
use model::ids::{CallId, RequestId, ServiceCode};
use model::refusals::Refusal;
use model::requests::{Actor, CreditEffect, Event, State, transition};
use model::seen::Difference;

use crate::baskets::body_in_call::BodyInCall;
use crate::context::RequestContext;
use crate::requests::request_in_call::RequestInCall;
use crate::submissions;
use store::RequestRecord;

/// Which of the calls that the body's requests are of are archived.
pub async fn archived_calls(
    ctx: &mut RequestContext<'_>,
    request: &RequestInCall,
) -> Result<BTreeSet<CallId>, Problem> {
    let mut archived = BTreeSet::new();
    let calls: BTreeSet<CallId> = request.body_in_call.requests.iter().map(|row| row.call).collect();
    for call in calls {
        let status = if call == request.body_in_call.call_id() {
            request.body_in_call.call.status
        } else {
            ctx.tx.call(call).await?.ok_or(ApiError::Internal)?.status
        };
        if status == CallStatus::Archived {
            archived.insert(call);
        }
    }
    Ok(archived)
}

/// What an event would touch. `workers` are all who may have a request; `archived` are the calls in which what comes back
/// expires at once.
pub fn preview(
    request: &RequestInCall,
    event: Event,
    actor: Actor,
    workers: &[PersonRef],
    archived: &BTreeSet<CallId>,
) -> Removal {
    let credits = coming_back(&request.row, event, actor).unwrap_or_default();
    let mut along = Vec::new();
    for row in dependants_of_all(&request.body_in_call, &request.row) {
        let state = row.state;
        let returned = coming_back(row, companion(actor, state), actor);
        along.push(Touched {
            request: row.id,
            version: row.version,
            service: request.body_in_call.catalogue.reference(&row.service),
            state,
            owner: workers.iter().find(|worker| Some(worker.id) == row.operator).cloned(),
            credits: returned.unwrap_or_default(),
            archived: archived.contains(&row.call),
            stays: returned.is_none(),
        });
    }
    let archived = archived.contains(&request.row.call);
    let own = if archived { 0 } else { credits };
    let lasting = along.iter().filter(|touched| !touched.archived).map(|touched| touched.credits);
    let total = own + lasting.sum::<Credits>();
    Removal { event, credits, along, archived, total }
}

/// What an event gives back to the account; none where it can't happen.
fn coming_back(row: &RequestRecord, event: Event, actor: Actor) -> Option<Credits> {
    let transition = transition(row.state, event, actor, row.origin);
    transition.ok().map(|(_, effect)| match effect {
        CreditEffect::Release | CreditEffect::Refund => row.price,
        CreditEffect::None | CreditEffect::Spend | CreditEffect::UndoSubmission => 0,
    })
}

/// Ends a request, alone or together with what needs it, of which nothing goes that was not seen.
pub async fn take_away(
    ctx: &mut RequestContext<'_>,
    request: &mut RequestInCall,
    (event, actor): (Event, Actor),
    reason: &str,
    along: Option<&[SeenRequest]>,
) -> Result<(), Problem> {
    // Refuse what the table does not know before speaking of others.
    transition(request.state, event, actor, request.row.origin)?;
    let others: Vec<_> =
        dependants_of_all(&request.body_in_call, &request.row).into_iter().cloned().collect();
    if let Some(seen) = along {
        refuse_unseen(request, &others, seen)?;
    }
    let stay = staying(&others, actor, along.is_some());
    if !stay.is_empty() {
        let services =
            stay.iter().map(|row| request.body_in_call.catalogue.reference(&row.service)).collect();
        return Err(Refusal::HasDependants { services }.into());
    }
    let mut gone = vec![request.row.service.clone()];
    let mut given_time = BTreeSet::new();
    for row in others.into_iter().rev() {
        // Perhaps of another call: with its own account and its own closing instant.
        let mut other = crate::requests::request_in_call::load(ctx, row).await?;
        other.along_with = Some(request.row.id);
        let event = companion(actor, other.state);
        other.apply_event(ctx, event, actor, reason).await?;
        give_time(ctx, &other.body_in_call, event, &mut given_time).await?;
        gone.push(other.row.service.clone());
    }
    request.apply_event(ctx, event, actor, reason).await?;
    if actor != Actor::Aggregator {
        keep_minimum(ctx, request, &gone).await?;
    }
    give_time(ctx, &request.body_in_call, event, &mut given_time).await
}

/// Refuses when what needs the request is not what was seen of it, and names each difference.
fn refuse_unseen(
    request: &RequestInCall,
    others: &[RequestRecord],
    seen: &[SeenRequest],
) -> Result<(), Problem> {
    let now: BTreeSet<_> =
        others.iter().map(|row| SeenRequest { request: row.id, version: row.version }).collect();
    if now == seen.iter().copied().collect() {
        return Ok(());
    }
    let was_seen = |id: RequestId| seen.iter().any(|seen| seen.request == id);
    let as_seen = |id: RequestId| now.iter().any(|now| now.request == id && seen.contains(now));
    let mut changes = Vec::new();
    for row in &request.body_in_call.requests {
        let touched = others.iter().any(|other| other.id == row.id);
        let (service, state) = (request.body_in_call.catalogue.reference(&row.service), row.state);
        match (touched, was_seen(row.id)) {
            (true, false) => changes.push(Difference::RequestAdded { service, state }),
            (true, true) if !as_seen(row.id) => changes.push(Difference::RequestChanged { service, state }),
            (false, true) => changes.push(Difference::RequestRemoved { service, state }),
            _ => {}
        }
    }
    Err(ApiError::Conflict { changes, state: None }.into())
}

/// How what needs a request goes along with it.
fn companion(actor: Actor, state: State) -> Event {
    match (actor, state.under_review()) {
        (Actor::Aggregator, true) => Event::Cancel,
        (Actor::Aggregator, false) => Event::Revoke,
        _ => Event::Withdraw,
    }
}

/// What a request can't go without: all that needs it, or what of it can't be taken along. A submission that waits
/// is one act of the body, from which nothing is taken.
fn staying(others: &[RequestRecord], actor: Actor, take_along: bool) -> Vec<&RequestRecord> {
    let mut stay = Vec::new();
    for row in others {
        let state = row.state;
        let goes = transition(state, companion(actor, state), actor, row.origin).is_ok();
        if !take_along || !goes {
            stay.push(row);
        }
    }
    stay
}

/// A rejection or cancellation late in a call gives the body its time back, once for each call.
async fn give_time(
    ctx: &mut RequestContext<'_>,
    body_in_call: &BodyInCall,
    event: Event,
    given: &mut BTreeSet<CallId>,
) -> Result<(), Problem> {
    if matches!(event, Event::Reject | Event::Cancel) && given.insert(body_in_call.call_id()) {
        submissions::extend(ctx, body_in_call, Setback::Refused).await?;
    }
    Ok(())
}

/// Everything on its way that needs this request, and what needs that: each before what needs it.
fn dependants_of_all<'f>(body_in_call: &'f BodyInCall, row: &RequestRecord) -> Vec<&'f RequestRecord> {
    let mut found: Vec<&RequestRecord> = dependants(body_in_call, row);
    let mut next = 0;
    while next < found.len() {
        for more in dependants(body_in_call, found[next]) {
            if found.iter().all(|known| known.id != more.id) && more.id != row.id {
                found.push(more);
            }
        }
        next += 1;
    }
    found
}

/// A body may not withdraw below the minimum: judged on what is left, so that several at once count together.
async fn keep_minimum(
    ctx: &mut RequestContext<'_>,
    request: &RequestInCall,
    gone: &[ServiceCode],
) -> Result<(), Problem> {
    let body_in_call =
        BodyInCall::of(ctx.tx, request.body_in_call.body.clone(), request.body_in_call.call.clone(), ctx.now)
            .await?;
    let situation = body_in_call.situation()?;
    for code in gone {
        situation.without(code)?;
    }
    Ok(())
}

/// What is on its way and needs a request, when nothing else gives its service to the body.
fn dependants<'f>(body_in_call: &'f BodyInCall, row: &RequestRecord) -> Vec<&'f RequestRecord> {
    let code = row.service.clone();
    let another = body_in_call
        .requests
        .iter()
        .zip(&body_in_call.states)
        .any(|(other, (service, state))| other.id != row.id && *service == code && state.stands());
    if another {
        return Vec::new();
    }
    body_in_call
        .requests
        .iter()
        .zip(&body_in_call.states)
        .filter(|(_, (service, state))| {
            let requires = body_in_call.catalogue.services.get(service).map(|service| &service.requires);
            state.in_progress() && requires.is_some_and(|requires| requires.contains(&code))
        })
        .map(|(other, _)| other)
        .collect()
}
