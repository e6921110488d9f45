//! *Area del Comune*: what waits, the credits and their movements, what was sent; and how to join.

mod area;
mod entries;
mod help;
mod joining;
mod services;
mod submissions;
mod todo;
mod why;

pub use area::AreaPage;
pub use entries::EntriesPage;
pub use joining::JoiningPage;
pub use submissions::SubmissionsPage;

use model::access::{Deed, Who};
use model::people::Role;

/// Whether one of these roles, held on the body, opens a page: what it may not open it is not shown.
fn opens(roles: &[Role], deed: Deed) -> bool {
    deed.allowed().iter().any(|who| matches!(who, Who::Holder(role) if roles.contains(role)))
}
