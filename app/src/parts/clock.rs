//! That the server's clock is to be confirmed: what is decided by time waits.

use leptos::prelude::*;
use model::api::credits::ClockDoubt;

use super::{Alert, Tone};
use crate::text::Lang;

pub fn clock_doubt(lang: Lang, doubt: Option<ClockDoubt>) -> AnyView {
    let Some(ClockDoubt { now, last }) = doubt else { return ().into_any() };
    let told = lang.ledger_clock_doubt(lang.instant(now), lang.instant(last));
    view! {
        <Alert tone=Tone::Warning title=lang.ledger_clock_doubt_title()>
            <p>{told}</p>
        </Alert>
    }
    .into_any()
}
