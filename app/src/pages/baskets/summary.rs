//! *Riepilogo*: what would be sent, what happens then, and the form that sends it.

use leptos::prelude::*;
use model::api::Operation;
use model::api::baskets::{BasketView, ReadBasket};
use model::api::submissions::{Line, LineKind, Submit};

use super::header::{crumbs, lock};
use super::sending::send;
use super::summary_panel::{objection, objections};
use crate::links;
use crate::pages::bodies::named_body;
use crate::pages::submissions::unavailable;
use crate::parts::{Alert, Column, ListStep, Page, Row, Steps, Table, Tone, changed_since, gone};
use crate::reading::{answered, read};
use crate::rendering::use_lang;
use crate::session::with_session;
use crate::text::Lang;

/// `/comuni/:body/pacchetto/riepilogo`
#[component]
pub fn SummaryPage() -> AnyView {
    let body = named_body();
    answered(read(move || ReadBasket { body: body() }), |view| summary(&view))
}

fn summary(view: &BasketView) -> AnyView {
    let lang = use_lang();
    let may_send = view.editable && view.waiting.is_none() && objections(view).is_empty();
    let rest = if may_send { sending(lang, view) } else { not_yet(lang, view) };
    let (lock, changes) = (lock(view), changes(lang, view));
    let refused = if may_send {
        changed_since::<Submit>()
    } else {
        gone(lang.baskets_summary_now(), |notice| (notice.operation == Submit::PATH).then_some(false))
    };
    view! {
        <Page title=lang.baskets_summary_title() about=view.body.title.clone() lead=lead(lang, view) crumbs=crumbs(lang, view, true)>
            {refused} {lock} {changes} {rest}
        </Page>
    }
    .into_any()
}

fn lead(lang: Lang, view: &BasketView) -> String {
    let unchanged = view.lines.iter().all(|line| line.kind == LineKind::Keep) && !view.lines.is_empty();
    if unchanged {
        lang.baskets_summary_confirm(&view.body.title, &view.call.title)
    } else {
        lang.baskets_summary_lead(&view.body.title, &view.call.title)
    }
}

/// Service, what changes, credits; totals before and after.
fn changes(lang: Lang, view: &BasketView) -> AnyView {
    let row = |line: &Line| {
        let credits = match line.kind {
            LineKind::Add | LineKind::Keep => line.credits,
            LineKind::Drop => -line.credits,
        };
        let name = view! {
            {line.service.name.clone()}
            {unavailable(lang, line)}
        };
        let change = lang.baskets_line_level(lang.line_kind(line.kind), lang.level(line.level));
        Row::new([name.into_any(), change.into_any(), lang.number(credits).into_any()])
    };
    let columns = vec![
        Column::text(lang.baskets_column_service()),
        Column::text(lang.baskets_column_change()),
        Column::number(lang.baskets_column_credits()),
    ];
    let available = view.account.available();
    let before_after = if available == view.left {
        lang.baskets_unchanged(lang.number(available))
    } else {
        lang.baskets_before_after(lang.number(available), lang.number(view.left))
    };
    let range = view.call.high;
    let high = [&view.high.to_string(), " ", &lang.baskets_high_range(range.minimum, range.maximum)].concat();
    let total =
        |name: &'static str, amount: String| Row::new([name.into_any(), ().into_any(), amount.into_any()]);
    let foot = vec![
        total(lang.baskets_total(), lang.number(view.cost)),
        total(lang.baskets_available(), before_after),
        total(lang.bodies_high(), high),
    ];
    view! {
        <section class="cz-section" aria-labelledby="cambia">
            <h2 id="cambia">{lang.baskets_changes()}</h2>
            <Table
                caption=lang.baskets_changes_caption()
                caption_hidden=true
                columns=columns
                rows=view.lines.iter().map(row).collect()
                foot=foot
            />
        </section>
    }
    .into_any()
}

/// Every reason why it can't be sent.
fn not_yet(lang: Lang, view: &BasketView) -> AnyView {
    let reasons: Vec<_> = if view.waiting.is_some() || !view.editable {
        Vec::new()
    } else {
        objections(view).iter().map(|one| view! { <li>{objection(lang, one)}</li> }).collect()
    };
    let alert = (!reasons.is_empty()).then(|| {
        view! {
            <Alert tone=Tone::Warning title=lang.baskets_not_yet()>
                <ul>{reasons}</ul>
            </Alert>
        }
    });
    view! {
        {alert}
        <div class="cz-buttons">
            <a class="btn btn-primary" href=links::basket(view.body.id)>
                {lang.baskets_back_to_basket()}
            </a>
        </div>
    }
    .into_any()
}

fn sending(lang: Lang, view: &BasketView) -> AnyView {
    let seen = view.clone();
    let steps = with_session(move |session| {
        view! { <Steps steps=next(lang, &seen, &session.aggregator.name) row=true/> }.into_any()
    });
    view! {
        <section class="cz-section" aria-labelledby="dopo">
            <h2 id="dopo">{lang.baskets_next()}</h2>
            {steps}
        </section>
        {send(view)}
    }
    .into_any()
}

/// *Che cosa succede dopo*: who, and by when.
fn next(lang: Lang, view: &BasketView, aggregator: &str) -> Vec<ListStep> {
    let days = |days: u32| lang.dates_working_days(days.into());
    let first = if view.needs_authorisation {
        let until = lang.until_day(view.call.authorise_until.day_in_rome());
        ListStep::new(lang.baskets_next_mayor(), lang.baskets_next_mayor_note(until))
    } else {
        ListStep::new(lang.baskets_next_sent(), lang.baskets_next_sent_note())
    };
    let has = |kind| view.lines.iter().any(|line| line.kind == kind);
    let second = if has(LineKind::Add) {
        let note = lang.baskets_next_review_note(aggregator, days(view.review_days));
        ListStep::new(lang.baskets_next_review(), note)
    } else if has(LineKind::Keep) {
        ListStep::new(lang.baskets_next_kept(), lang.baskets_next_kept_note())
    } else {
        ListStep::new(lang.baskets_next_dropped(), lang.baskets_next_dropped_note())
    };
    let third = (has(LineKind::Add) || has(LineKind::Keep)).then(|| {
        ListStep::new(lang.baskets_next_live(), lang.baskets_next_live_note(days(view.activation_days)))
    });
    [Some(first), Some(second), third].into_iter().flatten().collect()
}
