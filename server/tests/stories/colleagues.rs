//! Several operators on the same requests: whose a request is, acting in a colleague's place, and what goes along with a
//! request that is taken away.

use futures::future::join_all;
use model::api::requests::{
    Approve, Cancel, ReadQueue, ReadRequestNews, Reassign, Reject, Removal, RequestNews, RequestRow,
    RequestView, Revoke, SeenRequest, Start, Whose, WithdrawRequest,
};
use model::api::{ApiError, Problem};
use model::catalogue::ServiceRef;
use model::ids::PersonId;
use model::refusals::Refusal;
use model::requests::{Event, State};
use model::seen::Difference;

use crate::policy::whole;
use crate::test_app::{TestApp, TestClient, assert_same, refused};

mod news;

fn me(who: &TestClient) -> PersonId {
    who.person.expect("somebody")
}

async fn give(who: &TestClient, seen: &RequestRow, to: &TestClient) -> RequestRow {
    let owner = seen.owner.as_ref().map(|owner| owner.id);
    let reassign = Reassign { request: seen.id, version: seen.version, operator: me(to), owner };
    who.call(reassign).await.expect("given").row
}

async fn news(who: &TestClient) -> RequestNews {
    who.call(ReadRequestNews {}).await.expect("read")
}

/// The events that somebody was told of, the newest first.
async fn news_of(who: &TestClient) -> Vec<Event> {
    news(who).await.items.iter().map(|item| item.step.event).collect()
}

/// Services that are to be worked and unassigned.
async fn unassigned(who: &TestClient, search: &str) -> Vec<String> {
    let search = search.to_owned();
    let read = ReadQueue { whose: Whose::Nobodys, search, ..ReadQueue::default() };
    let queue = who.call(read).await.expect("read");
    assert_eq!(queue.total as usize, queue.requests.len(), "as many as are counted");
    assert!(queue.requests.iter().all(|row| row.owner.is_none()));
    let mut services: Vec<_> = queue.requests.into_iter().map(|row| row.service.code.0).collect();
    services.sort();
    services
}

fn along(removal: &Removal) -> Vec<(&str, Option<PersonId>, i64, bool)> {
    let touched = removal.along.iter();
    touched
        .map(|one| {
            (one.service.code.as_str(), one.owner.as_ref().map(|owner| owner.id), one.credits, one.stays)
        })
        .collect()
}

/// Rejects with the requests that were seen.
async fn reject(who: &TestClient, row: &RequestRow, seen: Vec<SeenRequest>) -> Result<RequestView, Problem> {
    let reason = "Il nodo cambia gestore".to_owned();
    who.call(Reject { request: row.id, version: row.version, reason, take_along: true, seen, owner: None })
        .await
}

/// A node in review, which two services more need, each in somebody's hands.
async fn node_and_what_needs_it(app: &TestApp) -> RequestRow {
    let (operator, second) = (app.operator(), app.second_operator());
    app.authorised("Brienno", &["nodo", "multe", "rate"], &["scuola", "sms"]).await;
    let fine = app.request("Brienno", "multe").await;
    second.take_in_charge(&fine).await.expect("taken");
    let node = app.request("Brienno", "nodo").await;
    operator.take_in_charge(&node).await.expect("taken").row
}

#[tokio::test]
async fn what_goes_along_is_shown_with_its_owner_and_its_credits() {
    let app = TestApp::new().await;
    let (operator, second) = (app.operator(), app.second_operator());
    let node = node_and_what_needs_it(&app).await;
    let view = operator.look_at(node.id).await.expect("read");
    let touched = [("multe", Some(me(&second)), 10, false), ("rate", None, 3, false)];
    for event in [Event::Reject, Event::Cancel] {
        let removal = view.removal(event).expect("it may be done");
        assert_eq!((along(removal), removal.credits, removal.total), (touched.to_vec(), 2, 15), "{event:?}");
    }
    assert_eq!(view.removals.len(), 2, "nothing is told of what can't be done");
    let fine = view.removal(Event::Reject).expect("a removal").along[0].clone();
    let seen = app.request("Brienno", "multe").await;
    assert_eq!((fine.request, fine.version, fine.state), (seen.id, seen.version, State::InReview));

    // What would come back is what comes back.
    let before = app.account("Brienno").await;
    let total = view.removal(Event::Reject).expect("a removal").total;
    reject(&operator, &node, operator.sees_along(node.id, Event::Reject).await).await.expect("all three");
    let after = app.account("Brienno").await;
    assert_eq!(after.available() - before.available(), total);
    app.assert_sound().await;
}

