//! The area of one body: what to do first, then how things stand, then whom to ask.

use leptos::prelude::*;
use model::access::Permission;
use model::api::bodies::{BodyArea, CallWindow, LatestSubmission, ReadBody};
use model::credits::Account;
use model::ids::BodyId;
use model::people::Role;

use super::assignment::why;
use super::help::help;
use super::services::services;
use super::todo::{draft_words, todo};
use super::{home, is_to_open, named_body, opens};
use crate::links;
use crate::parts::{Alert, CreditFigures, Empty, Icon, Page, SubmissionBadge, Tone};
use crate::reading::{answered, read};
use crate::rendering::use_lang;
use crate::text::Lang;

/// `/comuni/:body`
#[component]
pub fn AreaPage() -> AnyView {
    let body = named_body();
    answered(read(move || ReadBody { body: body() }), |answer| area(&answer))
}

fn area(area: &BodyArea) -> AnyView {
    let lang = use_lang();
    let lead = match &area.call {
        Some(window) => lead(lang, window),
        None => lang.bodies_no_call().to_owned(),
    };
    let (remarks, content) = (remarks(lang, area), content(lang, area));
    view! {
        <Page title=area.title.clone() lead=lead crumbs=vec![home(lang)]>
            {remarks} {content}
        </Page>
    }
    .into_any()
}

/// The call and how long it lasts, in one sentence.
fn lead(lang: Lang, window: &CallWindow) -> String {
    let call = &window.title;
    if window.open && window.days_left == 0 {
        return lang.bodies_lead_today(call, lang.at_clock(window.closes));
    }
    if window.open {
        return lang.bodies_lead_open(
            call,
            lang.until_instant(window.closes),
            lang.days_left(window.days_left),
        );
    }
    if is_to_open(window) {
        return lang.bodies_lead_not_yet(call, lang.on_instant(window.opens));
    }
    lang.bodies_lead_closed(call, lang.since_day(window.closes.day_in_rome()))
}

/// What is particular: an extension, more than one role.
fn remarks(lang: Lang, area: &BodyArea) -> AnyView {
    let extension = area.call.as_ref().and_then(|window| window.extension_reason.as_deref());
    let extension = extension.map(|reason| match reason {
        "" => lang.bodies_extended_by_itself().to_owned(),
        reason => lang.bodies_extended(reason),
    });
    let reopened = area.call.as_ref().and_then(|window| lang.reopened(window));
    let unchanged =
        (reopened.is_some() && area.submitted && area.call.as_ref().is_some_and(|window| window.open))
            .then(|| lang.bodies_reopened_kept().to_owned());
    let unsent =
        area.draft.filter(|_| area.call.as_ref().is_some_and(|window| !window.open && !is_to_open(window)));
    let unsent = unsent.filter(|_| area.roles.iter().any(|role| matches!(role, Role::Officer | Role::Mayor)));
    let unsent = unsent.map(|draft| {
        let text = lang.bodies_unsent_text(draft_words(lang, &draft));
        view! { <Alert tone=Tone::Warning title=lang.bodies_unsent_title()><p>{text}</p></Alert> }
    });
    let roles = (area.roles.len() > 1)
        .then(|| lang.bodies_roles(lang.listed(area.roles.iter().map(|role| lang.role(*role)))));
    let remark = |remark: String| view! { <p class="cz-small cz-quiet">{remark}</p> };
    let remarks = [reopened, unchanged, extension, roles].map(|text| text.map(remark)).collect_view();
    view! { {unsent} {remarks} }.into_any()
}

fn content(lang: Lang, area: &BodyArea) -> AnyView {
    if area.body.joined.is_none() {
        return instead(area, "sign", lang.bodies_not_joined(&area.title), lang.bodies_not_joined_text());
    }
    let Some(window) = &area.call else {
        return instead(area, "calendar", lang.bodies_no_call().to_owned(), lang.bodies_no_call_text());
    };
    let Some((assigned, account)) = area.assigned.as_ref().zip(area.account) else {
        let text = match area.body.population {
            Some(_) => lang.bodies_not_assigned_text(),
            None => lang.bodies_not_assigned_population(),
        };
        return instead(area, "box", lang.bodies_not_assigned().to_owned(), text);
    };
    view! {
        {todo(lang, area, window)}
        <div class="cz-columns">
            <div>
                {credits(lang, area, window, account)}
                {services(lang, area, window)}
                {why(lang, assigned, &area.services)}
            </div>
            <div>
                {high(lang, area.high, window)}
                {area.latest.as_ref().filter(|_| opens(&area.roles, Permission::ReadSubmission)).map(|latest| {
                    sent(lang, area.body.id, latest)
                })}
                {help(lang, area)}
            </div>
        </div>
    }
    .into_any()
}

/// Where there is no package: why, what to do next, whom to ask.
fn instead(area: &BodyArea, icon: &'static str, title: String, text: &'static str) -> AnyView {
    let lang = use_lang();
    let joined = area.body.joined.is_some();
    view! {
        <Empty icon=icon title=title text=text>
            {(!joined).then(|| {
                view! { <a class="btn btn-primary" href=links::JOIN>{lang.bodies_how_to_join()}</a> }
            })}
            <a class=if joined { "btn btn-primary" } else { "btn btn-link" } href=links::CATALOGUE>
                {lang.bodies_catalogue_link()}
            </a>
        </Empty>
        <div class="cz-prose">{help(lang, area)}</div>
    }
    .into_any()
}

fn credits(lang: Lang, area: &BodyArea, window: &CallWindow, account: Account) -> AnyView {
    view! {
        <section class="cz-section" aria-labelledby="crediti">
            <div class="cz-title-row">
                <h2 id="crediti">{lang.bodies_credits()}</h2>
                <a class="cz-more" href=links::entries(area.body.id)>
                    {lang.bodies_entries_link()}
                    <Icon name="arrow-right"/>
                </a>
            </div>
            <CreditFigures account=account caption=lang.bodies_credits_of(&area.title)/>
            <p class="cz-small cz-quiet">{lang.leftovers(window.leftovers)}</p>
        </section>
    }
    .into_any()
}

fn high(lang: Lang, high: u32, window: &CallWindow) -> AnyView {
    view! {
        <section class="cz-panel cz-panel-tint mb-4">
            <h2 class="h3">{lang.bodies_high()}</h2>
            <p>{lang.bodies_high_count(high.into(), window.high.minimum, window.high.maximum)}</p>
            <p class="cz-small cz-quiet">{lang.bodies_high_what()}</p>
        </section>
    }
    .into_any()
}

fn sent(lang: Lang, body: BodyId, latest: &LatestSubmission) -> AnyView {
    view! {
        <section class="cz-panel cz-panel-tint mb-4">
            <h2 class="h3">{lang.bodies_latest()}</h2>
            <p>
                <a href=links::submission(latest.id)>{lang.bodies_latest_number(&latest.number)}</a>
                " "
                <SubmissionBadge state=latest.state/>
            </p>
            <a class="cz-more" href=links::submissions(body)>
                {lang.bodies_submissions_link()}
                <Icon name="arrow-right"/>
            </a>
        </section>
    }
    .into_any()
}
