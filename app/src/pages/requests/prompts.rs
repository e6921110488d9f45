//! What the reader should do now, below the three facts; and the alert for a refused form that is gone.

use leptos::prelude::*;
use model::api::Operation;
use model::api::requests::{
    AnswerRequest, Approve, AskChanges, Cancel, CompleteMilestone, EndService, GoLive, Reassign, Reject,
    ReleaseRequest, RemindRequest, Revoke, Start, TakeInCharge, WithdrawRequest,
};
use model::requests::{Event, State};

use super::due::is_late;
use super::event_forms::{RequestForms, note};
use super::facts::{body_turn, next_milestone};
use super::steps::steps;
use crate::links;
use crate::parts::{Alert, Button, Control, Field, Look, Tone, gone};

/// The path of each action that has a form of its own.
const FORMS: [(Event, &str); 15] = [
    (Event::TakeInCharge, TakeInCharge::PATH),
    (Event::AskChanges, AskChanges::PATH),
    (Event::Answer, AnswerRequest::PATH),
    (Event::Approve, Approve::PATH),
    (Event::Reject, Reject::PATH),
    (Event::Withdraw, WithdrawRequest::PATH),
    (Event::Cancel, Cancel::PATH),
    (Event::Start, Start::PATH),
    (Event::CompleteMilestone, CompleteMilestone::PATH),
    (Event::GoLive, GoLive::PATH),
    (Event::Revoke, Revoke::PATH),
    (Event::End, EndService::PATH),
    (Event::Reassign, Reassign::PATH),
    (Event::Remind, RemindRequest::PATH),
    (Event::Release, ReleaseRequest::PATH),
];

/// The alert for a refused action whose form is gone, because the request has changed its state.
pub fn moved_on(seen: RequestForms) -> Option<AnyView> {
    gone(seen.lang.requests_gone(), |notice| {
        let (event, _) = FORMS.iter().find(|(_, path)| *path == notice.operation)?;
        (notice.form == seen.name()).then(|| seen.may(*event))
    })
}

/// What the reader should do, the most urgent first.
pub fn prompts(seen: RequestForms) -> Vec<AnyView> {
    let view = seen.view;
    let prompts = match view.row.state {
        State::AwaitingAuthorisation => Some(authorisation(seen)),
        State::NeedsChanges => Some(changes(seen)),
        _ if seen.may(Event::CompleteMilestone) => milestone(seen),
        _ => None,
    };
    prompts.into_iter().chain(reminder(seen)).collect()
}

fn authorisation(seen: RequestForms) -> AnyView {
    let lang = seen.lang;
    let href = links::submission(seen.view.submission);
    let word = lang.requests_authorise_link(&seen.view.row.submission_number);
    view! {
        <Alert tone=Tone::Warning title=lang.requests_authorise_title()>
            <p>{lang.requests_authorise_text()}</p>
            <p>
                <a href=href>{word}</a>
            </p>
        </Alert>
    }
    .into_any()
}

/// The operator's question; with the form for who may answer.
fn changes(seen: RequestForms) -> AnyView {
    let (lang, view) = (seen.lang, seen.view);
    let step = view.timeline.iter().find(|step| step.event == Event::AskChanges);
    let by = step.and_then(|step| step.by.clone()).unwrap_or_else(|| lang.common_system().to_owned());
    let at = step.map(|step| lang.instant(step.at)).unwrap_or_default();
    let message = lang.requests_asked_by(view.asked.clone().unwrap_or_default(), by, at);
    if !seen.may(Event::Answer) {
        return view! {
            <Alert tone=Tone::Info title=lang.requests_asked_waits()>
                <p>{message}</p>
            </Alert>
        }
        .into_any();
    }
    let form = seen.form::<AnswerRequest>(move || {
        view! {
            <Field
                name="message"
                label=lang.requests_answer()
                hint=lang.requests_answer_hint()
                control=Control::Text
            />
            <Button>{lang.requests_answer_send()}</Button>
        }
        .into_any()
    });
    view! {
        <Alert tone=Tone::Warning title=lang.requests_asked_title()>
            <p>{message}</p>
            {form}
        </Alert>
    }
    .into_any()
}

/// The milestones, with the form in the one whose turn it is.
fn milestone(seen: RequestForms) -> Option<AnyView> {
    let (lang, view) = (seen.lang, seen.view);
    let title = &next_milestone(view)?.milestone.title;
    let of_body = body_turn(view).is_some();
    let works = !view.operators.is_empty();
    let (heading, text) = match (of_body, works) {
        (true, false) => (lang.requests_turn_title(title), lang.requests_turn_text()),
        (true, true) => (lang.requests_turn_title(title), lang.requests_milestone_of_body()),
        (false, _) => (lang.requests_milestone_next(title), ""),
    };
    let word = if works { lang.requests_milestone_mark() } else { lang.requests_turn_done() };
    let action = seen.form::<CompleteMilestone>(move || {
        view! {
            {note(lang)}
            <Button>{word}</Button>
        }
        .into_any()
    });
    let section = view! {
        <section class="cz-section" aria-labelledby="fare">
            <h2 id="fare">{heading}</h2>
            {(!text.is_empty()).then(|| view! { <p>{text}</p> })}
            {steps(lang, view, Some(action))}
        </section>
    };
    Some(section.into_any())
}

/// For a late request: the body may send a reminder once a day, the operator sees it.
fn reminder(seen: RequestForms) -> Option<AnyView> {
    let (lang, view) = (seen.lang, seen.view);
    let due = view.row.due.filter(|_| is_late(view.row.due))?;
    let late = lang.working_days_left(due);
    if seen.may(Event::Remind) {
        let form = seen.form::<RemindRequest>(move || {
            view! {
                {note(lang)}
                <Button look=Look::Outline>{lang.action(Event::Remind)}</Button>
            }
            .into_any()
        });
        let alert = view! {
            <Alert tone=Tone::Info title=lang.requests_late_title()>
                <p>{lang.requests_late_text(late)}</p>
                {form}
            </Alert>
        };
        return Some(alert.into_any());
    }
    view.row.reminded.then(|| {
        view! {
            <Alert tone=Tone::Info title=lang.requests_reminded_title()>
                <p>{lang.requests_late_reminded(late)}</p>
            </Alert>
        }
        .into_any()
    })
}
