//! What stands below the title of the basket's pages: whose it is, which call, how long it lasts; and where one is.

use leptos::prelude::*;
use model::api::baskets::BasketView;
use model::api::bodies::CallWindow;

use crate::links;
use crate::pages::bodies::is_to_open;
use crate::parts::{Alert, Crumb, Tone};
use crate::rendering::use_lang;
use crate::text::Lang;

/// "Comune di Bellagio. Avviso 2026. Si chiude il 28 novembre 2026, tra 4 giorni lavorativi."
pub fn lead(lang: Lang, view: &BasketView) -> String {
    let (body, window): (&str, &CallWindow) = (&view.body.title, &view.call);
    let call = &window.title;
    if window.open && window.days_left == 0 {
        lang.baskets_lead_today(body, call, lang.at_clock(window.closes))
    } else if window.open {
        let day = lang.on_day(window.closes.day_in_rome());
        lang.baskets_lead(body, call, day, lang.days_left(window.days_left))
    } else if is_to_open(window) {
        lang.baskets_lead_not_yet(body, call, lang.on_instant(window.opens))
    } else {
        lang.baskets_lead_closed(body, call, lang.on_instant(window.closes))
    }
}

/// Why the closing instant of this body is another: the call was opened again, or the body was given more time.
pub fn extension(view: &BasketView) -> AnyView {
    let lang = use_lang();
    let reason = view.call.extension_reason.clone().filter(|reason| !reason.is_empty());
    let notes = [lang.reopened(&view.call), reason.map(|reason| lang.baskets_extended(reason))];
    notes.map(|note| note.map(|note| view! { <p class="cz-prose">{note}</p> })).collect_view().into_any()
}

/// The way from the body's area.
pub fn crumbs(lang: Lang, view: &BasketView, within: bool) -> Vec<Crumb> {
    let mut crumbs = vec![(view.body.title.clone(), links::body(view.body.id))];
    if within {
        crumbs.push((lang.baskets_crumb().to_owned(), links::basket(view.body.id)));
    }
    crumbs
}

/// Why the basket can't be changed now, where it can't.
pub fn lock(view: &BasketView) -> Option<AnyView> {
    let lang = use_lang();
    if let Some(submission) = view.waiting {
        let alert = view! {
            <Alert tone=Tone::Info title=lang.baskets_locked()>
                <p>{lang.baskets_locked_note()}</p>
                <div class="cz-actions">
                    <a class="cz-more" href=links::submission(submission)>
                        {lang.baskets_see_submission()}
                    </a>
                </div>
            </Alert>
        };
        return Some(alert.into_any());
    }
    (!view.editable).then(|| {
        view! {
            <Alert tone=Tone::Info title=lang.baskets_read_only()>
                <p>{lang.baskets_read_only_note()}</p>
            </Alert>
        }
        .into_any()
    })
}
