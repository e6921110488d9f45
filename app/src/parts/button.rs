//! The button that sends a form. While the form is being sent it is marked as disabled.

use leptos::prelude::*;

use crate::forms::FormState;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// The one action of the page.
    #[default]
    Primary,
    PrimaryLarge,
    /// As wide as its column.
    PrimaryWide,
    Outline,
    OutlineSmall,
    OutlineWide,
    /// Takes something away, after having asked.
    Danger,
    Link,
}

impl Look {
    pub fn class(self) -> &'static str {
        match self {
            Self::Primary => "btn btn-primary",
            Self::PrimaryLarge => "btn btn-primary btn-lg",
            Self::PrimaryWide => "btn btn-primary cz-wide",
            Self::Outline => "btn btn-outline-primary",
            Self::OutlineSmall => "btn btn-outline-primary btn-sm",
            Self::OutlineWide => "btn btn-outline-primary cz-wide",
            Self::Danger => "btn btn-danger",
            Self::Link => "btn btn-link",
        }
    }
}

/// `name` and `value` are a field that is sent when this button is pressed.
#[component]
pub fn Button(
    #[prop(optional)] look: Look,
    #[prop(optional, into)] name: Option<&'static str>,
    #[prop(optional, into)] value: Option<String>,
    children: Children,
) -> AnyView {
    let entry = use_context::<FormState>();
    let waiting = move || entry.is_some_and(|entry| entry.busy.get()).then_some("true");
    view! {
        <button class=look.class() name=name value=value aria-disabled=waiting>
            {children()}
        </button>
    }
    .into_any()
}
