//! *Richieste*: those of a body, one by itself, and the operator's list.

mod asked;
mod beside;
mod deeds;
mod detail;
mod due;
mod facts;
mod narrowed;
mod news;
mod steps;
mod touched;

pub mod list;
pub mod queue;
#[expect(clippy::module_inception, reason = "the page of one request, in the area of requests")]
pub mod request;
