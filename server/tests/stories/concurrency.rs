//! Many at once, twice the same, gone half-way, and a mistake of ours in the middle: whole effects or none.

use std::collections::BTreeSet;

use futures::future::join_all;
use model::api::baskets::ChangeBasket;
use model::api::calls::{GrantExtra, ProposeCorrection};
use model::api::submissions::WithdrawSubmission;
use model::api::{ApiError, Problem};
use model::basket::Change;
use model::credits::{Account, EntryKind};
use model::ids::BodyId;
use model::ledger::Entry;
use model::people::Role;
use store::{Store, Transaction, UnitOfWork};

use crate::test_app::{NEIGHBOUR, TestApp, assert_same, done, heard, refused};

fn add(body: BodyId, service: &str) -> ChangeBasket {
    ChangeBasket { body, change: Change::Add, service: service.into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_as_fit_are_accepted_and_not_one_more() {
    const TASKS: usize = 64;
    const TRIES: usize = 20;
    let app = TestApp::new().await;
    let body = app.body("Bellagio");
    let reason = "Fondo".to_owned();
    app.trust_one_person().await;
    let grant = GrantExtra { body, credits: 80, seen: None, reason: reason.clone() };
    assert_eq!(done(app.administrator().call(grant).await.expect("granted")).granted, 100);
    let tasks = (0..TASKS).map(|task| {
        let administrator = app.administrator();
        let take = ProposeCorrection::by(body, -7, reason.clone());
        // The second half sends everything twice, two by two, as after a lost answer.
        let sender = if task < TASKS / 2 { task } else { task & !1 };
        tokio::spawn(async move {
            let mut spent = Vec::new();
            for attempt in 0..TRIES {
                let key = format!("overspend-{sender}-{attempt}");
                let asking = || {
                    let (asker, take) = (administrator.with_key(&key), take.clone());
                    async move { asker.call(take).await }
                };
                match heard(asking).await {
                    Ok(outcome) => spent.push(done(outcome).granted),
                    Err(problem) => assert_eq!(server::http::problem::code(&problem), "credits_short"),
                }
            }
            spent
        })
    });
    let mut accepted = Vec::new();
    for spent in join_all(tasks).await {
        accepted.extend(spent.expect("no task panics"));
    }
    let distinct: BTreeSet<_> = accepted.iter().collect();
    assert_eq!(distinct.len(), 14, "100 / 7");
    assert_eq!(app.account("Bellagio").await, Account { granted: 2, ..Account::default() });
    let corrections = app.movements("Bellagio").await;
    assert_eq!(corrections.iter().filter(|one| **one == (EntryKind::Correct, -7)).count(), 14);
    app.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_basket_is_sent_once_however_many_press_the_button() {
    let app = TestApp::new().await;
    let (officer, body) = (app.officer("Bellagio"), app.body("Bellagio"));
    let seen = officer.call(add(body, "tributi")).await.expect("added");
    let tasks = (0..64).map(|_| {
        let (officer, seen) = (officer.clone(), seen.clone());
        tokio::spawn(async move { heard(|| officer.submit_seen(&seen)).await })
    });
    let mut sent = 0;
    for outcome in join_all(tasks).await {
        match outcome.expect("no task panics") {
            Ok(_) => sent += 1,
            Err(problem) => assert_eq!(server::http::problem::code(&problem), "submission_waiting"),
        }
    }
    assert_eq!((sent, app.account("Bellagio").await.held), (1, 12));
    app.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_heard_and_asks_again_at_once_hears_what_was_done() {
    let app = TestApp::new().await;
    for name in ["Bellagio", "Brunate", "Como", "Cernobbio"] {
        let (officer, body) = (app.officer(name), app.body(name));
        let seen = officer.call(add(body, "sms")).await.expect("added");
        let officer = officer.with_key(&format!("sent-once-{body}"));
        let tasks = (0..8).map(|_| {
            let (officer, seen) = (officer.clone(), seen.clone());
            tokio::spawn(async move { heard(|| officer.submit_seen(&seen)).await })
        });
        let answers = join_all(tasks).await.into_iter().map(|task| task.expect("no task panics"));
        let numbers: BTreeSet<_> = answers.map(|answer| answer.expect("never refused").number).collect();
        assert_eq!(numbers.len(), 1, "{name}: one submission");
    }
    app.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_decide_at_once_one_comes_first() {
    let app = TestApp::new().await;
    for name in ["Bellagio", "Brunate", "Como", "Cernobbio"] {
        let submission = app.sent(name, &["occupazione"], &["scuola"]).await.id;
        let (officer, mayor) = (app.officer(name), app.mayor(name));
        let withdraw = tokio::spawn(async move { officer.call(WithdrawSubmission { submission }).await });
        let authorise = tokio::spawn(async move { mayor.authorise(submission).await });
        let outcomes = [withdraw.await.expect("no panic"), authorise.await.expect("no panic")];
        let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(done, 1, "{outcomes:?}");
        for outcome in outcomes.into_iter().filter(Result::is_err) {
            assert_eq!(refused(outcome), "transition_refused");
        }
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn the_same_key_answers_what_it_answered_and_does_nothing_more() {
    let app = TestApp::new().await;
    let (officer, body) = (app.officer("Bellagio").with_key("the-first-key"), app.body("Bellagio"));
    let first = officer.call(add(body, "formazione")).await.expect("one block");
    app.officer("Bellagio").call(add(body, "sms")).await.expect("in the meantime");
    let before = app.dump().await;
    let again = officer.call(add(body, "formazione")).await.expect("the stored outcome");
    assert_eq!(again, first, "as it was then");
    for (what, outcome) in [
        ("another content", refused(officer.call(add(body, "sms")).await)),
        ("another operation", refused(officer.submit_as(body, 1, Vec::new()).await)),
        ("another place", refused(officer.call(add(app.body("Como"), "formazione")).await)),
    ] {
        assert_eq!(outcome, "key_reused", "{what}");
    }
    assert_same(&before, &app.dump().await, "a key that was used");
    let next_door = app.holder(NEIGHBOUR, Role::Officer, "Lecco").with_key("the-first-key");
    let theirs = next_door.call(add(app.body_in(NEIGHBOUR, "Lecco"), "formazione")).await;
    theirs.expect("keys are the aggregator's");
    let colleague = app.officer("Como").with_key("the-first-key");
    colleague.call(add(app.body("Como"), "sms")).await.expect("keys are the person's");
    let mayor = app.mayor("Bellagio").with_key("the-first-key");
    assert_eq!(
        refused(mayor.call(add(body, "formazione")).await),
        "forbidden",
        "and tell nobody else what was done"
    );

    // What was refused left nothing behind: the same key may try again.
    let retried = app.officer("Bellagio").with_key("the-second-key");
    assert_eq!(refused(retried.submit_as(body, 9, Vec::new()).await), "conflict");
    let undo = ChangeBasket { body, change: Change::Undo, service: "tributi".into() };
    assert_eq!(refused(retried.call(undo.clone()).await), "nothing_to_undo");
    app.officer("Bellagio").call(add(body, "tributi")).await.expect("added");
    retried.call(undo).await.expect("now it can be done");
    app.assert_sound().await;
}

/// Enters a correction, and then does as it is told.
#[derive(Clone)]
struct Correct {
    entry: Entry,
    then: Then,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Answer,
    Refuse,
    Panic,
}

impl UnitOfWork for Correct {
    type Answer = ();
    async fn run(self, tx: &mut Transaction) -> Result<(), Problem> {
        tx.add_entries(&[self.entry]).await??;
        match self.then {
            Then::Answer => Ok(()),
            Then::Refuse => Err(ApiError::Forbidden.into()),
            Then::Panic => panic!("a mistake of ours"),
        }
    }
}

#[tokio::test]
async fn an_errand_that_fails_undoes_only_itself() {
    let app = TestApp::new().await;
    let account = app.account_row(app.call, "Bellagio").await.id;
    let thens = [Then::Answer, Then::Panic, Then::Answer, Then::Refuse, Then::Answer, Then::Panic];
    // They reach the writer at the same time: those who come while the first is at work share its transaction.
    let outcomes = join_all(thens.map(|then| {
        let entry = Entry {
            account,
            kind: EntryKind::Correct,
            amount: 1,
            at: app.now(),
            actor: None,
            reason: String::new(),
            service: None,
            request: None,
            submission: None,
            settles: None,
        };
        app.write(Correct { entry, then })
    }))
    .await;
    let expected = thens.map(|then| match then {
        Then::Answer => Ok(()),
        Then::Refuse => Err(ApiError::Forbidden.into()),
        Then::Panic => Err(ApiError::Internal.into()),
    });
    assert_eq!(outcomes, expected);
    assert_eq!(app.account("Bellagio").await.granted, 23);
    app.officer("Bellagio").submit(app.body("Bellagio")).await.expect("the writer still works");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_was_answered_is_there_when_the_database_is_opened_again() {
    let app = TestApp::new().await;
    let sent = app.sent("Bellagio", &["tributi"], &[]).await;
    let again = Store::open(&app.database.url).await.expect("opened a second time");
    let mut tx = again.read(app.tenant(crate::test_app::OURS).id).await.expect("read");
    let row = tx.submission(sent.id).await.expect("read").expect("it is there");
    assert_eq!(row.number(), "2026/000001");
}
