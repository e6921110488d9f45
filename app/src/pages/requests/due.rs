//! By when a request is due, in words; what is late says so with a badge.

use leptos::prelude::*;
use model::api::requests::Due;

use crate::parts::LateBadge;
use crate::text::Lang;

/// Past its day, while its clock goes on.
pub fn is_late(due: Option<Due>) -> bool {
    due.is_some_and(|due| due.late && !due.stopped)
}

/// "28 novembre 2026, tra 4 giorni lavorativi"
pub fn due_words(lang: Lang, due: Option<Due>) -> AnyView {
    match due {
        None => lang.requests_no_due().into_any(),
        Some(due) if due.stopped => lang.dates_stopped().into_any(),
        Some(late) if late.late => view! { <LateBadge/> " " {late_by(lang, late)} }.into_any(),
        Some(due) => lang.due(due).into_any(),
    }
}

/// "di 2 giorni lavorativi"; none before the first of them is over.
fn late_by(lang: Lang, due: Due) -> Option<String> {
    (due.days_late > 0).then(|| lang.requests_late_by(lang.dates_working_days(due.days_late.into())))
}

/// Shorter: "tra 4 giorni lavorativi"
pub fn due_briefly(lang: Lang, due: Option<Due>) -> AnyView {
    match due {
        Some(due) if !due.stopped && !due.late => lang.working_days_left(due).into_any(),
        due => due_words(lang, due),
    }
}
