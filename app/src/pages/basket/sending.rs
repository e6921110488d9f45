//! The form that sends the basket: reason, contact, protocol, and the version that was seen.

use leptos::prelude::*;
use leptos::task::spawn_local;
use model::api::body::{BasketView, ReadBasket};
use model::api::submission::Submit;
use model::api::{Api, Problem, Trouble};
use model::ids::BodyId;

use super::side::sums;
use crate::forms::Entry;
use crate::parts::{Button, Control, Field, LiveForm, Look};
use crate::rendering::use_lang;
use crate::routes;

pub fn send(view: RwSignal<BasketView>) -> AnyView {
    let lang = use_lang();
    let (body, optional) = view.with_untracked(|view| (view.body.id, sums(view).0 == 0));
    let word = move || {
        if view.with(|view| view.needs_authorisation) {
            lang.basket_send_to_mayor()
        } else {
            lang.basket_send()
        }
    };
    view! {
        <h2>{lang.basket_last()}</h2>
        <LiveForm<Submit> with=vec![("body", body.to_string())] to=routes::RECEIPT>
            <input type="hidden" name="version" value=move || view.with(|view| view.version).to_string()/>
            {refresh(view)}
            <Field
                name="reason"
                label=lang.basket_reason()
                hint=lang.basket_reason_hint()
                control=Control::Text
                optional=optional
            />
            <Field
                name="contact"
                label=lang.basket_contact()
                hint=lang.basket_contact_hint()
                autocomplete="off"
                optional=optional
            />
            <Field
                name="protocol"
                label=lang.basket_protocol()
                autocomplete="off"
                short=true
                optional=true
            />
            <div class="cz-buttons">
                <Button look=Look::PrimaryLarge>{word}</Button>
                <a class="btn btn-link" href=routes::basket(body)>
                    {lang.common_back()}
                </a>
            </div>
        </LiveForm<Submit>>
    }
    .into_any()
}

/// When somebody else has changed the basket meanwhile, the page shows it as it is now; what was written stays.
fn refresh(view: RwSignal<BasketView>) -> Option<AnyView> {
    let (entry, api) = (use_context::<Entry>()?, use_context::<Api>()?);
    let conflict = Memo::new(move |_| {
        entry.problem.with(|problem| matches!(problem, Some(Problem::Trouble(Trouble::Conflict { .. }))))
    });
    Effect::new(move |before: Option<bool>| {
        // A page that came back with the conflict shows the basket as it is already.
        if conflict.get() && before == Some(false) {
            read_again(api.clone(), view);
        }
        conflict.get()
    });
    let told = move || conflict.get().then(|| view! { <p>{use_lang().basket_refreshed()}</p> });
    Some(told.into_any())
}

fn read_again(api: Api, view: RwSignal<BasketView>) {
    let body: BodyId = view.with_untracked(|view| view.body.id);
    spawn_local(async move {
        if let Ok(now) = api.call(ReadBasket { body }).await {
            // The person may have left the page meanwhile.
            view.try_set(now);
        }
    });
}
