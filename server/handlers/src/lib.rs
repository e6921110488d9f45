//! What can be done: one handler for each operation of the API, what the clock does, and the executor that authorises and
//! runs them. A handler reads, lets the model decide, and writes; it never sees HTTP, and SQL only as methods of the store.
//!
//! Each module imports only from those above it in this list; `tests/order.rs` checks it.

// What every handler runs on.
pub mod clock;
pub mod context;
pub mod marketplace;
pub mod security_log;
pub mod sessions;

// The areas.
pub mod baskets;
pub mod bodies;
pub mod calls;
pub mod catalogue;
pub mod credits;
pub mod people;
pub mod proposals;
pub mod requests;
pub mod security;
pub mod submissions;
