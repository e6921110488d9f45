//! The stage of the history: the marketplace under a clock that is set by hand, and who acts on it.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::calendar::{Day, Instant};
use model::credits::Credits;
use model::ids::{AggregatorId, BodyId, PackageCode, PersonId};
use model::territory::Body;

use super::DemoError;
use crate::passwords;
use handlers::context::{Handler, Identity};
use handlers::marketplace::Marketplace;
use store::{Catalogue, RequestRecord, StoreResult, Transaction};

pub struct Stage {
    pub marketplace: Marketplace,
    pub tenant: AggregatorId,
    /// The call's first day: every day of the history is counted from it.
    pub opening: Day,
    pub catalogue: Arc<Catalogue>,
    bodies: BTreeMap<String, Body>,
    /// Persons by their address.
    pub people: BTreeMap<String, PersonId>,
    /// One hash for all: the password is the same, and hashing takes its time.
    pub password_hash: String,
    done: u32,
}

impl Stage {
    pub async fn new(
        marketplace: Marketplace,
        tenant: AggregatorId,
        opening: Day,
    ) -> Result<Self, DemoError> {
        let mut stage = Self {
            marketplace,
            tenant,
            opening,
            catalogue: Arc::default(),
            bodies: BTreeMap::new(),
            people: BTreeMap::new(),
            password_hash: passwords::hash(super::PASSWORD)?,
            done: 0,
        };
        stage.catalogue = stage.read(async |tx| tx.catalogue().await).await?;
        Ok(stage)
    }

    pub fn move_to(&self, at: Instant) {
        self.marketplace.clock.move_to(at);
    }

    /// A body by its ISTAT code.
    pub async fn body(&mut self, istat: &str) -> Result<Body, DemoError> {
        if let Some(body) = self.bodies.get(istat) {
            return Ok(body.clone());
        }
        let body = self
            .read(async |tx| tx.body_by_istat(istat).await)
            .await?
            .ok_or_else(|| DemoError::NoBody(istat.to_owned()))?;
        self.bodies.insert(istat.to_owned(), body.clone());
        Ok(body)
    }

    pub fn person(&self, email: &str) -> Result<Identity, DemoError> {
        let person = self.people.get(email);
        person.map(|person| Identity::Person(*person)).ok_or_else(|| DemoError::Nobody(email.to_owned()))
    }

    /// Performs an operation as somebody, with a key of its own.
    pub async fn execute<F: Handler>(&mut self, who: Identity, handler: F) -> Result<F::Answer, DemoError> {
        self.done += 1;
        let key = format!("demonstration-{:06}", self.done);
        let answer = self.marketplace.execute(self.tenant, who, Some(key), handler).await;
        answer.map_err(|problem| DemoError::Operation { path: F::PATH, error: Box::new(problem.into()) })
    }

    /// Reads what somebody sees on a page.
    pub async fn look<F: Handler>(&self, who: Identity, handler: F) -> Result<F::Answer, DemoError> {
        Ok(self.marketplace.execute(self.tenant, who, None, handler).await?)
    }

    /// The requests of a body, oldest first.
    pub async fn requests(&self, body: BodyId) -> Result<Vec<RequestRecord>, DemoError> {
        self.read(async |tx| tx.requests_of(body).await).await
    }

    /// What an administrator is shown of a body: the credits granted in the current call, and the code of its package.
    pub async fn shown(&self, body: BodyId) -> Result<(Credits, PackageCode), DemoError> {
        let standing = self.read(async |tx| match tx.current_call().await? {
            Some(call) => tx.standing(call.id, body).await.map(Some),
            None => Ok(None),
        });
        let Some(standing) = standing.await? else { return Ok((0, PackageCode::default())) };
        let package = standing.assignment.map(|row| row.package);
        let granted = standing.account.map_or(0, |row| row.account().granted);
        Ok((granted, package.unwrap_or_default()))
    }

    pub async fn read<T>(
        &self,
        read: impl AsyncFnOnce(&mut Transaction) -> StoreResult<T>,
    ) -> Result<T, DemoError> {
        let mut tx = self.marketplace.store.read(self.tenant).await?;
        Ok(read(&mut tx).await?)
    }
}
