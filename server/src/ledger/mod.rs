//! *Registro dei crediti*: how its entries are chained, how all of it is checked, and what of it is published.

use model::ids::{BodyId, CallId};
use model::ledger::{Entry, Note, SEALED};
use sha2::{Digest as _, Sha256};

use crate::store::hexadecimal;

pub mod anchor;
pub mod check;

/// SHA-256 over the hash before and the entry's fields as a JSON array, in hexadecimal: see [`model::ledger::Recorded`].
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
    hexadecimal(&Sha256::digest(fields.to_string()))
}

/// The reason that an entry has for a note: see [`model::ledger::Recorded`].
pub fn sealed(note: &Note) -> String {
    let hash = Sha256::digest(serde_json::json!([note.salt, note.text]).to_string());
    format!("{SEALED}{}", hexadecimal(&hash))
}

/// SHA-256 of whose account it is, in hexadecimal: see [`model::ledger::Tip`].
pub fn placed(first: &str, body: BodyId, call: CallId) -> String {
    hexadecimal(&Sha256::digest(serde_json::json!([first, body, call]).to_string()))
}
