//! *Avvisi*: from draft to archive; what comes back later; two calls, each with its own accounts.

use model::api::baskets::ReadBasket;
use model::api::bodies::ReadBody;
use model::api::calls::{
    ArchiveCall, AssignByHand, Call, Cell, CloseCall, CreateCall, ExtendBody, ExtendCall, OpenCall,
    ReadBoard, ReadMatrix, ReopenCall, ReviseRule,
};
use model::api::requests::EndService;
use model::api::{ApiError, FieldError, FieldErrorKind, Problem};
use model::assignment::{Known, Modifier, Variable};
use model::basket::Change;
use model::calendar::Day;
use model::calls::{CallStatus, Leftovers, Reopening};
use model::catalogue::HighRange;
use model::credits::Account;
use model::ids::CallId;
use model::refusals::Refusal;
use model::requests::{Event, State};

use crate::policy::whole;
use crate::test_app::{TestApp, assert_same, band, call, refused, rome};

mod archived;
mod limits;

/// The next call, in the autumn.
fn autumn() -> CreateCall {
    CreateCall {
        title: "Avviso d'autunno".to_owned(),
        opens: rome("2026-09-01 09:00:00"),
        closes: rome("2026-11-27 12:00:00"),
        ..call()
    }
}

/// Closes the app's call and archives it, when everything has been decided.
async fn archived(app: &TestApp) -> Result<Call, Problem> {
    let administrator = app.administrator();
    let call = app.call;
    app.move_to("2026-08-31 09:00:00");
    app.tick().await;
    administrator.call(ArchiveCall { call }).await
}

/// Opens the autumn's call with its packages.
async fn autumn_opened(app: &mut TestApp) -> CallId {
    let administrator = app.administrator();
    let next = administrator.call(autumn()).await.expect("created").id;
    app.move_to("2026-09-01 10:00:00");
    administrator.call(OpenCall { call: next }).await.expect("opened");
    app.call = next;
    app.assign().await;
    next
}

#[tokio::test]
async fn an_administrator_runs_a_call_from_draft_to_archive() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    let created = administrator.call(autumn()).await.expect("created");
    assert_eq!((created.status, created.rule_version), (CallStatus::Draft, 1));
    assert_eq!(created.terms, autumn().terms);
    let next = created.id;
    let archive = ArchiveCall { call: next };
    assert_eq!(administrator.call(archive.clone()).await, Err(Refusal::CallNotClosed.into()));
    assert_eq!(administrator.call(CloseCall { call: next }).await, Err(Refusal::CallClosed.into()));
    let open = OpenCall { call: next };
    assert_eq!(administrator.call(open.clone()).await, Err(Refusal::AnotherCallOpen.into()));
    let ours = administrator.call(CloseCall { call: app.call }).await.expect("closed now");
    assert_eq!((ours.status, ours.closes), (CallStatus::Closed, app.now()));
    let submit = app.officer("Como").submit(app.body("Como")).await;
    assert_eq!(refused(submit), "call_closed");
    assert_eq!(administrator.call(open.clone()).await.expect("opened").status, CallStatus::Open);
    assert_eq!(administrator.call(open).await, Err(Refusal::CallNotDraft.into()));
    // The other one is open now: what was closed can't be taken up again.
    let again = reopen(&app, "2026-12-01 12:00:00");
    assert_eq!(administrator.call(again.clone()).await, Err(Refusal::AnotherCallOpen.into()));
    administrator.call(CloseCall { call: next }).await.expect("closed again");
    assert_eq!(administrator.call(again).await.expect("reopened").call.status, CallStatus::Open);
    app.assert_sound().await;
}

fn reopen(app: &TestApp, until: &str) -> ReopenCall {
    ReopenCall { call: app.call, until: rome(until), reason: " Rinvio della Conferenza ".to_owned() }
}

