//! *Proposte*: what moves credits above the threshold and waits for a second administrator, and what became of it.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::api::Operation as _;
use model::api::credits::proposals::{
    ConfirmProposal, ListProposals, Proposal, Proposals, RefuseProposal, WithdrawProposal,
};
use model::proposals::{ProposalKind, ProposalState};

use crate::links;
use crate::parts::{
    Alert, Badge, Button, Column, Control, Empty, Field, Fold, Happened, LiveForm, Look, Page, Row, Shade,
    Table, Tone, came_back, gone, take_focus,
};
use crate::reading::{answered, read};
use crate::rendering::use_lang;
use crate::text::Lang;

/// In the address: of what is decided only what is older than this.
const BEFORE: &str = "prima";

#[component]
pub fn ProposalsPage() -> AnyView {
    let lang = use_lang();
    let query = use_query_map();
    let before = Memo::new(move |_| query.with(|query| query.get(BEFORE)).and_then(|id| id.parse().ok()));
    let list = read(move || ListProposals { body: None, before: before.get() });
    let after_action = StoredValue::new(false);
    let again = Callback::new(move |()| {
        after_action.set_value(true);
        list.refetch();
    });
    answered(list, move |list| {
        let lead = list.threshold.map_or_else(
            || lang.proposals_lead_no_call().to_owned(),
            |threshold| lang.proposals_lead(lang.credits(threshold)),
        );
        let waiting = waiting(lang, &list, again);
        let more = (list.waiting_count as usize > list.waiting.len())
            .then(|| view! { <p>{lang.proposals_waiting_more(list.waiting_count.into())}</p> });
        let none = list.waiting.is_empty().then(|| {
            view! {
                <Empty title=lang.proposals_waiting_none() text=lang.proposals_waiting_none_text()>
                    <a class="btn btn-primary" href=links::BOARD>{lang.calls_to_board()}</a>
                </Empty>
            }
        });
        view! {
            <Page
                title=lang.proposals_title()
                lead=lead
                crumbs=vec![(lang.calls_title().to_owned(), links::BOARD.to_owned())]
                quiet=true
            >
                {take_focus(after_action, view! { <Happened/> })}
                {alone(lang, &list)}
                <section class="cz-section" aria-labelledby="attesa">
                    <h2 id="attesa">{lang.proposals_waiting()}</h2>
                    {more}
                    {waiting}
                    {none}
                </section>
                {decided(lang, &list, before.get_untracked().is_some())}
            </Page>
        }
        .into_any()
    })
}

/// What waits for one municipality, and how much its administrators may still do alone.
pub fn of_body(lang: Lang, list: &Proposals, again: Callback<()>) -> AnyView {
    let none = list.waiting.is_empty().then(|| view! { <p>{lang.proposals_of_body_none()}</p> });
    view! {
        <section class="cz-section" aria-labelledby="proposte">
            <h2 id="proposte">{lang.proposals_of_body()}</h2>
            {alone(lang, list)}
            {waiting(lang, list, again)}
            {none}
            <p><a href=links::PROPOSALS>{lang.proposals_of_body_all()}</a></p>
        </section>
    }
    .into_any()
}

/// How much an administrator may do alone for a municipality, and how much was done so.
pub fn threshold(lang: Lang, list: &Proposals) -> Option<AnyView> {
    let threshold = list.threshold?;
    let text = lang.proposals_threshold(lang.credits(threshold), lang.credits(list.done_alone));
    Some(view! { <p>{text}</p> }.into_any())
}

/// The alert that there is no second administrator to confirm.
fn alone(lang: Lang, list: &Proposals) -> Option<AnyView> {
    let alert = || {
        view! {
            <Alert tone=Tone::Warning title=lang.proposals_alone()>
                <p>{lang.proposals_alone_text()}</p>
            </Alert>
        }
        .into_any()
    };
    (!list.second_person).then(alert)
}

