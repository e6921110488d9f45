//! *Proposte*: what moves credits by hand above the threshold needs two people, whatever it is called and however it is
//! cut into pieces.

use axum::http::StatusCode;
use futures::future::join_all;
use model::api::bodies::{EntryLine, ListEntries, ReadBody};
use model::api::calls::{Assign, AssignByHand, AssignmentReport, GrantExtra, ProposeCorrection, ReadBoard};
use model::api::credits::ReadLedger;
use model::api::credits::proposals::{
    ConfirmProposal, ListProposals, MoveOutcome, Proposal, Proposals, RefuseProposal, WithdrawProposal,
};
use model::api::{ApiError, Problem};
use model::credits::{Credits, EntryKind};
use model::ids::ProposalId;
use model::proposals::{ProposalKind, ProposalState};
use model::refusals::Refusal;
use model::seen::Difference;

use crate::test_app::{TestApp, TestClient, assert_same, done, heard, proposed, refused};

mod before;
mod packages;
mod reasons;
mod rule;

fn grant(app: &TestApp, body: &str, credits: Credits) -> GrantExtra {
    GrantExtra { body: app.body(body), credits, seen: None, reason: "Fondo regionale".to_owned() }
}

fn correct(app: &TestApp, body: &str, change: Credits) -> ProposeCorrection {
    ProposeCorrection::by(app.body(body), change, "Errore di conteggio")
}

fn assign(app: &TestApp, body: &str, credits: Credits, seen: Credits) -> AssignByHand {
    let (package, seen_package, reason) = ("medio".into(), "medio".into(), "Fusione".to_owned());
    AssignByHand { body: app.body(body), package, credits, seen, seen_package, reason }
}

async fn list(who: &TestClient) -> Proposals {
    who.call(ListProposals::default()).await.expect("listed")
}

/// Confirms by the figures that the list shows.
async fn confirm(who: &TestClient, proposal: ProposalId) -> Result<Proposal, Problem> {
    let waiting = list(who).await.waiting;
    let seen = waiting.iter().find(|seen| seen.id == proposal).expect("it waits");
    who.call(ConfirmProposal { proposal, before: seen.before, change: seen.change }).await
}

/// Applies the rule, as a trial shows it.
async fn apply(app: &TestApp, who: &TestClient) -> Result<AssignmentReport, Problem> {
    let call = app.call;
    let trial = who.call(Assign { call, dry_run: true, seen: None }).await.expect("tried");
    who.call(Assign { call, dry_run: false, seen: Some(trial.effect) }).await
}

async fn entries(app: &TestApp, body: &str) -> Vec<EntryLine> {
    let list = ListEntries { body: app.body(body), kind: None };
    app.officer(body).call(list).await.expect("listed").entries
}

#[tokio::test]
async fn six_corrections_of_ten_are_one_of_sixty() {
    let app = TestApp::new().await;
    let (first, second) = (app.administrator(), app.second_administrator());
    done(first.call(correct(&app, "Bellagio", 10)).await.expect("alone, to the threshold"));
    for _ in 0..5 {
        proposed(first.call(correct(&app, "Bellagio", 10)).await.expect("proposed"));
    }
    // What another administrator does alone adds up with it, and so does what takes away.
    proposed(second.call(correct(&app, "Bellagio", 1)).await.expect("proposed"));
    proposed(second.call(correct(&app, "Bellagio", -1)).await.expect("proposed"));
    assert_eq!(app.account("Bellagio").await.granted, 30);
    // What was done earlier still counts, and each body is counted apart.
    app.move_to("2026-05-20 10:00:00");
    proposed(first.call(correct(&app, "Bellagio", 1)).await.expect("proposed"));
    done(first.call(correct(&app, "Como", -10)).await.expect("another body"));
    // What two people decided counts for neither of them alone.
    let waiting = list(&second).await.waiting;
    confirm(&second, waiting[0].id).await.expect("confirmed");
    let of_bellagio = ListProposals { body: Some(app.body("Bellagio")), before: None };
    let told = second.call(of_bellagio).await.expect("listed");
    assert_eq!((told.threshold, told.done_alone, told.waiting_count), (Some(10), 10, 7));
    app.assert_sound().await;
}

