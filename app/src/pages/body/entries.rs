//! *Movimenti dei crediti*: every entry of the account, by kind where wished, and what each kind means.

use leptos::prelude::*;
use model::api::body::{Entries, EntryLine, ListEntries};
use model::credits::EntryKind;
use model::ids::BodyId;

use crate::parts::{
    Button, Column, CreditFigures, Empty, Fact, FactRows, FilterForm, Fold, Icon, Look, Page, Row, Selection, Table,
};
use crate::reading::{answered, read};
use crate::rendering::use_lang;
use crate::routes;
use crate::text::Lang;

/// `/comuni/:body/movimenti`
#[component]
pub fn EntriesPage() -> AnyView {
    let body = routes::param::<BodyId>("body");
    let kind = routes::query("kind");
    let wanted = move || EntryKind::from_name(&kind());
    answered(read(move || ListEntries { body: body(), kind: wanted() }), move |list| entries(&list, untrack(wanted)))
}

fn entries(list: &Entries, wanted: Option<EntryKind>) -> AnyView {
    let lang = use_lang();
    let body = list.body.id;
    let crumbs = vec![(list.body.title.clone(), routes::area(body))];
    view! {
        <Page title=lang.entry_title() lead=lang.entry_lead(&list.body.title, &list.call_title) crumbs=crumbs>
            <section class="cz-section">
                <CreditFigures account=list.account caption=lang.body_credits_of(&list.body.title)/>
            </section>
            <section class="cz-section">
                {filters(lang, body, wanted)}
                {table(lang, list, wanted)}
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
        <FilterForm action=routes::entries(body) class="cz-filters mb-4">
            <Selection
                id="tipo"
                name="kind"
                label=lang.entry_kind_label()
                choices=choices
                chosen=wanted.map(EntryKind::name).unwrap_or_default()
            />
            <div class="cz-buttons">
                <Button look=Look::Outline>{lang.common_show()}</Button>
                <a class="cz-more" href=routes::entries_csv(body) rel="external">
                    <Icon name="download"/>
                    {lang.entry_csv()}
                </a>
            </div>
        </FilterForm>
    }
    .into_any()
}

fn table(lang: Lang, list: &Entries, wanted: Option<EntryKind>) -> AnyView {
    if list.entries.is_empty() {
        return none(lang, list.body.id, wanted);
    }
    let count = i64::try_from(list.entries.len()).unwrap_or_default();
    let columns = vec![
        Column::text(lang.entry_what()),
        Column::text(lang.entry_when()),
        Column::text(lang.entry_about()),
        Column::number(lang.entry_amount()),
        Column::number(lang.entry_after()),
    ];
    let rows = list.entries.iter().map(|entry| row(lang, entry)).collect();
    view! { <Table caption=lang.entry_count(count) columns=columns rows=rows/> }.into_any()
}

fn none(lang: Lang, body: BodyId, wanted: Option<EntryKind>) -> AnyView {
    let (title, text, href, link) = match wanted {
        Some(kind) => (
            lang.entry_none_of_kind(lang.entry_kind(kind)),
            lang.entry_none_of_kind_text(),
            routes::entries(body),
            lang.entry_all(),
        ),
        None => (lang.entry_none().to_owned(), lang.entry_none_text(), routes::area(body), lang.entry_back()),
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
            Some(request) => routes::request(request),
            None => routes::service(&service.code),
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
    let by = match &entry.submission_number {
        Some(number) => lang.entry_by(actor, lang.entry_submission(number)),
        None => actor.to_owned(),
    };
    view! {
        {service}
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
