//! *Movimenti dei crediti*: every entry of the account, by kind where wished, and what each kind means.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::api::bodies::{Entries, EntryLine, ListEntries};
use model::credits::EntryKind;
use model::ids::BodyId;

use super::named_body;
use crate::links;
use crate::parts::{
    Button, Column, CreditFigures, Empty, Fact, FactRows, FilterForm, Fold, Icon, Look, Page, Row, Selection,
    Table,
};
use crate::reading::{answered, read};
use crate::rendering::use_lang;
use crate::text::Lang;

/// `/comuni/:body/movimenti`
#[component]
pub fn EntriesPage() -> AnyView {
    let body = named_body();
    answered(read(move || ListEntries { body: body(), kind: None }), entries)
}

fn entries(list: Entries) -> AnyView {
    let lang = use_lang();
    let query = use_query_map();
    let wanted = move || query.with(|query| query.get("kind")).and_then(|kind| EntryKind::from_name(&kind));
    let (body, account) = (list.body.clone(), list.account);
    let caption = lang.bodies_credits_of(&body.title);
    let lead = lang.entry_lead(&body.title, &list.call_title);
    let filters = filters(lang, body.id, untrack(wanted));
    view! {
        <Page title=lang.entry_title() about=body.title.clone() lead=lead crumbs=vec![(body.title, links::body(body.id))]>
            <section class="cz-section">
                <CreditFigures account=account caption=caption/>
            </section>
            <section class="cz-section">
                {filters}
                // Only the table depends on the filter, so that the focus stays on the filter.
                {move || table(lang, &list, wanted())}
            </section>
            {meaning(lang)}
        </Page>
    }
    .into_any()
}

fn filters(lang: Lang, body: BodyId, wanted: Option<EntryKind>) -> AnyView {
    let all = (String::new(), lang.common_all().to_owned());
    let kinds = EntryKind::ALL.map(|kind| (kind.name().to_owned(), lang.entry_kind(kind).to_owned()));
    let choices = std::iter::once(all).chain(kinds).collect();
    view! {
        <FilterForm action=links::entries(body) class="cz-filters mb-4">
            <Selection
                id="tipo"
                name="kind"
                label=lang.entry_kind_sought()
                choices=choices
                chosen=wanted.map(EntryKind::name).unwrap_or_default()
            />
            <div class="cz-buttons">
                <Button look=Look::Outline>{lang.common_show()}</Button>
                <a class="cz-more" href=links::entries_file(body) rel="external">
                    <Icon name="download"/>
                    {lang.entry_csv()}
                </a>
                <a class="cz-more" href=links::ledger_file(body) rel="external" download="registro-crediti.json">
                    <Icon name="download"/>
                    {lang.entry_ledger()}
                </a>
            </div>
        </FilterForm>
    }
    .into_any()
}

fn table(lang: Lang, list: &Entries, wanted: Option<EntryKind>) -> AnyView {
    let entries: Vec<_> =
        list.entries.iter().filter(|entry| wanted.is_none_or(|kind| kind == entry.kind)).collect();
    if entries.is_empty() {
        return none(lang, list.body.id, wanted);
    }
    let count = i64::try_from(entries.len()).unwrap_or_default();
    let columns = vec![
        Column::text(lang.entry_what()),
        Column::text(lang.entry_when()),
        Column::text(lang.entry_about()),
        Column::number(lang.entry_amount()),
        Column::number(lang.entry_after()),
    ];
    let rows = entries.into_iter().map(|entry| row(lang, entry)).collect();
    view! { <Table caption=lang.entry_count(count) columns=columns rows=rows/> }.into_any()
}

fn none(lang: Lang, body: BodyId, wanted: Option<EntryKind>) -> AnyView {
    let (title, text, href, link) = match wanted {
        Some(kind) => (
            lang.entry_none_of_kind(lang.entry_kind(kind)),
            lang.entry_none_of_kind_text(),
            links::entries(body),
            lang.entry_all(),
        ),
        None => (lang.entry_none().to_owned(), lang.entry_none_text(), links::body(body), lang.entry_back()),
    };
    view! {
        <Empty title=title text=text>
            <a class="btn btn-primary" href=href>{link}</a>
        </Empty>
    }
    .into_any()
}

fn row(lang: Lang, entry: &EntryLine) -> Row {
    let effect = entry.kind.effect(entry.amount);
    // Of what can still be used: spending what was held changes nothing in it.
    let change = effect.granted - effect.held - effect.spent;
    let amount = if change == 0 { lang.credits(entry.amount) } else { lang.credits_change(change) };
    Row::new([
        lang.entry_kind(entry.kind).into_any(),
        lang.instant(entry.at).into_any(),
        about(lang, entry),
        amount.into_any(),
        lang.credits(entry.after.available()).into_any(),
    ])
}

/// The service and why, then who and in which submission.
fn about(lang: Lang, entry: &EntryLine) -> AnyView {
    let service = entry.service.as_ref().map(|service| {
        let href = match entry.request {
            Some(request) => links::request(request),
            None => links::service(&service.code),
        };
        view! {
            <a href=href>{service.name.clone()}</a>
            <br/>
        }
    });
    let reason = (!entry.reason.is_empty()).then(|| {
        view! {
            {entry.reason.clone()}
            <br/>
        }
    });
    let actor = entry.actor.as_deref().unwrap_or_else(|| lang.common_system());
    let by = match (&entry.submission_number, &entry.proposed_by) {
        (Some(number), _) => lang.entry_by(actor, lang.entry_submission(number)),
        (None, Some(proposer)) => lang.entry_proposed(actor, proposer),
        (None, None) => actor.to_owned(),
    };
    let cause = lang.entry_cause(entry);
    view! {
        {service}
        {cause}
        <br/>
        {reason}
        <span class="cz-quiet">{by}</span>
    }
    .into_any()
}

fn meaning(lang: Lang) -> AnyView {
    let facts = EntryKind::ALL.map(|kind| Fact::new(lang.entry_kind(kind), means(lang, kind))).into();
    view! {
        <Fold summary=lang.entry_meaning() framed=true>
            <p>{lang.entry_for_ever()}</p>
            <FactRows facts=facts/>
        </Fold>
    }
    .into_any()
}

fn means(lang: Lang, kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Grant => lang.entry_means_grant(),
        EntryKind::Reduce => lang.entry_means_reduce(),
        EntryKind::Renounce => lang.entry_means_renounce(),
        EntryKind::Reinstate => lang.entry_means_reinstate(),
        EntryKind::Hold => lang.entry_means_hold(),
        EntryKind::Spend => lang.entry_means_spend(),
        EntryKind::Release => lang.entry_means_release(),
        EntryKind::Refund => lang.entry_means_refund(),
        EntryKind::Correct => lang.entry_means_correct(),
        EntryKind::Expire => lang.entry_means_expire(),
    }
}
