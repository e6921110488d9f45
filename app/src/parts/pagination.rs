//! The pages of a list: the first, a few around this one, the last; and the way to the one before and after.

use leptos::prelude::*;

use super::Icon;
use crate::rendering::use_lang;

#[component]
pub fn Pagination(
    /// 1 and up.
    page: u32,
    pages: u32,
    /// The address of a page.
    href: Callback<u32, String>,
) -> impl IntoView {
    let lang = use_lang();
    let number = move |number: u32| {
        view! {
            <li class="page-item">
                <a class="page-link" href=href.run(number) aria-current=(number == page).then_some("page")>
                    <span class="visually-hidden">{lang.common_page()} " "</span>
                    {number.to_string()}
                </a>
            </li>
        }
    };
    let turn = move |to: u32, name: &'static str, sign: &'static str| {
        view! {
            <li class="page-item">
                <a class="page-link" href=href.run(to)>
                    <Icon name=sign/>
                    <span class="visually-hidden">{name}</span>
                </a>
            </li>
        }
    };
    let around = page.saturating_sub(2).max(1)..=page.saturating_add(2).min(pages);
    let gap = || view! { <li class="page-item cz-page-gap" aria-hidden="true">"…"</li> };
    let before = around.start().saturating_sub(1);
    let after = pages.saturating_sub(*around.end());
    let first = (before > 0).then(|| (number(1), (before > 1).then(gap)));
    let last = (after > 0).then(|| ((after > 1).then(gap), number(pages)));
    (pages > 1).then(|| {
        view! {
            <nav class="pagination-wrapper" aria-label=lang.common_pages()>
                <ul class="pagination">
                    {(page > 1).then(|| turn(page - 1, lang.common_page_before(), "chevron-left"))}
                    {first}
                    {around.map(number).collect_view()}
                    {last}
                    {(page < pages).then(|| turn(page + 1, lang.common_page_after(), "chevron-right"))}
                </ul>
            </nav>
        }
        .into_any()
    })
}
