//! The three facts of a request: when it arrived, who has it now, by when.

use leptos::prelude::*;
use model::api::requests::{MilestoneView, RequestView};
use model::catalogue::MilestoneBy;
use model::requests::State;

use crate::parts::{Fact, Facts};
use crate::text::Lang;

/// The milestone whose turn it is.
pub fn next_milestone(view: &RequestView) -> Option<&MilestoneView> {
    view.milestones
        .iter()
        .find(|milestone| milestone.done_at.is_none())
        .filter(|_| view.row.state == State::Activating)
}

/// The milestone that the body must finish now.
pub fn body_turn(view: &RequestView) -> Option<&MilestoneView> {
    next_milestone(view).filter(|next| next.milestone.by == MilestoneBy::Body)
}

pub fn facts(lang: Lang, view: &RequestView) -> AnyView {
    let row = &view.row;
    let mut facts = vec![
        Fact::new(lang.requests_arrived(), lang.day(row.arrived.day_in_rome()))
            .note(lang.requests_number(&row.submission_number)),
    ];
    if let Some((who, does)) = in_hand(lang, view) {
        facts.push(Fact::new(lang.requests_owner(), who).note(does));
    }
    facts.push(by_when(lang, view));
    view! { <Facts facts=facts/> }.into_any()
}

/// Who has the request now and what is their next step; none when it is closed.
fn in_hand(lang: Lang, view: &RequestView) -> Option<(AnyView, String)> {
    let row = &view.row;
    let body = || row.body.title.clone().into_any();
    if let Some(turn) = body_turn(view) {
        return Some((body(), lang.requests_hand_milestone(&turn.milestone.title)));
    }
    let does = match row.state {
        State::AwaitingAuthorisation => return Some((body(), lang.requests_hand_mayor().to_owned())),
        State::NeedsChanges => return Some((body(), lang.requests_hand_answer().to_owned())),
        State::Submitted => lang.requests_hand_submitted(),
        State::InReview => lang.requests_hand_review(),
        State::Approved => lang.requests_hand_approved(),
        State::Activating => lang.requests_hand_activating(),
        State::SentBack
        | State::Lapsed
        | State::Live
        | State::Rejected
        | State::Withdrawn
        | State::Cancelled
        | State::Revoked
        | State::Ended => return None,
    };
    Some(match &row.owner {
        Some(owner) => (owner.name.clone().into_any(), does.to_owned()),
        None => (view.aggregator.clone().into_any(), lang.requests_hand_nobody().to_owned()),
    })
}

fn by_when(lang: Lang, view: &RequestView) -> Fact {
    let row = &view.row;
    let activation = matches!(row.state, State::Approved | State::Activating);
    let by = if activation { lang.requests_activation_by() } else { lang.requests_review_by() };
    if let Some(due) = row.due {
        return if due.stopped {
            Fact::new(lang.requests_due(), lang.dates_stopped()).note(lang.requests_stopped_note())
        } else {
            Fact::new(by, lang.day(due.day)).note(lang.working_days_left(due))
        };
    }
    if row.state.in_progress() {
        return Fact::new(by, lang.requests_by_unknown()).note(lang.requests_by_after());
    }
    let name = if row.state == State::Live { lang.requests_live_since() } else { lang.requests_closed_on() };
    let last = view.timeline.iter().find(|step| step.state == row.state);
    let by = last.and_then(|step| step.by.clone()).unwrap_or_else(|| lang.common_system().to_owned());
    Fact::new(name, last.map(|step| lang.day(step.at.day_in_rome()))).note(by)
}
