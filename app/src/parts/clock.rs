//! The alert that the server's clock must be confirmed: until then nothing is decided by time.

use leptos::prelude::*;
use model::api::credits::ClockDoubt;

use super::{Alert, Tone};
use crate::text::Lang;

pub fn clock_doubt(lang: Lang, doubt: Option<ClockDoubt>) -> AnyView {
    let Some(ClockDoubt { now, last }) = doubt else { return ().into_any() };
    let sentence = lang.ledger_clock_doubt(lang.instant(now), lang.instant(last));
    view! {
        <Alert tone=Tone::Warning title=lang.ledger_clock_doubt_title()>
            <p>{sentence}</p>
        </Alert>
    }
    .into_any()
}
