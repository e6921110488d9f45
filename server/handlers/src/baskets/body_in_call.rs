//! *Fascicolo*: everything about one body in a call, read in a handful of statements, and judged by the model.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::api::bodies::CallWindow;
use model::api::calls::Call;
use model::api::people::BodyRef;
use model::api::{ApiError, Problem};
use model::basket::{Choice, Situation};
use model::calendar::{Instant, days_until};
use model::calls::{CallStatus, authorisation_ends};
use model::catalogue::PackageItem;
use model::ids::{BodyId, CallId, ServiceCode};
use model::refusals::Refusal;
use model::requests::State;
use model::territory::{Body, BodyKind};

use store::{
    AccountRow, AssignmentRow, Catalogue, ExtensionRow, RequestRecord, StoreResult, SubmissionRow,
    Transaction,
};

pub struct BodyInCall {
    pub body: Body,
    pub call: Call,
    pub window: CallWindow,
    pub catalogue: Arc<Catalogue>,
    /// Only of bodies that were assigned.
    pub assignment: Option<AssignmentRow>,
    pub account: Option<AccountRow>,
    pub package: Vec<PackageItem>,
    pub dropped_for_good: BTreeSet<ServiceCode>,
    pub requests: Vec<RequestRecord>,
    pub states: Vec<(ServiceCode, State)>,
    pub submissions: Vec<SubmissionRow>,
    pub choice: Choice,
    pub version: i64,
    pub saved_at: Option<Instant>,
}

impl BodyInCall {
    /// A body in the current call; none while no call is open or closed.
    pub async fn current(tx: &mut Transaction, body: Body, now: Instant) -> StoreResult<Option<Self>> {
        match tx.current_call().await? {
            Some(row) => Self::of(tx, body, row.call()?, now).await.map(Some),
            None => Ok(None),
        }
    }

    /// A body in one call.
    pub async fn of(tx: &mut Transaction, body: Body, call: Call, now: Instant) -> StoreResult<Self> {
        let (call_id, id) = (call.id, body.id);
        let standing = tx.standing(call_id, id).await?;
        let window = window(&call, standing.extension.as_ref(), now);
        let mut requests = tx.requests_of(id).await?;
        // Of earlier calls only what still stands matters: what ended then is no news to this package.
        requests.retain(|row| row.call == call_id || row.state.stands());
        let states = requests.iter().map(|row| (row.service.clone(), row.state)).collect();
        let submissions = tx.submissions(id).await?;
        let selection = tx.selection(call_id, id).await?;
        Ok(Self {
            catalogue: standing.catalogue,
            assignment: standing.assignment,
            account: standing.account,
            package: selection.package,
            dropped_for_good: selection.dropped_for_good,
            choice: selection.choice,
            submissions: submissions.into_iter().filter(|row| row.call == call_id).collect(),
            version: standing.basket.as_ref().map_or(0, |row| row.version),
            saved_at: standing.basket.map(|row| row.saved_at),
            body,
            call,
            window,
            requests,
            states,
        })
    }

    /// Keeps the account as entries left it.
    pub fn moved(&mut self, account: Option<AccountRow>) {
        if account.is_some() {
            self.account = account;
        }
    }

    /// The same after something was written: the account may have changed, or the body may have more time.
    pub async fn renewed(mut self, tx: &mut Transaction, now: Instant) -> StoreResult<Self> {
        let standing = tx.standing(self.call.id, self.body.id).await?;
        self.account = standing.account;
        self.window = window(&self.call, standing.extension.as_ref(), now);
        Ok(self)
    }

    pub fn call_id(&self) -> CallId {
        self.call.id
    }

    /// The submission that waits for its authorisation.
    pub fn waiting(&self) -> StoreResult<Option<&SubmissionRow>> {
        use model::api::submissions::SubmissionState::AwaitingAuthorisation;
        for row in &self.submissions {
            if row.state == AwaitingAuthorisation {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// Something of this call was authorised, or kept by silence.
    pub fn submitted(&self) -> StoreResult<bool> {
        use model::api::submissions::SubmissionState::Authorised;
        for row in &self.submissions {
            if row.state == Authorised {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What the model needs to judge a basket.
    pub fn situation(&self) -> StoreResult<Situation<'_>> {
        Ok(Situation {
            services: &self.catalogue.services,
            package: self.package.clone(),
            dropped_for_good: self.dropped_for_good.clone(),
            requests: self.states.clone(),
            account: self.account.as_ref().map(AccountRow::account).unwrap_or_default(),
            high: self.call.terms.high(),
            open: self.window.open,
            waiting: self.waiting()?.is_some(),
        })
    }

    /// The account, of a body that joined and was assigned.
    ///
    /// # Errors
    /// `not_joined` or `not_assigned`.
    pub fn assigned(&self) -> Result<&AccountRow, Refusal> {
        if self.body.joined.is_none() {
            return Err(Refusal::NotJoined);
        }
        self.account.as_ref().filter(|_| self.assignment.is_some()).ok_or(Refusal::NotAssigned)
    }
}

/// The call as it is for one body now.
pub fn window(call: &Call, extension: Option<&ExtensionRow>, now: Instant) -> CallWindow {
    let extended = extension.filter(|row| row.until > call.closes);
    let closes = extended.map_or(call.closes, |row| row.until);
    let started = matches!(call.status, CallStatus::Open | CallStatus::Closed) && now >= call.opens;
    CallWindow {
        id: call.id,
        title: call.title.clone(),
        status: call.status,
        opens: call.opens,
        closes,
        open: started && now < closes,
        authorise_until: authorisation_ends(closes),
        days_left: days_until(now.day_in_rome(), closes.day_in_rome()),
        extension_reason: extended.map(|row| row.reason.clone()),
        reopened: call.reopened.clone(),
        high: call.terms.high(),
        leftovers: call.terms.leftovers,
    }
}

/// A body by its name.
pub fn body_ref(body: &Body) -> BodyRef {
    BodyRef { id: body.id, name: body.name.clone(), title: body.title() }
}

/// A body by its name, from the columns of a list.
pub fn named_body(id: BodyId, kind: &str, name: &str) -> BodyRef {
    BodyRef { id, name: name.to_owned(), title: body_title(kind, name) }
}

/// The choice that counts for what a body has: its own while it can still be sent, or waits for the mayor; after the
/// closing none, for then it is a draft.
pub fn choice_that_counts(choice: &Choice, closes: Instant, waits: bool, now: Instant) -> Choice {
    if waits || now < closes { choice.clone() } else { Choice::default() }
}

/// *Comune di …*, or the name of a Union, from the columns of a list.
pub fn body_title(kind: &str, name: &str) -> String {
    let kind = if kind == "union" { BodyKind::Union } else { BodyKind::Municipality };
    kind.title(name)
}

/// The body that an operation names. A write has it to itself from here on: what its decision rests on is read after.
///
/// # Errors
/// `not_found` when this aggregator has none by that id.
pub async fn body(tx: &mut Transaction, id: BodyId) -> Result<Body, Problem> {
    tx.lock_body(id).await?;
    tx.body(id).await?.ok_or_else(|| ApiError::NotFound.into())
}

/// How many requests are in each state, in the order of the states.
pub fn counted(states: impl Iterator<Item = State>) -> Vec<model::api::bodies::StateCount> {
    let mut counts: BTreeMap<State, u32> = BTreeMap::new();
    for state in states {
        *counts.entry(state).or_default() += 1;
    }
    counts.into_iter().map(|(state, count)| model::api::bodies::StateCount { state, count }).collect()
}
