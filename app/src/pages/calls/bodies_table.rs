//! The table of the bodies of a call: each column that orders it is a link.

use leptos::prelude::*;
use model::api::calls::{Board, BoardOrder, BoardRow, Progress, ReadBoard};
use model::catalogue::HighRange;
use model::credits::Account;
use model::spelling::is_found;

use super::query::address;
use crate::links;
use crate::parts::{Badge, Column, Empty, LateBadge, Row, Shade, Table};
use crate::text::Lang;

pub fn rows(lang: Lang, board: &Board, filter: &ReadBoard, sought: &str) -> AnyView {
    let by = |column: Column, order, direction| {
        column.ordered(address(order, filter.progress, sought), (filter.order == order).then_some(direction))
    };
    let high = board.call.high;
    let columns = vec![
        by(Column::text(lang.calls_municipality()), BoardOrder::Name, "ascending"),
        by(Column::text(lang.calls_band()), BoardOrder::Population, "descending"),
        by(Column::text(lang.calls_state()), BoardOrder::Progress, "ascending"),
        Column::number(lang.credits_granted()),
        Column::number(lang.credits_held()),
        Column::number(lang.credits_spent()),
        by(Column::number(lang.credits_available()), BoardOrder::Available, "descending"),
        Column::number(lang.calls_high(high.minimum, high.maximum)),
        Column::text(lang.calls_closing()),
        by(Column::text(lang.calls_late()), BoardOrder::Late, "descending"),
    ];
    let names = |row: &'_ BoardRow| {
        is_found(sought, [&*row.body.title, &*row.other_name, &*row.istat, &*row.cadastral])
    };
    let shown: Vec<_> = board.rows.iter().filter(|row| names(row)).collect();
    if shown.is_empty() {
        let (title, all) = (lang.calls_none_sought(sought.trim()), address(filter.order, None, ""));
        return view! {
            <Empty title=title text=lang.calls_none_here_text()>
                <a class="btn btn-primary" href=all>{lang.calls_see_all()}</a>
            </Empty>
        }
        .into_any();
    }
    let foot = vec![total(lang, &shown)];
    let rows = shown.into_iter().map(|row| line(lang, row, high, board.may_act)).collect();
    view! { <Table caption=lang.calls_bodies_caption() caption_hidden=true columns=columns rows=rows foot=foot/> }
        .into_any()
}

fn line(lang: Lang, row: &BoardRow, high: HighRange, may_act: bool) -> Row {
    let body = row.body.id;
    let href = if may_act { links::board_body(body) } else { links::body(body) };
    let credits = |number: fn(&Account) -> i64| {
        let number = row.account.as_ref().map(number);
        number.map(|number| lang.number(number)).into_any()
    };
    let closing = lang.day(row.closes.day_in_rome());
    let extended = row.extended.then(|| [", ", lang.calls_extended()].concat());
    let late = match row.overdue {
        0 => lang.calls_not_late().into_any(),
        overdue => view! { <LateBadge/> " " {lang.calls_late_requests(overdue.into())} }.into_any(),
    };
    let mut line = Row::new([
        view! { <a href=href>{row.body.name.clone()}</a> }.into_any(),
        band(lang, row),
        progress_badge(lang, row.progress),
        credits(|account| account.granted),
        credits(|account| account.held),
        credits(|account| account.spent),
        credits(Account::available),
        count(lang, row.high, high).into_any(),
        (closing, extended).into_any(),
        late,
    ]);
    line.late = row.overdue > 0;
    line
}

fn progress_badge(lang: Lang, progress: Progress) -> AnyView {
    let shade = match progress {
        Progress::Unassigned => Shade::Bad,
        Progress::NotStarted => Shade::Neutral,
        Progress::Composing => Shade::Moving,
        Progress::AwaitingAuthorisation => Shade::Waiting,
        Progress::Submitted => Shade::Good,
    };
    view! { <Badge shade=shade word=lang.progress(progress)/> }.into_any()
}

/// The band with the package that it gives.
fn band(lang: Lang, row: &BoardRow) -> AnyView {
    let band = match (&row.band, row.population) {
        (Some(band), _) => lang.band(band),
        (None, Some(population)) => lang.calls_population_bare(lang.number(population.into())),
        (None, None) => lang.calls_population_unknown().to_owned(),
    };
    let package = if row.package_name.is_empty() { lang.calls_no_package() } else { &row.package_name };
    view! {
        {band}
        <br/>
        <span class="cz-quiet">{package.to_owned()}</span>
    }
    .into_any()
}

/// "1, sotto il minimo"
pub fn count(lang: Lang, high: u32, range: HighRange) -> String {
    if high < range.minimum {
        lang.calls_high_below(high)
    } else if high > range.maximum {
        lang.calls_high_above(high)
    } else {
        high.to_string()
    }
}

fn total(lang: Lang, rows: &[&BoardRow]) -> Row {
    let sum = |number: fn(&Account) -> i64| {
        let sum = rows.iter().filter_map(|row| row.account.as_ref()).map(number).sum();
        lang.number(sum).into_any()
    };
    let many = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let nothing = || ().into_any();
    Row::new([
        lang.calls_total_of(many).into_any(),
        nothing(),
        nothing(),
        sum(|account| account.granted),
        sum(|account| account.held),
        sum(|account| account.spent),
        sum(Account::available),
        nothing(),
        nothing(),
        nothing(),
    ])
}
