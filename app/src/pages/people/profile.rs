//! *Profilo*: who one is here, in which roles, and one's password.

use leptos::prelude::*;
use model::api::people::{ChangePassword, LEAST_PASSWORD, ReadProfile, RoleOn, SignedIn};

use crate::parts::{Button, Control, Fact, FactRows, Field, LiveForm, Page};
use crate::reading::{answered, read};
use crate::rendering::use_lang;
use crate::text::Lang;

/// `/profilo`
#[component]
pub fn ProfilePage() -> AnyView {
    answered(read(ReadProfile::default), profile)
}

fn profile(person: SignedIn) -> AnyView {
    let lang = use_lang();
    let mut facts = vec![
        Fact::new(lang.people_name(), person.person.name),
        Fact::new(lang.people_email(), person.email.clone()),
        Fact::new(lang.people_roles(), roles(lang, person.roles)),
    ];
    if let Some(before) = person.signed_in_before {
        facts.push(Fact::new(lang.people_sign_in_before(), lang.instant(before)));
        facts.push(Fact::new(lang.people_failed_before(), lang.number(person.failed_tries.into())));
    }
    let password = password(lang, person.email);
    view! {
        <Page title=lang.frame_profile()>
            <FactRows facts=facts/>
            {password}
        </Page>
    }
    .into_any()
}

fn roles(lang: Lang, roles: Vec<RoleOn>) -> AnyView {
    if roles.is_empty() {
        return lang.people_no_roles().into_any();
    }
    let role = |on: RoleOn| {
        let role = lang.role(on.role);
        let text = match on.body {
            Some(body) => lang.people_role_on(role, body.title),
            None => role.to_owned(),
        };
        view! { <li>{text}</li> }
    };
    let list = roles.into_iter().map(role).collect_view();
    view! { <ul class="list-unstyled mb-0">{list}</ul> }.into_any()
}

fn password(lang: Lang, email: String) -> AnyView {
    view! {
        <section class="cz-section" aria-labelledby="cambia-password">
            <h2 id="cambia-password">{lang.people_password()}</h2>
            <p class="cz-prose">{lang.people_password_note()}</p>
            <div class="row">
                <div class="col-lg-5">
                    <LiveForm<ChangePassword> class="mb-5">
                        // For password managers, which store passwords by user name. Without a `name` it is not sent.
                        <input type="email" autocomplete="username" value=email readonly hidden/>
                        <Field
                            name="current_password"
                            label=lang.people_current_password()
                            control=Control::Password
                            autocomplete="current-password"
                        />
                        <Field
                            name="new_password"
                            label=lang.people_new_password()
                            control=Control::Password
                            hint=lang.people_new_password_hint(LEAST_PASSWORD)
                            autocomplete="new-password"
                        />
                        <div class="cz-buttons">
                            <Button>{lang.people_change_password()}</Button>
                        </div>
                    </LiveForm<ChangePassword>>
                </div>
            </div>
        </section>
    }
    .into_any()
}
