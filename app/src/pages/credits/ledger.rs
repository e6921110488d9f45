//! The ledger's proof: what makes it one, the last check, and the anchors that anybody may keep.

use leptos::prelude::*;
use model::api::credits::{AnchorRef, CheckLedger, LedgerProof, ReadLedgerProof};

use super::check_result::found;
use crate::links;
use crate::parts::{
    Alert, Button, Column, Empty, Happened, LiveForm, Page, Row, Table, Tone, clock_doubt, take_focus,
};
use crate::reading::{answered, read};
use crate::rendering::use_lang;
use crate::text::Lang;

/// `/registro`
#[component]
pub fn LedgerPage() -> AnyView {
    let lang = use_lang();
    let reading = read(ReadLedgerProof::default);
    let led = StoredValue::new(false);
    let again = Callback::new(move |()| {
        led.set_value(true);
        reading.refetch();
    });
    answered(reading, move |proof| {
        let why = lang.ledger_why_list().map(|text| view! { <li>{text}</li> });
        view! {
            <Page
                title=lang.ledger_title()
                lead=lang.ledger_lead()
                crumbs=vec![(lang.frame_home().to_owned(), links::HOME.to_owned())]
                quiet=true
            >
                {take_focus(led, view! { <Happened/> })}
                {proof.may_check.then(|| check(lang, &proof, again))}
                <section class="cz-section" aria-labelledby="come">
                    <h2 id="come">{lang.ledger_why()}</h2>
                    <ul class="cz-prose">{why.collect_view()}</ul>
                </section>
                {anchors(lang, &proof.anchors)}
            </Page>
        }
        .into_any()
    })
}

fn check(lang: Lang, proof: &LedgerProof, again: Callback<()>) -> AnyView {
    let clock = proof.clock_behind.map(|now| {
        let sentence = lang.ledger_clock_behind(lang.instant(now));
        view! {
            <Alert tone=Tone::Warning title=lang.ledger_clock()>
                <p>{sentence}</p>
            </Alert>
        }
    });
    view! {
        <section class="cz-section" aria-labelledby="verifica">
            <h2 id="verifica">{lang.ledger_check()}</h2>
            {clock}
            {clock_doubt(lang, proof.clock_doubt)}
            {found(lang, proof.check.as_ref())}
            <LiveForm<CheckLedger> then=move |_| again.run(())>
                <Button>{lang.ledger_check_now()}</Button>
            </LiveForm<CheckLedger>>
        </section>
    }
    .into_any()
}

fn anchors(lang: Lang, anchors: &[AnchorRef]) -> AnyView {
    let columns = vec![
        Column::text(lang.ledger_day()),
        Column::number(lang.ledger_accounts()),
        Column::text(lang.ledger_hash()),
    ];
    let row = |anchor: &AnchorRef| {
        Row::new([
            view! {
                <a href=links::anchor_file(anchor.day) rel="external" download="">
                    {lang.day(anchor.day)}
                </a>
            }
            .into_any(),
            lang.number(anchor.accounts.into()).into_any(),
            view! { <code class="cz-hash">{anchor.hash.clone()}</code> }.into_any(),
        ])
    };
    let list = if anchors.is_empty() {
        view! { <Empty title=lang.ledger_none() text=lang.ledger_none_text()/> }.into_any()
    } else {
        let rows = anchors.iter().map(row).collect();
        view! { <Table caption=lang.ledger_caption() columns=columns rows=rows/> }.into_any()
    };
    view! {
        <section class="cz-section" aria-labelledby="impronte">
            <h2 id="impronte">{lang.ledger_anchors()}</h2>
            <p class="cz-prose">{lang.ledger_anchors_text()}</p>
            {list}
        </section>
    }
    .into_any()
}
