//! A call as a document: its title and its terms; the dates are given beside it.

use model::api::call::CallTerms;
use model::assignment::{Band, Modifier};
use model::calls::{Authorisation, Leftovers};
use model::catalogue::HighRange;
use model::credits::Credits;
use serde::Deserialize;

use super::{Fault, document};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
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

/// Reads title and terms.
///
/// # Errors
/// Every fault of the document by itself; what it names is judged against the catalogue when the call is created.
pub fn read(file: &str, bytes: &[u8]) -> Result<(String, CallTerms), Vec<Fault>> {
    let read: Document = document(file, bytes).map_err(|fault| vec![fault])?;
    let mut faults = Vec::new();
    let mut expect = |good: bool, field: &str, what: &str| {
        if !good {
            faults.push(Fault::of_file(file, what).in_field(field));
        }
    };
    expect(!read.title.trim().is_empty(), "title", "is empty");
    let ordered = read.minimum <= read.maximum;
    expect(ordered, "minimum", "must not be above the maximum");
    let threshold = read.correction_threshold;
    expect(threshold >= 0, "correction_threshold", "must be 0 or more");
    if let Authorisation::Above(limit) = read.authorisation {
        expect(limit >= 0, "authorisation", "must be above 0 or more credits");
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let terms = CallTerms {
        high: HighRange { minimum: read.minimum, maximum: read.maximum },
        authorisation: read.authorisation,
        leftovers: read.leftovers,
        correction_threshold: read.correction_threshold,
        bands: read.bands,
        modifiers: read.modifiers,
    };
    Ok((read.title, terms))
}
