//! *In breve*: what an officer wants to know of a service, in rows.

use leptos::prelude::*;
use model::api::catalogue::ServicePage;
use model::catalogue::ServiceRef;
use model::ids::BodyId;

use crate::links;
use crate::parts::{Fact, FactRows};
use crate::text::Lang;

pub fn at_once(lang: Lang, page: &ServicePage, body: Option<BodyId>) -> AnyView {
    let service = &page.service;
    let days = |days: u32| lang.dates_working_days(days.into());
    let kind = if service.universal { lang.catalogue_universal() } else { lang.catalogue_value_added() };
    let kind =
        if service.repeatable { [kind, ". ", lang.catalogue_repeatable()].concat() } else { kind.to_owned() };
    let live = match page.live {
        0 => lang.catalogue_live_nowhere().to_owned(),
        live => lang.catalogue_live_bodies(live.into()),
    };
    let mut facts = vec![Fact::new(lang.catalogue_fact_level(), lang.level(service.interaction_level))];
    if !page.requires.is_empty() {
        facts.push(Fact::new(lang.catalogue_fact_requires(), links(&page.requires, body)));
    }
    if !page.excludes.is_empty() {
        facts.push(Fact::new(lang.catalogue_fact_excludes(), links(&page.excludes, body)));
    }
    let access = lang.listed(service.access.iter().map(|mode| lang.access(*mode)));
    facts.extend([
        Fact::new(lang.catalogue_fact_access(), access),
        Fact::new(lang.catalogue_fact_delivery(), lang.delivery(service.delivery)),
        Fact::new(lang.catalogue_fact_kind(), kind),
        Fact::new(lang.catalogue_fact_review(), days(service.review_days)),
        Fact::new(lang.catalogue_fact_activation(), days(service.activation_days)),
    ]);
    for (name, text) in
        [(lang.catalogue_fact_owner(), &service.owner), (lang.catalogue_fact_reuse(), &service.reuse_source)]
    {
        if !text.is_empty() {
            facts.push(Fact::new(name, text.clone()));
        }
    }
    facts.push(Fact::new(lang.catalogue_fact_live(), live));
    view! {
        <section aria-labelledby="breve">
            <h2 id="breve" class="h3">{lang.catalogue_at_once()}</h2>
            <FactRows facts=facts/>
        </section>
    }
    .into_any()
}

/// Services by their names, parted by commas.
fn links(services: &[ServiceRef], body: Option<BodyId>) -> AnyView {
    let link = |(at, service): (usize, &ServiceRef)| {
        view! {
            {(at > 0).then_some(", ")}
            <a href=links::service_for(&service.code, body)>{service.name.clone()}</a>
        }
    };
    services.iter().enumerate().map(link).collect_view().into_any()
}
