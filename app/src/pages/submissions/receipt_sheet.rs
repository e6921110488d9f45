//! The sheet of a receipt, made to be printed and attached to a resolution.

use leptos::prelude::*;
use model::api::submissions::{Line, LineKind, SubmissionState, SubmissionView};
use model::catalogue::ServiceStatus;

use super::steps::steps;
use super::wording::{kept_services, lines};
use crate::links;
use crate::parts::{Column, Fact, FactRows, Icon, Reason, Row, Table};
use crate::text::Lang;

/// Number and instant first, then what comes next, then what was sent and why.
pub fn sheet(lang: Lang, view: &SubmissionView, aggregator: &str) -> AnyView {
    let at = lang.on_instant(view.submitted_at);
    let sent = match &view.prepared_by {
        Some(person) => lang.submissions_sent(at, person),
        None => lang.submissions_sent_by_system(at),
    };
    view! {
        <article class="cz-receipt" aria-labelledby="numero">
            <p class="cz-on-paper">{[aggregator, " · ", &view.body.title].concat()}</p>
            <p class="cz-quiet mb-0">{lang.submissions_number()}</p>
            <h2 class="cz-receipt-number" id="numero">{view.number.clone()}</h2>
            <p class="cz-small cz-quiet mb-4">{sent}</p>
            {steps(lang, view, aggregator)}
            {table(lang, view)}
            {kept_services(lang, view).map(|title| named(lang, title, &lines(view, LineKind::Keep)))}
            <FactRows facts=reason(lang, view).into_iter().chain(facts(lang, view)).collect()/>
            <div class="cz-buttons cz-not-on-paper">
                {print(lang)}
                <a class="btn btn-link" href=links::requests(view.body.id)>{lang.submissions_follow()}</a>
            </div>
        </article>
    }
    .into_any()
}

/// What changes: additions, then drops; nothing where the package stays as it is.
fn table(lang: Lang, view: &SubmissionView) -> Option<AnyView> {
    let columns = vec![
        Column::text(lang.submissions_service()),
        Column::text(lang.submissions_change()),
        Column::number(lang.submissions_credits()),
    ];
    let row = |line: &Line| {
        let credits = if line.kind == LineKind::Drop { -line.credits } else { line.credits };
        Row::new([
            line.service.name.clone().into_any(),
            lang.line_kind(line.kind).into_any(),
            lang.number(credits).into_any(),
        ])
    };
    let (added, dropped) = (lines(view, LineKind::Add), lines(view, LineKind::Drop));
    let rows: Vec<_> = added.into_iter().chain(dropped).map(row).collect();
    let total = lang.number(view.held - view.renounced);
    let foot = vec![Row::new([lang.submissions_total().into_any(), ().into_any(), total.into_any()])];
    let caption = lang.submissions_table(&view.number);
    (!rows.is_empty()).then(|| {
        view! { <Table caption=caption caption_hidden=true columns=columns rows=rows foot=foot/> }.into_any()
    })
}

/// Services that need no line of their own, by name.
pub fn named(lang: Lang, title: String, lines: &[&Line]) -> AnyView {
    view! {
        <p class="cz-small">
            <strong>{title}</strong>
            <br/>
            {lang.listed(lines.iter().map(|line| &line.service.name))}
        </p>
    }
    .into_any()
}

/// Why the service of a line can't be had now, where it can't.
pub fn unavailable(lang: Lang, line: &Line) -> Option<AnyView> {
    let status = lang.service_status(line.status);
    let sentence = match line.status_reason.as_str() {
        _ if line.status == ServiceStatus::Published || line.kind == LineKind::Drop => return None,
        "" => lang.submissions_not_available(status),
        reason => lang.submissions_not_available_why(status, reason),
    };
    Some(view! { <Reason>{sentence}</Reason> }.into_any())
}

/// Why it is asked for.
pub fn reason(lang: Lang, view: &SubmissionView) -> Option<Fact> {
    (!view.reason.is_empty()).then(|| Fact::new(lang.submissions_reason(), view.reason.clone()))
}

/// The other covering facts: whom to call, who decided, what is left.
pub fn facts(lang: Lang, view: &SubmissionView) -> Vec<Fact> {
    let given = [(lang.submissions_contact(), &view.contact), (lang.submissions_protocol(), &view.protocol)];
    let mut facts: Vec<Fact> = given
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| Fact::new(name, value.clone()))
        .collect();
    let settled = view.authorised_by.as_ref().zip(view.settled_at);
    if let Some((person, at)) = settled.filter(|_| view.state == SubmissionState::Authorised) {
        facts.push(Fact::new(
            lang.submissions_authorised(),
            lang.submissions_settled(lang.on_instant(at), person),
        ));
    }
    let left = lang.credits_left(view.available, lang.number(view.granted));
    facts.push(Fact::new(lang.submissions_available(), left));
    facts
}

/// Only where a press does something: once the program is there.
fn print(lang: Lang) -> AnyView {
    let here = RwSignal::new(false);
    Effect::new(move |_| here.set(true));
    let press = move |_| {
        let _ = window().print();
    };
    view! {
        <Show when=move || here.get()>
            <button type="button" class="btn btn-outline-primary btn-icon" on:click=press>
                <Icon name="print"/>
                <span>{lang.submissions_print()}</span>
            </button>
        </Show>
    }
    .into_any()
}