#[tokio::test]
async fn grants_corrections_and_assignments_by_hand_add_up() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    done(administrator.call(grant(&app, "Bellagio", 4)).await.expect("4"));
    done(administrator.call(correct(&app, "Bellagio", -3)).await.expect("7"));
    done(administrator.call(assign(&app, "Bellagio", 23, 21)).await.expect("10: from 20 to 23"));
    let before = app.account("Bellagio").await;
    for outcome in [
        administrator.call(grant(&app, "Bellagio", 1)).await,
        administrator.call(correct(&app, "Bellagio", -1)).await,
        administrator.call(assign(&app, "Bellagio", 22, 24)).await,
    ] {
        proposed(outcome.expect("proposed"));
    }
    assert_eq!(app.account("Bellagio").await, before);
    // Another package that moves no credits needs nobody else.
    done(administrator.call(assign(&app, "Bellagio", 23, 24)).await.expect("the same credits"));
    app.assert_sound().await;
}

#[tokio::test]
async fn thirty_one_grants_of_ten_thousand_are_impossible_for_one_person() {
    let app = TestApp::new().await;
    let first = app.administrator();
    for _ in 0..31 {
        let proposal = proposed(first.call(grant(&app, "Bellagio", 10_000)).await.expect("proposed"));
        assert_eq!(
            confirm(&first, proposal).await,
            Err(Refusal::SecondPersonNeeded { threshold: 10 }.into())
        );
    }
    assert_eq!(app.account("Bellagio").await.granted, 20);
    assert_eq!(app.movements("Bellagio").await, [(EntryKind::Grant, 20)]);
    app.assert_sound().await;
}

