//! Steps in their order: how it works, what comes next, the milestones of a request.

use leptos::prelude::*;

use crate::rendering::use_lang;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepStage {
    /// Of an explanation, which has no now.
    #[default]
    Plain,
    Done,
    Current,
}

pub struct ListStep {
    pub title: String,
    pub note: String,
    pub stage: StepStage,
    /// What can be done about it.
    pub action: Option<AnyView>,
}

impl ListStep {
    pub fn new(title: impl Into<String>, note: impl Into<String>) -> Self {
        Self { title: title.into(), note: note.into(), stage: StepStage::Plain, action: None }
    }

    #[must_use]
    pub fn at(mut self, stage: StepStage) -> Self {
        self.stage = stage;
        self
    }
}

#[component]
pub fn Steps(
    steps: Vec<ListStep>,
    /// Side by side on a wide screen.
    #[prop(optional)]
    row: bool,
) -> AnyView {
    let lang = use_lang();
    let step = move |step: ListStep| {
        let done = step.stage == StepStage::Done;
        view! {
            <li
                class=done.then_some("cz-done")
                aria-current=(step.stage == StepStage::Current).then_some("step")
            >
                <div>
                    <strong>{step.title}</strong>
                    {step.note}
                    {done.then(|| view! { <span class="visually-hidden">", " {lang.common_step_done()}</span> })}
                    {step.action}
                </div>
            </li>
        }
    };
    let class = if row { "cz-steps cz-steps-row" } else { "cz-steps" };
    view! { <ol class=class>{steps.into_iter().map(step).collect_view()}</ol> }.into_any()
}
