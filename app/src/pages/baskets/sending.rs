//! The form that sends the basket: reason, contact, protocol, and the version and the figures that were seen.

use leptos::prelude::*;
use model::api::baskets::BasketView;
use model::api::submissions::Submit;

use super::summary_panel::sums;
use crate::links;
use crate::parts::{Button, Control, Field, LiveForm, Look};
use crate::rendering::use_lang;

pub fn send(view: &BasketView) -> AnyView {
    let lang = use_lang();
    // A reason is only needed for additions.
    let optional = sums(view).0 == 0;
    let mut with = vec![("body", view.body.id.to_string()), ("version", view.version.to_string())];
    with.extend(view.seen().into_iter().map(|seen| ("seen", seen.into())));
    let back = links::basket(view.body.id);
    let word = if view.needs_authorisation { lang.baskets_send_to_mayor() } else { lang.baskets_send() };
    view! {
        <h2>{lang.baskets_last()}</h2>
        <LiveForm<Submit> with=with to=links::RECEIPT conflict_above=true>
            <Field
                name="reason"
                label=lang.baskets_reason()
                hint=lang.baskets_reason_hint()
                control=Control::Text
                optional=optional
            />
            <Field
                name="contact"
                label=lang.baskets_contact()
                hint=lang.baskets_contact_hint()
                autocomplete="off"
                optional=optional
            />
            <Field
                name="protocol"
                label=lang.baskets_protocol()
                autocomplete="off"
                short=true
                optional=true
            />
            <div class="cz-buttons">
                <Button look=Look::PrimaryLarge>{word}</Button>
                <a class="btn btn-link" href=back>
                    {lang.common_back()}
                </a>
            </div>
        </LiveForm<Submit>>
    }
    .into_any()
}
