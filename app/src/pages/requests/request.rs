//! *Richiesta*, by itself: to the body that made it, and to who works on it.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use model::api::requests::{ReadRequest, RequestView};
use model::ids::RequestId;

use super::detail::{badges, detail};
use crate::links;
use crate::parts::{Crumb, Happened, Page, take_focus};
use crate::reading::{answered, read};
use crate::rendering::use_lang;
use crate::text::Lang;

#[component]
pub fn RequestPage() -> AnyView {
    let lang = use_lang();
    let params = use_params_map();
    let request = move || params.with(|params| params.get("request")).and_then(|id| id.parse().ok());
    let reading = read(move || ReadRequest { request: request().unwrap_or(RequestId(0)) });
    let led = StoredValue::new(false);
    let again = Callback::new(move |()| {
        led.set_value(true);
        reading.refetch();
    });
    answered(reading, move |view| {
        view! {
            <Page
                title=view.row.service.name.clone()
                about=view.row.body.name.clone()
                lead=view.row.body.title.clone()
                crumbs=crumbs(lang, &view)
                badges=badges(&view)
                quiet=true
            >
                {take_focus(led, view! { <Happened/> })}
                {detail(&view, again, false)}
            </Page>
        }
        .into_any()
    })
}

/// By way of the list that the reader comes from: the operators' or the body's.
fn crumbs(lang: Lang, view: &RequestView) -> Vec<Crumb> {
    let body = &view.row.body;
    if view.operators.is_empty() {
        let area = (body.title.clone(), links::body(body.id));
        vec![area, (lang.requests_list_title().to_owned(), links::requests(body.id))]
    } else {
        vec![(lang.requests_queue_title().to_owned(), links::QUEUE.to_owned())]
    }
}
