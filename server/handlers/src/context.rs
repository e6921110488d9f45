//! Who calls, and what a handler gets once that is authorised.

use std::future::Future;

use model::access::{Denied, Permission, may, may_somewhere};
use model::api::{ApiError, Operation, Problem, Subject};
use model::calendar::{Day, Instant};
use model::ids::{BodyId, PersonId};
use model::people::{Caller, Role};
use store::{RoleRow, StoreResult, Transaction};

use crate::sessions::{NoteUse, is_to_be_noted};

/// An operation that can be executed. Reads and writes are written alike; the method decides whether it gets the writer.
///
/// The executor authorises first: `run` gets a context in which the caller holds [`Operation::PERMISSION`] on the body
/// that the operation concerns.
pub trait Handler: Operation {
    fn run(self, ctx: &mut RequestContext<'_>) -> impl Future<Output = Result<Self::Answer, Problem>> + Send;
}

/// By what a caller is known before the store is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    Nobody,
    /// The hash of the session cookie.
    Session(String),
    /// A person, known to the commands of this machine's owner: the demonstration's history acts so.
    Person(PersonId),
    /// The clock and the command line.
    System,
}

/// Who calls, with the roles held at this instant. Nothing is authorised yet.
pub struct CallerContext<'w> {
    pub caller: Caller,
    now: Instant,
    tx: &'w mut Transaction,
    /// The session of the caller, where it is to be noted that it is in use.
    pub in_use: Option<NoteUse>,
}

impl<'w> CallerContext<'w> {
    /// Finds who calls.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn open(tx: &'w mut Transaction, identity: &Identity, now: Instant) -> StoreResult<Self> {
        let mut in_use = None;
        let caller = match identity {
            Identity::System => Caller::System,
            Identity::Nobody => Caller::Nobody,
            Identity::Person(id) => {
                let roles = tx.roles(*id, now).await?;
                Caller::Person { id: *id, roles: roles.iter().map(RoleRow::held).collect() }
            }
            Identity::Session(hash) => match tx.caller(hash, now).await? {
                Some(found) => {
                    in_use = is_to_be_noted(found.idle_expires_at, now)
                        .then(|| NoteUse { token_hash: hash.clone(), now });
                    Caller::Person { id: found.person, roles: found.roles }
                }
                None => Caller::Nobody,
            },
        };
        Ok(Self { caller, now, tx, in_use })
    }

    /// The store, for the executor's own records.
    pub(crate) fn tx(&mut self) -> &mut Transaction {
        self.tx
    }

    /// The person who calls; none for the clock and the command line.
    pub fn actor(&self) -> Option<PersonId> {
        self.caller.person()
    }

    /// Refuses who does not hold this permission on this body.
    ///
    /// # Errors
    /// As the policy says: sign in first, no such thing, or not allowed.
    pub fn authorize(
        self,
        permission: Permission,
        body: Option<BodyId>,
    ) -> Result<RequestContext<'w>, Problem> {
        self.check(permission, body)?;
        Ok(RequestContext {
            caller: self.caller,
            now: self.now,
            tx: self.tx,
            demo: false,
            delivers: false,
            body,
        })
    }

    /// The same, for who goes on without a [`RequestContext`].
    ///
    /// # Errors
    /// As above.
    pub fn check(&self, permission: Permission, body: Option<BodyId>) -> Result<(), Problem> {
        may(&self.caller, permission, body).map_err(refusal)
    }

    /// Refuses who holds no role that this permission is for, on whatever body.
    ///
    /// # Errors
    /// Sign in first, or not allowed.
    pub fn authorize_somewhere(&self, permission: Permission) -> Result<(), Problem> {
        may_somewhere(&self.caller, permission).map_err(refusal)
    }

    /// Refuses who does not hold the operation's permission on the body that it concerns.
    ///
    /// # Errors
    /// As the policy says; `not_found` where there is no such thing.
    pub async fn authorize_operation<O: Operation>(
        self,
        operation: &O,
    ) -> Result<RequestContext<'w>, Problem> {
        let body = match operation.subject() {
            Subject::Nothing => None,
            Subject::Body(body) => Some(body),
            Subject::Submission(id) => {
                let body = self.tx.body_of_submission(id).await?;
                self.found(body)?
            }
            Subject::Request(id) => {
                let body = self.tx.body_of_request(id).await?;
                self.found(body)?
            }
            Subject::Proposal(id) => {
                // Only who may decide on proposals learns which there are.
                self.check(O::PERMISSION, None)?;
                let body = self.tx.body_of_proposal(id).await?;
                self.found(body)?
            }
        };
        self.authorize(O::PERMISSION, body)
    }

    /// What was looked up, where it is there. Who is not signed in hears that signing in comes first in any case.
    fn found<T>(&self, found: Option<T>) -> Result<T, Problem> {
        found.ok_or_else(|| match self.caller {
            Caller::Nobody => ApiError::SignInNeeded.into(),
            Caller::Person { .. } | Caller::System => ApiError::NotFound.into(),
        })
    }
}

/// What a handler gets: a caller who may do what is to be done, the time, and the store. Only
/// [`CallerContext::authorize`] makes one.
pub struct RequestContext<'w> {
    pub caller: Caller,
    pub now: Instant,
    pub tx: &'w mut Transaction,
    /// Personas may sign in with one click.
    pub demo: bool,
    /// Effects are delivered: without that none is added, so that nothing out of date waits for the day on which they are.
    pub delivers: bool,
    body: Option<BodyId>,
}

impl RequestContext<'_> {
    /// The body that the operation concerns, on which the caller holds its permission.
    pub fn body(&self) -> Option<BodyId> {
        self.body
    }

    /// The caller holds no role of that body: what is read there is somebody else's.
    pub fn is_outside(&self) -> bool {
        let of_body = [Role::Officer, Role::Mayor];
        !of_body.into_iter().any(|role| self.caller.holds(role, self.body))
    }

    /// The person who acts; none for the clock and the command line.
    pub fn actor(&self) -> Option<PersonId> {
        self.caller.person()
    }

    pub fn today(&self) -> Day {
        self.now.day_in_rome()
    }
}

fn refusal(denied: Denied) -> Problem {
    match denied {
        Denied::SignIn => ApiError::SignInNeeded,
        Denied::Hidden => ApiError::NotFound,
        Denied::Forbidden => ApiError::Forbidden,
    }
    .into()
}
