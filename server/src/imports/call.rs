//! A call as a document: its title and its terms; the dates are given beside it.

use model::api::calls::CallTerms;
use model::assignment::{Band, Modifier};
use model::calls::{Authorisation, Leftovers};
use model::credits::Credits;
use serde::Deserialize;

use super::{ImportError, document};

/// The terms are not flattened into it: serde would then forget on which line a fault stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallDocument {
    title: String,
    minimum: u32,
    maximum: u32,
    authorisation: Authorisation,
    leftovers: Leftovers,
    correction_threshold: Credits,
    #[serde(rename = "band")]
    bands: Vec<Band>,
    #[serde(rename = "modifier", default)]
    modifiers: Vec<Modifier>,
}

/// Reads title and terms; they are judged when the call is created.
///
/// # Errors
/// The first place at which the document can't be read.
pub fn read(file: &str, bytes: &[u8]) -> Result<(String, CallTerms), ImportError> {
    let CallDocument {
        title,
        minimum,
        maximum,
        authorisation,
        leftovers,
        correction_threshold,
        bands,
        modifiers,
    } = document(file, bytes)?;
    let terms =
        CallTerms { minimum, maximum, authorisation, leftovers, correction_threshold, bands, modifiers };
    Ok((title, terms))
}
