//! The server's stories, one file an area, told over the whole HTTP path on a database file of their own.
//!
//! One test binary: the town that they live in is compiled and linked once. After each story the ledger is counted
//! again from its entries ([`town::Town::assert_sound`]).

mod access;
mod assignment;
mod basket;
mod calls;
mod concurrency;
mod contract;
mod credits;
mod endings;
mod forms;
mod http;
mod requests;
mod sign_in;
mod submissions;
mod time;
mod town;
