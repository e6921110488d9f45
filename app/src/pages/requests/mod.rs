//! *Richieste*: those of a body, one by itself, and the operator's list.

mod affected;
mod detail;
mod due;
mod event_forms;
mod facts;
mod news;
mod prompts;
mod query;
mod side_panel;
mod steps;

pub mod list;
pub mod queue;
pub mod request;
