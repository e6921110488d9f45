//! *Richieste*: those of a body, one by itself, and the operator's list.

mod asked;
mod beside;
mod deeds;
mod detail;
mod due;
mod facts;
mod narrowed;
mod steps;

pub mod list;
pub mod queue;
pub mod request;
