//! *Perché questo pacchetto*: the rule, its version, the band, the population with year and source, what changed it.

use leptos::prelude::*;
use model::api::bodies::{Assigned, BodyService};
use model::assignment::{Explanation, Modifier};

use crate::parts::{Fact, FactRows, Fold};
use crate::text::Lang;

pub fn why(lang: Lang, assigned: &Assigned, services: &[BodyService]) -> AnyView {
    let why = &assigned.explanation;
    let package = lang.bodies_why_package_given(&assigned.package_name, lang.credits(assigned.credits));
    let mut package = Fact::new(lang.bodies_why_package(), package);
    if why.reason.is_none() {
        // It says which municipalities the rule gives it to: no more of one that somebody decided for.
        package = package.note(assigned.package_summary.clone());
    }
    let mut facts = vec![package];
    if let Some(reason) = &why.reason {
        facts.push(Fact::new(lang.bodies_why_rule(), lang.bodies_why_by_hand()));
        // It may have been taken out.
        if !reason.is_empty() {
            facts.push(Fact::new(lang.bodies_why_reason(), reason.clone()));
        }
    } else {
        facts.push(Fact::new(lang.bodies_why_rule(), lang.bodies_why_rule_version(why.rule_version)));
    }
    if let Some(band) = &why.band {
        let gives = lang.bodies_why_band_gives(lang.band(band), lang.credits(band.credits));
        facts.push(Fact::new(lang.bodies_why_band(), gives));
    }
    facts.push(Fact::new(lang.bodies_why_population(), population(lang, why)));
    if why.reason.is_none() {
        facts.push(Fact::new(lang.bodies_why_modifiers(), modifiers(lang, &why.modifiers, services)));
    }
    facts.push(Fact::new(lang.bodies_why_at(), lang.instant(why.at)));
    view! {
        <Fold summary=lang.bodies_why() framed=true>
            <FactRows facts=facts/>
        </Fold>
    }
    .into_any()
}

/// "3.596 abitanti, anno 2024. Fonte: ISTAT"
fn population(lang: Lang, why: &Explanation) -> String {
    let Some(population) = why.population else {
        return lang.bodies_why_population_unknown().to_owned();
    };
    let number = lang.number(population.into());
    let population = match why.population_year {
        Some(year) => lang.bodies_why_population_year(number, year),
        None => lang.bodies_why_population_known(number),
    };
    match why.population_source.as_str() {
        "" => population,
        source => lang.bodies_why_population_source(population, source),
    }
}

fn modifiers(lang: Lang, modifiers: &[Modifier], services: &[BodyService]) -> AnyView {
    if modifiers.is_empty() {
        return lang.bodies_why_modifiers_none().into_any();
    }
    let modifier = |modifier: &Modifier| {
        let mut text = lang.bodies_why_modifier(lang.variable(modifier.variable), lang.yes_no(modifier.is));
        if modifier.credits != 0 {
            text = lang.bodies_why_modifier_credits(text, lang.credits_change(modifier.credits));
        }
        if !modifier.adds.is_empty() {
            let name = |code: &model::ids::ServiceCode| {
                let found = services.iter().find(|service| service.service.code == *code);
                found.map_or_else(|| code.0.clone(), |service| service.service.name.clone())
            };
            text = lang.bodies_why_modifier_adds(text, lang.listed(modifier.adds.iter().map(name)));
        }
        view! {
            <p class="mb-2">
                {text}
                <br/>
                <span class="cz-quiet">{modifier.reason.clone()}</span>
            </p>
        }
    };
    modifiers.iter().map(modifier).collect_view().into_any()
}
