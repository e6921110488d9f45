//! *Richieste* at work: the clock that stops and goes on, milestones, reminders, who has it, the operator's list.

use model::api::bodies::{ReadBody, Todo};
use model::api::requests::{
    AnswerRequest, Approve, AskChanges, Cursor, PageOfQueue, Queue, ReadQueue, Reassign, RemindRequest,
    RequestRow, Whose,
};
use model::api::{ApiError, FieldError, FieldErrorKind, Problem};
use model::calendar::{Day, add_working_days};
use model::ids::{PersonId, RequestId};
use model::refusals::Refusal;
use model::requests::{Event, State};
use model::seen::Difference;

use crate::test_app::{TestApp, TestClient, refused};

async fn ask(app: &TestApp, seen: &RequestRow) -> Result<model::api::requests::RequestView, Problem> {
    let message = "Manca il regolamento".to_owned();
    let ask = AskChanges { request: seen.id, version: seen.version, message, owner: None };
    app.operator().call(ask).await
}

async fn answer(who: &TestClient, seen: &RequestRow) -> Result<model::api::requests::RequestView, Problem> {
    let answer = AnswerRequest { request: seen.id, version: seen.version, message: "Eccolo".to_owned() };
    who.call(answer).await
}

async fn remind(who: &TestClient, seen: &RequestRow) -> Result<model::api::requests::RequestView, Problem> {
    let remind = RemindRequest { request: seen.id, version: seen.version, note: String::new() };
    who.call(remind).await
}

#[tokio::test]
async fn the_clock_stops_while_the_body_answers() {
    let app = TestApp::new().await;
    let officer = app.officer("Bellagio");
    app.authorised("Bellagio", &["tributi"], &[]).await;
    let due = add_working_days(app.today(), 10);
    let seen = app.bring("Bellagio", "tributi", State::InReview).await;
    assert_eq!(seen.due.expect("a review has an end").day, due);

    // Friday 6 March, an hour before midnight.
    app.move_to("2026-03-06 23:00:00");
    let asked = ask(&app, &seen).await.expect("asked").row;
    assert_eq!((asked.state, asked.due.expect("due").stopped), (State::NeedsChanges, true));
    let area = officer.call(ReadBody { body: app.body("Bellagio") }).await.expect("read");
    assert!(
        area.todo
            .iter()
            .any(|todo| matches!(todo, Todo::Answer { message, .. } if message == "Manca il regolamento"))
    );
    assert_eq!(refused(ask(&app, &asked).await), "transition_refused");

    app.move_to("2026-03-12 08:00:00");
    let answered = answer(&officer, &asked).await.expect("answered").row;
    // Monday to Thursday: four working days.
    assert_eq!(answered.due.expect("due").day, add_working_days(due, 4));
    assert_eq!((answered.state, answered.price), (State::InReview, 12));
    assert!(!answered.due.expect("due").stopped);
    assert_eq!(refused(answer(&officer, &answered).await), "transition_refused");

    // A weekend costs nothing.
    app.move_to("2026-03-13 12:00:00");
    let asked = ask(&app, &answered).await.expect("asked again").row;
    app.move_to("2026-03-15 12:00:00");
    let answered = answer(&officer, &asked).await.expect("answered on a Sunday").row;
    assert_eq!(answered.due.expect("due").day, add_working_days(due, 4));
    app.operator().approve(&answered).await.expect("the clock of the activation begins");
    let approved = app.request("Bellagio", "tributi").await;
    assert_eq!(approved.due.expect("due").day, add_working_days(app.today(), 20));
    app.assert_sound().await;
}

