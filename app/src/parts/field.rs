//! A field of a form: label, hint, control and error, linked for screen readers.
//!
//! Controls are uncontrolled: what was typed before hydration stays.

use leptos::prelude::*;

use super::Icon;
use crate::forms::FormState;
use crate::rendering::use_lang;

/// The kind of control.
#[derive(Clone, Default)]
pub enum Control {
    #[default]
    Line,
    Email,
    Password,
    /// A whole number; it is read by the server, so that its refusal names the field.
    Number,
    Day,
    /// Several lines.
    Text,
    /// One of a list, as pairs of value and name.
    Choice(Vec<(String, String)>),
}

impl Control {
    /// Type and input mode of an `<input>`.
    fn kind(&self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Email => ("email", None),
            Self::Password => ("password", None),
            Self::Number => ("text", Some("numeric")),
            Self::Day => ("date", None),
            Self::Line | Self::Text | Self::Choice(_) => ("text", None),
        }
    }
}

#[component]
pub fn Field(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(optional)] control: Control,
    #[prop(optional, into)] hint: String,
    /// Initial value. What was entered in the last attempt replaces it.
    #[prop(optional, into)]
    value: String,
    /// May be left empty.
    #[prop(optional)]
    optional: bool,
    /// Narrow, for a date or a number.
    #[prop(optional)]
    short: bool,
    /// What the browser may fill in.
    #[prop(optional, into)]
    autocomplete: Option<&'static str>,
) -> AnyView {
    let lang = use_lang();
    let entry = use_context::<FormState>().unwrap_or_else(|| FormState::after(None, String::from("field")));
    entry.name(name, &label);
    let value = entry.entered(name).unwrap_or(value);
    let id = entry.id(name);
    let (hint_id, fault_id) = (with_end(&id, "-hint"), with_end(&id, "-fault"));
    let fault = Memo::new(move |_| entry.fault(name, lang));
    let has_hint = !hint.is_empty();
    let described = {
        let (hint_id, fault_id) = (hint_id.clone(), fault_id.clone());
        Memo::new(move |_| match (has_hint, fault.with(Option::is_some)) {
            (true, true) => Some([hint_id.as_str(), " ", &fault_id].concat()),
            (true, false) => Some(hint_id.clone()),
            (false, true) => Some(fault_id.clone()),
            (false, false) => None,
        })
    };
    let invalid = Memo::new(move |_| fault.with(Option::is_some).then_some("true"));
    let attributes =
        Attributes { id: id.clone(), name, required: !optional, autocomplete, described, invalid };
    let control = render_control(control, attributes, value);
    let class = if short { "form-group cz-field cz-short" } else { "form-group cz-field" };
    view! {
        <div class=class>
            <label class="active" for=id>
                {label}
                {optional.then(|| view! { " " <span class="cz-optional">{lang.common_optional()}</span> })}
            </label>
            {has_hint.then(|| view! { <small class="form-text" id=hint_id>{hint}</small> })}
            {control}
            {move || fault.get().map(|sentence| fault_note(fault_id.clone(), sentence))}
        </div>
    }
    .into_any()
}

fn fault_note(id: String, sentence: String) -> AnyView {
    view! {
        <p class="cz-fault" id=id>
            <Icon name="warning-circle"/>
            <span>{sentence}</span>
        </p>
    }
    .into_any()
}

/// What the element of each control needs.
struct Attributes {
    id: String,
    name: &'static str,
    required: bool,
    autocomplete: Option<&'static str>,
    described: Memo<Option<String>>,
    invalid: Memo<Option<&'static str>>,
}

fn render_control(control: Control, attributes: Attributes, value: String) -> AnyView {
    let Attributes { id, name, required, autocomplete, described, invalid } = attributes;
    let (kind, mode) = control.kind();
    match control {
        Control::Text => view! {
            <textarea
                class="form-control"
                id=id
                name=name
                required=required
                aria-describedby=described
                aria-invalid=invalid
                inner_html=escaped(&value)
            ></textarea>
        }
        .into_any(),
        Control::Choice(choices) => view! {
            <select
                class="form-control"
                id=id
                name=name
                required=required
                aria-describedby=described
                aria-invalid=invalid
            >
                {options(choices, &value)}
            </select>
        }
        .into_any(),
        _ => view! {
            <input
                class="form-control"
                id=id
                name=name
                type=kind
                inputmode=mode
                autocomplete=autocomplete
                required=required
                value=value
                aria-describedby=described
                aria-invalid=invalid
            />
        }
        .into_any(),
    }
}

/// The options of a `<select>`.
pub fn options(choices: Vec<(String, String)>, chosen: &str) -> AnyView {
    choices
        .into_iter()
        .map(|(value, name)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{name}</option> }
        })
        .collect_view()
        .into_any()
}

/// A box to tick, which travels as `true`.
#[component]
pub fn Tick(
    name: &'static str,
    #[prop(into)] label: String,
    /// The value that is sent, where it is not `true`.
    #[prop(optional, into)]
    value: Option<String>,
    /// It agrees to what is shown now: after the page came back it must be ticked anew.
    #[prop(optional)]
    anew: bool,
) -> AnyView {
    let entry = use_context::<FormState>().unwrap_or_else(|| FormState::after(None, String::from("field")));
    let id = entry.id(name);
    let ticked = !anew && entry.entered(name).is_some();
    let value = value.unwrap_or_else(|| String::from("true"));
    view! {
        <div class="form-group cz-field">
            <div class="cz-choice cz-tick">
                <input type="checkbox" id=id.clone() name=name value=value checked=ticked/>
                <label for=id>{label}</label>
            </div>
        </div>
    }
    .into_any()
}

fn with_end(id: &str, end: &str) -> String {
    [id, end].concat()
}

/// A text as it is written within a `<textarea>`, whose children Leptos writes as they are, or within quotes.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