fn waiting(lang: Lang, list: &Proposals, again: Callback<()>) -> AnyView {
    let settled = gone(lang.proposals_gone(), |notice| {
        let ours = [ConfirmProposal::PATH, RefuseProposal::PATH, WithdrawProposal::PATH];
        let here = |proposal: &Proposal| proposal.id.to_string() == notice.form;
        ours.contains(&notice.operation.as_str()).then(|| list.waiting.iter().any(here))
    });
    let items = list.waiting.iter().map(|proposal| item(lang, proposal, again)).collect_view();
    let items = (!list.waiting.is_empty()).then(|| view! { <ul class="cz-items mb-4">{items}</ul> });
    (settled, items).into_any()
}

fn item(lang: Lang, proposal: &Proposal, again: Callback<()>) -> AnyView {
    let by = lang.proposals_by(&proposal.proposed_by.name, lang.on_instant(proposal.proposed_at));
    let actions = if proposal.own { own(lang, proposal, again) } else { confirm(lang, proposal, again) };
    let refuse = (!proposal.own).then(|| refuse(lang, proposal, again));
    view! {
        <li>
            <div>
                <p class="cz-item-name">{named(lang, proposal)}</p>
                <p>
                    <strong>{figures(lang, proposal)}</strong>
                </p>
                {value(lang, proposal).map(|text| view! { <p>{text}</p> })}
                {reason(lang, &proposal.reason)}
                <p class="cz-item-note">{by}</p>
                <p class="cz-item-note">{lang.proposals_in_call(&proposal.call_title)}</p>
                {proposal.own.then(|| view! { <p class="cz-item-note">{lang.proposals_own()}</p> })}
                {refuse}
            </div>
            <div class="cz-item-action">{actions}</div>
        </li>
    }
    .into_any()
}

fn reason(lang: Lang, reason: &str) -> Option<AnyView> {
    (!reason.is_empty())
        .then(|| view! { <p class="cz-item-note">{lang.proposals_reason(reason)}</p> }.into_any())
}

/// "Rettifica, Comune di Bellagio", with the way there.
fn named(lang: Lang, proposal: &Proposal) -> AnyView {
    let name = spoken(lang, proposal);
    match &proposal.body {
        Some(body) => view! { <a href=links::board_body(body.id)>{name}</a> }.into_any(),
        None => name.into_any(),
    }
}

fn spoken(lang: Lang, proposal: &Proposal) -> String {
    let body = proposal.body.as_ref().map_or_else(|| lang.proposals_every_body(), |body| &body.title);
    lang.proposals_named(lang.proposal_kind(proposal.kind), body)
}

/// "Crediti assegnati: da 40 a 10.039 crediti (+9.999 crediti)"
fn figures(lang: Lang, proposal: &Proposal) -> String {
    if proposal.kind == ProposalKind::Rule {
        let version = proposal.rule_version.unwrap_or_default();
        return lang.proposals_figures_rule(proposal.bodies.into(), version, lang.credits(proposal.change));
    }
    let change = lang.credits_change(proposal.change);
    let figures = match proposal.before {
        Some(before) => {
            let after = lang.credits(before.saturating_add(proposal.change));
            lang.proposals_figures(lang.number(before), after, change)
        }
        None => lang.proposals_figures_unknown(change),
    };
    match &proposal.package {
        Some(package) => lang.proposals_figures_package(figures, &package.name),
        None => figures,
    }
}

/// "Valore del pacchetto: +14 crediti"; nothing where it does not change.
fn value(lang: Lang, proposal: &Proposal) -> Option<String> {
    let change = proposal.value_change;
    (change != 0).then(|| match proposal.kind {
        ProposalKind::Rule => lang.proposals_value_rule(lang.credits(change)),
        _ => lang.proposals_value(lang.credits_change(change)),
    })
}

/// The form sends the figures that are shown beside it.
fn confirm(lang: Lang, proposal: &Proposal, again: Callback<()>) -> AnyView {
    let before = proposal.before.map(|before| before.to_string()).unwrap_or_default();
    let fields = vec![
        ("proposal", proposal.id.to_string()),
        ("before", before),
        ("change", proposal.change.to_string()),
    ];
    let what = spoken(lang, proposal);
    view! {
        <LiveForm<ConfirmProposal> with=fields name=proposal.id.to_string() then=move |_| again.run(())>
            <Button>
                {lang.proposals_confirm()}
                <span class="visually-hidden">": " {what}</span>
            </Button>
        </LiveForm<ConfirmProposal>>
    }
    .into_any()
}

