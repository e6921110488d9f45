//! The pages, one file each, in folders by area. A page reads or sends operations and says how they look; it holds
//! no rule, no address and no sentence. Its line in the table stands in `routes.rs`.

pub mod baskets;
pub mod bodies;
pub mod calls;
pub mod catalogue;
pub mod credits;
pub mod people;
pub mod public;
pub mod requests;
pub mod submissions;
