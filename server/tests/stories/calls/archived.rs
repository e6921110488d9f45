//! What archiving a call means: to credits that are left or come back, to proposals that wait, and to what is taken away
//! afterwards.

use model::api::calls::{
    ArchiveCall, Assign, AssignByHand, CloseCall, ExtendCall, GrantExtra, ProposeCorrection, ReadBoard,
    ReviseRule, RuleEffect,
};
use model::api::credits::proposals::{ConfirmProposal, ListProposals, RefuseProposal};
use model::api::requests::{EndService, RequestView, Revoke};
use model::credits::{Account, EntryKind};
use model::ids::ProposalId;
use model::proposals::ProposalState;
use model::refusals::Refusal;
use model::requests::{Event, State};

use super::{archived, autumn_opened};
use crate::policy::whole;
use crate::test_app::{TestApp, TestClient, assert_same, band, proposed, refused, rome};

#[tokio::test]
async fn leftovers_expire_with_the_archiving_and_what_comes_back_expires_at_once() {
    let app = TestApp::new().await;
    app.authorised("Bellagio", &["tributi"], &["scuola"]).await;
    let taxes = app.bring("Bellagio", "tributi", State::Activating).await;
    archived(&app).await.expect("archived");
    assert_eq!(app.account("Bellagio").await, Account { granted: 12, held: 0, spent: 12, pledged: 0 });
    assert_eq!(app.movements("Brunate").await, [(EntryKind::Grant, 20), (EntryKind::Expire, 20)]);
    assert_eq!(app.movements("Blessagno").await.last(), Some(&(EntryKind::Expire, 14)));

    let revoke = Revoke {
        request: taxes.id,
        version: taxes.version,
        reason: "Il fornitore ha cessato".to_owned(),
        ..Revoke::default()
    };
    app.operator().call(revoke).await.expect("revoked after the archiving");
    let movements = app.movements("Bellagio").await;
    assert_eq!(movements[movements.len() - 2..], [(EntryKind::Refund, 12), (EntryKind::Expire, 12)]);
    assert_eq!(app.account("Bellagio").await, Account::default());
    app.assert_sound().await;
}

#[tokio::test]
async fn an_archived_call_gives_and_takes_nothing_any_more() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    archived(&app).await.expect("archived");
    let before = app.dump().await;
    let (call, body, reason) = (app.call, app.body("Bellagio"), "Per sbaglio".to_owned());
    let bands = vec![band(0, None, "medio", 99)];
    let outcomes = [
        refused(administrator.call(ReviseRule { call, bands, modifiers: Vec::new() }).await),
        refused(administrator.call(Assign { call, dry_run: false, seen: Some(RuleEffect::default()) }).await),
        refused(administrator.call(ExtendCall { call, until: rome("2027-01-01 09:00:00") }).await),
        refused(administrator.call(CloseCall { call }).await),
        refused(
            administrator.call(GrantExtra { body, credits: 5, seen: None, reason: reason.clone() }).await,
        ),
        refused(
            administrator
                .call(AssignByHand {
                    body,
                    package: "medio".into(),
                    credits: 5,
                    seen: 0,
                    seen_package: "medio".into(),
                    reason: reason.clone(),
                })
                .await,
        ),
        refused(administrator.call(ProposeCorrection::by(body, 5, reason)).await),
        refused(app.officer("Bellagio").submit(body).await),
    ];
    assert!(outcomes.iter().all(|code| code == "call_closed"), "{outcomes:?}");
    assert_same(&before, &app.dump().await, "actions on an archived call");
}

async fn propose(app: &TestApp) -> ProposalId {
    let propose = ProposeCorrection::by(app.body("Bellagio"), 15, "Accordo del 3 marzo".to_owned());
    proposed(app.administrator().call(propose).await.expect("proposed"))
}

