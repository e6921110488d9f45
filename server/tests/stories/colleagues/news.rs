//! *Novità sulle richieste in carico*: what each operator is told of others' actions, until it is dismissed.

use model::api::requests::{DismissRequestNews, ReleaseRequest, RequestNews, RequestRow};
use model::people::Role;
use model::requests::{Event, State};

use super::{give, me, news, news_of, node_and_what_needs_it, reject, unassigned};
use crate::policy::whole;
use crate::test_app::{NEIGHBOUR, TestApp, TestClient, refused};

/// Dismisses what was shown.
async fn dismiss(who: &TestClient, shown: &RequestNews) {
    let news = shown.items.iter().map(|item| item.number).collect();
    who.call(DismissRequestNews { news }).await.expect("dismissed");
}

#[tokio::test]
async fn who_has_a_request_is_told_what_others_did_until_it_is_dismissed() {
    let app = TestApp::new().await;
    let (operator, second) = (app.operator(), app.second_operator());
    let node = node_and_what_needs_it(&app).await;
    assert_eq!(
        (news_of(&operator).await, news_of(&second).await),
        (vec![], vec![]),
        "one's own actions are no news"
    );
    reject(&operator, &node, operator.sees_along(node.id, Event::Reject).await).await.expect("all three");
    let found = news(&second).await;
    assert_eq!((found.total, found.items.len()), (1, 1));
    let item = &found.items[0];
    assert_eq!((item.service.code.as_str(), item.body.name.as_str()), ("multe", "Brienno"));
    assert_eq!((item.step.event, item.step.by.as_deref()), (Event::Cancel, Some("Operatore")));
    assert_eq!(item.step.along_with.as_ref().map(|with| with.request), Some(node.id));
    assert_eq!(news_of(&operator).await, [], "who did it knows");

    // What comes while one reads is not dismissed with what was shown.
    app.authorised("Bellagio", &["tributi"], &[]).await;
    let taxes = app.request("Bellagio", "tributi").await;
    let taken = second.take_in_charge(&taxes).await.expect("taken").row;
    let back = give(&operator, &taken, &second).await;
    dismiss(&second, &found).await;
    assert_eq!(news_of(&second).await, [Event::Reassign]);
    dismiss(&second, &news(&second).await).await;
    assert_eq!(news_of(&second).await, []);

    // The body's actions, too, of which only the last are shown.
    for day in 0..22 {
        let seen = app.request("Bellagio", "tributi").await;
        let (request, version) = (seen.id, seen.version);
        if day % 2 == 0 {
            let message = "Quali conti?".to_owned();
            let ask = model::api::requests::AskChanges { request, version, message, owner: None };
            second.call(ask).await.expect("asked");
        } else {
            let message = "Questi".to_owned();
            let answer = model::api::requests::AnswerRequest { request, version, message };
            app.officer("Bellagio").call(answer).await.expect("answered");
        }
    }
    let found = news(&second).await;
    assert_eq!((found.total, found.items.len()), (11, 11), "the answers");
    assert_eq!(found.items[0].step.note, "Questi");
    assert_eq!(back.owner, Some(app.person(&second)));
    let next_door = app.holder(NEIGHBOUR, Role::Operator, "");
    assert_eq!(news_of(&next_door).await, []);
    app.assert_sound().await;
}

#[tokio::test]
async fn long_news_are_cut_and_counted() {
    let app = TestApp::new().await;
    let (operator, second) = (app.operator(), app.second_operator());
    app.authorised("Bellagio", &["tributi"], &[]).await;
    let mut seen = app.bring("Bellagio", "tributi", State::InReview).await;
    for turn in 0..25 {
        let (from, to) = if turn % 2 == 0 { (&operator, &second) } else { (&second, &operator) };
        seen = give(from, &seen, to).await;
    }
    let administrator = app.administrator();
    for _ in 0..10 {
        seen = give(&administrator, &seen, &operator).await;
        seen = give(&administrator, &seen, &second).await;
    }
    let found = news(&second).await;
    assert_eq!((found.items.len(), found.total), (20, 13 + 10 + 10));
    let steps: Vec<_> = found.items.iter().map(|item| item.step.at).collect();
    assert!(steps.is_sorted_by(|later, earlier| later >= earlier));

    // Only what was shown is dismissed, on the page as well, and nothing of anybody else.
    let (site, _folder) = whole(&app);
    let page = second.at(site).get("/richieste").await.body;
    let shown = page.matches("name=\"news\" value=\"").count();
    assert_eq!(shown, 20, "{page}");
    let others = news(&operator).await;
    let all = others.items.iter().chain(&found.items).map(|item| item.number).collect();
    second.call(DismissRequestNews { news: all }).await.expect("dismissed");
    let left = news(&second).await;
    assert_eq!((left.items.len(), left.total), (13, 13));
    assert!(left.items.iter().all(|item| found.items.iter().all(|one| one.number != item.number)));
    assert_eq!(news(&operator).await, others);
    dismiss(&second, &left).await;
    assert_eq!(news(&second).await.total, 0);
    let nothing = second.post_form("/api/v1/requests/news/dismiss", "").await;
    assert_eq!(nothing.status, 200, "{}", nothing.body);
    app.assert_sound().await;
}

#[tokio::test]
async fn who_gives_gets_or_loses_a_request_by_anothers_hand_is_told() {
    let app = TestApp::new().await;
    let (operator, second) = (app.operator(), app.second_operator());
    app.authorised("Bellagio", &["tributi"], &[]).await;
    let seen = app.bring("Bellagio", "tributi", State::InReview).await;
    let seen = give(&app.administrator(), &seen, &second).await;
    assert_eq!(
        (news_of(&operator).await, news_of(&second).await),
        (vec![Event::Reassign], vec![Event::Reassign])
    );
    let release = |seen: &RequestRow, owner| ReleaseRequest {
        request: seen.id,
        version: seen.version,
        note: "È in ferie".to_owned(),
        owner,
    };
    assert_eq!(refused(operator.call(release(&seen, None)).await), "owned_by_another");
    let released = operator.call(release(&seen, Some(me(&second)))).await.expect("released");
    assert_eq!((released.row.owner.clone(), released.row.state), (None, State::InReview));
    assert_eq!(released.timeline[0].event, Event::Release);
    assert!(
        !released.allowed_events.contains(&Event::Release)
            && released.allowed_events.contains(&Event::Reassign)
    );
    assert_eq!(news_of(&second).await, [Event::Release, Event::Reassign]);
    assert_eq!(refused(operator.call(release(&released.row, None)).await), "unassigned");
    assert!(unassigned(&operator, "Bellagio").await.contains(&"tributi".to_owned()));
    // It is anybody's: taken with one action, and worked on.
    let taken = give(&second, &released.row, &second).await;
    assert_eq!(taken.owner, Some(app.person(&second)));
    assert_eq!(news_of(&second).await.len(), 2, "one's own action is no news");
    assert!(!unassigned(&operator, "Bellagio").await.contains(&"tributi".to_owned()));
    let own = second.call(release(&taken, None)).await.expect("one's own");
    assert_eq!(own.row.owner, None);
    app.assert_sound().await;
}
