//! Passwords (argon2id).

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

use store::hashing::random;

pub mod queue;
pub mod rules;

/// Passwords hashed or checked at the same time: each takes 19 MiB while it lasts, whoever asks.
const AT_ONCE: usize = 4;

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// Hashes or checks a password beside the server's own work, when its turn has come; none where that panicked.
pub async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let turn = TURNS.acquire().await.ok()?;
    // Whoever goes away meanwhile frees no turn before the work is done.
    let work = move || {
        let _turn = turn;
        work()
    };
    tokio::task::spawn_blocking(work).await.ok()
}

/// A password could not be hashed.
#[derive(Debug, thiserror::Error)]
#[error("The password can't be hashed: {0}.")]
pub struct HashError(argon2::password_hash::Error);

/// Hashes a password. Slow on purpose: never inside a write, and in a server [`in_turn`].
///
/// # Errors
/// When argon2 does not take it.
pub fn hash(password: &str) -> Result<String, HashError> {
    let salt = random::<16>();
    Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(HashError)
}

/// Whether a password is the one that was hashed. Slow on purpose: never inside a write, and in a server [`in_turn`].
pub fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// A password that a person can copy: some 79 random bits in four groups.
pub fn made_up() -> String {
    // Without the letters and digits that look alike.
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let letters: Vec<char> =
        random::<16>().iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn however_many_ask_only_a_few_have_their_password_checked_at_once() {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let asked = (0..40).map(|at| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            let asked = tokio::spawn(in_turn(move || {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(5));
                now.fetch_sub(1, Ordering::SeqCst);
            }));
            // Every fourth goes away at once.
            (at % 4 == 0).then(|| asked.abort());
            asked
        });
        for asked in asked.collect::<Vec<_>>() {
            let _ = asked.await;
        }
        assert_eq!(most.load(Ordering::SeqCst), AT_ONCE);
    }
}
