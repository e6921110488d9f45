//! The context: all that a handler may touch. The caller, the time, and the work on the store.

use std::future::Future;

use model::access::{Denied, Permission, may, may_somewhere};
use model::api::{ApiError, Operation, Problem};
use model::calendar::{Day, Instant};
use model::ids::{BodyId, PersonId};
use model::people::{Caller, Role};

use crate::sessions::{NoteUse, is_to_be_noted};
use crate::store::{AskedFor, RoleRow, StoreResult, Transaction};

/// An operation that knows how to be done. Reads and writes are written alike; the method decides the writer.
pub trait Handler: Operation {
    fn run(self, ctx: &mut RequestContext<'_>) -> impl Future<Output = Result<Self::Answer, Problem>> + Send;
}

/// By what a caller is known before the store is asked.
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

pub struct RequestContext<'w> {
    pub caller: Caller,
    pub now: Instant,
    pub tx: &'w mut Transaction,
    /// Personas may sign in with one click.
    pub demo: bool,
    /// For what the policy was asked last: a handler that forgets is refused.
    asked: Option<AskedFor>,
    /// The session of the caller, where it is to be noted that it is in use.
    pub in_use: Option<NoteUse>,
}

impl<'w> RequestContext<'w> {
    /// Finds who calls, with the roles held at this instant.
    pub async fn open(
        tx: &'w mut Transaction,
        identity: &Identity,
        now: Instant,
    ) -> StoreResult<RequestContext<'w>> {
        let mut in_use = None;
        let caller = match identity {
            Identity::System => Caller::System,
            Identity::Nobody => Caller::Nobody,
            Identity::Person(id) => {
                let roles = tx.roles(id.0, now.0).await?;
                Caller::Person {
                    id: *id,
                    roles: roles.iter().map(RoleRow::held).collect::<StoreResult<_>>()?,
                }
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
        Ok(Self { caller, now, tx, demo: false, in_use, asked: None })
    }

    /// Refuses who may not do this, on this body.
    ///
    /// # Errors
    /// As the policy says: sign in first, no such thing, or not yours to do.
    pub fn authorize(&mut self, permission: Permission, body: Option<BodyId>) -> Result<(), Problem> {
        self.asked = Some(AskedFor(body));
        may(&self.caller, permission, body).map_err(refusal)
    }

    /// Refuses who holds no role that this is for, on whatever body. The policy is still to be asked for the body at hand.
    ///
    /// # Errors
    /// Sign in first, or not yours to do.
    pub fn authorize_somewhere(&self, permission: Permission) -> Result<(), Problem> {
        may_somewhere(&self.caller, permission).map_err(refusal)
    }

    /// For what the policy was asked last; none while it was not.
    pub fn asked(&self) -> Option<AskedFor> {
        self.asked
    }

    /// The body on which the policy was asked last.
    pub fn body(&self) -> Option<BodyId> {
        self.asked.and_then(|AskedFor(body)| body)
    }

    /// Whoever calls is not of that body: what is read there is somebody else's.
    pub fn is_outside(&self) -> bool {
        let of_body = [Role::Officer, Role::Mayor];
        !of_body.into_iter().any(|role| self.caller.holds(role, self.body()))
    }

    /// The person who acts; none for the clock and the command line.
    pub fn actor(&self) -> Option<i64> {
        self.caller.person().map(|id| id.0)
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

/// What to answer when a thing is not there: to whom is not signed in, that signing in comes first, whether it
/// exists or not.
pub fn absent(caller: &Caller) -> Problem {
    match caller {
        Caller::Nobody => ApiError::SignInNeeded.into(),
        Caller::Person { .. } | Caller::System => ApiError::NotFound.into(),
    }
}
