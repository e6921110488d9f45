//! *Richieste*: those of a body, one by itself, and the operator's list.

mod beside;
mod detail;
mod due;
mod event_forms;
mod facts;
mod news;
mod prompts;
mod query;
mod steps;
mod touched;

pub mod list;
pub mod queue;
#[expect(clippy::module_inception, reason = "the page of one request, in the area of requests")]
pub mod request;
