//! The state of a form that sends an operation: what was entered, what is wrong with it, whether it is being sent.
//!
//! The component is in `parts/live_form.rs`.

use std::sync::Arc;

use leptos::prelude::*;
use model::api::{ApiError, FieldError, Notice, Problem, Sending};

use crate::text::Lang;

/// A form to send: path, urlencoded fields, idempotency key.
pub struct FormRequest {
    pub path: String,
    pub fields: String,
    pub key: String,
}

/// Sends forms without leaving the page. Only the browser provides one.
#[derive(Clone)]
pub struct FormClient(Arc<dyn Fn(FormRequest) -> Sending + Send + Sync>);

impl FormClient {
    pub fn by(way: impl Fn(FormRequest) -> Sending + Send + Sync + 'static) -> Self {
        Self(Arc::new(way))
    }

    pub fn send(&self, request: FormRequest) -> Sending {
        (self.0)(request)
    }
}

/// What the fields of one form share: what was entered, what is wrong, whether it is being sent.
#[derive(Clone, Copy)]
pub struct FormState {
    /// Begins the id of each field.
    id: StoredValue<String>,
    entered: StoredValue<Vec<(String, String)>>,
    labels: StoredValue<Vec<(&'static str, String)>>,
    pub problem: RwSignal<Option<Problem>>,
    pub busy: RwSignal<bool>,
}

impl FormState {
    /// The state after the last attempt, whose notice this is, if there was one.
    pub fn after(notice: Option<Notice>, id: String) -> Self {
        let notice = notice.unwrap_or_default();
        Self {
            id: StoredValue::new(id),
            entered: StoredValue::new(notice.entered),
            labels: StoredValue::new(Vec::new()),
            problem: RwSignal::new(notice.problem),
            busy: RwSignal::new(false),
        }
    }

    /// The id of a field's control.
    pub fn id(self, field: &str) -> String {
        let mut id = self.id.get_value();
        id.push('-');
        id.push_str(field);
        id
    }

    /// What was entered in a field before the page came back.
    pub fn entered(self, field: &str) -> Option<String> {
        self.entered.with_value(|entered| {
            entered.iter().find(|(name, _)| name == field).map(|(_, value)| value.clone())
        })
    }

    /// Whether what a person wrote is in the fields again.
    pub fn is_restored(self) -> bool {
        self.labels.with_value(|labels| {
            labels.iter().any(|(field, _)| self.entered(field).is_some_and(|written| !written.is_empty()))
        })
    }

    /// Registers the label of a field, so that the list of faults can name it.
    pub fn name(self, field: &'static str, label: &str) {
        self.labels.update_value(|labels| labels.push((field, label.to_owned())));
    }

    /// What is wrong with a field now.
    pub fn fault(self, field: &str, lang: Lang) -> Option<String> {
        self.problem.with(|problem| {
            faults(problem.as_ref())
                .iter()
                .find(|fault| fault.field == field)
                .map(|fault| lang.fault(&fault.what))
        })
    }

    /// Each fault with the id of its field, where the form has such a field, and its sentence.
    pub fn faults(self, lang: Lang) -> Vec<(Option<String>, String)> {
        let sentence_of = |fault: &FieldError| {
            let sentence = lang.fault(&fault.what);
            self.labels.with_value(|labels| match labels.iter().find(|(name, _)| *name == fault.field) {
                Some((_, label)) => (Some(self.id(&fault.field)), lang.common_faulty_field(label, sentence)),
                None => (None, lang.common_faulty_field(&fault.field, sentence)),
            })
        };
        self.problem.with(|problem| faults(problem.as_ref()).iter().map(sentence_of).collect())
    }
}

fn faults(problem: Option<&Problem>) -> &[FieldError] {
    match problem {
        Some(Problem::ApiError(ApiError::Faulty { faults })) => faults,
        _ => &[],
    }
}
