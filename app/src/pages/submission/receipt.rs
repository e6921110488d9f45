//! The receipt: number, instant, what was sent, what comes next. It can be printed, and attached to a resolution.

use leptos::prelude::*;
use model::api::submission::{Line, LineKind, SubmissionState, SubmissionView, WithdrawSubmission};
use model::requests::Event;

use super::message::tell_mayor;
use super::page::Settled;
use super::steps::steps;
use crate::parts::{
    Alert, Button, Column, Fact, FactRows, Fold, Icon, LiveForm, Look, Page, Row, SubmissionBadge, Table,
    Tone, came_back,
};
use crate::rendering::use_lang;
use crate::routes;
use crate::text::Lang;

pub fn receipt(view: &SubmissionView, aggregator: &str, settled: Settled) -> AnyView {
    let lang = use_lang();
    let waits = view.state == SubmissionState::AwaitingAuthorisation;
    let crumbs = vec![
        (view.body.title.clone(), routes::body(view.body.id)),
        (lang.submission_list().to_owned(), routes::submissions(view.body.id)),
    ];
    let badge = view! { <SubmissionBadge state=view.state/> }.into_any();
    let reason = view.sent_back_reason.clone();
    let asked = (!reason.is_empty()).then(|| {
        view! {
            <Alert tone=Tone::Warning title=lang.submission_what_mayor_asks()>
                <p>{reason}</p>
            </Alert>
        }
    });
    let sheet = sheet(lang, view, aggregator);
    let sheet = if waits {
        view! {
            <div class="cz-columns">
                {sheet}
                <aside class="cz-not-on-paper" aria-labelledby="sindaco">{tell_mayor(lang, view)}</aside>
            </div>
        }
        .into_any()
    } else {
        sheet
    };
    let (back, steps) = (back(lang, view), steps(lang, view, aggregator));
    let withdraw = view.may_withdraw.then(|| withdraw(lang, view, settled));
    view! {
        <Page title=head(lang, view) lead=lead(lang, view, aggregator) crumbs=crumbs badges=badge>
            {asked} {back} {steps} {sheet} {withdraw}
        </Page>
    }
    .into_any()
}

/// Kept by the system at the end of the call, since nobody had sent anything.
fn is_silence(view: &SubmissionView) -> bool {
    view.prepared_by.is_none()
}

fn head(lang: Lang, view: &SubmissionView) -> &'static str {
    match view.state {
        SubmissionState::AwaitingAuthorisation => lang.submission_head_awaiting(),
        SubmissionState::Authorised if is_silence(view) => lang.submission_head_kept(),
        SubmissionState::Authorised if view.authorised_by.is_none() => lang.submission_head_awaiting(),
        SubmissionState::Authorised => lang.submission_head_authorised(),
        SubmissionState::SentBack => lang.submission_head_sent_back(),
        SubmissionState::Lapsed => lang.submission_head_lapsed(),
        SubmissionState::Withdrawn => lang.submission_head_withdrawn(),
    }
}

/// What happens now.
fn lead(lang: Lang, view: &SubmissionView, aggregator: &str) -> String {
    match view.state {
        SubmissionState::AwaitingAuthorisation => {
            lang.submission_lead_awaiting(lang.until_instant(view.authorise_until))
        }
        SubmissionState::Authorised if is_silence(view) => lang.submission_lead_kept().to_owned(),
        SubmissionState::Authorised => match view.answer_by {
            Some(day) => lang.submission_lead_answer(aggregator, lang.by_day(day)),
            None if view.live_by.is_some() => lang.submission_lead_activation(aggregator),
            None => lang.submission_lead_drops().to_owned(),
        },
        SubmissionState::SentBack => lang.submission_lead_sent_back().to_owned(),
        SubmissionState::Lapsed => lang.submission_lead_lapsed().to_owned(),
        SubmissionState::Withdrawn => lang.submission_lead_withdrawn().to_owned(),
    }
}

/// The way on from a submission that came to nothing.
fn back(lang: Lang, view: &SubmissionView) -> Option<AnyView> {
    let name = match view.state {
        SubmissionState::SentBack => lang.submission_mend(),
        SubmissionState::Lapsed | SubmissionState::Withdrawn => lang.submission_to_basket(),
        SubmissionState::AwaitingAuthorisation | SubmissionState::Authorised => return None,
    };
    let (basket, area) = (routes::basket(view.body.id), routes::body(view.body.id));
    let links = view! {
        <div class="cz-buttons mb-5">
            <a class="btn btn-primary" href=basket>{name}</a>
            <a class="btn btn-link" href=area>{lang.submission_to_area()}</a>
        </div>
    };
    Some(links.into_any())
}