fn refuse(lang: Lang, proposal: &Proposal, again: Callback<()>) -> AnyView {
    let (id, what) = (proposal.id.to_string(), spoken(lang, proposal));
    let fields = vec![("proposal", id.clone())];
    let open = came_back::<RefuseProposal>(&id);
    view! {
        <Fold summary=lang.proposals_refuse() open=open>
            <LiveForm<RefuseProposal> with=fields name=id then=move |_| again.run(())>
                <Field
                    name="reason"
                    label=lang.proposals_refuse_reason()
                    hint=lang.proposals_refuse_hint()
                    control=Control::Text
                />
                <Button look=Look::Danger>
                    {lang.proposals_refuse()}
                    <span class="visually-hidden">": " {what}</span>
                </Button>
            </LiveForm<RefuseProposal>>
        </Fold>
    }
    .into_any()
}

fn own(lang: Lang, proposal: &Proposal, again: Callback<()>) -> AnyView {
    let (id, what) = (proposal.id.to_string(), spoken(lang, proposal));
    let fields = vec![("proposal", id.clone())];
    view! {
        <LiveForm<WithdrawProposal> with=fields name=id then=move |_| again.run(())>
            <Button look=Look::Outline>
                {lang.proposals_withdraw()}
                <span class="visually-hidden">": " {what}</span>
            </Button>
        </LiveForm<WithdrawProposal>>
    }
    .into_any()
}

fn decided(lang: Lang, list: &Proposals, older: bool) -> Option<AnyView> {
    if list.decided.is_empty() && !older {
        return None;
    }
    let columns = vec![
        Column::text(lang.proposals_what()),
        Column::text(lang.proposals_for()),
        Column::text(lang.proposals_who()),
        Column::text(lang.proposals_outcome()),
    ];
    let rows = list.decided.iter().map(|proposal| row(lang, proposal)).collect();
    let newest = older.then(|| view! { <a href=links::PROPOSALS>{lang.proposals_decided_newest()}</a> });
    let next = list.next.map(|next| {
        let to = links::narrowed(links::PROPOSALS, &[(BEFORE, &next.to_string())]);
        view! { <a href=to>{lang.proposals_decided_older()}</a> }
    });
    let section = view! {
        <section class="cz-section" aria-labelledby="decise">
            <h2 id="decise">{lang.proposals_decided()}</h2>
            <Table caption=lang.proposals_decided_caption() caption_hidden=true columns=columns rows=rows/>
            <p class="cz-buttons">{newest} {next}</p>
        </section>
    };
    Some(section.into_any())
}

fn row(lang: Lang, proposal: &Proposal) -> Row {
    let shade = match proposal.state {
        ProposalState::Waiting => Shade::Waiting,
        ProposalState::Confirmed => Shade::Good,
        ProposalState::Refused => Shade::Bad,
        ProposalState::Withdrawn => Shade::Ended,
    };
    let what = view! {
        {lang.proposal_kind(proposal.kind)}
        <br/>
        <span class="cz-quiet">{figures(lang, proposal)}</span>
        {value(lang, proposal)
            .map(|text| {
                view! {
                    <br/>
                    <span class="cz-quiet">{text}</span>
                }
            })}
    };
    let body = match &proposal.body {
        Some(body) => view! { <a href=links::board_body(body.id)>{body.name.clone()}</a> }.into_any(),
        None => lang.proposals_every_body().into_any(),
    };
    let who = view! {
        {lang.proposals_decided_by(&proposal.proposed_by.name, lang.on_instant(proposal.proposed_at))}
        {reason(lang, &proposal.reason)}
    };
    let decided = proposal.decided_at.map(|at| {
        let person = proposal.decided_by.as_ref().map_or(lang.common_system(), |person| person.name.as_str());
        lang.proposals_decided_by(person, lang.on_instant(at))
    });
    let outcome = view! {
        <Badge shade=shade word=lang.proposal_state(proposal.state)/>
        <br/>
        {decided}
        {reason(lang, &proposal.decision_reason)}
    };
    Row::new([what.into_any(), body, who.into_any(), outcome.into_any()])
}