#[tokio::test]
async fn a_proposal_is_withdrawn_with_its_call() {
    let mut app = TestApp::new().await;
    let (first, second) = (app.administrator(), app.second_administrator());
    let proposal = propose(&app).await;
    archived(&app).await.expect("archived");
    let told = second.call(ListProposals::default()).await.expect("listed");
    assert_eq!((told.waiting.len(), told.waiting_count), (0, 0));
    let decided = &told.decided[0];
    assert_eq!((decided.id, decided.state), (proposal, ProposalState::Withdrawn));
    assert_eq!((decided.decided_by.clone(), decided.decided_at), (Some(app.person(&first)), Some(app.now())));
    let confirm = ConfirmProposal { proposal, before: Some(0), change: 15 };
    assert_eq!(refused(second.call(confirm).await), "call_closed");
    let refuse = RefuseProposal { proposal, reason: "L'avviso è archiviato".to_owned() };
    assert_eq!(refused(second.call(refuse).await), "conflict", "it is decided");
    autumn_opened(&mut app).await;
    assert_eq!(second.call(confirm).await, Err(Refusal::CallClosed.into()));
    assert_eq!(second.call(ReadBoard::default()).await.expect("read").proposals, 0);
    let (site, _folder) = whole(&app);
    let page = second.at(site).get("/proposte").await.body;
    assert!(page.contains("Ritirata") && !page.contains("/confirm\""), "{page}");
    assert_eq!(app.account("Bellagio").await.granted, 20);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_proposal_is_withdrawn_also_when_the_system_archives() {
    let app = TestApp::new().await;
    propose(&app).await;
    app.move_to("2026-08-31 09:00:00");
    app.tick().await;
    app.system(ArchiveCall { call: app.call }).await.expect("archived");
    let second = app.second_administrator();
    let told = second.call(ListProposals::default()).await.expect("listed");
    let decided = &told.decided[0];
    assert_eq!((decided.state, decided.decided_by.clone()), (ProposalState::Withdrawn, None));
    assert_eq!(decided.decided_at, Some(app.now()));
    let (site, _folder) = whole(&app);
    let page = second.at(site).get("/proposte").await.body;
    assert!(page.contains("Sistema, "), "{page}");
    app.assert_sound().await;
}

/// What a page says of credits that expire.
async fn told_of_expiry(app: &TestApp, who: &TestClient, view: &RequestView) -> (bool, bool, bool) {
    let (site, _folder) = whole(app);
    let page = who.at(site).get(&format!("/richieste/{}", view.row.id)).await.body;
    let page = page.replace("&#x27;", "'");
    let own = page.contains("L'avviso è archiviato: i crediti che tornano si azzerano subito.");
    let some = page.contains("I crediti di un avviso archiviato si azzerano subito.");
    (own, some, page.contains("con azzeramento immediato"))
}

#[tokio::test]
async fn what_comes_back_of_an_open_call_does_not_expire_with_an_archived_one() {
    let mut app = TestApp::new().await;
    let operator = app.operator();
    app.authorised("Bellagio", &[], &["multe"]).await;
    let node = app.bring("Bellagio", "nodo", State::Live).await;
    archived(&app).await.expect("archived");
    autumn_opened(&mut app).await;
    app.authorised("Bellagio", &["tributi"], &["multe"]).await;
    let view = operator.look_at(node.id).await.expect("read");
    let end = view.removal(Event::End).expect("it may be done");
    assert_eq!((end.archived, end.credits, end.total), (true, 0, 12), "the node is of the spring");
    let touched: Vec<_> =
        end.along.iter().map(|one| (one.service.code.as_str(), one.credits, one.archived)).collect();
    assert_eq!(touched, [("tributi", 12, false)]);
    assert!(!end.expires());
    assert_eq!(told_of_expiry(&app, &operator, &view).await, (false, false, false));

    let before = app.account("Bellagio").await.available();
    let end = EndService {
        request: node.id,
        version: view.row.version,
        reason: "Il nodo cambia gestore".to_owned(),
        take_along: true,
        seen: operator.sees_along(node.id, Event::End).await,
        owner: None,
    };
    operator.call(end).await.expect("both");
    assert_eq!(app.account("Bellagio").await.available() - before, 12, "as it was shown");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_comes_back_of_an_archived_call_is_told_to_expire_request_by_request() {
    let app = TestApp::new().await;
    let operator = app.operator();
    app.authorised("Bellagio", &["tributi"], &["multe"]).await;
    let taxes = app.bring("Bellagio", "tributi", State::Activating).await;
    archived(&app).await.expect("archived");
    let node = app.request("Bellagio", "nodo").await;
    let view = operator.look_at(node.id).await.expect("read");
    let revoke = view.removal(Event::Revoke).expect("it may be done");
    assert_eq!((revoke.archived, revoke.credits, revoke.total), (true, 0, 0));
    let touched: Vec<_> =
        revoke.along.iter().map(|one| (one.service.code.as_str(), one.credits, one.archived)).collect();
    assert_eq!(touched, [("tributi", 12, true)]);
    assert_eq!(told_of_expiry(&app, &operator, &view).await, (false, true, true));
    // Alone it has no table, and a sentence of its own.
    let view = operator.look_at(taxes.id).await.expect("read");
    let alone = view.removal(Event::Revoke).expect("it may be done");
    assert_eq!((alone.archived, alone.credits, alone.total, alone.along.len()), (true, 12, 0, 0));
    assert_eq!(told_of_expiry(&app, &operator, &view).await, (true, false, false));

    let before = app.account("Bellagio").await.available();
    let revoke = Revoke {
        request: taxes.id,
        version: taxes.version,
        reason: "Il fornitore ha cessato".to_owned(),
        ..Revoke::default()
    };
    operator.call(revoke).await.expect("revoked");
    assert_eq!(app.account("Bellagio").await.available(), before, "as it was shown");
    app.assert_sound().await;
}
