//! What an action takes away together with a request: each with its owner and what comes back, and the sum.

use leptos::prelude::*;
use model::api::people::PersonRef;
use model::api::requests::{Removal, RequestRow};
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
        Column::text(lang.requests_service()),
        Column::text(lang.requests_state()),
        Column::text(lang.requests_owner()),
        Column::number(lang.requests_touched_credits()),
    ];
    let credits = returned(lang, removal.credits, removal.archived);
    let first = line(&row.service, row.state, owned(lang, row.owner.as_ref()), credits);
    let others = removal.along.iter().map(|other| {
        let credits = returned(lang, other.credits, other.archived);
        line(&other.service, other.state, owned(lang, other.owner.as_ref()), credits)
    });
    let rows = std::iter::once(first).chain(others).collect();
    let total = lang.credits(removal.total).into_any();
    let in_all = if removal.expires() { lang.requests_touched_left() } else { lang.requests_touched_total() };
    let foot = vec![Row::new([in_all.into_any(), ().into_any(), ().into_any(), total])];
    Some(
        view! { <Table caption=lang.requests_touched_caption() columns=columns rows=rows foot=foot/> }
            .into_any(),
    )
}

/// What comes back, and whether it expires at once.
fn returned(lang: Lang, credits: i64, archived: bool) -> String {
    let text = lang.credits(credits);
    if archived && credits > 0 { lang.requests_touched_expires(text) } else { text }
}

fn owned(lang: Lang, owner: Option<&PersonRef>) -> String {
    owner.map_or_else(|| lang.requests_nobody().to_owned(), |owner| owner.name.clone())
}

fn line(service: &ServiceRef, state: State, owner: String, credits: String) -> Row {
    Row::new([
        service.name.clone().into_any(),
        view! { <StateBadge state=state/> }.into_any(),
        owner.into_any(),
        credits.into_any(),
    ])
}
