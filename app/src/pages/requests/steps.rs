//! The way of a request as steps: from its arrival to the approval, then the milestones of its activation.

use leptos::prelude::*;
use model::api::requests::{MilestoneView, RequestView};
use model::requests::{Event, Origin, State};

use super::facts::{body_turn, next_milestone};
use crate::parts::{ListStep, StepStage, Steps};
use crate::text::Lang;

/// None for a request that ended before it was started: its timeline shows why.
pub fn steps(lang: Lang, view: &RequestView, action: Option<AnyView>) -> Option<AnyView> {
    let mut steps = if view.milestones.is_empty() { way(lang, view) } else { milestones(lang, view) };
    if steps.is_empty() {
        return None;
    }
    let current =
        steps.iter_mut().find(|step| step.stage != StepStage::Done).filter(|_| view.row.state.in_progress());
    if let Some(current) = current {
        current.stage = StepStage::Current;
        current.action = action;
    }
    Some(view! { <Steps steps=steps/> }.into_any())
}

fn stage(done: bool) -> StepStage {
    if done { StepStage::Done } else { StepStage::Plain }
}

/// Before it is started: arrival, review, approval, activation.
fn way(lang: Lang, view: &RequestView) -> Vec<ListStep> {
    let row = &view.row;
    if !row.state.in_progress() {
        return Vec::new();
    }
    let waiting = row.state == State::AwaitingAuthorisation;
    let approved = row.state.supports_dependants();
    let due = |now: bool| {
        let due = row.due.filter(|due| now && !due.stopped);
        due.map(|due| lang.by_day(due.day)).unwrap_or_default()
    };
    let arrived = ListStep::new(lang.requests_step_arrived(), lang.day(row.arrived.day_in_rome()));
    let mut steps = vec![arrived.at(StepStage::Done)];
    let authorised = view.timeline.iter().find(|step| step.event == Event::Authorise);
    if waiting || authorised.is_some() {
        let when = authorised.map(|step| lang.day(step.at.day_in_rome()));
        let when = when.unwrap_or_else(|| lang.requests_step_authorisation_by().to_owned());
        steps.push(ListStep::new(lang.requests_step_authorisation(), when).at(stage(!waiting)));
    }
    if row.origin == Origin::Added {
        steps.push(ListStep::new(lang.requests_step_review(), due(!approved)).at(stage(approved)));
        steps.push(ListStep::new(lang.requests_step_approval(), lang.credits(row.price)).at(stage(approved)));
    }
    steps.push(ListStep::new(lang.requests_step_activation(), due(approved)));
    steps
}

/// Once it is started: its milestones, then the service.
fn milestones(lang: Lang, view: &RequestView) -> Vec<ListStep> {
    let live = view.timeline.iter().find(|step| step.event == Event::GoLive);
    let when = match live {
        Some(step) => lang.day(step.at.day_in_rome()),
        None => view.row.due.map(|due| lang.by_day(due.day)).unwrap_or_default(),
    };
    let mut steps: Vec<_> = view.milestones.iter().map(|milestone| one(lang, view, milestone)).collect();
    steps.push(ListStep::new(lang.requests_step_live(), when).at(stage(live.is_some())));
    steps
}

fn one(lang: Lang, view: &RequestView, milestone: &MilestoneView) -> ListStep {
    let mut note = lang.milestone_by(milestone.milestone.by).to_owned();
    if let Some(at) = milestone.done_at {
        note.push_str(", ");
        note.push_str(&lang.day(at.day_in_rome()));
    } else if body_turn(view).is_some() && next_milestone(view) == Some(milestone) {
        lang.requests_step_body_turn().clone_into(&mut note);
    }
    ListStep::new(milestone.milestone.title.clone(), note).at(stage(milestone.done_at.is_some()))
}
