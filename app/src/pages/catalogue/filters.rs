//! What narrows the catalogue: the areas as chips, a few filters folded away, each with how many it would leave.

use leptos::prelude::*;
use model::api::catalogue::{ListServices, ServiceList};

use super::query::{ACCESS, DELIVERY, LEVEL, access_name, address, delivery_name, level_name};
use crate::parts::{Chip, Chips, Fold, Selection};
use crate::rendering::use_lang;

/// Areas and filters, within the form.
pub fn controls(filter: &ListServices, list: &ServiceList) -> AnyView {
    let lang = use_lang();
    let filtered = filter.level.is_some() || filter.delivery.is_some() || filter.access.is_some();
    let (areas, filters) = (areas(filter, list), filters(filter, list));
    view! {
        <nav class="mt-4" aria-label=lang.catalogue_areas()>
            <Chips unit=lang.catalogue_unit(2) chips=areas/>
        </nav>
        <div class="mt-3">
            <Fold summary=lang.common_more_filters() open=filtered>
                {filters}
            </Fold>
        </div>
    }
    .into_any()
}

/// All of them, then each that would leave something.
fn areas(filter: &ListServices, list: &ServiceList) -> Vec<Chip> {
    let lang = use_lang();
    let chip = |name: String, area, services: u32| {
        let to = ListServices { area, ..filter.clone() };
        Chip { name, href: address(&to), count: Some(services), current: to.area == filter.area }
    };
    let whole = list.areas.iter().map(|area| area.services).sum();
    let mut chips = vec![chip(lang.catalogue_all_areas().to_owned(), None, whole)];
    let useful = list
        .areas
        .iter()
        .filter(|count| count.services > 0 || filter.area.as_ref() == Some(&count.area.code));
    chips.extend(
        useful.map(|count| chip(count.area.name.clone(), Some(count.area.code.clone()), count.services)),
    );
    chips
}

fn filters(filter: &ListServices, list: &ServiceList) -> AnyView {
    let lang = use_lang();
    let levels = list.levels.iter().map(|of| (level_name(of.level), lang.level(of.level), of.services));
    let deliveries = list
        .deliveries
        .iter()
        .map(|of| (delivery_name(of.delivery), lang.delivery(of.delivery), of.services));
    let accesses =
        list.accesses.iter().map(|of| (access_name(of.access), lang.access(of.access), of.services));
    view! {
        <div class="cz-filters mt-2">
            <Selection
                id="livello"
                name=LEVEL
                label=lang.catalogue_filter_level()
                choices=choices(levels)
                chosen=filter.level.map(level_name).unwrap_or_default()
            />
            <Selection
                id="erogazione"
                name=DELIVERY
                label=lang.catalogue_filter_delivery()
                choices=choices(deliveries)
                chosen=filter.delivery.map(delivery_name).unwrap_or_default()
            />
            <Selection
                id="accesso"
                name=ACCESS
                label=lang.catalogue_filter_access()
                choices=choices(accesses)
                chosen=filter.access.map(access_name).unwrap_or_default()
            />
            <button class="btn btn-outline-primary">{lang.common_show()}</button>
        </div>
    }
    .into_any()
}

/// "Tutti", then each with its count.
fn choices(of: impl Iterator<Item = (String, &'static str, u32)>) -> Vec<(String, String)> {
    let mut choices = vec![(String::new(), use_lang().common_all().to_owned())];
    choices
        .extend(of.map(|(value, name, services)| (value, [name, " (", &services.to_string(), ")"].concat())));
    choices
}
