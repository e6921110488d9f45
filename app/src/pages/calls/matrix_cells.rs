//! One letter for what a municipality has of a service, with the word that it stands for.

use leptos::prelude::*;
use model::api::calls::Cell;
use model::requests::State;

use crate::text::Lang;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Live,
    Moving,
    Waiting,
    Package,
    Dropped,
    Ended,
}

impl Mark {
    pub const ALL: [Self; 6] =
        [Self::Live, Self::Moving, Self::Waiting, Self::Package, Self::Dropped, Self::Ended];

    pub fn of(cell: Cell) -> Option<Self> {
        match cell {
            Cell::Nothing => None,
            Cell::Assigned => Some(Self::Package),
            Cell::Dropped => Some(Self::Dropped),
            Cell::Request(State::Live) => Some(Self::Live),
            Cell::Request(State::AwaitingAuthorisation) => Some(Self::Waiting),
            Cell::Request(state) if state.in_progress() => Some(Self::Moving),
            Cell::Request(_) => Some(Self::Ended),
        }
    }

    /// The municipality has it, or will have it as things stand.
    pub fn counts(self) -> bool {
        matches!(self, Self::Live | Self::Moving | Self::Waiting | Self::Package)
    }

    fn class(self) -> &'static str {
        match self {
            Self::Live => "cz-mark cz-mark-live",
            Self::Moving => "cz-mark cz-mark-moving",
            Self::Waiting => "cz-mark cz-mark-waiting",
            Self::Package => "cz-mark cz-mark-package",
            Self::Dropped | Self::Ended => "cz-mark",
        }
    }

    fn letter(self, lang: Lang) -> &'static str {
        match self {
            Self::Live => lang.calls_mark_live(),
            Self::Moving => lang.calls_mark_moving(),
            Self::Waiting => lang.calls_mark_waiting(),
            Self::Package => lang.calls_mark_package(),
            Self::Dropped => lang.calls_mark_dropped(),
            Self::Ended => lang.calls_mark_ended(),
        }
    }

    fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::Live => lang.calls_word_live(),
            Self::Moving => lang.calls_word_moving(),
            Self::Waiting => lang.calls_word_waiting(),
            Self::Package => lang.calls_word_package(),
            Self::Dropped => lang.calls_word_dropped(),
            Self::Ended => lang.calls_word_ended(),
        }
    }
}

/// A cell: the letter for the eye, the exact state for who hears it.
pub fn cell(lang: Lang, cell: Cell) -> AnyView {
    let mark = Mark::of(cell).map(|mark| {
        view! {
            <span class=mark.class() aria-hidden="true">
                {mark.letter(lang)}
            </span>
        }
    });
    view! {
        <td>
            {mark}
            <span class="visually-hidden">{lang.cell(cell)}</span>
        </td>
    }
    .into_any()
}

pub fn legend(lang: Lang) -> AnyView {
    let entry = |mark: Mark| {
        view! {
            <li>
                <span class=mark.class()>{mark.letter(lang)}</span>
                {mark.word(lang)}
            </li>
        }
    };
    view! {
        <ul class="cz-legend" aria-label=lang.calls_legend()>
            {Mark::ALL.map(entry).collect_view()}
            <li>{lang.calls_word_nothing()}</li>
        </ul>
    }
    .into_any()
}
