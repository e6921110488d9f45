//! *Area del Comune*: what waits, the credits and their movements, what was sent; and how to join.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use model::access::{Permission, Who};
use model::api::bodies::CallWindow;
use model::calls::CallStatus;
use model::ids::BodyId;
use model::people::Role;

use crate::links;
use crate::parts::Crumb;
use crate::text::Lang;

pub mod area;
pub mod assignment;
pub mod entries;
mod help;
pub mod joining;
mod services;
pub mod submissions;
mod todo;

/// The body in the address; an id that does not exist where there is none.
pub fn named_body() -> impl Fn() -> BodyId + Copy + Send + Sync + 'static {
    let params = use_params_map();
    move || params.with(|params| params.get("body")).and_then(|id| id.parse().ok()).unwrap_or_default()
}

fn home(lang: Lang) -> Crumb {
    (lang.frame_home().to_owned(), links::HOME.to_owned())
}

/// Whether one of these roles on the body has the permission: links without permission are not shown.
fn opens(roles: &[Role], permission: Permission) -> bool {
    permission.allowed().iter().any(|who| matches!(who, Who::Holder(role) if roles.contains(role)))
}

/// Whether the call has not opened yet.
pub fn is_to_open(window: &CallWindow) -> bool {
    let over = matches!(window.status, CallStatus::Closed | CallStatus::Archived);
    !window.open && !over && (window.status == CallStatus::Draft || window.days_left > 0)
}
