//! *Composizione del pacchetto*: single commands on the basket as it is, and the one true reason for each no.

use model::api::Problem;
use model::api::baskets::{BasketView, ReadBasket};
use model::api::catalogue::{ListServices, ReadService};
use model::basket::{Change, Offer};
use model::catalogue::HighRange;
use model::refusals::Refusal;

use crate::test_app::{TestApp, refused};

const RANGE: HighRange = HighRange { minimum: 2, maximum: 5 };

fn codes(basket: &BasketView) -> (Vec<&str>, Vec<(&str, u32)>) {
    let dropped = basket.items.iter().filter(|item| item.dropped);
    (
        dropped.map(|item| item.service.code.as_str()).collect(),
        basket.added.iter().map(|one| (one.service.code.as_str(), one.count)).collect(),
    )
}

fn code(refusal: &Refusal) -> String {
    server::http::problem::code(&Problem::Refused(refusal.clone()))
}

#[tokio::test]
async fn commands_meet_the_basket_as_it_is_now() {
    let app = TestApp::new().await;
    let (officer, body) = (app.officer("Bellagio"), app.body("Bellagio"));
    // Two pages of two officers, neither of which was loaded again in between.
    let colleague = officer.clone();
    officer.change(body, Change::Add, "formazione").await.expect("one block");
    colleague.change(body, Change::Add, "formazione").await.expect("another");
    colleague.change(body, Change::Drop, "scuola").await.expect("dropped");
    let basket = officer.change(body, Change::Add, "sms").await.expect("added");
    assert_eq!(codes(&basket), (vec!["scuola"], vec![("formazione", 2), ("sms", 1)]));
    assert_eq!((basket.version, basket.cost, basket.left), (4, -1, 21));
    colleague.change(body, Change::Undo, "formazione").await.expect("one block less");
    let basket = officer.change(body, Change::Undo, "scuola").await.expect("put back");
    assert_eq!(codes(&basket), (vec![], vec![("formazione", 1), ("sms", 1)]));
    assert_eq!(refused(officer.change(body, Change::Undo, "scuola").await), "nothing_to_undo");
    assert_eq!(officer.call(ReadBasket { body }).await.expect("read"), basket, "a refusal changes nothing");
    assert_eq!(basket.saved_at, Some(app.now()));
}

#[tokio::test]
async fn every_no_has_its_one_true_reason() {
    let app = TestApp::new().await;
    let (officer, body) = (app.officer("Bellagio"), app.body("Bellagio"));
    officer.change(body, Change::Add, "occupazione").await.expect("5 of 20");
    for (change, service, reason) in [
        (Change::Add, "dehors", "excluded_by"),
        (Change::Add, "wifi", "not_available"),
        (Change::Add, "bozza", "not_available"),
        (Change::Add, "inesistente", "not_available"),
        (Change::Add, "anagrafe", "already_chosen"),
        (Change::Add, "occupazione", "already_chosen"),
        (Change::Drop, "portale", "universal"),
        (Change::Drop, "tributi", "not_in_package"),
        (Change::Drop, "nodo", "has_dependants"),
        (Change::Undo, "tributi", "nothing_to_undo"),
    ] {
        assert_eq!(refused(officer.change(body, change, service).await), reason, "{change:?} {service}");
    }
    let paused = officer.change(body, Change::Add, "wifi").await;
    let reason = "In attesa del nuovo fornitore".to_owned();
    assert_eq!(paused.expect_err("paused"), Refusal::NotAvailable { reason }.into());
    officer.change(body, Change::Add, "tributi").await.expect("17 of 20");
    let short = officer.change(body, Change::Add, "formazione").await.expect("to the last");
    assert_eq!(short.left, 0);
    let short = officer.change(body, Change::Add, "formazione").await;
    assert_eq!(short.expect_err("short"), Refusal::CreditsShort { missing: 3 }.into());
    // The card of the catalogue says the same as the command.
    let list = officer.call(ListServices::default()).await.expect("listed");
    assert_eq!(list.body, Some(app.body_ref("Bellagio")));
    for card in &list.services {
        let Some(Offer::Refused { refusal }) = &card.offer else {
            panic!("nothing more fits: {card:?}");
        };
        let outcome = officer.change(body, Change::Add, card.code.as_str()).await;
        assert_eq!(refused(outcome), code(refusal), "{}", card.code);
        let sheet = officer.call(ReadService { code: card.code.clone(), body: None }).await;
        assert_eq!(sheet.expect("read").offer, card.offer);
    }
    assert!(list.services.iter().all(|card| card.code.as_str() != "bozza"));
    let draft = ReadService { code: "bozza".into(), body: None };
    assert_eq!(refused(officer.call(draft).await), "not_found");
}

#[tokio::test]
async fn prerequisites_are_added_together_and_leave_together() {
    let app = TestApp::new().await;
    let (officer, body) = (app.officer("Brienno"), app.body("Brienno"));
    officer.change(body, Change::Drop, "scuola").await.expect("16 are there");
    let alone = officer.change(body, Change::Add, "rate").await;
    assert_eq!(refused(alone), "prerequisite_missing");
    let basket = officer.change(body, Change::AddWithPrerequisites, "rate").await.expect("3 + 10 + 2");
    assert_eq!(codes(&basket).1, [("multe", 1), ("nodo", 1), ("rate", 1)]);
    assert_eq!((basket.cost, basket.left, basket.high), (9, 1, 3));
    assert_eq!(refused(officer.change(body, Change::Undo, "nodo").await), "has_dependants");
    for service in ["rate", "multe", "nodo"] {
        officer.change(body, Change::Undo, service).await.expect("from the top");
    }
}

#[tokio::test]
async fn too_few_or_too_many_is_saved_and_not_sent() {
    let app = TestApp::new().await;
    let (officer, body) = (app.officer("Bellagio"), app.body("Bellagio"));
    for service in ["scuola", "anagrafe"] {
        officer.change(body, Change::Drop, service).await.expect("saved");
    }
    let basket = officer.call(ReadBasket { body }).await.expect("read");
    let below = Refusal::InteractivityBelow { missing: 1, range: RANGE };
    assert_eq!(basket.objections.iter().map(|one| &one.refusal).collect::<Vec<_>>(), [&below]);
    assert_eq!(officer.submit(body).await.expect_err("too few"), below.into());
    for service in ["scuola", "anagrafe"] {
        officer.change(body, Change::Undo, service).await.expect("put back");
    }
    for service in ["rate", "occupazione", "tributi"] {
        officer.change(body, Change::Add, service).await.expect("saved");
    }
    let above = Refusal::InteractivityAbove { excess: 1, range: RANGE };
    assert_eq!(officer.submit(body).await.expect_err("too many"), above.into());
    officer.change(body, Change::Undo, "occupazione").await.expect("one less");
    officer.submit(body).await.expect("five");
    app.assert_sound().await;
}

#[tokio::test]
async fn who_has_no_package_composes_nothing() {
    let app = TestApp::new().await;
    for (name, reason) in [("Cantù", "not_assigned"), ("Erba", "not_joined")] {
        let (officer, body) = (app.officer(name), app.body(name));
        assert_eq!(refused(officer.call(ReadBasket { body }).await), reason);
        assert_eq!(refused(officer.change(body, Change::Add, "sms").await), reason);
        assert_eq!(refused(officer.submit_as(body, 0, Vec::new()).await), reason);
        let list = officer.call(ListServices::default()).await.expect("the catalogue is public");
        assert!(list.services.iter().all(|card| card.offer.is_none()));
    }
}
