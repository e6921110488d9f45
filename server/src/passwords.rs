//! Secrets: passwords (argon2id) and the random tokens of cookies, of which only a hash is kept.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use sha2::{Digest as _, Sha256};

use crate::store::hexadecimal;

/// Hashes a password. Slow on purpose: never inside a write.
///
/// # Errors
/// A sentence for the log, when the machine gives no randomness.
pub fn hash(password: &str) -> Result<String, String> {
    let salt = random::<16>();
    Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|error| format!("The password can't be hashed: {error}."))
}

/// Whether a password is the one that was hashed. Slow on purpose: never inside a write.
pub fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// A token for a cookie: 256 random bits in hexadecimal.
pub fn token() -> String {
    hexadecimal(&random::<32>())
}

/// What is kept of a token.
pub fn token_hash(token: &str) -> String {
    hexadecimal(&Sha256::digest(token.as_bytes()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "secrets are the one thing made of chance, and this is where they are made"
)]
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Err(error) = getrandom::fill(&mut bytes) {
        // A machine without randomness can keep no secret: going on would be worse.
        panic!("the system gives no random bytes: {error}");
    }
    bytes
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
