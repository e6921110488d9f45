//! *Pratiche*: everything that the body sent, the newest first.

use leptos::prelude::*;
use model::api::submissions::{ListSubmissions, SubmissionBrief, SubmissionState, Submissions};

use super::named_body;
use crate::links;
use crate::parts::{Column, Empty, Icon, Page, Row, SubmissionBadge, Table};
use crate::reading::{answered, read};
use crate::rendering::use_lang;
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
    let crumbs = vec![(body.title.clone(), links::body(body.id))];
    let content = if list.submissions.is_empty() {
        let basket = links::basket(body.id);
        view! {
            <Empty title=lang.submissions_list_none() text=lang.submissions_list_none_text()>
                <a class="btn btn-primary" href=basket>{lang.submissions_to_basket()}</a>
            </Empty>
        }
        .into_any()
    } else {
        let columns = vec![
            Column::text(lang.submissions_list_number()),
            Column::text(lang.submissions_list_when()),
            Column::text(lang.submissions_list_services()),
            Column::number(lang.submissions_list_held()),
            Column::text(lang.submissions_list_state()),
        ];
        let rows = list.submissions.iter().map(|brief| row(lang, brief)).collect();
        view! {
            {waiting(lang, list)}
            <Table caption=lang.submissions_list() caption_hidden=true columns=columns rows=rows/>
        }
        .into_any()
    };
    view! {
        <Page title=lang.submissions_list() about=body.title.clone() lead=lang.submissions_list_lead(&body.title) crumbs=crumbs>
            {content}
        </Page>
    }
    .into_any()
}

/// What waits for its authorisation stands out: for the mayor it is what to do.
fn waiting(lang: Lang, list: &Submissions) -> Option<AnyView> {
    let waits = |brief: &&SubmissionBrief| brief.state == SubmissionState::AwaitingAuthorisation;
    let brief = list.submissions.iter().find(waits)?;
    let on = lang.on_day(brief.submitted_at.day_in_rome());
    let item = view! {
        <ul class="cz-todo mb-4">
            <li>
                <Icon name="check-circle"/>
                <div>
                    <a href=links::submission(brief.id)>{lang.submissions_list_waiting(&brief.number)}</a>
                    <p>{lang.submissions_list_waiting_note(counts(lang, brief), on)}</p>
                </div>
                <Icon name="chevron-right"/>
            </li>
        </ul>
    };
    Some(item.into_any())
}

/// "2 aggiunti, 1 tolto e 8 confermati"
fn counts(lang: Lang, brief: &SubmissionBrief) -> String {
    let counts = [
        (brief.added, lang.submissions_count_added(brief.added.into())),
        (brief.dropped, lang.submissions_count_dropped(brief.dropped.into())),
        (brief.kept, lang.submissions_count_kept(brief.kept.into())),
    ];
    lang.listed(counts.into_iter().filter(|(count, _)| *count > 0).map(|(_, words)| words))
}

fn row(lang: Lang, brief: &SubmissionBrief) -> Row {
    Row::new([
        view! { <a href=links::submission(brief.id)>{brief.number.clone()}</a> }.into_any(),
        lang.instant(brief.submitted_at).into_any(),
        counts(lang, brief).into_any(),
        lang.credits(brief.held).into_any(),
        view! { <SubmissionBadge state=brief.state/> }.into_any(),
    ])
}
