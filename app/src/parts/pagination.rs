//! Which rows of a list this page shows, and the way to the page before and after.

use leptos::prelude::*;

use super::Icon;
use crate::rendering::use_lang;

#[component]
pub fn Pagination(
    /// "Da 21 a 40 di 120"
    shown: String,
    /// Address of the page before; none on the first.
    previous: Option<String>,
    /// Address of the page after; none on the last.
    next: Option<String>,
) -> impl IntoView {
    let lang = use_lang();
    let previous = previous.map(|to| {
        view! {
            <li class="page-item">
                <a class="page-link" href=to rel="prev">
                    <Icon name="chevron-left"/>
                    {lang.common_page_before()}
                </a>
            </li>
        }
    });
    let next = next.map(|to| {
        view! {
            <li class="page-item">
                <a class="page-link" href=to rel="next">
                    {lang.common_page_after()}
                    <Icon name="chevron-right"/>
                </a>
            </li>
        }
    });
    view! {
        <nav class="pagination-wrapper" aria-label=lang.common_pages()>
            <ul class="pagination"><li class="cz-page-shown">{shown}</li> {previous} {next}</ul>
        </nav>
    }
    .into_any()
}
