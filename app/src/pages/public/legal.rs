//! What the law asks a public site to say: licences, personal data, accessibility.

use leptos::prelude::*;
use model::territory::Aggregator;

use crate::links;
use crate::parts::{Crumb, Page};
use crate::rendering::use_lang;
use crate::session::with_session;
use crate::text::Lang;

/// `/note-legali`
#[component]
pub fn LegalPage() -> AnyView {
    let lang = use_lang();
    view! {
        <Page title=lang.frame_legal_notes() crumbs=vec![home(lang)]>
            <section class="cz-section">
                <h2 data-element="legal-notes-section">{lang.legal_content()}</h2>
                <p class="cz-prose" data-element="legal-notes-body">{lang.legal_content_text()}</p>
                <p class="cz-prose">{lang.legal_content_free()}</p>
                <p>
                    <a href=links::CONTENT_LICENCE rel="external">{lang.legal_content_link()}</a>
                </p>
            </section>
            <section class="cz-section">
                <h2>{lang.legal_software()}</h2>
                <p class="cz-prose">{lang.legal_software_text()}</p>
                <p>
                    <a href=links::SOFTWARE_LICENCE rel="external">{lang.legal_software_link()}</a>
                </p>
            </section>
        </Page>
    }
    .into_any()
}

/// `/privacy`
#[component]
pub fn PrivacyPage() -> AnyView {
    let lang = use_lang();
    let data = lang.legal_data_list().map(|text| view! { <li>{text}</li> });
    let cookies = lang.legal_cookies_list().map(|text| view! { <li>{text}</li> });
    view! {
        <Page title=lang.frame_privacy() lead=lang.legal_privacy_lead() crumbs=vec![home(lang)]>
            <section class="cz-section">
                <h2>{lang.legal_data()}</h2>
                <ul class="cz-prose">{data.collect_view()}</ul>
                <p class="cz-prose">{lang.legal_data_why()}</p>
            </section>
            <section class="cz-section">
                <h2>{lang.legal_cookies()}</h2>
                <p class="cz-prose">{lang.legal_cookies_text()}</p>
                <ul class="cz-prose">{cookies.collect_view()}</ul>
            </section>
            <section class="cz-section">
                <h2>{lang.legal_rights()}</h2>
                <p class="cz-prose">{lang.legal_rights_text()}</p>
                {with_session(move |session| holder(lang, session.aggregator))}
            </section>
        </Page>
    }
    .into_any()
}

/// `/accessibilita`
#[component]
pub fn AccessibilityPage() -> AnyView {
    let lang = use_lang();
    view! {
        <Page title=lang.frame_accessibility() crumbs=vec![home(lang)]>
            <section class="cz-section">
                <h2>{lang.legal_aim()}</h2>
                <p class="cz-prose">{lang.legal_aim_text()}</p>
                <p class="cz-prose">{lang.legal_aim_how()}</p>
            </section>
            <section class="cz-section">
                <h2>{lang.legal_report()}</h2>
                <p class="cz-prose">{lang.legal_report_text()}</p>
                {with_session(move |session| {
                    contact(lang.frame_email(), session.aggregator.email).into_any()
                })}
                <p class="cz-prose">{lang.legal_report_then()}</p>
            </section>
        </Page>
    }
    .into_any()
}

fn home(lang: Lang) -> Crumb {
    (lang.frame_home().to_owned(), links::HOME.to_owned())
}

/// Who answers for the data, and where to write.
fn holder(lang: Lang, ours: Aggregator) -> AnyView {
    let name = (!ours.name.is_empty()).then(|| lang.legal_holder(&ours.name));
    let name = name.map(|name| view! { <p class="cz-prose">{name}</p> });
    let contact = contact(lang.frame_certified_email(), ours.certified_email);
    view! { {name} {contact} }.into_any()
}

/// What is not known is left out.
fn contact(name: &'static str, address: String) -> Option<AnyView> {
    (!address.is_empty()).then(|| {
        let href = ["mailto:", &address].concat();
        view! {
            <p>
                {name}
                ": "
                <a href=href>{address}</a>
            </p>
        }
        .into_any()
    })
}
