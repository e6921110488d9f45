//! The catalogue: the list that is searched and narrowed, and the sheet of a service. The cards, and what
//! they offer to who composes a package, stand with the basket.

mod facts;
mod filters;
pub mod list;
mod query;
pub mod sheet;
