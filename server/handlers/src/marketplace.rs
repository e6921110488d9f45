//! The marketplace: performs operations for the HTTP layer, the jobs and the commands, always through the store's writer.

use model::access::{Audit, Permission};
use model::api::security::EventKind;
use model::api::{ApiError, Method, Problem, fields};
use model::calendar::Instant;
use model::ids::AggregatorId;
use model::territory::Aggregator;

use crate::clock::Clock;
use crate::context::{CallerContext, Handler, Identity};
use crate::security_log::{self, Noted, SecurityLog};
use crate::sessions::NoteUse;
use store::hashing::hash;
use store::{AuthorizedBody, IdempotencyRecord, NewEvent, Scope, Store, StoreError, Transaction, UnitOfWork};

/// One aggregator of this installation.
#[derive(Clone, Debug)]
pub struct Tenant {
    pub id: AggregatorId,
    pub host: String,
    pub profile: Aggregator,
}

#[derive(Clone)]
pub struct Marketplace {
    pub store: Store,
    pub clock: Clock,
    pub tenants: std::sync::Arc<[Tenant]>,
    /// Personas may sign in with one click.
    pub demo: bool,
    /// What is added to the outbox is delivered: see [`RequestContext::delivers`](crate::context::RequestContext).
    pub delivers: bool,
    /// What is refused and read, before it is written.
    pub security: SecurityLog,
}

impl Marketplace {
    /// # Errors
    /// When the store does not answer.
    pub async fn open(store: Store, clock: Clock, demo: bool) -> Result<Self, StoreError> {
        let rows = store.read(Scope::Installation).await?.aggregators().await?;
        let tenants = rows
            .iter()
            .map(|row| Ok(Tenant { id: row.id, host: row.host.clone(), profile: row.profile()? }))
            .collect::<Result<_, StoreError>>()?;
        Ok(Self { store, clock, tenants, demo, delivers: false, security: SecurityLog::default() })
    }

    /// Performs an operation that came from nowhere in particular.
    pub async fn execute<F: Handler>(
        &self,
        aggregator: AggregatorId,
        identity: Identity,
        key: Option<String>,
        handler: F,
    ) -> Result<F::Answer, Problem> {
        self.execute_from(String::new(), aggregator, identity, key, handler).await
    }

