//! How long a session lasts, and how its use is noted.

use model::api::Problem;
use model::calendar::Instant;
use model::ids::PersonId;

use store::{NewSession, Transaction, UnitOfWork};

/// How long a session lasts at most, in seconds: a working day.
pub const LIFETIME: i64 = 10 * 3_600;
/// How long it lasts while it is not used, in seconds.
pub const IDLE: i64 = 2 * 3_600;
/// A use is noted when the last one that was noted is so many seconds ago.
const NOTED_EVERY: i64 = 5 * 60;

/// A session of a person that begins now.
pub fn begin(token_hash: String, person: PersonId, now: Instant) -> NewSession {
    NewSession {
        token_hash,
        person,
        opened_at: now,
        expires_at: now.plus_seconds(LIFETIME),
        idle_expires_at: now.plus_seconds(IDLE),
    }
}

/// Whether the use of a session is to be noted, as it was not for a while.
pub fn is_to_be_noted(idle_expires_at: Instant, now: Instant) -> bool {
    idle_expires_at < now.plus_seconds(IDLE - NOTED_EVERY)
}

/// Notes that a session is in use.
#[derive(Clone)]
pub struct NoteUse {
    pub token_hash: String,
    pub now: Instant,
}

impl UnitOfWork for NoteUse {
    type Answer = ();

    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        Ok(tx.prolong_session(&self.token_hash, self.now.plus_seconds(IDLE)).await?)
    }
}
