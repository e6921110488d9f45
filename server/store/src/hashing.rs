//! Hashes and random tokens: the chain of the ledger, the document of an anchor, what is kept of a secret.
//!
//! All hashes are SHA-256 in hexadecimal.

use model::api::credits::AnchorRef;
use model::ids::{BodyId, CallId};
use model::ledger::{Anchor, Entry, Note, SEALED};
use sha2::{Digest as _, Sha256};

/// The hash of some bytes.
pub fn hash(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Of the hash before and the entry's fields as a JSON array: see [`model::ledger::Recorded`].
pub fn chained(before: &str, sequence: i64, entry: &Entry) -> String {
    let fields = serde_json::json!([
        before,
        entry.account,
        sequence,
        entry.kind.name(),
        entry.amount,
        entry.at.0,
        entry.actor,
        entry.reason,
        entry.service,
        entry.request,
        entry.submission,
        entry.settles,
    ]);
    hash(fields.to_string())
}

/// The reason that an entry has for a note: see [`model::ledger::Recorded`].
pub fn sealed(note: &Note) -> String {
    format!("{SEALED}{}", hash(serde_json::json!([note.salt, note.text]).to_string()))
}

/// Of whose account it is: see [`model::ledger::Tip`].
pub fn placed(first: &str, body: BodyId, call: CallId) -> String {
    hash(serde_json::json!([first, body, call]).to_string())
}

/// The anchor as the API answers it, as it is written elsewhere, and as its hash is taken.
pub fn anchor_document(anchor: &Anchor) -> String {
    serde_json::to_string(anchor).unwrap_or_default()
}

/// An anchor with its hash, as the list of anchors shows it.
pub fn anchor_reference(anchor: &Anchor) -> AnchorRef {
    let accounts = u32::try_from(anchor.tips.len()).unwrap_or(u32::MAX);
    AnchorRef { day: anchor.day, accounts, hash: hash(anchor_document(anchor)) }
}

/// A token for a cookie, or a salt: 256 random bits in hexadecimal.
pub fn token() -> String {
    hex::encode(random::<32>())
}

/// What is stored of a token.
pub fn token_hash(token: &str) -> String {
    hash(token)
}

/// Random bytes for a secret.
///
/// # Panics
/// Where the system gives no randomness: the program could keep no secret.
#[expect(clippy::disallowed_methods, reason = "the one place where secrets are made of random bytes")]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Err(error) = getrandom::fill(&mut bytes) {
        panic!("the system gives no random bytes: {error}");
    }
    bytes
}
