//! The credits: the ledger and what its check found, and what waits for a second administrator.

mod check_result;
pub mod ledger;
pub mod proposals;
