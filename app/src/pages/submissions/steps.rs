//! *Che cosa succede dopo*: who has it next, and by when, in three steps.

use leptos::prelude::*;
use model::api::submissions::{LineKind, SubmissionState, SubmissionView};

use super::wording::lines;
use crate::parts::{ListStep, StepStage, Steps};
use crate::text::Lang;

/// Nothing where it goes no further.
pub fn steps(lang: Lang, view: &SubmissionView, aggregator: &str) -> Option<AnyView> {
    let waits = match view.state {
        SubmissionState::AwaitingAuthorisation => true,
        SubmissionState::Authorised => false,
        SubmissionState::SentBack | SubmissionState::Lapsed | SubmissionState::Withdrawn => return None,
    };
    let steps = vec![
        mayor(lang, view, waits),
        review(lang, view, aggregator, waits),
        live(lang, view, aggregator, waits),
    ];
    let section = view! {
        <h3>{lang.submissions_next()}</h3>
        <Steps steps=steps/>
    };
    Some(section.into_any())
}

fn mayor(lang: Lang, view: &SubmissionView, waits: bool) -> ListStep {
    let note = match (&view.authorised_by, view.settled_at) {
        _ if waits => lang.submissions_step_authorise_until(lang.until_instant(view.authorise_until)),
        (Some(person), Some(at)) => lang.submissions_step_authorised(lang.on_instant(at), person),
        _ => lang.submissions_step_not_needed().to_owned(),
    };
    let stage = if waits { StepStage::Current } else { StepStage::Done };
    ListStep::new(lang.submissions_step_authorise(), note).at(stage)
}

fn review(lang: Lang, view: &SubmissionView, aggregator: &str, waits: bool) -> ListStep {
    let note = match view.answer_by {
        _ if lines(view, LineKind::Add).is_empty() => lang.submissions_step_review_not_needed().to_owned(),
        Some(day) if waits => lang.submissions_step_review_if_today(aggregator, lang.by_day(day)),
        Some(day) if view.in_review > 0 => lang.submissions_step_review_by(aggregator, lang.by_day(day)),
        _ => lang.submissions_step_review_done(aggregator),
    };
    let stage = match view.in_review {
        _ if waits => StepStage::Plain,
        0 => StepStage::Done,
        _ => StepStage::Current,
    };
    ListStep::new(lang.submissions_step_review(), note).at(stage)
}

fn live(lang: Lang, view: &SubmissionView, aggregator: &str, waits: bool) -> ListStep {
    let over = !waits && view.in_review == 0 && view.activating == 0;
    let note = match view.live_by {
        None => lang.submissions_step_live_none().to_owned(),
        Some(_) if over => lang.submissions_step_live_done().to_owned(),
        Some(day) if waits => lang.submissions_step_live_if_today(aggregator, lang.by_day(day)),
        Some(day) => lang.submissions_step_live_by(aggregator, lang.by_day(day)),
    };
    let stage = if over {
        StepStage::Done
    } else if !waits && view.in_review == 0 {
        StepStage::Current
    } else {
        StepStage::Plain
    };
    ListStep::new(lang.submissions_step_live(), note).at(stage)
}
