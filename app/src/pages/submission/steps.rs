//! *Che cosa succede dopo*: who has it next, and by when, in three steps.

use leptos::prelude::*;
use model::api::submission::{LineKind, SubmissionState, SubmissionView};

use super::sentence::lines;
use crate::parts::{Stage, Step, Steps};
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
        <section class="cz-section" aria-labelledby="dopo">
            <h2 id="dopo">{lang.submission_next()}</h2>
            <Steps steps=steps row=true/>
        </section>
    };
    Some(section.into_any())
}

fn mayor(lang: Lang, view: &SubmissionView, waits: bool) -> Step {
    let note = match (&view.authorised_by, view.settled_at) {
        _ if waits => lang.submission_step_authorise_until(lang.until_instant(view.authorise_until)),
        (Some(person), Some(at)) => lang.submission_step_authorised(lang.on_instant(at), person),
        _ => lang.submission_step_not_needed().to_owned(),
    };
    let stage = if waits { Stage::Current } else { Stage::Done };
    Step::new(lang.submission_step_authorise(), note).at(stage)
}

fn review(lang: Lang, view: &SubmissionView, aggregator: &str, waits: bool) -> Step {
    let (stage, note) = match view.answer_by {
        _ if lines(view, LineKind::Add).is_empty() => {
            let stage = if waits { Stage::Plain } else { Stage::Done };
            (stage, lang.submission_step_review_not_needed().to_owned())
        }
        Some(day) if waits => {
            (Stage::Plain, lang.submission_step_review_if_today(aggregator, lang.by_day(day)))
        }
        Some(day) => (Stage::Current, lang.submission_step_review_by(aggregator, lang.by_day(day))),
        None => (Stage::Plain, aggregator.to_owned()),
    };
    Step::new(lang.submission_step_review(), note).at(stage)
}

fn live(lang: Lang, view: &SubmissionView, aggregator: &str, waits: bool) -> Step {
    let note = match view.live_by {
        Some(day) if waits => lang.submission_step_live_if_today(aggregator, lang.by_day(day)),
        Some(day) => lang.submission_step_live_by(aggregator, lang.by_day(day)),
        None => lang.submission_step_live_none().to_owned(),
    };
    Step::new(lang.submission_step_live(), note)
}
