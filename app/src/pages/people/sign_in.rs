//! *Accesso*: with address and password, or in a demonstration with a role.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::api::destination;
use model::api::people::{Persona, SignIn, SignInAsPersona};
use model::people::Role;

use crate::links;
use crate::parts::{Alert, Button, Control, Field, Icon, LiveForm, Page, Tone};
use crate::rendering::use_lang;
use crate::session::with_session;

#[component]
pub fn SignInPage() -> AnyView {
    let lang = use_lang();
    let next = next();
    let expired = use_query_map().with_untracked(|query| query.get(EXPIRED)).is_some().then(|| {
        view! {
            <Alert tone=Tone::Info title=lang.people_sign_in_expired()>
                <p>{lang.people_sign_in_expired_text()}</p>
            </Alert>
        }
    });
    view! {
        <Page title=lang.people_sign_in_title()>
            {expired}
            <div class="row">
                <div class="col-lg-5">
                    <LiveForm<SignIn> to=next.clone() anew=true>
                        <Field
                            name="email"
                            label=lang.people_sign_in_email()
                            control=Control::Email
                            autocomplete="username"
                        />
                        <Field
                            name="password"
                            label=lang.people_sign_in_password()
                            control=Control::Password
                            autocomplete="current-password"
                        />
                        <div class="cz-buttons mb-5">
                            <Button>{lang.people_sign_in_enter()}</Button>
                        </div>
                    </LiveForm<SignIn>>
                </div>
                {with_session(move |session| personas(session.personas, &next))}
            </div>
        </Page>
    }
    .into_any()
}

/// Field of the address when a form was sent after the session had expired. The server stores what was written.
const EXPIRED: &str = "scaduta";

/// Where to go afterwards: a page of ours, never an address elsewhere.
fn next() -> String {
    let next = use_query_map().with_untracked(|query| query.get("next")).unwrap_or_default();
    destination(&next, &mut serde_json::Map::new()).unwrap_or_else(|| links::AREA.to_owned())
}

fn personas(personas: Vec<Persona>, next: &str) -> AnyView {
    let lang = use_lang();
    if personas.is_empty() {
        return ().into_any();
    }
    view! {
        <div class="col-lg-6 offset-lg-1">
            <section class="cz-panel cz-panel-tint" aria-labelledby="prova">
                <h2 class="h3" id="prova">{lang.people_sign_in_demo()}</h2>
                <p class="cz-small cz-quiet">{lang.people_sign_in_demo_note()}</p>
                <ul class="cz-personas">
                    {personas.into_iter().map(|one| persona(one, next.to_owned())).collect_view()}
                </ul>
            </section>
        </div>
    }
    .into_any()
}

fn persona(persona: Persona, next: String) -> AnyView {
    let role = use_lang().role(persona.role);
    let id = persona.person.to_string();
    let place = persona.body.map_or_else(|| persona.name.clone(), |body| body.title);
    view! {
        <li>
            <LiveForm<SignInAsPersona> with=[("person", id.clone())] name=id to=next anew=true>
                <button class="cz-persona">
                    <Icon name=sign(persona.role)/>
                    <span>
                        <strong>{role}</strong>
                        {place}
                    </span>
                </button>
            </LiveForm<SignInAsPersona>>
        </li>
    }
    .into_any()
}

fn sign(role: Role) -> &'static str {
    match role {
        Role::Officer => "pencil",
        Role::Mayor => "sign",
        Role::Operator => "tool",
        Role::Facilitator => "help-circle",
        Role::Administrator => "settings",
        Role::Observer => "chart-line",
    }
}
