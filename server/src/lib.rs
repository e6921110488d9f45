//! The marketplace's server. Handlers change things through the store's one writer; the HTTP layer and the jobs run
//! handlers and never touch the store; `pages` is the only module that knows the front end.

pub mod clock;
pub mod commands;
pub mod connections;
pub mod context;
pub mod demo;
#[cfg(feature = "embedded")]
pub mod embedded;
pub mod encryption;
pub mod handlers;
pub mod http;
pub mod imports;
pub mod jobs;
pub mod ledger;
pub mod logs;
pub mod marketplace;
pub mod metrics;
pub mod pages;
pub mod panics;
pub mod passwords;
pub mod search;
pub mod security;
pub mod serve;
pub mod sessions;
pub mod settings;
pub mod store;

/// Pages and answers are made of many small pieces, which it hands out quicker than the system's does.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
