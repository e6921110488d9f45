//! Tries to sign in: how many passwords are checked for whom, and from where.
//!
//! What strangers do must not keep a person out: tries are counted by account and origin, with delays that grow. A
//! browser that signed in before and a session in which the password is changed are origins of their own.

use model::api::{ApiError, Problem};
use model::calendar::Instant;

use super::source::Source;
use store::hashing::token_hash;
use store::{Transaction, TriesRow, UnitOfWork};

/// Tries for an account from one origin that need not wait.
const FREE: i64 = 5;
/// The first wait, in seconds; each further one is four times as long. So at most nine passwords are checked in a
/// quarter of an hour.
const FIRST_WAIT: i64 = 4;
/// The longest wait, in seconds.
const LONGEST_WAIT: i64 = 15 * 60;
/// How long tries from one origin count for its waits, in seconds. After that they count for nothing.
pub const REMEMBERED: i64 = 60 * 60;
/// In which the two limits below hold, in seconds.
pub const WINDOW: i64 = 15 * 60;
/// Tries by strangers from one source, for whatever accounts: a whole town hall may be behind one
/// address, but most of its browsers are known.
const MOST_FROM_SOURCE: i64 = 50;
/// Tries for one account from all sources; as many again by browsers that are known, which strangers can't use up. Beyond
/// them there is one for each origin that has not tried this account yet: strangers from many places must not keep out who
/// comes from another one.
const MOST_FOR_ACCOUNT: i64 = 100;
/// Tries that are kept, whoever has the account, and also where nobody has it: more than can be checked within the time
/// for which they count, and some forty megabytes.
const MOST_KEPT: i64 = 100_000;

/// By what a try is counted.
#[derive(Clone, Debug)]
pub struct TryOrigin {
    pub hash: String,
    /// It was signed in to this account before.
    pub known: bool,
}

impl TryOrigin {
    pub fn stranger(source: Source) -> Self {
        Self { hash: token_hash(&format!("source {source}")), known: false }
    }

    /// A browser that signed in before, by what its cookie names.
    pub fn browser(name: &str) -> Self {
        Self { hash: token_hash(&format!("browser {name}")), known: true }
    }

    /// A session that is open.
    pub fn session(token_hash_of_it: &str) -> Self {
        Self { hash: token_hash(&format!("session {token_hash_of_it}")), known: true }
    }
}

/// Counts a try before the password is looked at, so that many at once are counted too; refuses it where it comes too
/// soon. A try that succeeds is forgotten afterwards.
#[derive(Clone)]
pub struct CountTry {
    pub account: String,
    pub origin: TryOrigin,
    /// The address that is signed in with: whose it is will be told of tries that failed.
    pub email: Option<String>,
    pub now: Instant,
}

impl UnitOfWork for CountTry {
    type Answer = ();

    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        let (now, origin) = (self.now, &self.origin);
        tx.hold_tries(&origin.hash, &self.account).await?;
        let until = now.plus_seconds(WINDOW);
        let tries = tx.tries(&self.account, &origin.hash, now.plus_seconds(-REMEMBERED), until).await?;
        let mut free_at = free_at(tries);
        let window = (now.plus_seconds(-WINDOW), until);
        let on_account = tx.try_on_account(&self.account, origin.known, MOST_FOR_ACCOUNT, window).await?;
        // Until there are fewer, or until the last one from here is old.
        free_at = free_at
            .max(on_account.zip(tries.latest).map(|(one, latest)| one.min(latest).plus_seconds(WINDOW)));
        if !origin.known {
            let from_source = tx.try_from(&origin.hash, MOST_FROM_SOURCE, window).await?;
            free_at = free_at.max(from_source.map(|at| at.plus_seconds(WINDOW)));
        }
        if let Some(wait) = free_at.map(|at| at.minus(now)).filter(|wait| *wait > 0) {
            let seconds = wait.div_euclid(1_000) + i64::from(wait % 1_000 != 0);
            return Err(ApiError::TooMany { retry_after: u32::try_from(seconds).unwrap_or(900) }.into());
        }
        let number = tx.add_try(&self.account, &origin.hash, origin.known, now).await?;
        tx.forget_tries_up_to(number - MOST_KEPT).await?;
        if let Some(email) = &self.email {
            tx.count_failed(email).await?;
        }
        Ok(())
    }
}

/// When the next try from this origin may come.
fn free_at(tries: TriesRow) -> Option<Instant> {
    Some(tries.latest?.plus_seconds(wait_after(tries.count)))
}

/// Seconds to wait after so many tries.
fn wait_after(tries: i64) -> i64 {
    if tries < FREE {
        return 0;
    }
    let more = u32::try_from(tries - FREE).unwrap_or(u32::MAX);
    FIRST_WAIT.saturating_mul(4_i64.saturating_pow(more)).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_quarter_of_an_hour() {
        let waits: Vec<_> = (3..=11).map(wait_after).collect();
        assert_eq!(waits, [0, 0, 4, 16, 64, 256, 900, 900, 900]);
        assert_eq!(wait_after(i64::MAX), 900);
    }
}
