//! Facts by name: in one line at the head of a page, or in rows.

use leptos::prelude::*;

pub struct Fact {
    pub name: String,
    pub value: AnyView,
    /// Small, after the value; may be empty.
    pub note: String,
}

impl Fact {
    pub fn new(name: impl Into<String>, value: impl IntoView) -> Self {
        Self { name: name.into(), value: value.into_any(), note: String::new() }
    }

    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}

/// "Arrivata il … · In mano a … · Esame entro il …"
#[component]
pub fn Facts(facts: Vec<Fact>) -> AnyView {
    list("cz-facts mb-4", facts)
}

#[component]
pub fn FactRows(facts: Vec<Fact>) -> AnyView {
    list("cz-facts-rows", facts)
}

fn list(class: &'static str, facts: Vec<Fact>) -> AnyView {
    let fact = |fact: Fact| {
        let note = (!fact.note.is_empty()).then(|| view! { " " <small><bdi>{fact.note}</bdi></small> });
        view! {
            <div>
                <dt>{fact.name}</dt>
                <dd>{fact.value} {note}</dd>
            </div>
        }
    };
    view! { <dl class=class>{facts.into_iter().map(fact).collect_view()}</dl> }.into_any()
}
