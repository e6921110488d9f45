//! The receipt: number, instant, what was sent, what comes next. It can be printed, and attached to a resolution.

use leptos::prelude::*;
use model::api::submissions::{SubmissionState, SubmissionView, WithdrawSubmission};
use model::requests::Event;

use super::message::tell_mayor;
use super::receipt_sheet::sheet;
use super::viewer::{OnSettled, Viewer, moved_on, submission_name};
use crate::links;
use crate::parts::{Alert, Button, Fold, LiveForm, Look, Page, SubmissionBadge, Tone, came_back};
use crate::rendering::use_lang;
use crate::text::Lang;

pub fn receipt(view: &SubmissionView, reader: &Viewer<'_>, settled: OnSettled) -> AnyView {
    let lang = use_lang();
    let waits = view.state == SubmissionState::AwaitingAuthorisation;
    let crumbs = vec![
        (view.body.title.clone(), links::body(view.body.id)),
        (lang.submissions_list().to_owned(), links::submissions(view.body.id)),
    ];
    let badge = view! {
        <SubmissionBadge state=view.state/>
        {(waits && reader.officer).then(|| to_message(lang))}
    }
    .into_any();
    let reason = view.sent_back_reason.clone();
    let reason_alert = (!reason.is_empty()).then(|| {
        view! {
            <Alert tone=Tone::Warning title=lang.submissions_what_mayor_asks()>
                <p>{reason}</p>
            </Alert>
        }
    });
    let sheet = sheet(lang, view, reader.aggregator);
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
    let gone = moved_on(view);
    let back = back(lang, view, reader.officer);
    let withdraw = view.may_withdraw.then(|| withdraw(lang, view, settled));
    let about = submission_name(view);
    view! {
        <Page title=head(lang, view) about=about lead=lead(lang, view, reader.aggregator) crumbs=crumbs badges=badge>
            {gone} {reason_alert} {back} {sheet} {withdraw}
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
        SubmissionState::AwaitingAuthorisation => lang.submissions_head_awaiting(),
        SubmissionState::Authorised if is_silence(view) => lang.submissions_head_kept(),
        SubmissionState::Authorised if view.authorised_by.is_none() => lang.submissions_head_awaiting(),
        SubmissionState::Authorised => lang.submissions_head_authorised(),
        SubmissionState::SentBack => lang.submissions_head_sent_back(),
        SubmissionState::Lapsed => lang.submissions_head_lapsed(),
        SubmissionState::Withdrawn => lang.submissions_head_withdrawn(),
    }
}

/// What happens now.
fn lead(lang: Lang, view: &SubmissionView, aggregator: &str) -> String {
    match view.state {
        SubmissionState::AwaitingAuthorisation => {
            lang.submissions_lead_awaiting(lang.until_instant(view.authorise_until))
        }
        SubmissionState::Authorised if is_silence(view) => lang.submissions_lead_kept().to_owned(),
        SubmissionState::Authorised => match view.answer_by {
            Some(day) => lang.submissions_lead_answer(aggregator, lang.by_day(day)),
            None if view.live_by.is_some() => lang.submissions_lead_activation(aggregator),
            None => lang.submissions_lead_drops().to_owned(),
        },
        _ if view.followed => lang.submissions_lead_followed().to_owned(),
        SubmissionState::SentBack => lang.submissions_lead_sent_back().to_owned(),
        SubmissionState::Lapsed => lang.submissions_lead_lapsed().to_owned(),
        SubmissionState::Withdrawn => lang.submissions_lead_withdrawn().to_owned(),
    }
}

/// The way on from a submission that came to nothing.
fn back(lang: Lang, view: &SubmissionView, officer: bool) -> Option<AnyView> {
    let body = view.body.id;
    let mend = match view.state {
        SubmissionState::SentBack => lang.submissions_mend(),
        SubmissionState::Lapsed | SubmissionState::Withdrawn => lang.submissions_to_basket(),
        SubmissionState::AwaitingAuthorisation | SubmissionState::Authorised => return None,
    };
    let (href, name) = match (view.followed, officer) {
        (true, _) => (links::submissions(body), lang.submissions_list_all()),
        (false, true) => (links::basket(body), mend),
        (false, false) => (links::body(body), lang.submissions_to_area()),
    };
    let link = view! {
        <div class="cz-buttons mb-5">
            <a class="btn btn-primary" href=href>{name}</a>
        </div>
    };
    Some(link.into_any())
}

/// On a phone the message stands below the whole receipt.
fn to_message(lang: Lang) -> AnyView {
    view! {
        " "
        <a class="cz-more d-lg-none ms-3 cz-not-on-paper" href="#sindaco" rel="external">
            {lang.submissions_tell_mayor()}
        </a>
    }
    .into_any()
}

/// Asks once, naming the submission.
fn withdraw(lang: Lang, view: &SubmissionView, settled: OnSettled) -> AnyView {
    let open = came_back::<WithdrawSubmission>("");
    let with = [("submission", view.id.to_string())];
    let (effect, this) =
        (lang.submissions_withdraw_effect(&view.number), lang.submissions_withdraw_this(&view.number));
    view! {
        <div class="cz-not-on-paper mt-4">
            <Fold summary=lang.action(Event::WithdrawSubmission) open=open>
                <p>{effect}</p>
                <LiveForm<WithdrawSubmission> with=with then=settled>
                    <Button look=Look::Danger>{this}</Button>
                </LiveForm<WithdrawSubmission>>
            </Fold>
        </div>
    }
    .into_any()
}
