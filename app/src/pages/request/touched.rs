//! What a deed takes away together with a request: each with its owner and what comes back, and the sum.

use leptos::prelude::*;
use model::api::people::PersonRef;
use model::api::request::{Removal, RequestRow};
use model::catalogue::ServiceRef;
use model::requests::State;

use crate::parts::{Column, Row, StateBadge, Table};
use crate::text::Lang;

/// Nothing where the request goes alone.
pub fn touched(lang: Lang, row: &RequestRow, removal: &Removal) -> Option<AnyView> {
    if removal.along.is_empty() {
        return None;
    }
    let columns = vec![
        Column::text(lang.request_service()),
        Column::text(lang.request_state()),
        Column::text(lang.request_owner()),
        Column::number(lang.request_touched_credits()),
    ];
    let first = line(lang, &row.service, row.state, row.owner.as_ref(), removal.credits);
    let others = removal
        .along
        .iter()
        .map(|other| line(lang, &other.service, other.state, other.owner.as_ref(), other.credits));
    let rows = std::iter::once(first).chain(others).collect();
    let total = lang.credits(removal.total).into_any();
    let foot = vec![Row::new([lang.request_touched_total().into_any(), ().into_any(), ().into_any(), total])];
    Some(
        view! { <Table caption=lang.request_touched_caption() columns=columns rows=rows foot=foot/> }
            .into_any(),
    )
}

fn line(lang: Lang, service: &ServiceRef, state: State, owner: Option<&PersonRef>, credits: i64) -> Row {
    let owner = owner.map_or_else(|| lang.request_nobody().to_owned(), |owner| owner.name.clone());
    Row::new([
        service.name.clone().into_any(),
        view! { <StateBadge state=state/> }.into_any(),
        owner.into_any(),
        lang.credits(credits).into_any(),
    ])
}
