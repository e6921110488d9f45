//! *Da autorizzare*: the mayor's card, made for a thumb. One sentence, the list in plain words, yes or no. Printed, it is
//! the receipt, with its number.

use leptos::prelude::*;
use model::api::submissions::{Authorise, Line, LineKind, SendBack, SubmissionView};
use model::requests::Event;

use super::receipt_sheet::{facts, named, reason, sheet, unavailable};
use super::viewer::{OnSettled, Viewer, submission_name};
use super::wording::{ask, dropped, kept_services, lines};
use crate::links;
use crate::parts::{Button, Control, Fact, FactRows, Field, Fold, LiveForm, Look, Page, came_back};
use crate::rendering::use_lang;
use crate::text::Lang;

pub fn authorise(view: &SubmissionView, reader: &Viewer<'_>, settled: OnSettled) -> AnyView {
    let lang = use_lang();
    let crumbs = vec![(view.body.title.clone(), links::body(view.body.id))];
    let card = card(lang, view, settled);
    let on_paper = sheet(lang, view, reader.aggregator);
    let mut facts = facts(lang, view);
    facts.insert(0, Fact::new(lang.submissions_number(), view.number.clone()));
    let about = submission_name(view);
    view! {
        <Page title=lang.submissions_to_authorise() about=about crumbs=crumbs>
            {card}
            <div class="cz-on-paper">{on_paper}</div>
            <div class="mt-4 cz-not-on-paper">
                <Fold summary=lang.submissions_facts() framed=true>
                    <FactRows facts=facts/>
                </Fold>
            </div>
        </Page>
    }
    .into_any()
}

fn card(lang: Lang, view: &SubmissionView, settled: OnSettled) -> AnyView {
    let id = view.id.to_string();
    let seen = view.seen().into_iter().map(|seen| ("seen", seen.into()));
    let with: Vec<_> = [("submission", id.clone())].into_iter().chain(seen).collect();
    let day = lang.on_day(view.submitted_at.day_in_rome());
    let prepared = view.prepared_by.as_ref().map(|person| lang.submissions_prepared(person, day));
    let open = came_back::<SendBack>("");
    view! {
        <article class="cz-authorise cz-not-on-paper" aria-labelledby="chiede">
            <h2 class="cz-ask" id="chiede">{ask(lang, view)}</h2>
            {added(lang, &lines(view, LineKind::Add))}
            {dropped(lang, view).map(|title| named(lang, title, &lines(view, LineKind::Drop)))}
            {kept_services(lang, view).map(|title| named(lang, title, &lines(view, LineKind::Keep)))}
            {kept_unavailable(lang, view)}
            {reason(lang, view).map(|reason| view! { <FactRows facts=vec![reason]/> })}
            <p class="cz-small cz-quiet">
                {prepared} " "
                {lang.submissions_may_authorise_until(lang.until_instant(view.authorise_until))}
            </p>
            <LiveForm<Authorise> with=with then=settled>
                <Button look=Look::PrimaryLarge>{lang.action(Event::Authorise)}</Button>
            </LiveForm<Authorise>>
            <div class="mt-3">
                <Fold summary=lang.action(Event::SendBack) open=open>
                    {send_back(lang, id, settled)}
                </Fold>
            </div>
        </article>
    }
    .into_any()
}

/// What citizens will be able to do, service by service.
fn added(lang: Lang, lines: &[&Line]) -> Option<AnyView> {
    let row = |line: &&Line| {
        view! {
            <li>
                <div>
                    <p class="cz-item-name">{line.service.name.clone()}</p>
                    <p class="cz-item-note">{line.summary.clone()}</p>
                    <p class="cz-item-note">{lang.level(line.level)}</p>
                    {unavailable(lang, line)}
                </div>
                <span class="cz-price">{lang.credits(line.credits)}</span>
            </li>
        }
    };
    (!lines.is_empty())
        .then(|| view! { <ul class="cz-items mb-4">{lines.iter().map(row).collect_view()}</ul> }.into_any())
}

/// Items of the package that can't be had now, each by its name.
fn kept_unavailable(lang: Lang, view: &SubmissionView) -> Vec<AnyView> {
    let remark = |line: &&Line| {
        let why = unavailable(lang, line)?;
        Some(view! { <p class="cz-item-name">{line.service.name.clone()}</p> {why} }.into_any())
    };
    lines(view, LineKind::Keep).iter().filter_map(remark).collect()
}

fn send_back(lang: Lang, id: String, settled: OnSettled) -> AnyView {
    view! {
        <LiveForm<SendBack> with=[("submission", id)] then=settled>
            <Field
                name="reason"
                label=lang.submissions_what_to_change()
                hint=lang.submissions_what_to_change_hint()
                control=Control::Text
            />
            <p class="cz-small cz-quiet">{lang.submissions_send_back_effect()}</p>
            <Button look=Look::OutlineWide>{lang.submissions_send_back()}</Button>
        </LiveForm<SendBack>>
    }
    .into_any()
}
