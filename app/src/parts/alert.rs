//! Alerts, and the message of the last action.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::Icon;
use crate::rendering::{use_lang, use_notices};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Info,
    Success,
    Warning,
    Danger,
}

impl Tone {
    /// Class of the box, sign, and class of the sign.
    fn look(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Info => ("alert alert-info", "info-circle", "icon-primary"),
            Self::Success => ("alert alert-success", "check-circle", "icon-success"),
            Self::Warning => ("alert alert-warning", "warning-circle", "icon-warning"),
            Self::Danger => ("alert alert-danger", "error", "icon-danger"),
        }
    }
}

/// A sentence that stands out, with more below it.
#[component]
pub fn Alert(
    tone: Tone,
    #[prop(into)] title: String,
    /// `status` or `alert` where it appears while the page is read.
    #[prop(optional, into)]
    role: Option<&'static str>,
    #[prop(optional)] children: Option<Children>,
) -> AnyView {
    let (class, sign, color) = tone.look();
    view! {
        <div class=class role=role>
            <Icon name=sign class=color/>
            <div>
                <p class="alert-heading">{title}</p>
                {children.map(|children| children())}
            </div>
        </div>
    }
    .into_any()
}

/// The message of the last action, shown once on the next page.
#[component]
pub fn Happened() -> AnyView {
    let (lang, notices, page) = (use_lang(), use_notices(), use_location().pathname);
    let message = move || {
        let notice = notices.on(&page.get()).filter(|notice| notice.problem.is_none())?;
        if notice.proposed {
            return Some((Tone::Info, lang.done_proposed_title(), lang.done_proposed()));
        }
        lang.done(&notice.operation).map(|sentence| (Tone::Success, lang.done_title(), sentence))
    };
    view! {
        <div role="status">
            {move || {
                message().map(|(tone, title, sentence)| {
                    view! {
                        <Alert tone=tone title=title>
                            <p>{sentence}</p>
                        </Alert>
                    }
                })
            }}
        </div>
    }
    .into_any()
}
