//! *Composizione del pacchetto*: the basket with its summary, what is offered wherever a service shows, the page
//! that sends it.

pub mod compose;
pub mod deed;
pub mod find;
mod lead;
pub mod offer;
mod others;
mod place;
mod rows;
mod sending;
mod side;
pub mod summary;
pub mod told;
