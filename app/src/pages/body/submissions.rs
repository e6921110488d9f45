//! *Pratiche*: everything that the body sent, the newest first.

use leptos::prelude::*;
use model::api::submission::{ListSubmissions, SubmissionBrief, Submissions};

use super::named_body;
use crate::parts::{Column, Empty, Page, Row, SubmissionBadge, Table};
use crate::reading::{answered, read};
use crate::rendering::use_lang;
use crate::routes;
use crate::text::Lang;

/// `/comuni/:body/pratiche`
#[component]
pub fn SubmissionsPage() -> AnyView {
    let body = named_body();
    answered(read(move || ListSubmissions { body: body() }), |list| submissions(&list))
}

fn submissions(list: &Submissions) -> AnyView {
    let lang = use_lang();
    let body = &list.body;
    let crumbs = vec![(body.title.clone(), routes::body(body.id))];
    let content = if list.submissions.is_empty() {
        let basket = routes::basket(body.id);
        view! {
            <Empty title=lang.submission_list_none() text=lang.submission_list_none_text()>
                <a class="btn btn-primary" href=basket>{lang.submission_to_basket()}</a>
            </Empty>
        }
        .into_any()
    } else {
        let columns = vec![
            Column::text(lang.submission_list_number()),
            Column::text(lang.submission_list_when()),
            Column::text(lang.submission_list_services()),
            Column::number(lang.submission_list_held()),
            Column::text(lang.submission_list_state()),
        ];
        let rows = list.submissions.iter().map(|brief| row(lang, brief)).collect();
        view! { <Table caption=lang.submission_list() heard=true columns=columns rows=rows/> }.into_any()
    };
    view! {
        <Page title=lang.submission_list() lead=lang.submission_list_lead(&body.title) crumbs=crumbs>
            {content}
        </Page>
    }
    .into_any()
}

fn row(lang: Lang, brief: &SubmissionBrief) -> Row {
    let counts = [
        (brief.added, lang.submission_count_added(brief.added.into())),
        (brief.dropped, lang.submission_count_dropped(brief.dropped.into())),
        (brief.kept, lang.submission_count_kept(brief.kept.into())),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0).map(|(_, words)| words);
    Row::new([
        view! { <a href=routes::submission(brief.id)>{brief.number.clone()}</a> }.into_any(),
        lang.instant(brief.submitted_at).into_any(),
        lang.listed(counts).into_any(),
        lang.credits(brief.held).into_any(),
        view! { <SubmissionBadge state=brief.state/> }.into_any(),
    ])
}
