//! The server: the command line, the HTTP layer, the pages, the jobs. All changes go through handlers, which the crate
//! `handlers` authorises and runs, or through units of work of the store; there is no SQL here.
//!
//! Each module imports only from those above it in this list; `tests/order.rs` checks it.

// What stands alone.
pub mod logs;
pub mod panics;
pub mod addresses;
pub mod encryption;
pub mod settings;
pub mod passwords;
pub mod mail;

// Files that are read: catalogues, lists, the demonstration.
pub mod imports;
pub mod demo;

// HTTP.
pub mod http;
pub mod pages;
pub mod connections;
pub mod metrics_endpoint;
#[cfg(feature = "embedded")]
pub mod embedded;
pub mod serve;

// What runs by itself, and what is typed.
pub mod jobs;
pub mod commands;

/// Pages and answers are made of many small pieces, which it hands out quicker than the system's does.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