#[tokio::test]
async fn both_names_stay_on_the_entry_on_its_page_and_in_its_file() {
    let app = TestApp::new().await;
    let (first, second) = (app.administrator(), app.second_administrator());
    done(first.call(grant(&app, "Bellagio", 5)).await.expect("alone"));
    let proposal = proposed(first.call(grant(&app, "Bellagio", 9_999)).await.expect("proposed"));
    let seen = list(&second).await.waiting.remove(0);
    assert_eq!(
        (seen.id, seen.kind, seen.before, seen.change),
        (proposal, ProposalKind::Grant, Some(25), 9_999)
    );
    assert_eq!(seen.body, Some(app.body_ref("Bellagio")));
    assert_eq!((seen.proposed_by, seen.proposed_at, seen.own), (app.person(&first), app.now(), false));
    assert!(list(&first).await.waiting[0].own);
    let confirmed = confirm(&second, proposal).await.expect("confirmed");
    assert_eq!((confirmed.state, confirmed.before), (ProposalState::Confirmed, Some(25)));
    assert_eq!(confirmed.decided_by, Some(app.person(&second)));

    let newest = entries(&app, "Bellagio").await;
    let names = |entry: &EntryLine| (entry.actor.clone(), entry.proposed_by.clone());
    let (first_name, second_name) = ("Amministratore".to_owned(), "Amministratore 2".to_owned());
    assert_eq!(names(&newest[0]), (Some(second_name.clone()), Some(first_name.clone())));
    assert_eq!(names(&newest[1]), (Some(first_name), None));
    assert_eq!(names(&newest[2]), (None, None), "the rule, by the owner of the machine");
    assert_eq!((newest[0].amount, newest[0].reason.as_str()), (9_999, "Fondo regionale"));
    let body = app.body("Bellagio");
    let file = app.officer("Bellagio").get(&format!("/api/v1/bodies/{body}/entries.csv")).await.body;
    assert!(file.lines().next().is_some_and(|head| head.contains(";chi;proposto da;causale;")), "{file}");
    assert!(file.contains(";Amministratore 2;Amministratore;"), "{file}");
    let copy = app.officer("Bellagio").call(ReadLedger { body }).await.expect("downloaded");
    let last = copy.books[0].entries.last().expect("an entry");
    assert_eq!((last.entry.actor, last.proposer), (second.person, first.person));
    let (site, _folder) = crate::policy::whole(&app);
    let page = app.officer("Bellagio").at(site).get(&format!("/comuni/{body}/movimenti")).await.body;
    assert!(page.contains("Confermato da Amministratore 2, proposto da Amministratore"), "{page}");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_is_confirmed_is_what_was_seen() {
    let app = TestApp::new().await;
    let (first, second) = (app.administrator(), app.second_administrator());
    let changed = |seen, now| -> Result<_, Problem> {
        let changes = vec![Difference::Granted { seen: Some(seen), now }];
        Err(ApiError::Conflict { changes, state: None }.into())
    };
    let with_seen = |seen| GrantExtra { seen: Some(seen), ..grant(&app, "Bellagio", 1) };
    assert_eq!(first.call(with_seen(19)).await, changed(19, 20));
    let less = ProposeCorrection { seen: Some(21), ..correct(&app, "Bellagio", -1) };
    assert_eq!(first.call(less).await, changed(21, 20));
    assert_eq!(first.call(assign(&app, "Bellagio", 60, 22)).await, changed(22, 20));
    done(first.call(with_seen(20)).await.expect("as it is"));

    let proposal = proposed(first.call(assign(&app, "Bellagio", 60, 21)).await.expect("proposed"));
    let seen = list(&second).await.waiting.remove(0);
    assert_eq!((seen.before, seen.change), (Some(21), 40), "from the 20 of the rule to 60");
    let by = |before, change| ConfirmProposal { proposal, before, change };
    let as_seen = by(seen.before, seen.change);
    done(first.call(grant(&app, "Bellagio", 2)).await.expect("meanwhile"));
    let before = app.dump().await;
    for wrong in [as_seen, by(None, 40), by(Some(23), 39), by(Some(22), 41)] {
        assert_eq!(refused(second.call(wrong).await), "conflict", "{wrong:?}");
    }
    let named = |changes| Err(ApiError::Conflict { changes, state: None }.into());
    let granted = vec![Difference::Granted { seen: Some(21), now: 23 }];
    assert_eq!(second.call(as_seen).await, named(granted));
    let moved = vec![Difference::Moved { seen: 39, now: 40 }];
    assert_eq!(second.call(by(Some(23), 39)).await, named(moved));
    assert_same(&before, &app.dump().await, "figures that are not those of now");
    second.call(by(Some(23), 40)).await.expect("as it is now");
    assert_eq!(app.account("Bellagio").await.granted, 63);
    let area = app.officer("Bellagio").call(ReadBody { body: app.body("Bellagio") }).await.expect("read");
    let given = area.assigned.expect("assigned");
    assert_eq!((given.credits, given.explanation.reason.as_deref()), (60, Some("Fusione")));
    app.assert_sound().await;
}

#[tokio::test]
async fn everything_is_checked_again_when_it_is_confirmed() {
    let app = TestApp::new().await;
    let (first, second) = (app.administrator(), app.second_administrator());
    let proposal = proposed(first.call(assign(&app, "Bellagio", 60, 20)).await.expect("proposed"));
    let taking = proposed(first.call(correct(&app, "Bellagio", -20)).await.expect("proposed"));
    app.sent("Bellagio", &["tributi"], &[]).await;
    let before = app.dump().await;
    assert_eq!(confirm(&second, proposal).await, Err(Refusal::SubmissionWaiting.into()));
    assert_eq!(confirm(&second, taking).await, Err(Refusal::CreditsShort { missing: 12 }.into()));
    assert_same(&before, &app.dump().await, "what can't be done any more");
    assert_eq!(list(&second).await.waiting.len(), 2, "both still wait");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_proposal_is_refused_with_a_reason_or_withdrawn_by_who_made_it() {
    let app = TestApp::new().await;
    let (first, second) = (app.administrator(), app.second_administrator());
    let propose = async || proposed(first.call(grant(&app, "Bellagio", 50)).await.expect("proposed"));
    let (refusing, withdrawing) = (propose().await, propose().await);
    let refuse = |reason: &str| RefuseProposal { proposal: refusing, reason: reason.to_owned() };
    assert_eq!(refused(second.call(refuse(" ")).await), "faulty");
    let own = RefuseProposal { proposal: refusing, reason: "Un errore".to_owned() };
    assert_eq!(first.call(own).await, Err(Refusal::OwnProposal.into()));
    let told = second.call(refuse(" Manca la delibera ")).await.expect("refused");
    assert_eq!((told.state, told.decision_reason.as_str()), (ProposalState::Refused, "Manca la delibera"));
    let withdraw = WithdrawProposal { proposal: withdrawing };
    assert_eq!(second.call(withdraw).await, Err(Refusal::NotTheProposer.into()));
    assert_eq!(first.call(withdraw).await.expect("withdrawn").state, ProposalState::Withdrawn);
    // Who proposed it reads what became of it, newest first.
    let decided = list(&first).await.decided;
    let states: Vec<_> = decided.iter().map(|one| (one.id, one.state, one.before)).collect();
    let (first_row, second_row) = (decided[0].decided_by.clone(), decided[1].decided_by.clone());
    assert_eq!(
        states,
        [(withdrawing, ProposalState::Withdrawn, Some(20)), (refusing, ProposalState::Refused, Some(20))]
    );
    assert_eq!((first_row, second_row), (Some(app.person(&first)), Some(app.person(&second))));
    let before = app.dump().await;
    for proposal in [refusing, withdrawing] {
        let confirm = ConfirmProposal { proposal, before: Some(20), change: 50 };
        assert_eq!(refused(second.call(confirm).await), "conflict");
        let refuse = RefuseProposal { proposal, reason: "Ancora".to_owned() };
        assert_eq!(refused(second.call(refuse).await), "conflict");
        assert_eq!(refused(first.call(WithdrawProposal { proposal }).await), "conflict");
    }
    assert_same(&before, &app.dump().await, "it is decided once");
    assert_eq!(app.movements("Bellagio").await, [(EntryKind::Grant, 20)]);
    app.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_decide_at_once_one_comes_first() {
    let app = TestApp::new().await;
    let (first, second) = (app.administrator(), app.second_administrator());
    for name in ["Bellagio", "Brunate", "Como", "Cernobbio"] {
        let before = app.account(name).await.granted;
        let proposal = proposed(first.call(grant(&app, name, 30)).await.expect("proposed"));
        let confirm = ConfirmProposal { proposal, before: Some(before), change: 30 };
        let deciding = (0..12).map(|one| {
            let (first, second) = (first.clone(), second.clone());
            tokio::spawn(async move {
                let refuse = || RefuseProposal { proposal, reason: "No".to_owned() };
                match one % 3 {
                    0 => heard(|| first.call(WithdrawProposal { proposal })).await,
                    1 => heard(|| second.call(refuse())).await,
                    _ => heard(|| second.call(confirm)).await,
                }
            })
        });
        let mut won = Vec::new();
        for outcome in join_all(deciding).await {
            match outcome.expect("no task panics") {
                Ok(proposal) => won.push(proposal.state),
                Err(problem) => assert_eq!(server::http::problem::code(&problem), "conflict"),
            }
        }
        assert_eq!(won.len(), 1, "{name}: {won:?}");
        let more = if won == [ProposalState::Confirmed] { 30 } else { 0 };
        assert_eq!(app.account(name).await.granted, before + more, "{name}: {won:?}");
    }
    app.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_small_ones_at_once_are_counted_one_after_the_other() {
    let app = TestApp::new().await;
    let asking = (0..24).map(|one| {
        let who = if one % 2 == 0 { app.administrator() } else { app.second_administrator() };
        let grant = grant(&app, "Bellagio", 3);
        tokio::spawn(async move { heard(|| who.call(grant.clone())).await })
    });
    let outcomes = join_all(asking).await.into_iter().map(|task| task.expect("no task panics"));
    let done = outcomes.filter(|outcome| matches!(outcome, Ok(MoveOutcome::Done { .. }))).count();
    assert_eq!(done, 3, "9 of 10");
    assert_eq!(app.account("Bellagio").await.granted, 29);
    app.assert_sound().await;
}

#[tokio::test]
async fn the_board_counts_what_waits_for_its_reader() {
    let app = TestApp::new().await;
    let (first, second) = (app.administrator(), app.second_administrator());
    let waiting = async |who: &TestClient| who.call(ReadBoard::default()).await.expect("read").proposals;
    proposed(first.call(grant(&app, "Bellagio", 50)).await.expect("proposed"));
    proposed(first.call(grant(&app, "Como", 50)).await.expect("proposed"));
    proposed(second.call(grant(&app, "Como", 50)).await.expect("proposed"));
    assert_eq!((waiting(&first).await, waiting(&second).await), (1, 2));
    assert_eq!((waiting(&app.operator()).await, waiting(&app.observer()).await), (0, 0));
    let both = list(&first).await;
    assert_eq!((both.waiting.len(), both.waiting_count), (3, 3));
    assert!(both.waiting.is_sorted_by_key(|one| one.id), "oldest first");
    let como = ListProposals { body: Some(app.body("Como")), before: None };
    assert_eq!(first.call(como).await.expect("listed").waiting_count, 2);
}

#[tokio::test]
async fn who_is_alone_is_told_that_a_second_administrator_is_needed() {
    let app = TestApp::new().await;
    let first = app.administrator();
    assert!(list(&first).await.second_person);
    let second = app.second_administrator().person.expect("somebody");
    let now = app.now().0;
    app.raw_sql(format!("UPDATE role_held SET held_until = {now} WHERE person = {second}")).await;
    assert!(!list(&first).await.second_person);
    proposed(first.call(grant(&app, "Bellagio", 50)).await.expect("it waits all the same"));
    let (site, _folder) = crate::policy::whole(&app);
    let page = first.at(site).get("/proposte").await;
    assert!(page.body.contains("Serve un secondo amministratore"), "{}", page.body);
}

#[tokio::test]
async fn what_was_decided_is_told_page_by_page() {
    let app = TestApp::new().await;
    let first = app.administrator();
    for _ in 0..23 {
        let proposal = proposed(first.call(grant(&app, "Bellagio", 50)).await.expect("proposed"));
        first.call(WithdrawProposal { proposal }).await.expect("withdrawn");
    }
    let newest = list(&first).await;
    assert_eq!((newest.decided.len(), newest.waiting_count), (20, 0));
    let older = ListProposals { body: None, before: newest.next };
    let older = first.call(older).await.expect("listed");
    assert_eq!((older.decided.len(), older.next), (3, None));
    let ids = newest.decided.iter().chain(&older.decided).map(|one| one.id);
    assert!(ids.is_sorted_by(|newer, older| newer > older));
}

#[tokio::test]
async fn the_pages_show_the_figures_before_anybody_confirms() {
    let app = TestApp::new().await;
    let (site, _folder) = crate::policy::whole(&app);
    let (first, second) = (app.administrator(), app.second_administrator());
    let (first_there, second_there) = (first.at(site.clone()), second.at(site));
    let body = app.body("Bellagio");
    let has = |page: &str, part: &str| assert!(page.contains(part), "“{part}” is not in {page}");

    let reply = first_there.get(&format!("/avviso/comuni/{body}")).await;
    assert_eq!(reply.status, StatusCode::OK);
    for part in [
        "name=\"direction\"",
        "Togli crediti",
        "name=\"seen\" value=\"20\"",
        "Fino a 10\u{a0}crediti per questo Comune",
        "Nessuna proposta attende.",
    ] {
        has(&reply.body, part);
    }
    let grants = format!("/api/v1/bodies/{body}/grants");
    let form = "credits=10000&seen=20&reason=Fondo&_from=/avviso";
    let waits = first.post_form(&grants, form).await.json();
    assert_eq!(waits["outcome"], "waiting");
    let corrections = format!("/api/v1/bodies/{body}/corrections");
    let form = "direction=remove&credits=4&seen=20&reason=Errore";
    assert_eq!(first.post_form(&corrections, form).await.json()["account"]["granted"], 16);

    let page = second_there.get("/proposte").await.body;
    has(&page, "Crediti assegnati: da 16 a 10.016\u{a0}crediti (+10.000\u{a0}crediti)");
    has(&page, "name=\"before\" value=\"16\"");
    has(&page, "name=\"change\" value=\"10000\"");
    has(&page, "/confirm\"");
    let page = first_there.get("/proposte").await.body;
    has(&page, "Chi ha fatto questa proposta non può confermarla");
    assert!(page.contains("/withdraw\"") && !page.contains("/confirm\""), "{page}");
    let page = second_there.get("/avviso").await.body;
    has(&page, "1\u{a0}proposta di un altro amministratore attende la conferma");
    let page = second_there.get(&format!("/avviso/comuni/{body}")).await.body;
    has(&page, "da 16 a 10.016\u{a0}crediti");
}

#[tokio::test]
async fn a_correction_says_which_way_it_goes() {
    let app = TestApp::new().await;
    let first = app.administrator();
    let path = format!("/api/v1/bodies/{}/corrections", app.body("Bellagio"));
    for wrong in [
        "credits=4&reason=Errore",
        "direction=add&credits=0&reason=Errore",
        "direction=remove&credits=-4&reason=Errore",
        "direction=add&credits=10001&reason=Errore",
        "direction=sideways&credits=4&reason=Errore",
        "direction=add&credits=4&reason=",
    ] {
        let reply = first.post_form(&path, wrong).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (422, "faulty"), "{wrong}");
    }
    assert_eq!(app.account("Bellagio").await.granted, 20);
}
