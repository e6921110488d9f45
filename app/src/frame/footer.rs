//! The foot of every page: whom to write to, what else there is, what the law asks for.

use leptos::prelude::*;
use model::territory::Aggregator;

use crate::links;
use crate::rendering::use_lang;
use crate::session::with_session;

#[component]
pub fn Footer() -> AnyView {
    let lang = use_lang();
    view! {
        <footer class="it-footer" id="fondo" tabindex="-1">
            {with_session(|session| main_part(session.aggregator))}
            <div class="it-footer-small-prints">
                <div class="container">
                    <h2 class="visually-hidden">{lang.frame_legal()}</h2>
                    {links([
                        (links::PRIVACY, lang.frame_privacy()),
                        (links::LEGAL, lang.frame_legal_notes()),
                        (links::ACCESSIBILITY, lang.frame_accessibility()),
                    ])}
                </div>
            </div>
        </footer>
    }
    .into_any()
}

fn main_part(aggregator: Aggregator) -> AnyView {
    let lang = use_lang();
    view! {
        <div class="it-footer-main">
            <div class="container">
                <div class="it-brand-wrapper">
                    <a href=links::HOME>
                        <img class="icon" src="/logo.svg" alt="" width="48" height="48"/>
                        <span class="it-footer-name">{aggregator.brand.clone()}</span>
                    </a>
                </div>
                <div class="cz-footer-columns">
                    <section>
                        <h2>{lang.frame_contacts()}</h2>
                        {contacts(aggregator)}
                    </section>
                    <section>
                        <h2>{lang.frame_services()}</h2>
                        {links([
                            (links::CATALOGUE, lang.frame_catalogue()),
                            (links::JOIN, lang.frame_join()),
                            (links::LEDGER, lang.ledger_title()),
                        ])}
                    </section>
                    <section>
                        <h2>{lang.frame_developers()}</h2>
                        <ul>
                            <li>
                                <a href=links::OPENAPI rel="external">{lang.frame_openapi()}</a>
                            </li>
                        </ul>
                    </section>
                </div>
            </div>
        </div>
    }
    .into_any()
}

fn links<const N: usize>(links: [(&'static str, &'static str); N]) -> AnyView {
    let link = |(href, name)| view! { <li><a href=href>{name}</a></li> };
    view! { <ul>{links.map(link).collect_view()}</ul> }.into_any()
}

/// What is not known is left out.
fn contacts(aggregator: Aggregator) -> AnyView {
    let lang = use_lang();
    let text = |text: String| (!text.is_empty()).then(|| view! { {text} <br/> });
    let link = |name: &'static str, way: &'static str, address: String| {
        (!address.is_empty()).then(|| {
            // A telephone number is dialled without its spaces.
            let href = [way, &address.replace(' ', "")].concat();
            view! {
                {name}
                ": "
                <a href=href>{address}</a>
                <br/>
            }
        })
    };
    view! {
        <address>
            {text(aggregator.name)} {text(aggregator.office)} {text(aggregator.hours)}
            {link(lang.frame_telephone(), "tel:", aggregator.phone)}
            {link(lang.frame_email(), "mailto:", aggregator.email)}
            {link(lang.frame_certified_email(), "mailto:", aggregator.certified_email)}
        </address>
    }
    .into_any()
}