    /// Performs an operation: a read on a connection that can't write, a change through the writer, once for its key. The
    /// security log tells where it came from.
    pub async fn execute_from<F: Handler>(
        &self,
        source: String,
        aggregator: AggregatorId,
        identity: Identity,
        key: Option<String>,
        handler: F,
    ) -> Result<F::Answer, Problem> {
        let now = self.clock.now();
        match F::METHOD {
            Method::Get => {
                let mut tx = self.store.read(aggregator).await?;
                let mut caller = CallerContext::open(&mut tx, &identity, now).await?;
                let in_use = caller.in_use.take();
                let authorized = caller.authorize_operation(&handler).await;
                if let Some(in_use) = in_use {
                    self.note_later(aggregator, in_use);
                }
                let mut ctx = authorized?;
                ctx.demo = self.demo;
                let personal = F::PERMISSION.audit() == Audit::PersonalData;
                let event =
                    personal.then(|| security_log::of::<F>(&fields(&handler), EventKind::PersonalData, now));
                let answer = handler.run(&mut ctx).await?;
                if let Some(mut event) = event.filter(|_| ctx.is_outside()) {
                    event.actor = ctx.actor();
                    event.body = ctx.body();
                    event.source = source;
                    self.store.metrics.security_event(event.kind, 1);
                    self.security
                        .read(aggregator, Noted { identity: Identity::Nobody, account: None, event });
                }
                Ok(answer)
            }
            Method::Post => {
                let key = key.ok_or(ApiError::KeyMissing)?;
                if IdempotentCommand::<F>::EXCLUSIVE {
                    self.refuse_outsiders(aggregator, &identity, F::PERMISSION).await?;
                }
                let delivers = self.delivers;
                let command = IdempotentCommand { handler, identity, key, source, now, delivers };
                let (answer, logged) = self.store.write(aggregator, command).await?;
                if let Some(kind) = logged {
                    self.store.metrics.security_event(kind, 1);
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
        permission: Permission,
    ) -> Result<(), Problem> {
        // While nothing can be read the write is tried again for a while; it is authorised in any case.
        let Ok(mut tx) = self.store.read(aggregator).await else { return Ok(()) };
        let Ok(caller) = CallerContext::open(&mut tx, identity, self.clock.now()).await else {
            return Ok(());
        };
        caller.authorize_somewhere(permission)
    }

    /// Notes that a session is in use; whoever reads does not wait for it.
    fn note_later(&self, aggregator: AggregatorId, in_use: NoteUse) {
        let marketplace = self.clone();
        tokio::spawn(async move {
            if marketplace.write(aggregator, in_use).await.is_err() {
                tracing::warn!("the use of a session was not noted: it may end while it is used");
            }
        });
    }

    /// Writes what waits for the security log; at the end also what would be written when the minute is over.
    pub async fn write_security_log(&self, end: bool) {
        self.security.write_out(&self.store, self.clock.now(), end).await;
    }

    /// Does something of our own, such as opening a session.
    pub async fn write<E: UnitOfWork>(&self, scope: impl Into<Scope>, unit: E) -> Result<E::Answer, Problem> {
        self.store.write(scope, unit).await
    }
}

/// A handler on its way through the writer, at most once for its key.
#[derive(Clone)]
struct IdempotentCommand<F> {
    handler: F,
    identity: Identity,
    key: String,
    source: String,
    now: Instant,
    delivers: bool,
}

impl<F: Handler> UnitOfWork for IdempotentCommand<F> {
    /// With what the security log has of it.
    type Answer = (F::Answer, Option<EventKind>);
    /// Running a call concerns every body in it, and so may what is confirmed.
    const EXCLUSIVE: bool = matches!(F::PERMISSION, Permission::RunCall | Permission::ConfirmProposal);
    /// By its key: what was done once answers as it did.
    const IDEMPOTENT: bool = true;

    async fn run(self, tx: &mut Transaction) -> Result<Self::Answer, Problem> {
        let request = serde_json::to_string(&self.handler).map_err(|_| ApiError::Internal)?;
        let request_hash = hash(format!("{} {request}", F::PATH));
        let mut caller = CallerContext::open(tx, &self.identity, self.now).await?;
        let person = caller.caller.person();
        if let Some(done) = caller.tx().idempotency_record(person, &self.key).await? {
            if done.request_hash != request_hash {
                return Err(ApiError::KeyReused.into());
            }
            // A record of an earlier version does not say on which body it was authorised: it is not answered again.
            let AuthorizedBody(body) = done.authorized_body().ok_or(ApiError::KeyReused)?;
            // Who has lost the role since then is refused, and does not get the answer.
            caller.authorize(F::PERMISSION, body)?;
            let answer = serde_json::from_str(&done.answer).map_err(|_| ApiError::Internal)?;
            return Ok((answer, None));
        }
        let in_use = caller.in_use.take();
        let mut ctx = caller.authorize_operation(&self.handler).await?;
        ctx.delivers = self.delivers;
        let body = ctx.body();
        let answer = self.handler.run(&mut ctx).await?;
        let stored = serde_json::to_string(&answer).map_err(|_| ApiError::Internal)?;
        let record = IdempotencyRecord::new(request_hash, stored, AuthorizedBody(body));
        tx.add_idempotency_record(person, &self.key, &record, self.now).await?;
        if let Some(in_use) = in_use {
            in_use.run(tx).await?;
        }
        // Whatever the table says of an operation: no credit moves without it.
        let kind = match (F::PERMISSION.audit(), tx.moved()) {
            (_, 1..) => EventKind::Credits,
            (Audit::Done, _) => EventKind::Done,
            _ => return Ok((answer, None)),
        };
        let fields = serde_json::from_str(&request).map_err(|_| ApiError::Internal)?;
        let event = security_log::of::<F>(&fields, kind, self.now);
        let body = body.or(event.body);
        let credits = tx.moved();
        tx.add_events(&[NewEvent { actor: person, source: self.source, body, credits, ..event }]).await?;
        Ok((answer, Some(kind)))
    }
}
