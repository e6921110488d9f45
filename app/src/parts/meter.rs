//! Quantities of a whole: a bar, the numbers, and the same in a table for who can't see the bar.

use leptos::prelude::*;
use model::credits::{Account, Credits};

use super::{Column, Fold, Row, Table};
use crate::rendering::use_lang;

/// A quantity; its tone is one of `style/parts/_meter.scss`.
#[derive(Clone)]
pub struct Figure {
    pub name: String,
    pub amount: i64,
    /// None for a number that has no part in the bar.
    pub tone: Option<&'static str>,
    /// Where the things counted are listed.
    pub href: Option<String>,
}

/// Only the bar, for beside a sentence that says the same.
#[component]
pub fn Bar(figures: Vec<Figure>, #[prop(optional)] slim: bool) -> AnyView {
    let parts: Vec<_> =
        figures.iter().filter_map(|figure| figure.tone.map(|tone| (tone, figure.amount.max(0)))).collect();
    let whole = parts.iter().map(|(_, amount)| amount).sum::<i64>().max(1);
    let mut from = 0;
    let part = |(tone, amount): (&str, i64)| {
        let mut class = String::from("cz-bar-");
        class.push_str(tone);
        let x = from;
        from += amount;
        view! { <rect class=class x=x.to_string() y="0" width=amount.to_string() height="4"></rect> }
    };
    let class = if slim { "cz-bar cz-bar-slim" } else { "cz-bar" };
    let mut frame = String::from("0 0 ");
    frame.push_str(&whole.to_string());
    frame.push_str(" 4");
    view! {
        <svg class=class viewBox=frame preserveAspectRatio="none" aria-hidden="true" focusable="false">
            {parts.into_iter().map(part).collect_view()}
        </svg>
    }
    .into_any()
}

/// Bar, numbers, and the same in a table.
#[component]
pub fn Figures(
    figures: Vec<Figure>,
    /// Of the table.
    #[prop(into)]
    caption: String,
    /// What is counted: head of the table's second column.
    #[prop(into)]
    unit: String,
) -> AnyView {
    let lang = use_lang();
    let figure = move |figure: Figure| {
        let swatch = figure.tone.map(|tone| {
            let mut class = String::from("cz-swatch cz-swatch-");
            class.push_str(tone);
            view! { <span class=class></span> }
        });
        let name = match figure.href {
            Some(href) => view! { <a href=href>{figure.name}</a> }.into_any(),
            None => figure.name.into_any(),
        };
        view! {
            <div>
                <dt>{swatch} {name}</dt>
                <dd>{lang.number(figure.amount)}</dd>
            </div>
        }
    };
    let rows = figures
        .iter()
        .map(|figure| Row::new([figure.name.clone().into_any(), lang.number(figure.amount).into_any()]))
        .collect();
    let columns = vec![Column::text(lang.credits_item()), Column::number(unit)];
    view! {
        <Bar figures=figures.clone()/>
        <dl class="cz-figures">{figures.into_iter().map(figure).collect_view()}</dl>
        <Fold summary=lang.common_in_table()>
            <Table caption=caption columns=columns rows=rows narrow=true/>
        </Fold>
    }
    .into_any()
}

fn of_account(account: Account, left: Credits) -> Vec<Figure> {
    let lang = use_lang();
    let figure = |name: &str, amount, tone| Figure { name: name.to_owned(), amount, tone, href: None };
    vec![
        figure(lang.credits_spent(), account.spent, Some("spent")),
        figure(lang.credits_held(), account.held, Some("held")),
        figure(lang.credits_available(), left, Some("left")),
        figure(lang.credits_granted(), account.granted, None),
    ]
}

/// The bar of an account; `left` is what would be available, where something is being composed.
#[component]
pub fn Meter(
    account: Account,
    #[prop(optional, into)] left: Option<Credits>,
    #[prop(optional)] slim: bool,
) -> AnyView {
    let left = left.unwrap_or_else(|| account.available());
    view! { <Bar figures=of_account(account, left) slim=slim/> }.into_any()
}

/// The four numbers of an account.
#[component]
pub fn CreditFigures(
    account: Account,
    /// Of the table: whose credits.
    #[prop(into)]
    caption: String,
) -> AnyView {
    let figures = of_account(account, account.available());
    view! { <Figures figures=figures caption=caption unit=use_lang().credits_credits()/> }.into_any()
}
