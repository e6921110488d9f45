//! The server's stories, one file an area, on a database file of their own: most of
//! them over the whole HTTP path, the others by the commands and imports of the machine's owner.
//!
//! One test binary: the app that they live in is compiled and linked once. After each story the ledger is counted
//! again from its entries ([`test_app::TestApp::assert_sound`]).

mod access;
mod assignment;
mod basket;
mod calls;
mod colleagues;
mod commands;
mod concurrency;
mod contract;
mod copy;
mod credits;
mod demo;
mod edge;
mod endings;
mod entries;
mod exports;
mod faults;
mod files;
mod forged;
mod forms;
mod http;
mod imports;
mod keys;
mod leaps;
mod ledger;
mod logs;
mod metrics;
mod outbox;
mod pages;
mod parsers;
mod plans;
mod policy;
mod proposals;
mod requests;
mod roles;
mod search;
mod security_log;
mod seen;
mod servers;
mod sign_in;
mod slow;
mod submissions;
mod test_app;
mod time;
mod tries;
mod unopened;
mod vanished;
