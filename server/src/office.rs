//! The office: performs operations for the HTTP layer, the jobs and the commands, always through the store's door.

use model::access::{Audit, Deed};
use model::api::security::EventKind;
use model::api::{Method, Problem, Trouble, fields};
use model::calendar::Instant;
use model::ids::AggregatorId;
use model::territory::Aggregator;
use sha2::{Digest as _, Sha256};

use crate::clock::Clock;
use crate::desk::{Desk, Flow, Identity};
use crate::security::{self, Noted, SecurityLog};
use crate::sessions::NoteUse;
use crate::store::{AskedFor, DeedRow, Errand, NewEvent, Store, StoreError, Work, hexadecimal};

/// One aggregator of this installation.
#[derive(Clone, Debug)]
pub struct Tenant {
    pub id: AggregatorId,
    pub host: String,
    pub profile: Aggregator,
}

#[derive(Clone)]
pub struct Office {
    pub store: Store,
    pub clock: Clock,
    pub tenants: std::sync::Arc<[Tenant]>,
    /// Personas may sign in with one click.
    pub demo: bool,
    /// What is refused and read, before it is written.
    pub security: SecurityLog,
}

impl Office {
    /// # Errors
    /// When the store does not answer.
    pub async fn open(store: Store, clock: Clock, demo: bool) -> Result<Self, StoreError> {
        let rows = store.read(AggregatorId(0)).await?.aggregators().await?;
        let tenants = rows
            .iter()
            .map(|row| {
                Ok(Tenant { id: AggregatorId(row.id), host: row.host.clone(), profile: row.profile()? })
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(Self { store, clock, tenants, demo, security: SecurityLog::default() })
    }

    /// Performs an operation that came from nowhere in particular.
    pub async fn perform<F: Flow>(
        &self,
        aggregator: AggregatorId,
        identity: Identity,
        key: Option<String>,
        flow: F,
    ) -> Result<F::Answer, Problem> {
        self.perform_from(String::new(), aggregator, identity, key, flow).await
    }

    /// Performs an operation: a read on a connection that can't write, a change through the door, once for its key. The
    /// security log tells where it came from.
    pub async fn perform_from<F: Flow>(
        &self,
        source: String,
        aggregator: AggregatorId,
        identity: Identity,
        key: Option<String>,
        flow: F,
    ) -> Result<F::Answer, Problem> {
        let now = self.clock.now();
        match F::METHOD {
            Method::Get => {
                let mut work = self.store.read(aggregator).await?;
                let mut desk = Desk::open(&mut work, &identity, now).await?;
                desk.demo = self.demo;
                let personal = F::DEED.audit() == Audit::PersonalData;
                let event =
                    personal.then(|| security::of::<F>(&fields(&flow), EventKind::PersonalData, now.0));
                let answer = flow.run(&mut desk).await;
                if let Some(in_use) = desk.in_use.take() {
                    self.note_later(aggregator, in_use);
                }
                let (answer, _) = refuse_unasked::<F>(&desk, answer)?;
                if let Some(mut event) = event.filter(|_| desk.is_outside()) {
                    event.actor = desk.actor();
                    event.body = desk.body().map(|body| body.0);
                    event.source = source;
                    self.store.measures.security_event(event.kind, 1);
                    self.security
                        .read(aggregator, Noted { identity: Identity::Nobody, account: None, event });
                }
                Ok(answer)
            }
            Method::Post => {
                let key = key.ok_or(Trouble::KeyMissing)?;
                if Performance::<F>::ALONE {
                    self.refuse_outsiders(aggregator, &identity, F::DEED).await?;
                }
                let performance = Performance { flow, identity, key, source, now };
                let (answer, kept) = self.store.write(aggregator, performance).await?;
                if let Some(kind) = kept {
                    self.store.measures.security_event(kind, 1);
                }
                Ok(answer)
            }
        }
    }

    /// Refuses who holds no role that an operation is for, before it waits until nobody else writes and lets nobody write
    /// meanwhile: strangers could stop everybody.
    async fn refuse_outsiders(
        &self,
        aggregator: AggregatorId,
        identity: &Identity,
        deed: Deed,
    ) -> Result<(), Problem> {
        // While nothing can be read the write is tried again for a while; it asks the policy in any case.
        let Ok(mut work) = self.store.read(aggregator).await else { return Ok(()) };
        let Ok(desk) = Desk::open(&mut work, identity, self.clock.now()).await else { return Ok(()) };
        desk.allow_somewhere(deed)
    }

    /// Notes that a session is in use; whoever reads does not wait for it.
    fn note_later(&self, aggregator: AggregatorId, in_use: NoteUse) {
        let office = self.clone();
        tokio::spawn(async move {
            if office.write(aggregator, in_use).await.is_err() {
                tracing::warn!("the use of a session was not noted: it may end while it is used");
            }
        });
    }

    /// Does something of our own, such as opening a session.
    pub async fn write<E: Errand>(&self, aggregator: AggregatorId, errand: E) -> Result<E::Answer, Problem> {
        self.store.write(aggregator, errand).await
    }
}

/// A flow on its way through the door, at most once for its key.
#[derive(Clone)]
struct Performance<F> {
    flow: F,
    identity: Identity,
    key: String,
    source: String,
    now: Instant,
}

impl<F: Flow> Errand for Performance<F> {
    /// With what the security log has of it.
    type Answer = (F::Answer, Option<EventKind>);
    /// Running a call concerns every body in it, and so may what is confirmed.
    const ALONE: bool = matches!(F::DEED, Deed::RunCall | Deed::ConfirmProposal);
    /// By its key: what was done once answers as it did.
    const REPEATABLE: bool = true;

    async fn run(self, work: &mut Work) -> Result<Self::Answer, Problem> {
        let asked = serde_json::to_string(&self.flow).map_err(|_| Trouble::Internal)?;
        let asked_hash = hexadecimal(&Sha256::digest(format!("{} {asked}", F::PATH)));
        let mut desk = Desk::open(work, &self.identity, self.now).await?;
        let person = desk.actor();
        if let Some(done) = desk.work.deed(person, &self.key).await? {
            if done.asked_hash != asked_hash {
                return Err(Trouble::KeyReused.into());
            }
            // Of a record of an earlier version nobody knows for whom the policy was asked: it is not answered again.
            let AskedFor(body) = done.asked_for().ok_or(Trouble::KeyReused)?;
            // Who has lost the role since then hears that, and not what was answered.
            desk.allow(F::DEED, body)?;
            let answer = serde_json::from_str(&done.answer).map_err(|_| Trouble::Internal)?;
            return Ok((answer, None));
        }
        let answer = self.flow.run(&mut desk).await;
        let (answer, asked_for) = refuse_unasked::<F>(&desk, answer)?;
        let body = desk.body();
        let in_use = desk.in_use.take();
        let kept = serde_json::to_string(&answer).map_err(|_| Trouble::Internal)?;
        let record = DeedRow::new(asked_hash, kept, asked_for);
        work.keep_deed(person, &self.key, &record, self.now.0).await?;
        if let Some(in_use) = in_use {
            in_use.run(work).await?;
        }
        // Whatever the table says of an operation: no credit moves without it.
        let kind = match (F::DEED.audit(), work.moved()) {
            (_, 1..) => EventKind::Credits,
            (Audit::Done, _) => EventKind::Done,
            _ => return Ok((answer, None)),
        };
        let fields = serde_json::from_str(&asked).map_err(|_| Trouble::Internal)?;
        let event = security::of::<F>(&fields, kind, self.now.0);
        let body = body.map(|body| body.0).or(event.body);
        let credits = work.moved();
        work.add_events(&[NewEvent { actor: person, source: self.source, body, credits, ..event }]).await?;
        Ok((answer, Some(kind)))
    }
}

/// A flow that answers without having asked the policy is a mistake of ours: it answers nothing. With the answer comes
/// for what the policy was asked.
fn refuse_unasked<F: Flow>(
    desk: &Desk<'_>,
    answer: Result<F::Answer, Problem>,
) -> Result<(F::Answer, AskedFor), Problem> {
    let answer = answer?;
    let Some(asked_for) = desk.asked() else {
        tracing::error!(operation = F::PATH, "a flow did not ask who may do it");
        return Err(Trouble::Internal.into());
    };
    Ok((answer, asked_for))
}