#[tokio::test]
async fn a_closed_call_is_opened_again_only_by_its_own_action_and_with_a_reason() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    assert_eq!(
        administrator.call(reopen(&app, "2026-06-30 12:00:00")).await,
        Err(Refusal::CallNotClosed.into()),
        "it is open"
    );
    // Brunate sends, the others are silent.
    app.authorised("Brunate", &["sms"], &[]).await;
    app.move_to("2026-06-01 09:00:00");
    assert_eq!(app.tick().await.kept, 6);
    let before = app.dump().await;
    let extend = ExtendCall { call: app.call, until: rome("2026-06-30 12:00:00") };
    assert_eq!(administrator.call(extend).await, Err(Refusal::CallClosed.into()));
    let silent = ReopenCall { reason: " ".to_owned(), ..reopen(&app, "2026-06-30 12:00:00") };
    assert_eq!(
        administrator.call(silent).await,
        Err(Problem::faulty(FieldError::new("reason", FieldErrorKind::Missing)))
    );
    let day = app.today();
    assert_eq!(
        administrator.call(reopen(&app, "2026-06-01 08:59:59")).await,
        Err(Problem::faulty(FieldError::new("until", FieldErrorKind::NotAfter { day })))
    );
    assert_same(&before, &app.dump().await, "what was refused");

    let reopened = administrator.call(reopen(&app, "2026-06-30 12:00:00")).await.expect("open again");
    assert_eq!((reopened.call.status, reopened.kept_by_silence), (CallStatus::Open, 6));
    let told = Some(Reopening { at: app.now(), reason: "Rinvio della Conferenza".to_owned() });
    assert_eq!(reopened.call.reopened, told);
    let board = app.observer().call(ReadBoard::default()).await.expect("the board");
    assert_eq!((board.call.reopened, board.call.closes), (told.clone(), rome("2026-06-30 12:00:00")));
    let (officer, body) = (app.officer("Bellagio"), app.body("Bellagio"));
    let area = officer.call(ReadBody { body }).await.expect("the area");
    assert_eq!(area.call.expect("a call").reopened, told);

    let (site, _folder) = whole(&app);
    for (client, page) in [
        (app.observer(), "/avviso".to_owned()),
        (app.officer("Bellagio"), format!("/comuni/{body}")),
        (app.officer("Bellagio"), format!("/comuni/{body}/pacchetto")),
    ] {
        let page = client.at(site.clone()).get(&page).await.body;
        assert!(page.contains("è stato riaperto"), "{page}");
        assert!(page.contains("Rinvio della Conferenza"), "{page}");
    }

    // What was kept by silence stays: it can't be dropped any more, and other services can be asked for.
    assert_eq!(refused(officer.change(body, Change::Drop, "scuola").await), "in_progress");
    officer.change(body, Change::Add, "sms").await.expect("added");
    let sent = officer.submit(body).await.expect("sent");
    assert_eq!((sent.lines.len(), sent.held), (1, 1));
    app.mayor("Bellagio").authorise(sent.id).await.expect("authorised");
    app.move_to("2026-07-01 09:00:00");
    assert_eq!(app.tick().await.kept, 0, "nobody is silent any more");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_becomes_of_leftovers_is_told_before_anybody_spends() {
    let app = TestApp::new().await;
    let body = app.body("Bellagio");
    let board = app.observer().call(ReadBoard::default()).await.expect("the board");
    let area = app.officer("Bellagio").call(ReadBody { body }).await.expect("the area");
    let basket = app.officer("Bellagio").call(ReadBasket { body }).await.expect("the basket");
    for window in [board.call, area.call.expect("a call"), basket.call] {
        assert_eq!(window.leftovers, Leftovers::Expire);
    }
    let (site, _folder) = whole(&app);
    for (client, page) in [
        (app.observer(), "/avviso".to_owned()),
        (app.mayor("Bellagio"), format!("/comuni/{body}")),
        (app.officer("Bellagio"), format!("/comuni/{body}/pacchetto")),
    ] {
        let page = client.at(site.clone()).get(&page).await.body;
        let told = "I crediti non usati si azzerano all'archiviazione dell'avviso.";
        assert!(page.replace("&#x27;", "'").contains(told), "{page}");
    }
}

#[tokio::test]
async fn a_call_that_can_not_be_is_refused() {
    let app = TestApp::chartered(|config| config.assign = false).await;
    let administrator = app.administrator();
    let before = app.dump().await;
    let mut backwards = autumn();
    backwards.closes = backwards.opens;
    let mut gap = autumn();
    gap.terms.bands[1].from = 1002;
    let mut unknown = autumn();
    unknown.terms.bands[0].package = "nessuno".into();
    let mut untitled = autumn();
    untitled.title = " ".to_owned();
    for wrong in [backwards, gap, unknown, untitled] {
        assert_eq!(refused(administrator.call(wrong).await), "faulty");
    }
    let revise = |bands| ReviseRule { call: app.call, bands, modifiers: Vec::new() };
    for bands in [Vec::new(), vec![band(0, Some(10), "piccolo", 1)], vec![band(0, None, "nessuno", 1)]] {
        assert_eq!(refused(administrator.call(revise(bands)).await), "faulty");
    }
    let mut endless = autumn();
    endless.closes = rome("9999-12-31 12:00:00");
    let beyond = |field: &str| {
        let day = Day::parse("2028-03-02").expect("a day");
        Err(Problem::faulty(FieldError::new(field, FieldErrorKind::NotBeyond { day })))
    };
    assert_eq!(administrator.call(endless).await.map(|_| ()), beyond("closes"));
    let endless = ExtendCall { call: app.call, until: rome("2028-03-03 00:00:00") };
    assert_eq!(administrator.call(endless).await.map(|_| ()), beyond("until"));
    let shorter = ExtendCall { call: app.call, until: rome("2026-05-29 12:00:00") };
    assert_eq!(refused(administrator.call(shorter).await), "not_an_extension");
    assert_same(&before, &app.dump().await, "what was refused");
    let past =
        CreateCall { opens: rome("2026-01-01 09:00:00"), closes: rome("2026-02-01 09:00:00"), ..call() };
    let past = administrator.call(past).await.expect("a draft may be anything").id;
    administrator.call(CloseCall { call: app.call }).await.expect("closed");
    assert_eq!(refused(administrator.call(OpenCall { call: past }).await), "faulty", "it is over already");
}

