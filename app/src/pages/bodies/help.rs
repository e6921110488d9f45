//! Whom to ask: who is in charge of the body, telephone and e-mail of the aggregator.

use leptos::prelude::*;
use model::api::bodies::BodyArea;
use model::territory::Aggregator;

use crate::parts::{Fact, FactRows, Icon};
use crate::text::Lang;

/// Beside the page.
pub fn help(lang: Lang, area: &BodyArea) -> AnyView {
    let ours = &area.help;
    let facilitator = area.facilitator.as_ref().map(|person| lang.bodies_help_facilitator(&person.name));
    let line = |text: String| (!text.is_empty()).then(|| view! { <p class="cz-small">{text}</p> });
    view! {
        <aside class="cz-panel cz-panel-tint" aria-labelledby="aiuto">
            <h2 id="aiuto" class="h3">{lang.bodies_help()}</h2>
            {facilitator.map(line)}
            {line(ours.office.clone())}
            <ul class="list-unstyled cz-small">
                {(!ours.phone.is_empty()).then(|| {
                    view! {
                        <li>
                            <a class="cz-more text-break" href=telephone(&ours.phone)>
                                <Icon name="telephone"/>
                                {ours.phone.clone()}
                            </a>
                        </li>
                    }
                })}
                {(!ours.email.is_empty()).then(|| {
                    view! {
                        <li>
                            <a class="cz-more text-break" href=letter(&ours.email)>
                                <Icon name="mail"/>
                                {ours.email.clone()}
                            </a>
                        </li>
                    }
                })}
            </ul>
            {line(ours.hours.clone())}
        </aside>
    }
    .into_any()
}

/// All the ways to reach the aggregator, in rows.
pub fn contacts(lang: Lang, ours: &Aggregator) -> AnyView {
    let link = |href: String, name: &str| view! { <a href=href>{name.to_owned()}</a> }.into_any();
    let contacts = [
        (lang.bodies_office(), &ours.office, None),
        (lang.bodies_phone(), &ours.phone, Some(telephone(&ours.phone))),
        (lang.bodies_email(), &ours.email, Some(letter(&ours.email))),
        (lang.bodies_certified_email(), &ours.certified_email, Some(letter(&ours.certified_email))),
        (lang.bodies_hours(), &ours.hours, None),
    ];
    let facts = contacts
        .into_iter()
        .filter(|(_, value, _)| !value.is_empty())
        .map(|(name, value, href)| match href {
            Some(href) => Fact::new(name, link(href, value)),
            None => Fact::new(name, value.clone()),
        })
        .collect();
    view! { <FactRows facts=facts/> }.into_any()
}

fn telephone(number: &str) -> String {
    // It is dialled without its spaces.
    ["tel:", &number.replace(' ', "")].concat()
}

/// To write to an address.
pub fn letter(address: &str) -> String {
    ["mailto:", address].concat()
}
