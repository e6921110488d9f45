//! The pages, one file each, in folders by area. A page reads or sends operations and says how they look; it holds
//! no rule, no address and no sentence. Its line in the table stands in `routes.rs`.

pub mod basket;
pub mod body;
pub mod call;
pub mod catalogue;
pub mod ledger;
pub mod people;
pub mod public;
pub mod request;
pub mod submission;