#[tokio::test]
async fn packages_are_judged_by_the_call_s_own_limits_and_with_what_modifiers_add() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    // The smallest package has two high services, the largest four.
    let mut many = autumn();
    many.terms.minimum = 3;
    let mut few = autumn();
    few.terms.maximum = 3;
    let adding = |service: &str| Modifier { adds: vec![service.into()], ..call().terms.modifiers[0].clone() };
    let mut above = autumn();
    (above.terms.maximum, above.terms.modifiers) = (4, vec![adding("occupazione")]);
    let mut excluded = above.clone();
    excluded.terms.maximum = 8;
    let other = Modifier { variable: Variable::UnionMember, ..adding("dehors") };
    excluded.terms.modifiers.push(other);
    let mut lacking = autumn();
    lacking.terms.modifiers = vec![adding("rate")];
    for (wrong, field, said) in [
        (many, "band", "package piccolo: 2 high-interactivity services; from 3 to 5 are expected"),
        (few, "band", "package grande: 4 high-interactivity services; from 2 to 3 are expected"),
        (
            above,
            "modifier",
            "package grande with occupazione, which modifiers add: 5 high-interactivity services; from 2 to 4 are \
             expected",
        ),
        (
            excluded.clone(),
            "modifier",
            "package piccolo with dehors, occupazione, which modifiers add: dehors and occupazione exclude each other",
        ),
        (
            lacking,
            "modifier",
            "package piccolo with rate, which modifiers add: rate needs multe, which is not in it",
        ),
    ] {
        let Err(Problem::ApiError(ApiError::Faulty { faults })) = administrator.call(wrong).await else {
            panic!("{said}");
        };
        let fault = FieldError::new(field, FieldErrorKind::Unreadable { detail: said.to_owned() });
        assert!(faults.contains(&fault), "{said} is not in {faults:?}");
    }
    // The two never come together where one variable decides.
    excluded.terms.modifiers[1].variable = Variable::Mountain;
    excluded.terms.modifiers[1].is = Known::No;
    administrator.call(excluded).await.expect("never both");
    let revise = ReviseRule { call: app.call, bands: call().terms.bands, modifiers: vec![adding("rate")] };
    assert_eq!(refused(administrator.call(revise).await), "faulty");

    // What is given by hand keeps to the same limits.
    app.raw_sql(format!(
        "UPDATE call SET terms = REPLACE(terms, '\"minimum\":2', '\"minimum\":3') WHERE id = {}",
        app.call
    ))
    .await;
    let by_hand = AssignByHand {
        body: app.body("Bellagio"),
        package: "piccolo".into(),
        credits: 20,
        seen: app.account("Bellagio").await.granted,
        seen_package: "medio".into(),
        reason: "Delibera".to_owned(),
    };
    let range = HighRange { minimum: 3, maximum: 5 };
    assert_eq!(
        administrator.call(by_hand).await,
        Err(Refusal::InteractivityBelow { missing: 1, range }.into())
    );
}

#[tokio::test]
async fn a_call_with_anything_held_or_waiting_is_not_archived() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    let archive = ArchiveCall { call: app.call };
    let waiting = app.sent("Brunate", &[], &["scuola"]).await;
    app.authorised("Bellagio", &["tributi"], &[]).await;
    administrator.call(CloseCall { call: app.call }).await.expect("closed");
    let before = app.dump().await;
    let open = |count| Err(Refusal::HoldsOpen { count }.into());
    assert_eq!(administrator.call(archive.clone()).await, open(2), "one holds, one waits");
    assert_same(&before, &app.dump().await, "a refused archiving");
    app.mayor("Brunate").authorise(waiting.id).await.expect("authorised");
    assert_eq!(administrator.call(archive.clone()).await, open(1));
    app.bring("Bellagio", "tributi", State::Approved).await;
    let extension = ExtendBody {
        body: app.body("Como"),
        until: Day::parse("2026-06-30"),
        reason: "Commissario nominato ora".to_owned(),
    };
    administrator.call(extension).await.expect("extended");
    assert_eq!(administrator.call(archive.clone()).await, open(1), "Como still has time");
    app.move_to("2026-07-01 00:00:00");
    let archived = administrator.call(archive.clone()).await.expect("archived");
    assert_eq!(archived.status, CallStatus::Archived);
    assert_eq!(administrator.call(archive).await, Err(Refusal::CallNotClosed.into()));
    app.assert_sound().await;
}

