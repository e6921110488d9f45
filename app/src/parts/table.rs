//! A table; on a phone each row becomes a list of labelled facts.

use leptos::prelude::*;

use crate::rendering::use_lang;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ColumnKind {
    Text,
    Number,
    /// Holds buttons; its name is for screen readers only.
    Actions,
}

pub struct Column {
    name: String,
    kind: ColumnKind,
    /// Where the table is in this order, and whether it is now: `ascending`, `descending`.
    order: Option<(String, Option<&'static str>)>,
}

impl Column {
    pub fn text(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: ColumnKind::Text, order: None }
    }

    pub fn number(name: impl Into<String>) -> Self {
        Self { kind: ColumnKind::Number, ..Self::text(name) }
    }

    pub fn action(name: impl Into<String>) -> Self {
        Self { kind: ColumnKind::Actions, ..Self::text(name) }
    }

    /// Its name leads to the table in its order; `now` is `ascending` or `descending` where it is in it.
    #[must_use]
    pub fn ordered(mut self, href: impl Into<String>, now: Option<&'static str>) -> Self {
        self.order = Some((href.into(), now));
        self
    }

    fn class(&self) -> Option<&'static str> {
        match self.kind {
            ColumnKind::Text => None,
            ColumnKind::Number => Some("cz-number"),
            ColumnKind::Actions => Some("cz-cell-actions"),
        }
    }

    fn head(&self) -> AnyView {
        let name = self.name.clone();
        let (content, now) = match (&self.order, self.kind) {
            (Some((href, now)), _) => (view! { <a href=href.clone()>{name}</a> }.into_any(), *now),
            (None, ColumnKind::Actions) => {
                (view! { <span class="visually-hidden">{name}</span> }.into_any(), None)
            }
            (None, _) => (name.into_any(), None),
        };
        view! { <th scope="col" class=self.class() aria-sort=now>{content}</th> }.into_any()
    }
}

/// The first cell names the row.
pub struct Row {
    pub cells: Vec<AnyView>,
    /// Marked as late.
    pub late: bool,
}

impl Row {
    pub fn new(cells: impl IntoIterator<Item = AnyView>) -> Self {
        Self { cells: cells.into_iter().collect(), late: false }
    }

    fn cells(self, columns: &[Column]) -> Vec<AnyView> {
        let cell = |(at, content): (usize, AnyView)| match columns.get(at).filter(|_| at > 0) {
            None => view! { <th scope="row">{content}</th> }.into_any(),
            Some(column) => {
                let label = (column.kind != ColumnKind::Actions).then(|| column.name.clone());
                view! { <td class=column.class() data-label=label>{content}</td> }.into_any()
            }
        };
        self.cells.into_iter().enumerate().map(cell).collect()
    }
}

#[component]
pub fn Table(
    #[prop(into)] caption: String,
    /// The caption is for screen readers only, where a heading shows the same.
    #[prop(optional)]
    caption_hidden: bool,
    columns: Vec<Column>,
    rows: Vec<Row>,
    /// Totals.
    #[prop(optional)]
    foot: Vec<Row>,
    /// Stays a table on a phone, as one of two short columns can.
    #[prop(optional)]
    narrow: bool,
) -> AnyView {
    let class = if narrow { "table cz-table" } else { "table cz-table cz-table-facts" };
    let line = |row: Row| {
        let late = row.late.then_some("cz-late");
        view! { <tr class=late>{row.cells(&columns)}</tr> }.into_any()
    };
    let has_foot = !foot.is_empty();
    // Shown on a phone, where the columns have no row of names.
    let ordered = columns.iter().any(|column| column.order.is_some());
    let order = ordered.then(|| use_lang().common_order_by());
    let (body, foot) = (rows.into_iter().map(line).collect_view(), foot.into_iter().map(line).collect_view());
    view! {
        <table class=class>
            <caption class=caption_hidden.then_some("visually-hidden")>{caption}</caption>
            <thead>
                <tr data-label=order>{columns.iter().map(Column::head).collect_view()}</tr>
            </thead>
            <tbody>{body}</tbody>
            {has_foot.then(|| view! { <tfoot>{foot}</tfoot> })}
        </table>
    }
    .into_any()
}
