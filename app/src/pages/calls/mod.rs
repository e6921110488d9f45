//! *Quadro dell'avviso*: how far the bodies are, what an administrator does with one of them, who gets what.

mod actions;
mod bodies_table;
mod matrix_cells;
mod query;

pub mod board;
pub mod body;
pub mod matrix;

use leptos::prelude::*;
use model::api::bodies::CallWindow;
use model::api::{ApiError, Problem};
use model::calls::CallStatus;
use serde::de::DeserializeOwned;
use std::sync::Arc;

use crate::links;
use crate::parts::{Empty, Page};
use crate::problem::problem_page;
use crate::reading::Query;
use crate::rendering::use_lang;
use crate::text::Lang;

/// A page made from an answer about the call; without a call, an empty state.
fn of_call<A: DeserializeOwned + 'static>(
    reading: Query<A>,
    title: &'static str,
    show: impl Fn(A) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let show = Arc::new(show);
    let page = move |answer| match answer {
        Ok(answer) => show(answer),
        Err(Problem::ApiError(ApiError::NotFound)) => none(title),
        Err(problem) => problem_page(&problem, Arc::new(move || reading.refetch())),
    };
    view! {
        <Transition>
            {move || {
                let page = page.clone();
                Suspend::new(async move { page(reading.answer().await) })
            }}
        </Transition>
    }
    .into_any()
}

fn none(title: &'static str) -> AnyView {
    let lang = use_lang();
    view! {
        <Page title=title>
            <Empty title=lang.calls_none_title() text=lang.calls_none_text()>
                <a class="btn btn-primary" href=links::CATALOGUE>{lang.calls_none_action()}</a>
            </Empty>
        </Page>
    }
    .into_any()
}

/// "Si chiude il 28 novembre 2026, tra 4 giorni lavorativi"
fn closing(lang: Lang, call: &CallWindow) -> String {
    match call.status {
        CallStatus::Draft => lang.calls_opens(lang.on_instant(call.opens)),
        _ if !call.open => lang.calls_closed(lang.on_instant(call.closes)),
        _ if call.days_left == 0 => lang.calls_closes_today(lang.at_clock(call.closes)),
        CallStatus::Open | CallStatus::Closed | CallStatus::Archived => {
            lang.calls_closes(lang.on_day(call.closes.day_in_rome()), lang.days_left(call.days_left))
        }
    }
}
