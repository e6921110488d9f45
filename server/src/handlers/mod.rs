//! What can be done: one handler for each operation of the API, and what the clock does.
//!
//! A handler asks the policy, reads, lets the model decide, and writes; it never sees HTTP, and SQL only by its name.

pub mod assignment;
pub mod basket;
pub mod board;
pub mod bodies;
pub mod body_in_call;
pub mod calls;
pub mod catalogue;
pub mod credits;
pub mod ledger;
pub mod news;
pub mod people;
pub mod proposals;
pub mod removal;
pub mod request_in_call;
pub mod requests;
pub mod review;
pub mod security;
pub mod sending;
pub mod submissions;
pub mod time;
