//! *Progetto esecutivo*: municipality by service, who gets what.

use leptos::prelude::*;
use model::api::calls::{Matrix, MatrixRow, ReadMatrix};

use super::matrix_cells::{Mark, cell, legend};
use super::of_call;
use crate::links;
use crate::parts::{Empty, Icon, Page};
use crate::reading::read;
use crate::rendering::use_lang;
use crate::text::Lang;

#[component]
pub fn MatrixPage() -> AnyView {
    let lang = use_lang();
    of_call(read(ReadMatrix::default), lang.calls_project(), move |matrix| page(lang, matrix))
}

fn page(lang: Lang, matrix: Matrix) -> AnyView {
    let many = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    let lead = lang.calls_project_lead(
        &matrix.call_title,
        lang.calls_joined(many(matrix.rows.len())),
        lang.calls_project_services(many(matrix.services.len())),
    );
    let content = if matrix.rows.is_empty() || matrix.services.is_empty() {
        view! {
            <Empty title=lang.calls_nobody_title() text=lang.calls_matrix_none_text()>
                <a class="btn btn-primary" href=links::BOARD>{lang.calls_to_board()}</a>
            </Empty>
        }
        .into_any()
    } else {
        table(lang, matrix)
    };
    view! {
        <Page
            title=lang.calls_project()
            lead=lead
            crumbs=vec![(lang.calls_title().to_owned(), links::BOARD.to_owned())]
        >
            {content}
        </Page>
    }
    .into_any()
}

fn table(lang: Lang, matrix: Matrix) -> AnyView {
    let totals: Vec<_> = (0..matrix.services.len()).map(|at| having(&matrix.rows, at).to_string()).collect();
    let services = matrix.services.into_iter().map(|service| {
        view! {
            <th scope="col">
                <span>{service.name}</span>
            </th>
        }
    });
    let row = |row: MatrixRow| {
        view! {
            <tr>
                <th scope="row">{row.body.name}</th>
                {row.cells.into_iter().map(|what| cell(lang, what)).collect_view()}
            </tr>
        }
    };
    view! {
        <section class="cz-section" aria-labelledby="matrice">
            <div class="cz-title-row">
                <h2 id="matrice">{lang.calls_project_link()}</h2>
                <a class="cz-more" href=links::MATRIX_FILE rel="external" download="">
                    <Icon name="download"/>
                    " "
                    {lang.calls_csv()}
                </a>
            </div>
            {legend(lang)}
            <div class="cz-matrix" role="region" aria-label=lang.calls_matrix_region() tabindex="0">
                <table>
                    <caption class="visually-hidden">{lang.calls_matrix_caption()}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{lang.calls_municipality()}</th>
                            {services.collect_view()}
                        </tr>
                    </thead>
                    <tbody>{matrix.rows.into_iter().map(row).collect_view()}</tbody>
                    <tfoot>
                        <tr>
                            <th scope="row">{lang.calls_municipalities()}</th>
                            {totals.into_iter().map(|total| view! { <td>{total}</td> }).collect_view()}
                        </tr>
                    </tfoot>
                </table>
            </div>
            <p class="cz-small cz-quiet mt-3">{lang.calls_matrix_caption()}</p>
        </section>
    }
    .into_any()
}

/// How many municipalities have the service in this column, or will have it as things stand.
fn having(rows: &[MatrixRow], at: usize) -> usize {
    rows.iter()
        .filter(|row| row.cells.get(at).and_then(|what| Mark::of(*what)).is_some_and(Mark::counts))
        .count()
}