#[tokio::test]
async fn what_one_call_holds_is_never_released_to_another() {
    let mut app = TestApp::new().await;
    let operator = app.operator();
    app.authorised("Bellagio", &[], &["multe"]).await;
    let node = app.bring("Bellagio", "nodo", State::Live).await;
    app.bring("Bellagio", "anagrafe", State::Live).await;
    archived(&app).await.expect("archived");
    let spring = app.call;
    autumn_opened(&mut app).await;
    app.authorised("Bellagio", &["tributi"], &["multe"]).await;
    assert_eq!(app.account("Bellagio").await.held, 12);
    let end = EndService {
        request: node.id,
        version: node.version,
        reason: "Il nodo cambia gestore".to_owned(),
        take_along: true,
        seen: operator.sees_along(node.id, Event::End).await,
        owner: None,
    };
    operator.call(end).await.expect("ended with what needs it");
    assert_eq!(app.request("Bellagio", "tributi").await.state, State::Cancelled);
    assert_eq!(app.account("Bellagio").await, Account { granted: 29, ..Account::default() });
    let old = app.account_row(spring, "Bellagio").await;
    assert_eq!(old.account(), Account::default(), "its credits are over");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_ended_of_an_earlier_call_is_no_news_in_the_project_of_the_next() {
    let mut app = TestApp::new().await;
    app.authorised("Bellagio", &[], &["multe"]).await;
    let node = app.bring("Bellagio", "nodo", State::Live).await;
    app.bring("Bellagio", "anagrafe", State::Live).await;
    archived(&app).await.expect("archived");
    autumn_opened(&mut app).await;
    assert_eq!(cell(&app, "Bellagio", "nodo").await, Cell::Request(State::Live), "it still stands");
    let reason = "Il nodo cambia gestore".to_owned();
    let seen = app.operator().sees_along(node.id, Event::End).await;
    let (request, version) = (node.id, node.version);
    let end = EndService { request, version, reason, take_along: true, seen, owner: None };
    app.operator().call(end).await.expect("ended");
    assert_eq!(cell(&app, "Bellagio", "nodo").await, Cell::Assigned, "the autumn gives it anew");
    assert_eq!(cell(&app, "Bellagio", "anagrafe").await, Cell::Request(State::Live));
}

/// What the executive project says of a service for a body.
async fn cell(app: &TestApp, name: &str, service: &str) -> Cell {
    let matrix = app.observer().call(ReadMatrix {}).await.expect("read");
    let at = matrix.services.iter().position(|known| known.code.as_str() == service).expect("a service");
    let body = app.body(name);
    matrix.rows.iter().find(|row| row.body.id == body).expect("a body").cells[at]
}

#[tokio::test]
async fn what_is_live_goes_on_into_the_next_call() {
    let mut app = TestApp::new().await;
    app.authorised("Bellagio", &["tributi"], &[]).await;
    app.bring("Bellagio", "tributi", State::Live).await;
    app.bring("Bellagio", "anagrafe", State::Live).await;
    archived(&app).await.expect("archived");
    autumn_opened(&mut app).await;
    let (officer, body) = (app.officer("Bellagio"), app.body("Bellagio"));
    assert_eq!(refused(officer.change(body, Change::Add, "tributi").await), "already_live");
    assert_eq!(refused(officer.change(body, Change::Drop, "anagrafe").await), "already_live");
    assert_eq!(
        refused(officer.change(body, Change::Drop, "scuola").await),
        "in_progress",
        "since the spring"
    );
    officer.change(body, Change::Add, "dehors").await.expect("added");
    let sent = officer.submit(body).await.expect("sent");
    assert_eq!(sent.lines.len(), 1, "asked for is only what is neither live nor in progress");
    app.mayor("Bellagio").authorise(sent.id).await.expect("authorised");
    let missing = officer.submit_as(app.body("Como"), 0, Vec::new()).await;
    assert_eq!(missing, Err(Problem::ApiError(ApiError::NotFound)));
    app.assert_sound().await;
}