#[tokio::test]
async fn milestones_of_the_body_stop_the_clock_and_only_they_are_its_own() {
    let app = TestApp::new().await;
    let (officer, operator) = (app.officer("Bellagio"), app.operator());
    app.authorised("Bellagio", &["tributi"], &[]).await;
    let started = app.bring("Bellagio", "tributi", State::Activating).await;
    let due = started.due.expect("due");
    assert_eq!((due.day, due.stopped), (add_working_days(app.today(), 20), true));
    let area = officer.call(ReadBody { body: app.body("Bellagio") }).await.expect("read");
    let waits =
        |todo: &Todo| matches!(todo, Todo::Milestone { title, .. } if title == "Il Comune indica i conti");
    assert!(area.todo.iter().any(waits));
    let early = operator.go_live(&started).await;
    assert_eq!(early, Err(Refusal::MilestonesPending { left: 3 }.into()));

    app.pass(3);
    let first = officer.complete_milestone(&started).await.expect("its own").row;
    assert_eq!(first.due.expect("due").day, add_working_days(due.day, 3));
    assert!(!first.due.expect("due").stopped);
    assert_eq!(refused(officer.complete_milestone(&first).await), "not_your_milestone");
    app.pass(5);
    let second = operator.complete_milestone(&first).await.expect("the aggregator's").row;
    let stopped = second.due.expect("due");
    assert_eq!((stopped.day, stopped.stopped), (add_working_days(due.day, 3), true), "its own time ran");
    let third = operator.complete_milestone(&second).await.expect("also for the body").row;
    let none_left = operator.complete_milestone(&third).await;
    assert_eq!(refused(none_left), "transition_refused");
    let view = operator.look_at(third.id).await.expect("read");
    let by: Vec<_> = view.milestones.iter().map(|one| one.done_by.as_deref()).collect();
    assert_eq!(by, [Some("Referente, Comune di Bellagio"), Some("Operatore"), Some("Operatore")]);
    assert!(view.allowed_events.contains(&Event::GoLive));
    assert_eq!(operator.go_live(&third).await.expect("live").row.state, State::Live);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_late_request_is_reminded_once_a_day() {
    let app = TestApp::new().await;
    let (officer, mayor) = (app.officer("Bellagio"), app.mayor("Bellagio"));
    app.authorised("Bellagio", &["tributi"], &[]).await;
    let seen = app.request("Bellagio", "tributi").await;
    let due = seen.due.expect("due").day;
    assert_eq!(due, Day::parse("2026-03-16").expect("a day"));
    let early = |from| Err(Refusal::ReminderTooEarly { from }.into());
    assert_eq!(remind(&officer, &seen).await, early(due.plus(1)));
    app.move_to("2026-03-16 23:59:59");
    assert_eq!(remind(&officer, &seen).await, early(due.plus(1)), "the due date is not over");
    assert!(!app.request("Bellagio", "tributi").await.reminded);

    app.move_to("2026-03-17 00:00:00");
    let view = officer.look_at(seen.id).await.expect("read");
    assert!(view.allowed_events.contains(&Event::Remind));
    let first = remind(&officer, &seen).await.expect("reminded").row;
    assert!(
        first.reminded
            && first.state == State::Submitted
            && first.due
                == seen.due.map(|mut due| {
                    due.late = true;
                    (due.days_left, due.days_late) = (0, 1);
                    due
                })
    );
    let again = remind(&mayor, &first).await;
    assert_eq!(again, Err(Refusal::ReminderSentToday.into()), "once a day, whoever it is");
    app.move_to("2026-03-18 00:00:00");
    let second = remind(&mayor, &first).await.expect("another day").row;
    // While the body has to answer, there is nothing to remind of.
    let taken = app.operator().take_in_charge(&second).await.expect("taken").row;
    let asked = ask(&app, &taken).await.expect("asked").row;
    app.move_to("2026-03-19 12:00:00");
    assert_eq!(refused(remind(&officer, &asked).await), "transition_refused");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_request_needs_its_prerequisites_approved_first() {
    let app = TestApp::new().await;
    let operator = app.operator();
    app.authorised("Brienno", &["nodo", "multe"], &["scuola"]).await;
    let fine = app.bring("Brienno", "multe", State::InReview).await;
    let node = app.bring("Brienno", "nodo", State::InReview).await;
    let view = operator.look_at(fine.id).await.expect("read");
    assert_eq!(view.pending.len(), 1);
    assert!(!view.allowed_events.contains(&Event::Approve));
    let Err(Problem::Refused(Refusal::PrerequisitePending { service })) = operator.approve(&fine).await
    else {
        panic!("the node comes first");
    };
    assert_eq!(service.code.as_str(), "nodo");
    operator.approve(&node).await.expect("approved");
    operator.approve(&fine).await.expect("now it may");
    app.assert_sound().await;
}

#[tokio::test]
async fn acting_on_a_stale_version_is_a_conflict() {
    let app = TestApp::new().await;
    let operator = app.operator();
    app.authorised("Bellagio", &["tributi"], &[]).await;
    let stale = app.request("Bellagio", "tributi").await;
    let seen = operator.take_in_charge(&stale).await.expect("taken").row;
    let before = app.dump().await;
    let conflict = |state| {
        let changes = vec![Difference::Owner { now: app.person(&operator).name }];
        Err(Problem::ApiError(ApiError::Conflict { changes, state: Some(state) }))
    };
    let late = app.second_operator().take_in_charge(&stale).await;
    assert_eq!(late, conflict(State::InReview));
    let ahead = Approve { request: seen.id, version: seen.version + 1, ..Approve::default() };
    assert_eq!(operator.call(ahead).await, conflict(State::InReview));
    crate::test_app::assert_same(&before, &app.dump().await, "acting on a stale version");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_request_has_an_owner_and_goes_from_hand_to_hand() {
    let app = TestApp::new().await;
    let (operator, second) = (app.operator(), app.second_operator());
    app.authorised("Bellagio", &["tributi"], &[]).await;
    let seen = app.request("Bellagio", "tributi").await;
    assert_eq!(seen.owner, None);
    let mine = async |who: &TestClient| queue(who, |asked| asked.whose = Whose::Mine).await.total;
    assert_eq!(mine(&operator).await, 0);
    let taken = operator.take_in_charge(&seen).await.expect("taken").row;
    assert_eq!(taken.owner, Some(app.person(&operator)));
    let to =
        |operator: PersonId| Reassign { request: taken.id, version: taken.version, operator, owner: None };
    let officer = app.officer("Bellagio").person.expect("a person");
    let neighbour = app.holder(crate::test_app::NEIGHBOUR, model::people::Role::Operator, "");
    for wrong in [officer, neighbour.person.expect("a person"), PersonId(999)] {
        let fault = Problem::faulty(FieldError::new("operator", FieldErrorKind::Unknown));
        assert_eq!(operator.call(to(wrong)).await, Err(fault), "who does not work on requests here");
    }
    let given = operator.call(to(second.person.expect("a person"))).await.expect("given").row;
    assert_eq!((given.owner, given.state), (Some(app.person(&second)), State::InReview));
    assert_eq!((mine(&operator).await, mine(&second).await), (0, 1));
    app.assert_sound().await;
}

async fn queue(who: &TestClient, change: impl FnOnce(&mut ReadQueue)) -> Queue {
    let mut asked = ReadQueue::default();
    change(&mut asked);
    who.call(asked).await.expect("the list is read")
}

#[tokio::test]
async fn the_list_has_the_overdue_first_and_stopped_clocks_last() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let order = |queue: &Queue| -> Vec<(String, String)> {
        let rows = queue.requests.iter();
        rows.map(|row| (row.body.name.clone(), row.service.code.0.clone())).collect()
    };
    let pair = |body: &str, service: &str| (body.to_owned(), service.to_owned());
    app.authorised("Brunate", &["sms"], &["anagrafe"]).await;
    app.move_to("2026-03-04 10:00:00");
    app.authorised("Bellagio", &["sms"], &["anagrafe"]).await;
    app.move_to("2026-03-03 10:00:00");
    app.authorised("Brienno", &["formazione"], &[]).await;
    let seen = app.bring("Brunate", "sms", State::InReview).await;
    ask(&app, &seen).await.expect("Brunate's clock stops");
    app.move_to("2026-03-18 10:00:00");
    let submitted = queue(&operator, |asked| asked.state = Some(State::Submitted)).await;
    assert_eq!(order(&submitted), [pair("Brienno", "formazione"), pair("Bellagio", "sms")]);
    assert_eq!(submitted.requests[0].due.expect("due").days_late, 1);
    let everything = queue(&operator, |_| {}).await;
    assert_eq!(order(&everything).last(), Some(&pair("Brunate", "sms")), "its due date is the earliest");
    assert_eq!(order(&everything)[..2], order(&submitted));
    let late = |row: &&RequestRow| row.due.is_some_and(|due| due.late && !due.stopped);
    let of_late = everything.requests.iter().filter(late).count();
    assert_eq!((everything.overdue as usize, everything.first), (of_late, 1));
    assert_eq!((everything.previous, everything.next), (None, None), "all of it fits on a page");
    assert!((1..everything.requests.len()).contains(&of_late), "some are late, and some are not");
    // Each count is the list behind it.
    assert_eq!(everything.counts.iter().map(|count| count.count).sum::<u32>(), everything.total);
    for count in &everything.counts {
        let only = queue(&operator, |asked| asked.state = Some(count.state)).await;
        assert_eq!((only.total, only.counts.clone()), (count.count, everything.counts.clone()));
        assert!(only.requests.iter().all(|row| row.state == count.state));
    }
    for part in ["Brienno", " brìen", "ENNO"] {
        let of_body = queue(&operator, |asked| part.clone_into(&mut asked.search)).await;
        assert!(of_body.requests.iter().all(|row| row.body.name == "Brienno") && of_body.total == 5);
        assert_eq!(of_body.services, everything.services, "one can choose another service from here");
    }
    let number = &everything.requests[0].submission_number;
    let of_submission = queue(&operator, |asked| number.clone_into(&mut asked.search)).await;
    assert!(
        of_submission.total > 0 && of_submission.requests.iter().all(|row| row.submission_number == *number)
    );
    for part in ["Comune di Brienno", "013030"] {
        let of_body = queue(&operator, |asked| part.clone_into(&mut asked.search)).await;
        assert_eq!(of_body.total, 5, "{part}");
    }
    let of_both = queue(&operator, |asked| "b".clone_into(&mut asked.search)).await;
    assert_eq!((of_both.total, of_both.counts), (everything.total, everything.counts));
    let of_none = queue(&operator, |asked| "Milano".clone_into(&mut asked.search)).await;
    assert_eq!((of_none.total, of_none.overdue, of_none.requests.len(), of_none.counts.len()), (0, 0, 0, 0));
    let of_service = queue(&operator, |asked| asked.service = Some("sms".into())).await;
    assert_eq!(of_service.total, 3, "an addition twice, and Brienno's own");
    app.assert_sound().await;
}

/// The list with a hundred requests more, of which two in seven have a clock that stands still.
async fn long_list(app: &TestApp) {
    app.authorised("Bellagio", &["sms"], &[]).await;
    app.authorised("Brunate", &["formazione"], &[]).await;
    let copies = |times: i64| {
        format!(
            "INSERT INTO request (aggregator, call, body, submission, service, origin, price, state, version,
                                  arrived_at, changed_at, due, stopped_on)
             SELECT aggregator, call, body, submission, service, origin, price, state, version, arrived_at,
                    changed_at, due + id % {times}, CASE WHEN id % 7 IN (2, 5) THEN due END FROM request"
        )
    };
    while queue(&app.operator(), |_| {}).await.total < 100 {
        app.raw_sql(copies(5)).await;
    }
}

fn ids(queue: &Queue) -> Vec<i64> {
    queue.requests.iter().map(|row| row.id.0).collect()
}

#[tokio::test]
async fn page_after_page_each_request_of_the_list_comes_once() {
    let app = TestApp::new().await;
    let operator = app.operator();
    long_list(&app).await;
    let person = operator.person.expect("a person").0;
    app.raw_sql(format!("UPDATE request SET operator = {person} WHERE id % 2 = 0")).await;
    let narrowed = |change: fn(&mut ReadQueue)| {
        let mut asked = ReadQueue::default();
        change(&mut asked);
        asked
    };
    for filter in [
        ReadQueue::default(),
        narrowed(|asked| asked.state = Some(State::Submitted)),
        narrowed(|asked| asked.whose = Whose::Mine),
        narrowed(|asked| asked.service = Some("anagrafe".into())),
        narrowed(|asked| "bruna".clone_into(&mut asked.search)),
    ] {
        let page = async |page| queue(&operator, |asked| *asked = ReadQueue { page, ..filter.clone() }).await;
        let (mut pages, mut next) = (Vec::new(), None);
        loop {
            let found = page(next).await;
            next = found.next;
            pages.push(found);
            if next.is_none() {
                break;
            }
        }
        let rows: Vec<_> = pages.iter().flat_map(|page| &page.requests).collect();
        assert!(rows.len() > 20 && rows.len() == pages[0].total as usize, "{} of {filter:?}", rows.len());
        let turns: Vec<_> = rows
            .iter()
            .map(|row| row.due.map(|due| (due.stopped, due.day, row.id)).expect("each has a due date"))
            .collect();
        assert!(turns.is_sorted_by(|one, next| one < next), "in their order, none twice");
        assert!(turns.iter().any(|(stopped, ..)| *stopped) && turns.iter().any(|(stopped, ..)| !stopped));
        for (at, shown) in pages.iter().enumerate() {
            assert_eq!(shown.first as usize, at * 20 + 1);
            assert_eq!(shown.previous.is_none(), at == 0);
        }
        // And all the way back.
        let mut back = pages.pop().expect("the last page");
        while let Some(before) = pages.pop() {
            back = page(back.previous).await;
            assert_eq!((ids(&back), back.first, back.next), (ids(&before), before.first, before.next));
        }
    }
}

#[tokio::test]
async fn what_is_done_meanwhile_moves_nothing_to_another_page() {
    let app = TestApp::new().await;
    let operator = app.operator();
    long_list(&app).await;
    let page = async |page| queue(&operator, |asked| asked.page = page).await;
    let first = page(None).await;
    let second = page(first.next).await;
    let over = |ids: &[i64]| {
        let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
        format!("UPDATE request SET state = 'withdrawn', due = NULL WHERE id IN ({})", ids.join(", "))
    };
    // Three of the first page are over, the last one too, which the second one follows.
    app.raw_sql(over(&[ids(&first)[3], ids(&first)[7], ids(&first)[19]])).await;
    let again = page(first.next).await;
    assert_eq!((ids(&again), again.first), (ids(&second), 18));
    // Before it there are too few for a page: it is the first one again, filled.
    let back = page(again.previous).await;
    assert_eq!((back.first, back.previous, back.requests.len()), (1, None, 20));
    assert_eq!(ids(&back)[17..], ids(&second)[..3]);
    // Nothing is left after a place: the end of the list is shown.
    let total = first.total - 3;
    let due = Day::parse("2099-01-01").expect("a day");
    let end = page(Some(PageOfQueue::After(Cursor { stopped: true, due, id: RequestId(1) }))).await;
    assert_eq!((end.first, end.next, end.requests.len()), (total - 19, None, 20));
    let everything = queue(&operator, |asked| asked.whose = Whose::Nobodys).await.total;
    assert_eq!(everything, total);
    let none = queue(&operator, |asked| (asked.whose, asked.page) = (Whose::Mine, first.next)).await;
    assert_eq!((none.first, none.total, none.previous, none.next), (1, 0, None, None));
}

#[tokio::test]
async fn what_was_due_on_friday_is_late_on_saturday_and_not_due_today() {
    let app = TestApp::new().await;
    app.move_to("2026-03-06 10:00:00");
    app.authorised("Bellagio", &["tributi"], &[]).await;
    let seen = app.request("Bellagio", "tributi").await;
    let due = seen.due.expect("due");
    assert_eq!(due.day.to_string(), "2026-03-20", "a Friday");
    let operator = app.operator();
    for (at, late, days_late) in [
        ("2026-03-20 23:59:00", false, 0),
        ("2026-03-21 09:00:00", true, 0),
        ("2026-03-22 09:00:00", true, 0),
        ("2026-03-23 09:00:00", true, 1),
    ] {
        app.move_to(at);
        let queue = operator.call(ReadQueue::default()).await.expect("read");
        let due = queue.requests[0].due.expect("due");
        assert_eq!((due.late, due.days_left, due.days_late), (late, 0, days_late), "{at}");
        assert_eq!(queue.overdue > 0, late, "the counter says the same: {at}");
    }
}