#[tokio::test]
async fn what_the_action_can_not_take_is_shown_as_staying() {
    let app = TestApp::new().await;
    let operator = app.operator();
    app.authorised("Bellagio", &[], &["multe"]).await;
    let node = app.bring("Bellagio", "nodo", State::Approved).await;
    app.sent("Bellagio", &["tributi"], &[]).await;
    let view = operator.look_at(node.id).await.expect("read");
    let revoke = view.removal(Event::Revoke).expect("it may be done");
    assert_eq!((along(revoke), revoke.total), (vec![("tributi", None, 0, true)], 0));
    // The body is shown what it could withdraw itself, and nothing of the aggregator's actions.
    let view = app.officer("Bellagio").look_at(node.id).await.expect("read");
    assert_eq!((view.removals, view.caller, view.operators.len()), (Vec::new(), None, 0));
    app.assert_sound().await;
}

#[tokio::test]
async fn nothing_goes_along_that_was_not_shown() {
    let app = TestApp::new().await;
    let (operator, second) = (app.operator(), app.second_operator());
    let node = node_and_what_needs_it(&app).await;
    let shown = operator.sees_along(node.id, Event::Reject).await;
    let fine = app.request("Brienno", "multe").await;
    let ask = model::api::requests::AskChanges {
        request: fine.id,
        version: fine.version,
        message: "Quali multe?".to_owned(),
        owner: None,
    };
    second.call(ask).await.expect("asked");
    let before = app.dump().await;
    let differences = |outcome: Result<RequestView, Problem>| {
        let Err(Problem::ApiError(ApiError::Conflict { changes, state: None })) = outcome else {
            panic!("a conflict: {outcome:?}");
        };
        changes
    };
    let named = |code: &str| ServiceRef { code: code.into(), name: format!("Servizio {code}") };
    let changed = Difference::RequestChanged { service: named("multe"), state: State::NeedsChanges };
    let as_before = reject(&operator, &node, shown.clone()).await;
    assert_eq!(differences(as_before), [changed], "it is not as it was shown");
    let now = operator.sees_along(node.id, Event::Reject).await;
    let added = Difference::RequestAdded { service: named("rate"), state: State::Submitted };
    let too_few = reject(&operator, &node, now[..1].to_vec()).await;
    assert_eq!(differences(too_few), [added], "one was not shown");
    let own = SeenRequest { request: node.id, version: node.version };
    let more = [now.clone(), vec![own]].concat();
    let removed = Difference::RequestRemoved { service: named("nodo"), state: State::InReview };
    let too_many = reject(&operator, &node, more).await;
    assert_eq!(differences(too_many), [removed], "one does not need it");
    let elsewhere = SeenRequest { request: model::ids::RequestId(9_999), version: 1 };
    let unheard_of = reject(&operator, &node, [now.clone(), vec![elsewhere]].concat()).await;
    assert_eq!(differences(unheard_of), [], "of what is not there nothing is said");
    assert_eq!(differences(reject(&operator, &node, Vec::new()).await).len(), 2, "nothing was shown");
    assert_same(&before, &app.dump().await, "a removal of what was not seen");
    reject(&operator, &node, now).await.expect("as it is shown now");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_body_withdraws_only_what_it_was_shown() {
    let app = TestApp::new().await;
    let officer = app.officer("Brienno");
    app.authorised("Brienno", &["nodo", "multe", "rate"], &["scuola", "sms"]).await;
    let fine = app.request("Brienno", "multe").await;
    let withdraw = async |seen| {
        let (request, version, reason) = (fine.id, fine.version, String::new());
        officer.call(WithdrawRequest { request, version, reason, take_along: true, seen }).await
    };
    assert_eq!(refused(withdraw(Vec::new()).await), "conflict");
    let shown = officer.sees_along(fine.id, Event::Withdraw).await;
    assert_eq!(shown.len(), 1, "rate");
    assert_eq!(refused(withdraw(shown).await), "interactivity_below", "the next rule has its say");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_went_along_says_with_what_and_why() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let node = node_and_what_needs_it(&app).await;
    reject(&operator, &node, operator.sees_along(node.id, Event::Reject).await).await.expect("all three");
    for service in ["multe", "rate"] {
        let view = operator.look_at(app.request("Brienno", service).await.id).await.expect("read");
        let last = view.timeline[0].clone();
        let with = last.along_with.expect("it went along");
        assert_eq!((last.event, last.note.as_str()), (Event::Cancel, "Il nodo cambia gestore"), "{service}");
        assert_eq!((with.request, with.service.code.as_str()), (node.id, "nodo"), "{service}");
    }
    let view = operator.look_at(node.id).await.expect("read");
    assert_eq!(view.timeline[0].along_with, None, "it went by itself");
    // On the page of the body, in words.
    let (site, _folder) = whole(&app);
    let officer = app.officer("Brienno").at(site);
    let page = officer.get(&format!("/richieste/{}", app.request("Brienno", "rate").await.id)).await;
    assert!(page.body.contains("Annullata insieme a «Servizio nodo»"), "{}", page.body);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_colleagues_request_is_touched_only_by_who_says_whose_it_is() {
    let app = TestApp::new().await;
    let (operator, second) = (app.operator(), app.second_operator());
    app.authorised("Bellagio", &["tributi", "sms"], &[]).await;
    let seen = app.bring("Bellagio", "tributi", State::InReview).await;
    let before = app.dump().await;
    let as_if = |owner| Approve { request: seen.id, version: seen.version, note: String::new(), owner };
    let owned = || Err(Refusal::OwnedByAnother { owner: app.person(&operator) }.into());
    for wrong in [None, Some(me(&second)), Some(PersonId(9_999))] {
        assert_eq!(second.call(as_if(wrong)).await, owned(), "{wrong:?}");
    }
    for administrator in [app.administrator(), app.second_administrator()] {
        assert_eq!(administrator.call(as_if(None)).await, owned());
    }
    assert_same(&before, &app.dump().await, "an action on a colleague's request");
    let view = second.look_at(seen.id).await.expect("read");
    assert_eq!(view.colleague(), Some(&app.person(&operator)));
    assert_eq!(operator.look_at(seen.id).await.expect("read").colleague(), None, "it is one's own");

    let approved = second.call(as_if(Some(me(&operator)))).await.expect("in the colleague's place").row;
    assert_eq!((approved.state, approved.owner), (State::Approved, Some(app.person(&operator))));
    // Whoever takes a request that nobody has need not confirm anything, nor does the body.
    let sms = app.request("Bellagio", "sms").await;
    second.take_in_charge(&sms).await.expect("nobody had it");
    let officer = app.officer("Bellagio");
    let (request, version) = (sms.id, sms.version + 1);
    let withdraw = WithdrawRequest { request, version, ..WithdrawRequest::default() };
    officer.call(withdraw).await.expect("it is the body's own");
    app.assert_sound().await;
}

#[tokio::test]
async fn every_request_that_waits_for_the_aggregator_has_an_owner_or_is_unassigned() {
    let app = TestApp::new().await;
    let (operator, second) = (app.operator(), app.second_operator());
    app.authorised("Bellagio", &["tributi", "sms"], &[]).await;
    // What was kept of the package was approved without anybody's hand.
    let all = ["anagrafe", "multe", "nodo", "portale", "scuola", "sms", "tributi"];
    assert_eq!(unassigned(&operator, "bellagio").await, all);
    let seen = app.request("Bellagio", "anagrafe").await;
    assert_eq!(seen.state, State::Approved);
    let taken = give(&operator, &seen, &operator).await;
    assert_eq!((taken.state, taken.owner), (State::Approved, Some(app.person(&operator))));
    second.start(&app.request("Bellagio", "nodo").await).await.expect("who starts it has it");
    app.bring("Bellagio", "tributi", State::InReview).await;
    assert_eq!(unassigned(&operator, "bellagio").await, ["multe", "portale", "scuola", "sms"]);

    // Who does not work on requests any more has none.
    let (gone, now) = (me(&second), app.now().0);
    app.raw_sql(format!("UPDATE role_held SET held_until = {now} WHERE person = {gone}")).await;
    assert_eq!(unassigned(&operator, "bellagio").await, ["multe", "nodo", "portale", "scuola", "sms"]);
    let node = app.request("Bellagio", "nodo").await;
    assert_eq!(node.owner, None);
    let view = operator.look_at(node.id).await.expect("read");
    assert_eq!((view.colleague(), &view.former_owner), (None, &Some(app.person(&second))));
    assert!(!view.allowed_events.contains(&Event::Release));
    let read = ReadQueue { whose: Whose::Nobodys, state: Some(State::Activating), ..ReadQueue::default() };
    assert_eq!(operator.call(read).await.expect("read").total, 1, "each count is the list behind it");
    let done = operator.complete_milestone(&node).await.expect("it asks for nobody's word").row;
    assert_eq!(done.owner, None);
    let taken = give(&operator, &done, &operator).await;
    assert_eq!(taken.owner, Some(app.person(&operator)));
    assert_eq!(unassigned(&operator, "bellagio").await, ["multe", "portale", "scuola", "sms"]);
    app.assert_sound().await;
}

#[tokio::test]
async fn who_starts_what_nobody_works_on_any_more_has_it() {
    let app = TestApp::new().await;
    let (operator, second) = (app.operator(), app.second_operator());
    app.authorised("Bellagio", &[], &[]).await;
    let seen = give(&second, &app.request("Bellagio", "nodo").await, &second).await;
    let start = |owner| Start { request: seen.id, version: seen.version, note: String::new(), owner };
    assert_eq!(refused(operator.call(start(None)).await), "owned_by_another");
    let (gone, now) = (me(&second), app.now().0);
    app.raw_sql(format!("UPDATE role_held SET held_until = {now} WHERE person = {gone}")).await;
    let started = operator.call(start(None)).await.expect("nobody has it").row;
    assert_eq!(started.owner, Some(app.person(&operator)));
    app.assert_sound().await;
}

#[tokio::test]
async fn the_pages_say_whose_it_is_what_goes_along_and_what_is_new() {
    let app = TestApp::new().await;
    let node = node_and_what_needs_it(&app).await;
    let (site, _folder) = whole(&app);
    let (operator, second) = (app.operator().at(site.clone()), app.second_operator().at(site));
    let page = operator.get(&format!("/richieste/{}", node.id)).await.body;
    for shown in [
        "Servizio multe",
        "Servizio rate",
        "Operatore 2",
        "15\u{a0}crediti",
        "name=\"seen\"",
        "name=\"take_along\"",
        "/release",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
    assert!(!page.contains("È in mano a"), "it is one's own");
    let page = second.get(&format!("/richieste/{}", node.id)).await.body;
    for shown in ["È in mano a Operatore", "name=\"owner\"", "Prendi in carico al posto di Operatore"] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
    let empty = second.get("/richieste").await.body;
    assert!(!empty.contains("Novità sulle richieste in carico"), "there is none");
    reject(&operator, &node, operator.sees_along(node.id, Event::Reject).await).await.expect("all three");
    let page = second.get("/richieste").await.body;
    for shown in ["Novità sulle richieste in carico", "Servizio multe", "Annullata insieme a «Servizio nodo»"]
    {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
    app.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_removal_and_an_action_on_what_goes_along_one_comes_first() {
    let app = TestApp::new().await;
    for body in ["Bellagio", "Brunate", "Como", "Cernobbio"] {
        let operator = app.operator();
        app.authorised(body, &["rate"], &[]).await;
        let node = app.bring(body, "nodo", State::Approved).await;
        let instalments = app.bring(body, "rate", State::InReview).await;
        let seen = operator.sees_along(node.id, Event::Revoke).await;
        let (request, version, owner) = (node.id, node.version, None);
        let reason = "Il nodo cambia gestore".to_owned();
        let revoke = Revoke { request, version, reason: reason.clone(), take_along: true, seen, owner };
        let cancel =
            Cancel { request: instalments.id, version: instalments.version, reason, ..Cancel::default() };
        let first = tokio::spawn({
            let operator = operator.clone();
            async move { operator.call(revoke).await.map(drop) }
        });
        let second = tokio::spawn(async move { operator.call(cancel).await.map(drop) });
        let outcomes: Vec<_> =
            join_all([first, second]).await.into_iter().map(|one| one.expect("no panic")).collect();
        let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(done, 1, "{body}: {outcomes:?}");
        for outcome in outcomes.into_iter().filter(Result::is_err) {
            assert_eq!(refused(outcome), "conflict");
        }
        assert_eq!(app.request(body, "rate").await.state, State::Cancelled);
        assert_eq!(app.account(body).await.held, 0, "its hold was released once");
    }
    app.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_take_an_unassigned_request_one_gets_it() {
    let app = TestApp::new().await;
    app.authorised("Bellagio", &[], &[]).await;
    let seen = app.request("Bellagio", "nodo").await;
    let takers = [app.operator(), app.second_operator(), app.administrator(), app.second_administrator()];
    let tasks = takers.iter().cycle().take(16).map(|taker| {
        let (taker, operator) = (taker.clone(), me(taker));
        let take = Reassign { request: seen.id, version: seen.version, operator, owner: None };
        tokio::spawn(async move { taker.call(take).await })
    });
    let mut owners = Vec::new();
    for outcome in join_all(tasks).await {
        match outcome.expect("no task panics") {
            Ok(view) => owners.push(view.row.owner),
            Err(problem) => assert_eq!(server::http::problem::code(&problem), "conflict"),
        }
    }
    assert_eq!(owners, [app.request("Bellagio", "nodo").await.owner], "one, who has it");
    app.assert_sound().await;
}
