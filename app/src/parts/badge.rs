//! A state as a coloured badge. The word carries the meaning, not the colour.

use leptos::prelude::*;
use model::api::submissions::SubmissionState;
use model::calls::CallStatus;
use model::requests::State;

use crate::rendering::use_lang;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shade {
    /// Somebody at the municipality must do something.
    Waiting,
    Neutral,
    Moving,
    Good,
    Live,
    Bad,
    Ended,
}

impl Shade {
    fn class(self) -> &'static str {
        match self {
            Self::Waiting => "badge cz-badge-waiting",
            Self::Neutral => "badge cz-badge-neutral",
            Self::Moving => "badge cz-badge-moving",
            Self::Good => "badge cz-badge-good",
            Self::Live => "badge cz-badge-live",
            Self::Bad => "badge cz-badge-bad",
            Self::Ended => "badge cz-badge-ended",
        }
    }
}

#[component]
pub fn Badge(shade: Shade, #[prop(into)] word: String) -> AnyView {
    view! { <span class=shade.class()>{word}</span> }.into_any()
}

#[component]
pub fn StateBadge(state: State) -> AnyView {
    let shade = match state {
        State::AwaitingAuthorisation | State::SentBack | State::NeedsChanges => Shade::Waiting,
        State::Submitted => Shade::Neutral,
        State::InReview | State::Activating => Shade::Moving,
        State::Approved => Shade::Good,
        State::Live => Shade::Live,
        State::Rejected | State::Revoked => Shade::Bad,
        State::Lapsed | State::Withdrawn | State::Cancelled | State::Ended => Shade::Ended,
    };
    Badge(BadgeProps { shade, word: use_lang().state(state).to_owned() })
}

#[component]
pub fn SubmissionBadge(state: SubmissionState) -> AnyView {
    let shade = match state {
        SubmissionState::AwaitingAuthorisation | SubmissionState::SentBack => Shade::Waiting,
        SubmissionState::Authorised => Shade::Good,
        SubmissionState::Lapsed | SubmissionState::Withdrawn => Shade::Ended,
    };
    Badge(BadgeProps { shade, word: use_lang().submission_state(state).to_owned() })
}

#[component]
pub fn CallBadge(status: CallStatus) -> AnyView {
    let shade = match status {
        CallStatus::Draft => Shade::Neutral,
        CallStatus::Open => Shade::Moving,
        CallStatus::Closed | CallStatus::Archived => Shade::Ended,
    };
    Badge(BadgeProps { shade, word: use_lang().call_status(status).to_owned() })
}

/// "In ritardo"
#[component]
pub fn LateBadge() -> AnyView {
    Badge(BadgeProps { shade: Shade::Bad, word: use_lang().state_late().to_owned() })
}
