//! What people see: pages rendered by the server and taken over by the browser.

pub mod text;

pub use text::Lang;
