//! What can be done: one handler for each operation of the API, what the clock does, and the executor that authorises and
//! runs them. A handler reads, lets the model decide, and writes; it never sees HTTP, and SQL only as methods of the store.
//!
//! Each module imports only from those above it in this list; `tests/order.rs` checks it.

// What every handler runs on.
pub mod clock;
pub mod sessions;
pub mod context;
pub mod security_log;
pub mod marketplace;

// The areas.
pub mod baskets;
pub mod credits;
pub mod submissions;
pub mod requests;
pub mod calls;
pub mod proposals;
pub mod bodies;
pub mod catalogue;
pub mod people;
pub mod security;
