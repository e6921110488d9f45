//! What people see: pages rendered by the server and taken over by the browser.
//!
//! The server gives each rendering an `Api` and a [`Rendering`] as contexts and asks for the [`shell`]; the browser
//! begins with `browser::start`. Both then run the same [`App`].

#![allow(clippy::needless_pass_by_value, reason = "a component owns what it is given")]

#[cfg(target_arch = "wasm32")]
pub mod browser;
mod forms;
mod frame;
mod links;
mod pages;
mod parts;
mod problem;
mod reading;
mod rendering;
mod routes;
mod session;
mod shell;
mod split;
pub mod text;

pub use forms::{FormClient, FormRequest};
pub use frame::App;
pub use links::submission as link_to_submission;
pub use parts::escaped;
pub use rendering::{Keys, PageStatus, Rendering, SiteOrigin};
pub use shell::shell;
pub use text::Lang;
