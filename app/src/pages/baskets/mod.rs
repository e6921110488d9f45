//! *Composizione del pacchetto*: the basket with its summary, what is offered wherever a service shows, the page
//! that sends it.

pub mod action;
pub mod card;
pub mod compose;
mod composing;
mod header;
pub mod message;
pub mod offer;
mod other_services;
mod package_items;
mod scroll_position;
pub mod search;
mod sending;
pub mod summary;
mod summary_panel;
