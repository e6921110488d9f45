//! The two databases: opening, transactions, the writer, statements, copies. The areas beside it hold the SQL.

pub(crate) mod address;
pub mod backup;
mod block_on;
pub mod copy;
pub(crate) mod dialect;
pub(crate) mod export;
pub(crate) mod file;
pub(crate) mod open;
pub(crate) mod sql;
mod tables;
pub(crate) mod writer;
