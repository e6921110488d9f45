//! The catalogue: the list that is searched and narrowed, and the sheet of a service. What a card offers to who
//! composes a package stands with the basket.

pub mod card;
mod facts;
pub mod list;
pub mod narrowing;
pub mod query;
pub mod sheet;
