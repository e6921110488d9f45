//! *Altri servizi*: what else the catalogue has, searched and narrowed in the page. Its state stands in the address.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::api::catalogue::ServiceCard;
use model::ids::{AreaCode, ServiceCode};

use super::card::card;
use super::composing::Composing;
use super::package_items::keyed;
use super::search::{matches, wanted};
use crate::links::{self, AREA_FIELD, SEARCH_FIELD};
use crate::parts::{Chip, Chips, Empty, FilterForm, Search, settle};
use crate::rendering::use_lang;

/// Where the section begins.
const ANCHOR: &str = "#altri";

/// What the list is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct ServiceFilter {
    q: String,
    area: Option<AreaCode>,
}

impl ServiceFilter {
    fn has(&self, card: &ServiceCard) -> bool {
        self.area.as_ref().is_none_or(|area| card.area == *area) && matches(&wanted(&self.q), card)
    }

    fn address(&self, at: Composing) -> String {
        let area = self.area.as_ref().map(AreaCode::as_str).unwrap_or_default();
        links::narrowed(&links::basket(at.body), &[(SEARCH_FIELD, &self.q), (AREA_FIELD, area)]) + ANCHOR
    }
}

pub fn others(at: Composing) -> AnyView {
    let (lang, query) = (use_lang(), use_query_map());
    let now = Memo::new(move |_| {
        query.with(|query| ServiceFilter {
            q: query.get(SEARCH_FIELD).unwrap_or_default(),
            area: query.get(AREA_FIELD).filter(|code| !code.is_empty()).map(AreaCode),
        })
    });
    let codes = Memo::new(move |_| {
        let now = now.get();
        at.with(|view| {
            let found = view.others.iter().filter(|card| now.has(card));
            found.map(|card| card.code.clone()).collect::<Vec<_>>()
        })
    });
    let row = move |code: ServiceCode| {
        let id = ["altro-", code.as_str()].concat();
        let one =
            Memo::new(move |_| at.with(|view| view.others.iter().find(|card| card.code == code).cloned()));
        view! { <li id=id>{move || one.get().map(|one| other(at, one))}</li> }.into_any()
    };
    Effect::new(move |before: Option<()>| {
        now.track();
        if before.is_some() {
            request_animation_frame(settle);
        }
    });
    view! {
        <section aria-labelledby="altri">
            <h2 id="altri" tabindex="-1">{lang.baskets_others()}</h2>
            <FilterForm class="cz-search mb-3" action=links::basket(at.body) search=true anchor=ANCHOR>
                {move || {
                    let area = now.with(|now| now.area.clone());
                    area.map(|area| view! { <input type="hidden" name=AREA_FIELD value=area.0/> })
                }}
                {move || {
                    let q = now.with(|now| now.q.clone());
                    view! { <Search id="q" name=SEARCH_FIELD label=lang.catalogue_search() value=q/> }
                }}
            </FilterForm>
            <nav class="mb-4" aria-label=lang.catalogue_areas()>
                {move || view! { <Chips unit=lang.catalogue_unit(2) chips=chips(at, &now.get())/> }}
            </nav>
            {keyed("cz-services", codes, row)}
            {move || codes.with(Vec::is_empty).then(|| none(at, &now.get()))}
        </section>
    }
    .into_any()
}

fn other(at: Composing, one: ServiceCard) -> AnyView {
    let body = at.editable.get().then_some(at.body);
    card(one, body, at.then, Some(at.body))
}

/// The areas that have something, each with how much of it the search leaves.
fn chips(at: Composing, now: &ServiceFilter) -> Vec<Chip> {
    let mut areas: Vec<(AreaCode, String, u32)> = Vec::new();
    let mut all = 0;
    let found = ServiceFilter { area: None, ..now.clone() };
    at.with(|view| {
        for card in &view.others {
            let count = u32::from(found.has(card));
            all += count;
            match areas.iter_mut().find(|(code, ..)| *code == card.area) {
                Some((.., total)) => *total += count,
                None => areas.push((card.area.clone(), card.area_name.clone(), count)),
            }
        }
    });
    let chip = |area: Option<AreaCode>, name: String, count| {
        let to = ServiceFilter { area, q: now.q.clone() };
        Chip { name, href: to.address(at), count: Some(count), current: to.area == now.area }
    };
    let mut chips = vec![chip(None, use_lang().catalogue_all_areas().to_owned(), all)];
    let useful = areas.into_iter().filter(|(code, _, count)| *count > 0 || now.area.as_ref() == Some(code));
    chips.extend(useful.map(|(code, name, count)| chip(Some(code), name, count)));
    chips
}

fn none(at: Composing, now: &ServiceFilter) -> AnyView {
    let lang = use_lang();
    let title = if now.q.trim().is_empty() {
        lang.baskets_others_none().to_owned()
    } else {
        lang.baskets_others_none_for(now.q.trim())
    };
    view! {
        <Empty title=title>
            <a class="btn btn-outline-primary" href=ServiceFilter::default().address(at)>
                {lang.baskets_others_all()}
            </a>
        </Empty>
    }
    .into_any()
}
