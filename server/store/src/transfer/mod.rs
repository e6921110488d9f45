//! A whole installation on its way into another database, and the hash by which both are compared.

pub mod copy;
pub(crate) mod error;
pub(crate) mod export;
mod tables;
