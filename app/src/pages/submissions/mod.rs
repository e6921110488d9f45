//! *Pratica*: the receipt of what was sent, and the card on which the mayor authorises it.

mod authorise;
mod message;
pub mod page;
mod receipt;
mod receipt_sheet;
mod steps;
mod viewer;
mod wording;

pub use receipt_sheet::unavailable;
