//! *Area personale*: leads each role to where its work is; who has several bodies chooses one, who has no
//! role is told so.

use leptos::prelude::*;
use leptos_router::components::Redirect;
use model::api::people::{BodyRef, SignedIn};
use model::people::Role;

use crate::links;
use crate::parts::{Empty, Page};
use crate::rendering::use_lang;
use crate::session::with_session;

#[component]
pub fn OwnAreaPage() -> AnyView {
    with_session(|session| own_area(session.signed_in))
}

fn own_area(person: Option<SignedIn>) -> AnyView {
    let Some(person) = person else { return lead_to(links::sign_in(links::AREA)) };
    if person.roles.is_empty() {
        return without_roles();
    }
    let mut bodies = bodies(&person);
    if person.holds(Role::Administrator) || person.holds(Role::Observer) {
        lead_to(links::BOARD.to_owned())
    } else if person.holds(Role::Operator) {
        lead_to(links::QUEUE.to_owned())
    } else if bodies.len() > 1 {
        choice(bodies)
    } else {
        lead_to(bodies.pop().map_or_else(|| links::HOME.to_owned(), |body| links::body(body.id)))
    }
}

/// Each body once, in whichever role.
fn bodies(person: &SignedIn) -> Vec<BodyRef> {
    let mut bodies: Vec<BodyRef> = Vec::new();
    for body in person.roles.iter().filter_map(|on| on.body.as_ref()) {
        if bodies.iter().all(|other| other.id != body.id) {
            bodies.push(body.clone());
        }
    }
    bodies
}

/// Roles end: who has none left is told so, and whom to ask.
fn without_roles() -> AnyView {
    let lang = use_lang();
    view! {
        <Page title=lang.people_area()>
            <Empty icon="user" title=lang.people_without_roles() text=lang.people_without_roles_note()>
                <a class="btn btn-primary" href=links::CATALOGUE>
                    {lang.frame_catalogue()}
                </a>
                <a class="btn btn-link" href=links::PROFILE>
                    {lang.frame_profile()}
                </a>
            </Empty>
        </Page>
    }
    .into_any()
}

fn lead_to(path: String) -> AnyView {
    view! { <Redirect path=path/> }.into_any()
}

fn choice(bodies: Vec<BodyRef>) -> AnyView {
    let body = |body: BodyRef| {
        view! {
            <li>
                <p class="cz-item-name">
                    <a href=links::body(body.id)>{body.title}</a>
                </p>
            </li>
        }
    };
    let list = bodies.into_iter().map(body).collect_view();
    view! {
        <Page title=use_lang().frame_bodies()>
            <ul class="cz-items">{list}</ul>
        </Page>
    }
    .into_any()
}
