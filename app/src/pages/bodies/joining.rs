//! *Come aderire*: what a municipality gets by joining, the steps, whom to ask.

use leptos::prelude::*;
use model::territory::Aggregator;

use super::help::{contacts, letter};
use super::home;
use crate::links;
use crate::parts::{ListStep, Page, Steps};
use crate::rendering::use_lang;
use crate::session::with_session;

/// `/come-aderire`
#[component]
pub fn JoiningPage() -> AnyView {
    with_session(|session| joining(&session.aggregator))
}

fn joining(aggregator: &Aggregator) -> AnyView {
    let lang = use_lang();
    let texts = lang.bodies_join_step_text();
    let steps = lang
        .bodies_join_step()
        .into_iter()
        .zip(texts)
        .map(|(title, text)| ListStep::new(title, text))
        .collect();
    let given = lang.bodies_join_given_list().map(|text| view! { <li>{text}</li> });
    let contacts = contacts(lang, aggregator);
    let write = (!aggregator.email.is_empty()).then(|| letter(&aggregator.email));
    view! {
        <Page title=lang.bodies_how_to_join() lead=lang.bodies_join_lead() crumbs=vec![home(lang)]>
            <section class="cz-section">
                <h2>{lang.bodies_join_given()}</h2>
                <ul class="cz-prose">{given.collect_view()}</ul>
            </section>
            <section class="cz-section">
                <h2>{lang.bodies_join_steps()}</h2>
                <Steps steps=steps/>
            </section>
            <section class="cz-section">
                <h2>{lang.bodies_join_contacts()}</h2>
                {contacts}
                <div class="cz-buttons">
                    {write
                        .map(|href| view! { <a class="btn btn-primary" href=href>{lang.bodies_join_write()}</a> })}
                    <a class="btn btn-link" href=links::CATALOGUE>{lang.bodies_catalogue_link()}</a>
                </div>
            </section>
        </Page>
    }
    .into_any()
}
