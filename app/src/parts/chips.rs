//! Chips: a few links that narrow a list, each with how many it would leave.

use leptos::prelude::*;

pub struct Chip {
    pub name: String,
    pub href: String,
    pub count: Option<u32>,
    pub current: bool,
}

#[component]
pub fn Chips(
    /// What is counted, for who hears it: "servizi".
    #[prop(optional, into)]
    unit: String,
    chips: Vec<Chip>,
) -> AnyView {
    let chip = |chip: Chip| {
        let unit = unit.clone();
        view! {
            <li>
                <a class="chip" href=chip.href aria-current=chip.current.then_some("true")>
                    <span class="chip-label">{chip.name}</span>
                    {chip.count.map(|count| {
                        view! {
                            " "
                            <span class="cz-count">
                                {count.to_string()} <span class="visually-hidden">" " {unit}</span>
                            </span>
                        }
                    })}
                </a>
            </li>
        }
    };
    view! { <ul class="cz-chips">{chips.into_iter().map(chip).collect_view()}</ul> }.into_any()
}
