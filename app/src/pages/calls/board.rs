//! *Quadro dell'avviso*: the bodies by state, the credits of them all, and the table of them.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::api::calls::{Board, BoardOrder, Progress, ProgressCount, ReadBoard};

use super::bodies_table::rows;
use super::query::{SOUGHT, TABLE, address, named, ordered, sought};
use super::{closing, of_call};
use crate::links;
use crate::parts::{
    Alert, Chip, Chips, CreditFigures, Empty, Figure, Figures, FilterForm, Icon, Page, Search, Tone,
    clock_doubt, settle,
};
use crate::reading::read;
use crate::rendering::use_lang;
use crate::text::Lang;

#[component]
pub fn BoardPage() -> AnyView {
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(ordered));
    let sought = Memo::new(move |_| query.with(sought));
    let lang = use_lang();
    of_call(read(move || filter.get()), lang.calls_title(), move |board| {
        page(lang, board, filter.get_untracked(), sought)
    })
}

fn page(lang: Lang, board: Board, filter: ReadBoard, sought: Memo<String>) -> AnyView {
    let board_doubt = board.clock_doubt;
    let joined: u32 = board.counts.iter().map(|count| count.bodies).sum();
    let lead = lang.calls_lead(
        &board.call.title,
        lang.calls_joined(joined.into()),
        lang.credits(board.totals.granted),
        closing(lang, &board.call),
    );
    let reopened = lang.reopened(&board.call);
    let content = if joined == 0 {
        view! {
            <Empty icon="pa" title=lang.calls_nobody_title() text=lang.calls_nobody_text()>
                <a class="btn btn-primary" href=links::JOIN>{lang.frame_join()}</a>
            </Empty>
        }
        .into_any()
    } else {
        let waiting = proposals(lang, &board);
        (waiting, by_state(lang, &board.counts), credits(lang, &board), bodies(lang, board, filter, sought))
            .into_any()
    };
    let reopened = reopened.map(|sentence| view! { <p class="cz-prose">{sentence}</p> });
    view! {
        <Page title=lang.calls_title() lead=lead crumbs=vec![(lang.frame_home().to_owned(), links::HOME.to_owned())]>
            {clock_doubt(lang, board_doubt)} {reopened} {content}
        </Page>
    }
    .into_any()
}

/// What waits for the reader's confirmation comes first.
fn proposals(lang: Lang, board: &Board) -> Option<AnyView> {
    let alert = || {
        view! {
            <Alert tone=Tone::Warning title=lang.proposals_board(board.proposals.into())>
                <p><a href=links::PROPOSALS>{lang.proposals_board_link()}</a></p>
            </Alert>
        }
        .into_any()
    };
    (board.proposals > 0).then(alert)
}

fn tone(progress: Progress) -> &'static str {
    match progress {
        Progress::Unassigned => "spent",
        Progress::NotStarted => "idle",
        Progress::Composing => "left",
        Progress::AwaitingAuthorisation => "waiting",
        Progress::Submitted => "good",
    }
}

/// Counts to show: the state "unassigned" only where there are such bodies.
fn shown_counts(counts: &[ProgressCount]) -> impl Iterator<Item = &ProgressCount> {
    counts.iter().filter(|count| count.progress != Progress::Unassigned || count.bodies > 0)
}

fn by_state(lang: Lang, counts: &[ProgressCount]) -> AnyView {
    let figures = shown_counts(counts)
        .map(|count| Figure {
            name: lang.progress(count.progress).to_owned(),
            amount: count.bodies.into(),
            tone: Some(tone(count.progress)),
            href: Some(address(BoardOrder::default(), Some(count.progress), "")),
        })
        .collect();
    view! {
        <section class="cz-section" aria-labelledby="stato">
            <h2 id="stato">{lang.calls_by_state()}</h2>
            <Figures figures=figures caption=lang.calls_by_state_caption() unit=lang.calls_municipalities()/>
        </section>
    }
    .into_any()
}

fn credits(lang: Lang, board: &Board) -> AnyView {
    view! {
        <section class="cz-section" aria-labelledby="crediti">
            <h2 id="crediti">{lang.calls_credits()}</h2>
            <CreditFigures account=board.totals caption=lang.calls_credits_caption()/>
            <p class="cz-small cz-quiet">{lang.leftovers(board.call.leftovers)}</p>
        </section>
    }
    .into_any()
}

fn bodies(lang: Lang, board: Board, filter: ReadBoard, sought: Memo<String>) -> AnyView {
    let board = StoredValue::new((board, filter));
    let search = move || board.with_value(|(_, filter)| search(lang, filter, sought.get()));
    Effect::new(move |before: Option<String>| {
        let now = sought.get();
        if before.is_some_and(|before| before != now) {
            request_animation_frame(settle);
        }
        now
    });
    let chips = move || board.with_value(|(board, filter)| chips(lang, board, filter, &sought.get()));
    let table = move || {
        board.with_value(|(board, filter)| {
            if board.rows.is_empty() {
                none_here(lang, filter)
            } else {
                rows(lang, board, filter, &sought.get())
            }
        })
    };
    view! {
        <section class="cz-section" aria-labelledby=TABLE>
            <div class="cz-title-row">
                <h2 id=TABLE>{lang.calls_bodies()}</h2>
                <a class="cz-more" href=links::MATRIX>
                    <Icon name="list"/>
                    " "
                    {lang.calls_project_link()}
                </a>
            </div>
            {search}
            <nav class="mb-4" aria-label=lang.calls_filter()>
                {chips}
            </nav>
            {table}
        </section>
    }
    .into_any()
}

/// Search by name, in the browser: the table has all bodies.
fn search(lang: Lang, filter: &ReadBoard, sought: String) -> AnyView {
    let hidden = named(filter).into_iter().filter(|(_, value)| !value.is_empty());
    let hidden =
        hidden.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
    view! {
        <FilterForm class="cz-search mb-3" action=links::BOARD search=true anchor="#comuni">
            {hidden}
            <Search id="cerca-comune" name=SOUGHT label=lang.calls_search() value=sought/>
        </FilterForm>
    }
    .into_any()
}

fn chips(lang: Lang, board: &Board, filter: &ReadBoard, sought: &str) -> AnyView {
    let chip = |name: &str, progress, count| Chip {
        name: name.to_owned(),
        href: address(filter.order, progress, sought),
        count: Some(count),
        current: filter.progress == progress,
    };
    let mut chips = vec![chip(lang.calls_every(), None, board.counts.iter().map(|count| count.bodies).sum())];
    chips.extend(
        shown_counts(&board.counts)
            .map(|count| chip(lang.progress(count.progress), Some(count.progress), count.bodies)),
    );
    view! { <Chips chips=chips unit=lang.calls_count_unit(2)/> }.into_any()
}

fn none_here(lang: Lang, filter: &ReadBoard) -> AnyView {
    let all = address(filter.order, None, "");
    view! {
        <Empty title=lang.calls_none_here_title() text=lang.calls_none_here_text()>
            <a class="btn btn-primary" href=all>{lang.calls_see_all()}</a>
        </Empty>
    }
    .into_any()
}
