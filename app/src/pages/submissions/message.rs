//! *Messaggio pronto* for the mayor: a text to be copied by hand, or with a button where the program is there.

use leptos::html::Textarea;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use model::api::submissions::SubmissionView;
use web_sys::HtmlDocument;

use super::wording::message;
use crate::links;
use crate::parts::{Icon, escaped};
use crate::rendering::use_origin;
use crate::text::Lang;

/// The result of copying.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Copied {
    NotYet,
    Done,
    /// The browser does not let a program copy: the text is selected, for the hand.
    Selected,
}

pub fn tell_mayor(lang: Lang, view: &SubmissionView) -> AnyView {
    let link = [use_origin().as_str(), &links::submission(view.id)].concat();
    let text = message(lang, view, &link);
    let area = NodeRef::<Textarea>::new();
    view! {
        <div class="cz-panel cz-panel-tint">
            <h2 class="h3" id="sindaco">{lang.submissions_tell_mayor()}</h2>
            <div class="form-group cz-field mb-3">
                <label class="active" for="messaggio">{lang.submissions_message()}</label>
                <small class="form-text" id="messaggio-hint">{lang.submissions_message_hint()}</small>
                <textarea
                    class="form-control"
                    id="messaggio"
                    readonly
                    rows="6"
                    aria-describedby="messaggio-hint"
                    node_ref=area
                    inner_html=escaped(&text)
                ></textarea>
            </div>
            {button(lang, area)}
        </div>
    }
    .into_any()
}

/// Only where a press does something: once the program is there.
fn button(lang: Lang, area: NodeRef<Textarea>) -> AnyView {
    let (here, copied) = (RwSignal::new(false), RwSignal::new(Copied::NotYet));
    Effect::new(move |_| here.set(true));
    let press = move |_| copied.set(copy(area));
    let outcome = move || match copied.get() {
        Copied::NotYet => "",
        Copied::Done => lang.submissions_copied(),
        Copied::Selected => lang.submissions_copy_by_hand(),
    };
    view! {
        <Show when=move || here.get()>
            <button type="button" class="btn btn-primary btn-icon cz-wide" on:click=press>
                <Icon name="copy"/>
                <span>{lang.submissions_copy()}</span>
            </button>
        </Show>
        <p class="cz-small mt-2" role="status">{outcome}</p>
    }
    .into_any()
}

fn copy(area: NodeRef<Textarea>) -> Copied {
    if let Some(area) = area.get_untracked() {
        area.select();
    }
    let page = document().dyn_into::<HtmlDocument>().ok();
    // The newer way needs a secure address and a permission; this one tells at once whether it worked.
    let done = page.and_then(|page| page.exec_command("copy").ok()).unwrap_or_default();
    if done { Copied::Done } else { Copied::Selected }
}