/// What goes on paper.
fn sheet(lang: Lang, view: &SubmissionView, aggregator: &str) -> AnyView {
    let at = lang.on_instant(view.submitted_at);
    let sent = match &view.prepared_by {
        Some(person) => lang.submission_sent(at, person),
        None => lang.submission_sent_by_system(at),
    };
    view! {
        <article class="cz-receipt" aria-labelledby="numero">
            <p class="cz-on-paper">{[aggregator, " · ", &view.body.title].concat()}</p>
            <p class="cz-quiet mb-0">{lang.submission_number()}</p>
            <h2 class="cz-receipt-number" id="numero">{view.number.clone()}</h2>
            <p class="cz-small cz-quiet mb-4">{sent}</p>
            {table(lang, view)}
            {facts(lang, view)}
            <div class="cz-buttons cz-not-on-paper">
                {print(lang)}
                <a class="btn btn-link" href=routes::requests(view.body.id)>{lang.submission_follow()}</a>
            </div>
        </article>
    }
    .into_any()
}

fn table(lang: Lang, view: &SubmissionView) -> AnyView {
    let columns = vec![
        Column::text(lang.submission_service()),
        Column::text(lang.submission_change()),
        Column::number(lang.submission_credits()),
    ];
    let row = |line: &Line| {
        let credits = if line.kind == LineKind::Drop { -line.credits } else { line.credits };
        Row::new([
            line.service.name.clone().into_any(),
            lang.line_kind(line.kind).into_any(),
            lang.number(credits).into_any(),
        ])
    };
    let total = lang.number(view.held - view.renounced);
    let foot = vec![Row::new([lang.submission_total().into_any(), ().into_any(), total.into_any()])];
    let rows = view.lines.iter().map(row).collect();
    let caption = lang.submission_table(&view.number);
    view! { <Table caption=caption heard=true columns=columns rows=rows foot=foot/> }.into_any()
}

/// The covering facts: why, whom to call, who decided.
pub fn facts(lang: Lang, view: &SubmissionView) -> AnyView {
    let settled = view.authorised_by.as_ref().zip(view.settled_at);
    let settled = settled.filter(|_| view.state == SubmissionState::Authorised);
    let given = [
        (lang.submission_number(), view.number.clone()),
        (lang.submission_reason(), view.reason.clone()),
        (lang.submission_contact(), view.contact.clone()),
        (lang.submission_protocol(), view.protocol.clone()),
        (lang.submission_prepared_by(), view.prepared_by.clone().unwrap_or_default()),
    ];
    let mut facts: Vec<Fact> = given
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| Fact::new(name, value))
        .collect();
    if let Some((person, at)) = settled {
        facts.push(Fact::new(
            lang.submission_authorised(),
            lang.submission_settled(lang.on_instant(at), person),
        ));
    }
    let left = lang.credits_left(view.available, lang.number(view.granted));
    facts.push(Fact::new(lang.submission_available(), left));
    view! { <FactRows facts=facts/> }.into_any()
}

/// "Pagamento TARSU, Nodo dei pagamenti"
pub fn mentioned(lines: &[&Line]) -> String {
    use_lang().listed(lines.iter().map(|line| &line.service.name))
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
                <span>{lang.submission_print()}</span>
            </button>
        </Show>
    }
    .into_any()
}

/// Asks once, naming the submission.
fn withdraw(lang: Lang, view: &SubmissionView, settled: Settled) -> AnyView {
    let open = came_back::<WithdrawSubmission>("");
    let with = [("submission", view.id.to_string())];
    let (effect, this) =
        (lang.submission_withdraw_effect(&view.number), lang.submission_withdraw_this(&view.number));
    view! {
        <div class="cz-not-on-paper mt-4">
            <Fold summary=lang.deed(Event::WithdrawSubmission) open=open>
                <p>{effect}</p>
                <LiveForm<WithdrawSubmission> with=with then=settled>
                    <Button look=Look::Danger>{this}</Button>
                </LiveForm<WithdrawSubmission>>
            </Fold>
        </div>
    }
    .into_any()
}
